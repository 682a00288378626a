"""What a manifest says, as lines to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kgqa.graph import clean_name

__all__ = ["Fact", "facts"]

Fact = tuple[str, str]
"""A name and a value, both clean."""

_LEFT_OUT = frozenset({"format", "version", "published", "title", "resumed"})
_UNNAMED = ("settings", "describes", "versions")
_FIRST = ("dataset", "n", "model", "started", "processor")
_SAID = {
    "n": "questions in the set",
    "questions": "questions (SHA-256)",
    "graph": "graph (checksum)",
    "link": "topics found in the text",
}


def facts(manifest: Mapping[str, object]) -> tuple[Fact, ...]:
    """Every value of a manifest that says something, the most asked for first.

    Objects within are unfolded; what is `null`, empty or minus infinity (the default of a limit) is
    left out.
    """
    found = {
        _title(path): value for path, value in _unfolded(manifest, ()) if not _LEFT_OUT.intersection(path)
    }
    order = {name: place for place, name in enumerate(_SAID.get(name, name) for name in _FIRST)}
    names = sorted(found, key=lambda name: order.get(name.split(": ")[0], len(order)))
    return tuple((clean_name(name), found[name]) for name in names)


def _title(path: tuple[str, ...]) -> str:
    inner = [part for part in path[:-1] if part not in _UNNAMED] + [path[-1]]
    if len(path) == 1:
        return _SAID.get(path[0], path[0])
    return ": ".join(part.replace("_", " ") for part in inner)


def _unfolded(value: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _unfolded(part, (*path, str(name)))
    elif value not in (None, "", [], float("-inf")):
        yield path, _text(value)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return clean_name(", ".join(map(str, value)))
    return clean_name(str(value))
