"""Keeps an index up to date with a folder of patches."""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kgqa.errors import DataError, ParseError, UsageError, check_names, check_path
from kgqa.graph.feed.patch import Patch
from kgqa.graph.feed.patch_file import is_patch, read_patch
from kgqa.graph.readers.names import NAME_RELATIONS, NameRelations
from kgqa.graph.readers.rdf import sourced_statements
from kgqa.graph.readers.rdf_term import Fact, SourcedFact
from kgqa.graph.statement import Name, NodeKind, Quad, RelationName, Statement, Triple
from kgqa.graph.updating.feed_position import FeedPosition, read_position
from kgqa.graph.updating.update import apply_step

__all__ = ["AppliedPatch", "Feed"]

_UNFINISHED = (".tmp", ".part", ".partial", ".swp", "~")
"""Ends of the names of files that somebody is still writing."""


@dataclass(frozen=True)
class AppliedPatch:
    """What a patch changed."""

    name: str
    added: int
    """Facts that are new, or have one more source now."""
    removed: int
    """Facts that are gone, or have one source less now."""
    unchanged: int
    """Facts that were to be added and were there, or to be deleted and were not."""
    changes: int
    """All changes of the index since it was built or compacted."""


@dataclass(frozen=True)
class Feed:
    """A folder of patches that an index follows, in the order of their names (`p9` before `p10`).

    The index holds how far it has come (see `FeedPosition`); a patch and the new position are written in one
    step, so that after a kill no patch is missing or applied twice.
    """

    folder: Path
    index: Path
    languages: Sequence[str] = ("en",)
    """Those of names. A name that is deleted in another language stays: it may be one in these, too."""
    names: NameRelations = NAME_RELATIONS

    def __post_init__(self) -> None:
        check_path(self.folder, "folder")
        check_path(self.index, "index")
        check_names(self.languages, "languages")

    @property
    def key(self) -> str:
        """What the index knows the feed by: its place."""
        return str(Path(self.folder).resolve())

    @property
    def position(self) -> FeedPosition | None:
        """The last patch that the index has; None before the first."""
        return read_position(Path(self.index), self.key)

    def start_after(self, name: str) -> None:
        """Take the patches up to this name for applied: the index was built from what they led to.

        Raises `UsageError` where the index follows the feed already, or the feed has no such patch.
        """
        position = self.position
        if position is not None:
            raise UsageError(f"{self.index}: is at {position.last} of {self.folder} already")
        paths = [path for path in self._patches() if _order(path.name) <= _order(name)]
        if not paths or paths[-1].name != name:
            raise UsageError(f"{self.folder}: has no patch {name!r:.80}")
        start = FeedPosition(name, len(paths), read_patch(paths[-1]).id)
        apply_step(self.index, self.key, None, start, (), ())

    def others(self) -> list[str]:
        """The names of files in the folder that are no patches."""
        names = (path.name for path in self._files() if not is_patch(path))
        return sorted(name for name in names if not name.endswith(_UNFINISHED))

    def apply_new(self) -> Iterator[AppliedPatch]:
        """Apply all patches behind the last one, one after the other.

        Raises `ParseError` for a patch that is wrong, or that says that it follows another one than the last;
        nothing of it is applied. Raises `DataError` where a patch came late.
        """
        position = self.position
        paths = self._patches()
        orders = [_order(path.name) for path in paths]
        while True:
            early = 0 if position is None else bisect_right(orders, _order(position.last))
            if position is not None and early > position.patches:
                raise DataError(
                    f"{self.folder}: {early} patches up to {position.last}, of which "
                    f"{position.patches} were applied: one came late; rename it to come last"
                )
            if early == len(paths):
                return
            path = paths[early]
            patch = read_patch(path)
            self._check_previous(path, patch, position)
            count = 1 if position is None else position.patches + 1
            after = FeedPosition(path.name, count, patch.id)
            removed = list(self._removed(patch))
            added = list(sourced_statements(_some(patch, is_added=True), self.languages, self.names))
            done = apply_step(self.index, self.key, position, after, removed, added)
            if done is None:  # another process has applied a patch in the meantime
                position = self.position
                continue
            position = after
            yield AppliedPatch(path.name, done.added, done.removed, done.unchanged, done.changes)

    def _check_previous(self, path: Path, patch: Patch, position: FeedPosition | None) -> None:
        known = "" if position is None else position.id
        if position is not None and known and patch.previous and patch.previous != known:
            raise ParseError(
                path,
                patch.previous_line,
                f"follows {patch.previous:.80}, but {position.last}, the last one applied, is {known:.80}",
            )

    def _removed(self, patch: Patch) -> Iterator[Statement]:
        """The facts and names that a patch deletes."""
        wanted = [language.lower() for language in self.languages]

        def is_kept(fact: Fact) -> bool:
            tag = fact[2].language.lower()
            is_name = fact[1].identifier in self.names.ranks and fact[2].kind is NodeKind.LITERAL
            return not is_name or not tag or any(tag == one or tag.startswith(f"{one}-") for one in wanted)

        facts = [(fact, source) for fact, source in _some(patch, is_added=False) if is_kept(fact)]
        values = {fact[2].identifier for fact, _ in facts if fact[2].kind is NodeKind.LITERAL}
        for statement in sourced_statements(facts, self.languages, self.names):
            is_name = isinstance(statement, Name) and statement.entity not in values
            if is_name or isinstance(statement, Triple | Quad | RelationName):
                yield statement

    def _patches(self) -> list[Path]:
        return sorted((path for path in self._files() if is_patch(path)), key=lambda path: _order(path.name))

    def _files(self) -> list[Path]:
        try:
            with os.scandir(self.folder) as entries:
                return [
                    Path(entry.path)
                    for entry in entries
                    if not entry.name.startswith(".") and entry.is_file()
                ]
        except OSError as error:
            raise DataError(f"{self.folder}: cannot be read ({error.strerror or error})") from error


def _some(patch: Patch, *, is_added: bool) -> list[SourcedFact]:
    return [fact for fact, added in patch.changes.items() if added is is_added]


def _order(name: str) -> tuple[list[tuple[bool, int, str]], str]:
    """The order of names: numbers by value, and before words."""
    parts = re.findall(r"([0-9]+)|([^0-9]+)", name)
    return [(bool(word), int(number or 0), word) for number, word in parts], name
