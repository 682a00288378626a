"""Noun phrases that are put together part by part."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple, Self

from kgqa.training.examples.phrasing.inflection import plural

__all__ = ["Modifier", "NounPhrase", "listed_names"]


class Modifier(NamedTuple):
    """What follows a noun: `after` as it stands there, `verb` as the predicate of a sentence or empty.

    "rivers {longer than 5 km}", "which rivers {are longer than 5 km}".
    """

    after: str
    verb: str = ""


@dataclass(frozen=True)
class NounPhrase:
    """A noun with what stands before and after it.

    A `name` is a phrase by itself, for entities that a question names. Otherwise `noun` is in the singular,
    `before` are adjectives and superlatives, and `owner` is a possessive ("Paris's") in the place of the
    article. `definite` says that a specific thing is meant.
    """

    noun: str = ""
    plural: bool = False
    name: str = ""
    owner: str = ""
    before: tuple[str, ...] = ()
    after: tuple[Modifier, ...] = ()
    definite: bool = False
    person: bool = False
    proper: bool = True
    """Whether a `name` is one, and not words for something that has none."""
    simple: bool = field(default=True)
    """Whether it is short enough to stand before a verb."""

    def modified(self, modifier: Modifier) -> Self:
        """With one more modifier behind."""
        return replace(self, after=(*self.after, modifier), simple=False)

    def preceded(self, words: str) -> Self:
        """With an adjective in front."""
        return replace(self, before=(words, *self.before), definite=True)

    @property
    def head(self) -> str:
        """The noun in its number, with its adjectives."""
        noun = plural(self.noun) if self.plural else self.noun
        return " ".join((*self.before, noun))

    def bare(self, last: bool = True) -> str:
        """Without an article; without `last`, also without the last modifier."""
        if self.name:
            return self.name
        after = self.after if last else self.after[:-1]
        owner = (self.owner,) if self.owner else ()
        return " ".join((*owner, self.head, *(modifier.after for modifier in after)))

    def text(self) -> str:
        """With its article, where it takes one."""
        if self.name or self.owner:
            return self.bare()
        return f"the {self.bare()}" if self.definite or not self.plural else self.bare()


def listed_names(names: tuple[str, ...], word: str) -> str:
    """Names as a list.

    >>> listed_names(("A", "B", "C"), "or")
    'A, B or C'
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}"
