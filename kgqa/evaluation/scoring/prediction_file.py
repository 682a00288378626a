"""Prediction files of systems, as they write them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from kgqa.counted import counted
from kgqa.datasets import ANSWER_TYPES, AnswerType, read_json_objects
from kgqa.errors import ParseError
from kgqa.evaluation.record import FAILURES
from kgqa.evaluation.record_file import MANIFEST, read_records, records_of
from kgqa.evaluation.scoring.prediction import Form, Prediction
from kgqa.graph import clean_name

__all__ = ["read_predictions"]

KINDS = {
    "a record of kgqa": ("id", "answers", "gold"),
    "a prediction of RoG and its kin": ("id", "prediction"),
    "a result of ToG": ("question", "results"),
}
IDENTIFIERS = ("entities", "gold_entities", "operators")
GOLD = ("ground_truth", "gold", "answer")


def read_predictions(path: str | Path) -> tuple[Prediction, ...]:
    """The predictions of a file, in its order; of a folder, those of the run there.

    JSON objects, one a line or in one array, plain or gzip: records of kgqa; `id`, `prediction` (a
    text or a list), `ground_truth`, if there `question` and `ground_truth_paths`, as RoG, GNN-RAG,
    GCR and SubgraphRAG write them; `question`, `results` as ToG does. RoG's and GNN-RAG's detailed
    results have their text cut at its line ends; it is put together again. Gold answers may be
    missing: then `gold` is empty. Records of kgqa also say the type of the answers and have identifiers.
    The answers are taken to be marked by `ans:`, as SubgraphRAG's are, where most texts have a line that
    begins so.

    Raises `ParseError` with the line for what is none of these, a wrong type, or an id that came before.
    """
    path = Path(path)
    source = records_of(path) if path.is_dir() else path
    found: dict[str, Prediction] = {}
    for line, record in _recorded(source) if (path / MANIFEST).is_file() else read_json_objects(source):
        prediction = _Row(source, line, record).prediction()
        if earlier := found.get(prediction.id):
            raise ParseError(source, line, f"{prediction.id[:80]!r} came before, on line {earlier.line}")
        found[prediction.id] = prediction
    if not found:
        raise ParseError(source, 0, "holds no predictions")
    texts = [p for p in found.values() if p.form == "lines"]
    if 2 * sum(map(_is_marked, texts)) > len(texts):
        return tuple(replace(p, form="ans") if p.form == "lines" else p for p in found.values())
    return tuple(found.values())


def _is_marked(prediction: Prediction) -> bool:
    """Whether a line of the output begins with SubgraphRAG's mark; names with `ans:` in them do not count."""
    return any(line.lstrip().startswith("ans:") for line in prediction.text.split("\n"))


def _recorded(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The records of a run, of which the last may be cut off."""
    for line, record in enumerate(read_records(path).values(), 1):
        yield line, json.loads(record.to_json())


class _Row:
    """One object of a file."""

    def __init__(self, path: Path, line: int, record: Mapping[str, Any]) -> None:
        self._path = path
        self._line = line
        self._record = record

    def prediction(self) -> Prediction:
        for fields in KINDS.values():
            if all(field in self._record for field in fields):
                break
        else:
            there = clean_name(", ".join(self._record)) or "none"
            known = "; ".join(f"{kind} has {', '.join(fields)}" for kind, fields in KINDS.items())
            raise ParseError(self._path, self._line, f"no prediction: {known} (fields: {there})")
        output, form = self._output(fields[1])
        gold = self._gold()
        named = {
            name: self._texts(name) for name in IDENTIFIERS if form == "names" and self._record.get(name)
        }
        if len(named.get("gold_entities", gold)) != len(gold):
            needed = f"one identifier for each of {counted(len(gold), 'gold answer')}"
            raise self._wrong("gold_entities", needed, named["gold_entities"])
        paths = self._record.get("ground_truth_paths")
        return Prediction(
            id=self._text(fields[0]),
            output=output,
            gold=gold,
            question=self._text("question") if "question" in self._record else "",
            gold_paths=None if paths is None else self._texts("ground_truth_paths"),
            form=form,
            line=self._line,
            answer_type=self._answer_type(),
            failed=form == "names" and str(self._record.get("status")) in FAILURES,
            gold_aliases=self._aliases(len(gold)) if form == "names" else (),
            graph=self._text("graph") if isinstance(self._record.get("graph"), str) else None,
            **named,
        )

    def _aliases(self, answers: int) -> tuple[tuple[str, ...], ...]:
        value = self._record.get("gold_aliases") or []
        good = isinstance(value, list) and all(map(_is_list_of_texts, value)) and len(value) in (0, answers)
        if not good:
            raise self._wrong(
                "gold_aliases", f"a list of texts for each of {counted(answers, 'gold answer')}", value
            )
        return tuple(map(tuple, value))

    def _answer_type(self) -> AnswerType:
        value = self._record.get("answer_type", "entity")
        if value not in ANSWER_TYPES:
            raise self._wrong("answer_type", f"one of {', '.join(ANSWER_TYPES)}", value)
        return cast(AnswerType, value)

    def _output(self, field: str) -> tuple[str | tuple[str, ...], Form]:
        value = self._record[field]
        if field == "results":
            return self._text(field), "braces"
        if isinstance(value, str):
            return value, "lines"
        if isinstance(value, list) and any(isinstance(one, list) for one in value):
            reason = f"{field!r} has relation paths, which have no scores; `kgqa validate` checks them"
            raise ParseError(self._path, self._line, reason)
        if field == "prediction" and not _is_list_of_texts(value):
            raise self._wrong(field, "a text or a list of texts", value)
        texts = self._texts(field)
        if field == "answers":
            return texts, "names"
        cut_up = {"acc", "hit"} <= self._record.keys() and not any("\n" in text for text in texts)
        return ("\n".join(texts), "lines") if cut_up else (texts, "list")

    def _gold(self) -> tuple[str, ...]:
        field = next((name for name in GOLD if name in self._record), None)
        return () if field is None else self._texts(field)

    def _text(self, field: str) -> str:
        value = self._record[field]
        if isinstance(value, int) and not isinstance(value, bool) and field == "id":
            return str(value)
        if not isinstance(value, str):
            raise self._wrong(field, "a text", value)
        return value

    def _texts(self, field: str) -> tuple[str, ...]:
        value = self._record[field]
        if not _is_list_of_texts(value):
            raise self._wrong(field, "a list of texts", value)
        return tuple(value)

    def _wrong(self, field: str, needed: str, value: object) -> ParseError:
        return ParseError(self._path, self._line, f"{field!r} must be {needed}, not {str(value)[:80]!r}")


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)
