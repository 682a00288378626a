"""Records in the forms in which published systems write their predictions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from kgqa.constraint.verbalize import link_start
from kgqa.errors import UsageError
from kgqa.evaluation import Record
from kgqa.evaluation.methods.method_score import published_output
from kgqa.evaluation.scoring.prediction import ANSWER
from kgqa.evaluation.scoring.published.gcr import PATH
from kgqa.graph import IndexedGraph, fold_name
from kgqa.graph.name import clean_text
from kgqa.report.write import write_text

__all__ = ["PREDICTION_FORMS", "PredictionForm", "prediction_rows", "write_predictions"]

PredictionForm = Literal["rog", "rog-paths", "gcr", "subgraphrag", "tog"]
PREDICTION_FORMS: tuple[PredictionForm, ...] = get_args(PredictionForm)
"""The forms of prediction files; `rog-paths` are RoG's relation paths (`gen_rule_path`)."""

Row = dict[str, Any]
Facts = Sequence[tuple[str, str, str]]
GoldPaths = Mapping[str, Sequence[Facts]]


class Step(NamedTuple):
    """A triple as it is walked, by names."""

    source: str
    relation: str
    target: str
    inverse: bool


def write_predictions(
    path: str | Path,
    form: PredictionForm,
    records: Iterable[Record],
    graph: IndexedGraph | None = None,
    gold_paths: GoldPaths | None = None,
    *,
    replies: bool = False,
) -> None:
    """Write records as a prediction file; see `prediction_rows`. Raises also `DataError` if that fails."""
    rows = prediction_rows(form, records, graph, gold_paths, replies=replies)
    write_text(Path(path), "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def prediction_rows(
    form: PredictionForm,
    records: Iterable[Record],
    graph: IndexedGraph | None = None,
    gold_paths: GoldPaths | None = None,
    *,
    replies: bool = False,
) -> Iterator[Row]:
    """A row for each record.

    - `rog` (RoG, GNN-RAG): the answers as lines, or the LLM's reply; `input` has the paths of the chains, as
      their prompts show them.
    - `rog-paths`: the relation paths of the chains, in their order, for RoG's second stage.
    - `gcr`: the paths with the answers behind them; those that a model wrote, where the record has them.
    - `subgraphrag`: the answers as lines marked `ans:`.
    - `tog`: the first answer in braces, or the LLM's reply; the triples of the chains hop by hop.

    `replies`: the LLM of the run was asked in a paper's words, so that its replies are predictions; all
    others are citations in JSON, which no published script reads. Names are those of `graph`; what it does
    not name, or without it, stands as its identifier. `gold_paths` are those of the questions by id. Of a
    chain that branches, each triple is a path, and it has no relation path. Only `gcr` keeps directions.
    Raises `UsageError` for another form.
    """
    if form not in PREDICTION_FORMS:
        raise UsageError(f"form is one of {', '.join(PREDICTION_FORMS)}, not {form!r:.60}")
    for record in records:
        yield _Case(record, graph, (gold_paths or {}).get(record.id, ()), replies).row(form)


