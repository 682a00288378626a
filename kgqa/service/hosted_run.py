"""A run that the server shows: scores, report, records, and the queue of its review."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from pathlib import Path, PureWindowsPath
from typing import Any

from kgqa.drawing import DisplayNames
from kgqa.errors import DataError, ParseError, UnknownRunError, UsageError
from kgqa.evaluation import STATUSES, Record
from kgqa.evaluation.record_file import records_of
from kgqa.graph import IndexedGraph, clean_name
from kgqa.report import RunFolder, Summary, as_html, read_run
from kgqa.report.breakdown import Slice
from kgqa.report.run_folder import MANIFEST, settings_text
from kgqa.report.score import LABELS, SHOWN
from kgqa.review import Judgement, ReviewFile, ReviewSummary, Verdict, waiting

__all__ = ["HostedRun"]

MOST_OPEN = 4
"""Runs whose records are kept in memory."""
MOST_CHAINS = 10
"""Of a record, that are shown."""
_PATH = re.compile(r"(?<![\w/:.])(?:[A-Za-z]:)?(?:[/\\][^\s/\\:,;'\"<>]+){2,}")


@dataclass(frozen=True)
class HostedRun:
    """A run by its name; what it tells has no path of the disk that it is on."""

    name: str
    folder: Path

    @property
    def content(self) -> RunFolder:
        """Manifest and records as they are now. Raises `DataError`."""
        return _read(self.folder, _stamp(self.folder))

    @property
    def line(self) -> dict[str, Any]:
        """What a list of runs says of it."""
        return {
            **_line(self.name, self.folder, _stamp(self.folder)),
            "judged": len({one.id for one in self._judgements()}),
        }

    def about(self, graph: str | None) -> dict[str, Any]:
        """Its scores with their intervals, what became of the questions, and how it was made."""
        run = self.content
        total = Slice.of("all", run.records)
        statuses = {status: sum(one.status == status for one in run.records) for status in STATUSES}
        return {
            **self.line,
            "graph": graph,
            "labels": {name: LABELS[name] for name in SHOWN},
            "scores": {name: total.scores[name]._asdict() for name in SHOWN},
            "statuses": {status: count for status, count in statuses.items() if count},
            "model": clean_name(str(run.value("model") or "")),
            "settings": settings_text(run),
        }

    def report(self, graph: IndexedGraph | None) -> str:
        """The page that `kgqa report` writes."""
        return as_html(Summary.of(self.content, graph))

    def records(self, offset: int, limit: int, *, wrong: bool = False) -> dict[str, Any]:
        """A page of its records, in their order; `wrong`: only those whose first answer is wrong."""
        found = [record for record in self.content.records if not wrong or record.hits_at_1 < 1]
        page = found[offset : offset + limit]
        after = offset + len(page)
        return {
            "records": [_outcome(record) for record in page],
            "total": len(found),
            "next": after if page and after < len(found) else None,
        }

    def queue(self, reviewer: str, limit: int, graphs: Sequence[IndexedGraph]) -> dict[str, Any]:
        """The next answers that a reviewer has not judged, and how far the review is.

        Names come from the first graph that holds what their chains start from.
        """
        judged = self._judgements()
        left = waiting(self.content.records, judged, reviewer)
        summary = ReviewSummary.of(len(self.content.records), judged).to_dict()
        return {
            "run": self.name,
            "reviewer": reviewer,
            "waiting": len(left),
            "judged": sum(one.reviewer == reviewer for one in judged),
            "questions": [_asked(record, graphs) for record in islice(left, limit)],
            "by_reviewer": summary["by_reviewer"],
            "agreement": summary["agreement"],
        }

    def judge(self, question: str, verdict: Verdict, reviewer: str, note: str) -> Judgement:
        """Keep a verdict on the first answer to a question, by its id, beside the run.

        Raises `UnknownRunError`, and `UsageError` where there is no answer to judge.
        """
        record = next((record for record in self.content.records if record.id == question), None)
        if record is None:
            raise UnknownRunError(self.name, question)
        if not record.answers:
            raise UsageError(f"the question {question[:80]!r} has no answer to judge")
        judgement = Judgement.of(record, verdict, reviewer, note)
        with _damage():
            ReviewFile(self.folder).add([judgement])
        return judgement

    @property
    def checksum(self) -> str | None:
        """That of the graph that the run asked."""
        value = self.content.manifest.get("graph")
        return value if isinstance(value, str) else None

    def _judgements(self) -> list[Judgement]:
        with _damage():
            return ReviewFile(self.folder).latest()


@contextmanager
def _damage() -> Iterator[None]:
    """Let a damaged file of a run be a `DataError`, which is logged: clients are shown every `ParseError`."""
    try:
        yield
    except ParseError as error:
        raise DataError(str(error)) from error


def _stamp(folder: Path) -> tuple[int, ...]:
    """What changes whenever a run does."""
    stats = [path.stat() for path in (folder / MANIFEST, records_of(folder)) if path.is_file()]
    return tuple(number for stat in stats for number in (stat.st_mtime_ns, stat.st_size))


@lru_cache(maxsize=MOST_OPEN)
def _read(folder: Path, stamp: tuple[int, ...]) -> RunFolder:  # noqa: ARG001 - the stamp is of the key
    with _damage():
        run = read_run(folder)
    records = tuple(
        replace(one, error=_without_paths(one.error)) if one.error else one for one in run.records
    )
    return replace(run, manifest=_bare(run.manifest), records=records)


@lru_cache(maxsize=1000)
def _line(name: str, folder: Path, stamp: tuple[int, ...]) -> dict[str, Any]:
    run = _read(folder, stamp)
    count = max(len(run.records), 1)
    return {
        "run": name,
        "title": clean_name(run.title),
        "dataset": None if run.dataset is None else clean_name(run.dataset),
        "questions": len(run.records),
        "missing": run.missing,
        "scores": {score: sum(getattr(one, score) for one in run.records) / count for score in SHOWN},
    }


def _outcome(record: Record) -> dict[str, Any]:
    return {
        "id": record.id,
        "question": record.question,
        "topics": list(record.topic_entities),
        "answers": list(record.answers[:100]),
        "gold": list(record.gold[:100]),
        "status": record.status,
        "error": record.error,
        "confidence": _finite(record.confidence),
        "hits_at_1": record.hits_at_1,
        "f1": record.f1,
    }


def _asked(record: Record, graphs: Sequence[IndexedGraph]) -> dict[str, Any]:
    chains = [chain for chain, of in zip(record.chains, record.proves, strict=True) if of == 0][:MOST_CHAINS]
    starts = [triple[0] for chain in chains[:1] for triple in chain[:1]]
    graph = next((graph for graph in graphs if all(start in graph.entities for start in starts)), None)
    known = dict(zip(record.entities, record.answers, strict=False)) if record.value is None else {}
    names = DisplayNames(known, graph)
    found: dict[str, str | None] = {}
    for head, relation, tail in (triple for chain in chains for triple in chain):
        found |= {head: names.entity(head), relation: names.relation(relation), tail: names.entity(tail)}
    return {
        "id": record.id,
        "question": record.question,
        "topics": list(record.topic_entities),
        "answers": list(record.answers[:100]),
        "entities": list(record.entities[:100]),
        "confidence": _finite(record.confidence),
        "chains": [[list(triple) for triple in chain] for chain in chains] if record.proof is None else [],
        "proof_text": record.proof_text,
        "program": record.program,
        "names": found,
    }


def _finite(confidence: float | None) -> float | None:
    return confidence if confidence is not None and 0 <= confidence <= 1 else None


def _bare(value: Any) -> Any:
    """A value of a manifest whose texts that are paths are only their last parts."""
    if isinstance(value, Mapping):
        return {name: _bare(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_bare(part) for part in value]
    return _without_paths(value) if isinstance(value, str) else value


def _without_paths(text: str) -> str:
    """A text in which only the last part of each path is left.

    >>> _without_paths("/home/ann/films/run.json: cannot be read")
    'run.json: cannot be read'
    """
    if text.startswith(("/", "./", "../", "~", "\\")) or PureWindowsPath(text).drive:
        head, colon, rest = text.partition(": ")
        text = re.split(r"[/\\]", head.rstrip("/\\"))[-1] + colon + rest
    return _PATH.sub(lambda found: re.split(r"[/\\]", found[0])[-1], text)
