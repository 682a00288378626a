"""Names: how they are compared, shown, found in text, and split into words."""

from __future__ import annotations

import re
import unicodedata

__all__ = [
    "clean_name",
    "clean_text",
    "fold_name",
    "mention_of",
    "relation_words",
    "separate_words",
    "shorten",
    "split_humps",
]

MAX_NAME_CHARACTERS = 200
_JOINERS = "\u200c\u200d"  # Persian, Indic scripts and emoji are spelled with these
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_UNSPEAKABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def fold_name(text: str) -> str:
    """The form in which names are compared: Unicode NFKC, with case and white space folded.

    Articles, punctuation and accents are kept. Folding is idempotent.

    >>> fold_name("  Amélie\\u00a0POULAIN "), fold_name("Straße") == fold_name("STRASSE")
    ('amélie poulain', True)
    """
    if text.isascii():
        return " ".join(text.lower().split())
    composed = unicodedata.normalize("NFKC", text)
    # Folding case can take characters apart again, and composing can make new ones to fold.
    while (folded := unicodedata.normalize("NFKC", composed.casefold())) != composed:
        composed = folded
    return " ".join(composed.split())


def clean_name(text: str) -> str:
    """A name for display and for prompts: one line of at most 200 printable characters.

    White space is folded and stripped. Control and format characters (terminal escapes, direction
    marks, zero-width characters) and lone surrogates are dropped. A longer name is cut and ends in an
    ellipsis. The result is empty if no printable character is left.

    >>> clean_name(" a\\tb\\x1b[31m\\n ")
    'a b[31m'
    """
    folded = " ".join(text.split())
    if not folded.isprintable():
        folded = " ".join("".join(filter(_is_speakable, folded)).split())
    if len(folded) > MAX_NAME_CHARACTERS:
        folded = folded[: MAX_NAME_CHARACTERS - 1].rstrip() + "…"
    return folded if folded.strip(_JOINERS) else ""


def clean_text(text: str) -> str:
    """A text on one line, of any length: each of its words as `clean_name` has it.

    >>> clean_text("two\\x1b\\nwords")
    'two words'
    """
    return " ".join(filter(None, map(clean_name, text.split())))


def _is_speakable(character: str) -> bool:
    return character in _JOINERS or unicodedata.category(character) not in _UNSPEAKABLE


def mention_of(name: str) -> re.Pattern[str]:
    """A pattern that finds a name as whole words, ignoring case: "Ur" is not found in "during".

    >>> mention_of("Ur").sub("it", "who ruled Ur during its war")
    'who ruled it during its war'
    """
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)


def relation_words(relation: str) -> tuple[str, str]:
    """The words of a relation, and those of the type that it belongs to (or empty).

    >>> relation_words("people.person.place_of_birth"), relation_words("birthPlace")
    (('place of birth', 'person'), ('birth place', ''))
    """
    parts = [words for part in re.split(r"[./#]", relation) if (words := " ".join(separate_words(part)))]
    return (parts[-1] if parts else relation), (parts[-2] if len(parts) > 1 else "")


def split_humps(text: str) -> str:
    """A text with a space in front of each capital letter inside a word.

    >>> split_humps("hasFlowerColor"), split_humps("place of birth"), split_humps("homeURL")
    ('has Flower Color', 'place of birth', 'home URL')
    """
    return _HUMP.sub(" ", text)


def separate_words(text: str) -> list[str]:
    """The words of a text in lower case; camel case and underscores also separate words.

    >>> separate_words("The birthPlace_2 of")
    ['the', 'birth', 'place', '2', 'of']
    """
    return re.findall(r"[^\W_]+", split_humps(text).lower())


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters of a text, with an ellipsis where it was cut.

    >>> shorten("the end of the world", 8)
    'the end…'
    """
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
