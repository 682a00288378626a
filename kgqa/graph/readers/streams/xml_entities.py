"""Bounds on what the entities of an XML document expand to, checked before any other parser reads it."""

from __future__ import annotations

import re
from pathlib import Path
from xml.parsers import expat

from kgqa.errors import ParseError

__all__ = ["check_entities", "check_expansion", "check_inside", "entities_at"]

MAX_ENTITY_CHARACTERS = 2000
"""The longest text of one entity: the entities of RDF/XML files are IRIs of vocabularies."""
MAX_EXPANSION = 4
"""How many times larger than the document all its entities together may make it."""
FREE_EXPANSION = 16 * 2**20
"""Entities may add this many characters whatever the size of the document."""

_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_UTF16 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")


def check_entities(content: bytes, path: str | Path) -> None:
    """Refuse an XML document whose entities are external, nested, or expand to too much.

    Entities that stand for short texts are allowed, because many RDF/XML files abbreviate IRIs so.
    Documents on the web or in other files (external DTDs) are never read. Raises `ParseError`.
    """
    entities, end = entities_at(content, path)
    if not content.startswith(_UTF16):
        check_inside(content[end:], path)
    added = sum(content.count(mark.encode()) * len(text) for mark, text in entities.items())
    check_expansion(added, len(content), path)


def entities_at(start: bytes, path: str | Path) -> tuple[dict[str, str], int]:
    """What a document declares that begins so, and where its first element begins; see `check_entities`.

    Each mark of the document that adds a text to it, with that text: `&name;` of an entity, and `<name` of
    an element whose attributes have default values. Raises `ParseError` for entities that are refused
    whatever they are used for.
    """
    wide = start.startswith(_UTF16)
    if not wide and not _DECLARATION.search(start):
        return {}, 0
    entities, end = _declared(start, path)
    if wide and entities:
        raise ParseError(path, 0, "declares XML entities in UTF-16, which is refused; convert it to UTF-8")
    return entities, end


def check_inside(content: bytes, path: str | Path) -> None:
    """Refuse declarations after the first element. Raises `ParseError`."""
    if _DECLARATION.search(content):
        raise ParseError(path, 0, "declares XML entities inside its content, which is refused")


def check_expansion(added: int, size: int, path: str | Path) -> None:
    """Refuse entities that add so many characters to so many bytes. Raises `ParseError`."""
    if added > max(FREE_EXPANSION, MAX_EXPANSION * size):
        raise ParseError(path, 0, f"its XML entities expand to {added >> 20} MiB, which is refused")


class _AtRoot(Exception):
    """The first element was reached: no declaration can follow."""


def _declared(content: bytes, path: str | Path) -> tuple[dict[str, str], int]:
    """What a document declares, and where its first element begins."""
    entities: dict[str, str] = {}
    parser = expat.ParserCreate()

    def declare(name: str, is_parameter: bool, text: str | None, *_: str | None) -> None:
        line = parser.CurrentLineNumber
        if is_parameter or text is None:
            raise ParseError(path, line, f"declares the external XML entity {name!r:.40}, which is refused")
        if "&" in re.sub(r"&#\w+;|&(?:lt|gt|amp|quot|apos);", "", text):
            raise ParseError(path, line, f"declares the nested XML entity {name!r:.40}, which is refused")
        if len(text) > MAX_ENTITY_CHARACTERS:
            raise ParseError(
                path,
                line,
                f"declares the XML entity {name!r:.40} of {len(text)} characters, which is refused",
            )
        mark = f"&{name};"
        entities[mark] = max(text, entities.get(mark, ""), key=len)

    def attribute(element: str, name: str, _kind: str, default: str | None, _is_required: bool) -> None:
        if default:
            entities[f"<{element}"] = entities.get(f"<{element}", "") + name + default

    def stop(*_: object) -> None:
        raise _AtRoot

    parser.EntityDeclHandler = declare
    parser.AttlistDeclHandler = attribute
    parser.StartElementHandler = stop
    try:
        parser.Parse(content, True)
    except _AtRoot:
        pass
    except (expat.ExpatError, ValueError, LookupError) as error:  # the latter two for encodings
        reason = f"not XML ({' '.join(str(error).split()):.120})"
        raise ParseError(path, getattr(error, "lineno", 0), reason) from error
    return entities, max(0, parser.CurrentByteIndex)