@dataclass(frozen=True)
class _Case:
    record: Record
    graph: IndexedGraph | None
    gold_paths: Sequence[Facts]
    replies: bool

    def row(self, form: PredictionForm) -> Row:
        record = self.record
        match form:
            case "rog-paths":
                return {
                    "id": record.id,
                    "question": record.question,
                    "q_entity": list(record.topic_entities),
                    "prediction": [list(path) for path in self._relation_paths()],
                    "ground_paths": [[relation for _, relation, _ in path] for path in self.gold_paths],
                }
            case "gcr":
                return {**self._start(list(self._stated())), "ground_truth_paths": list(self._gold_texts())}
            case "subgraphrag":
                return self._start("\n".join(f"ans: {name}" for name in self._answers()))
            case "tog":
                return {
                    "question": record.question,
                    "results": self._reply() or f"{{{next(iter(self._answers()), 'NULL')}}}",
                    "reasoning_chains": self._hops(),
                }
            case "rog":
                paths = "\n".join(dict.fromkeys(_path_text(walk) for _, walk in self._walks()))
                shown = f"Reasoning Paths:\n{paths}\n\nQuestion:\n{record.question}"
                return {**self._start(self._reply() or "\n".join(self._answers())), "input": shown}

    def _start(self, prediction: str | list[str]) -> Row:
        record = self.record
        return {
            "id": record.id,
            "question": record.question,
            "prediction": prediction,
            "ground_truth": list(record.gold),
        }

    def _reply(self) -> str:
        """What an LLM replied, where that is a prediction; else empty."""
        report = self.record.llm_report if self.replies else None
        return "" if report is None else report.reply

    def _answers(self) -> list[str]:
        return list(map(clean_text, self.record.answers))

    def _stated(self) -> Iterator[str]:
        """The paths with their answers, as GCR's model writes them."""
        if any(one.answer is not None for one in self.record.written):
            yield from published_output(replace(self.record, llm_report=None))
            return
        answers = self._answers()
        for at, walk in self._walks():
            yield f"{PATH}{_path_text(walk, directed=True)}\n{ANSWER}{answers[at]}"

    def _gold_texts(self) -> Iterator[str]:
        gold = set(map(fold_name, self.record.gold))
        for path in self.gold_paths:
            end = next((name for one in path[-1:] for name in one[::2] if fold_name(name) in gold), None)
            walk = walked(path, end)
            if walk is not None:
                yield _path_text(walk, directed=True)

    def _hops(self) -> list[list[list[list[str]]]]:
        """For each hop a list of one list, the triples as they are walked."""
        hops: list[dict[tuple[str, str, str], None]] = []
        for _, walk in self._walks():
            hops += [{} for _ in range(len(walk) - len(hops))]
            for hop, step in zip(hops, walk, strict=False):
                hop[step[:3]] = None
        return [[[list(triple) for triple in hop]] for hop in hops]

    def _relation_paths(self) -> list[tuple[str, ...]]:
        """The relations of all hypotheses that are paths, where the record has them, else of all chains."""
        written = [one for one in self.record.written if one.holds]
        branches = link_start(1).strip()
        chains: list[Facts] = [one.chain for one in written if not one.path.startswith(branches)]
        if not written:
            chains = [chain for _, chain, end in self._proofs() if walked(chain, end) is not None]
        return list(dict.fromkeys(tuple(self._relation(one[1]) for one in chain) for chain in chains))

    def _proofs(self) -> Iterator[tuple[int, Facts, str | None]]:
        """The chains, each with the place of its answer and the entity that this is, if it is one."""
        record = self.record
        for chain, at in zip(record.chains, record.proves, strict=True):
            yield at, chain, record.entities[at] if at < len(record.entities) else None

    def _walks(self) -> Iterator[tuple[int, tuple[Step, ...]]]:
        """The chains as walks by names, each with the place of its answer."""
        for at, chain, end in self._proofs():
            whole = walked(chain, end)
            walks = [walked((triple,), None) for triple in chain] if whole is None else [whole]
            for walk in filter(None, walks):
                yield at, tuple(self._named(step) for step in walk)

    def _named(self, step: Step) -> Step:
        source, relation, target, inverse = step
        return Step(self._entity(source), self._relation(relation), self._entity(target), inverse)

    def _entity(self, entity: str) -> str:
        graph = self.graph
        if graph is None:
            label = dict(zip(self.record.entities, self.record.answers, strict=False)).get(entity)
        else:
            label = graph.label(entity) if entity in graph.entities else None
        return clean_text(label or entity)

    def _relation(self, relation: str) -> str:
        graph = self.graph
        known = graph is not None and relation in graph.relation_names
        return clean_text(graph.relation_label(relation) if graph is not None and known else relation)


def walked(triples: Facts, end: str | None) -> tuple[Step, ...] | None:
    """Triples as steps of one walk to `end`, or to an end of the last one; `None` where they branch.

    >>> walked([("Kismet", "language", "English"), ("Juarez", "language", "English")], "Juarez")[1]
    Step(source='English', relation='language', target='Juarez', inverse=True)
    """
    for here in [end] if end is not None else [name for one in triples[-1:] for name in (one[2], one[0])]:
        steps: list[Step] = []
        for head, relation, tail in reversed(triples):
            if here not in (head, tail):
                break
            inverse = here != tail
            source = tail if inverse else head
            steps.append(Step(source, relation, here, inverse))
            here = source
        else:
            return tuple(reversed(steps)) or None
    return None


def _path_text(walk: Sequence[Step], directed: bool = False) -> str:
    """`A -> r -> B`; against a triple with `<-`, where `directed`."""
    text = walk[0].source
    for step in walk:
        arrow = "<-" if directed and step.inverse else "->"
        text += f" {arrow} {step.relation} {arrow} {step.target}"
    return text
