"""kgqa score: what a prediction file is worth, by every definition."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from kgqa.cli.aligned import aligned
from kgqa.cli.console import output, print_json
from kgqa.cli.options import Json
from kgqa.cli.reasons import chosen, explain_rows
from kgqa.errors import UsageError
from kgqa.evaluation import DEFINITIONS, Matched, Prediction, Scorecard, definition_named

__all__ = ["score"]

NAMES = ", ".join(DEFINITIONS)


def score(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Predictions, or the folder of a run.")],
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="With --explain: only these questions.")
    ] = None,
    names: Annotated[
        list[str] | None,
        typer.Option(
            "--as", metavar="NAME", help=f"A definition; repeatable: {NAMES} [default: strict and rog]."
        ),
    ] = None,
    gold: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The questions that there are, with their gold answers."),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say of each question why it scored what.")
    ] = False,
    intervals: Annotated[bool, typer.Option("--intervals", help="Show 95 % bootstrap intervals.")] = False,
    per_question: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write every question's values to this JSONL file.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Score the predictions of any system, strictly and as published systems score themselves.

    FILE has JSON objects, one a line or in one array, plain or gzip: records of kgqa, or predictions as
    RoG, GNN-RAG, GCR, SubgraphRAG (id, prediction, ground_truth) or ToG (question, results) write
    them. The published definitions count substrings, and each something else: their figures compare
    neither with strict ones nor with each other.

    Examples:

      kgqa score predictions.jsonl --as strict --as rog --as gcr

      kgqa score ToG_cwq.json --as strict --as tog --gold cwq_test.jsonl

      kgqa score predictions.jsonl --as rog --explain WebQTest-12

      kgqa score runs/metaqa-2hop --as strict --as gnn-rag --intervals
    """
    if ids and not explain:
        raise UsageError(f"{ids[0]!r} is one argument too many; --explain takes ids of questions")
    matched = Matched.read(file, gold)
    asked = {definition_named(name).name for name in names or ("strict", "rog")}
    wanted = [definition for name, definition in DEFINITIONS.items() if name in asked]
    if explain:
        explain_rows(chosen(matched.predictions, ids or (), file), wanted, as_json)
        return
    cards = [Scorecard.of(definition, matched.predictions, matched.dropped) for definition in wanted]
    if per_question:
        _write(per_question, matched.predictions, cards)
    if as_json:
        print_json(
            {
                "file": str(file),
                "predictions": len(matched.predictions),
                "unfinished": matched.unfinished,
                "dropped": [prediction.id for prediction in matched.dropped],
                "foreign": list(matched.foreign),
                "changed_gold": matched.changed,
                "unit": "percent",
                "definitions": {card.definition: card.to_json() for card in cards},
            }
        )
    else:
        _show(file, matched, cards, intervals)


def _show(file: Path, matched: Matched, cards: Sequence[Scorecard], intervals: bool) -> None:
    notes = [f"{file}: {len(matched.predictions):,} predictions"]
    if matched.dropped:
        notes.append(f"{len(matched.dropped):,} questions dropped")
    if matched.unfinished:
        notes.append(
            f"the run is not finished: {matched.unfinished:,} questions have no record and do not count"
        )
    if matched.foreign:
        notes.append(f"{len(matched.foreign):,} predictions for other questions left out")
    if matched.changed:
        notes.append(f"{matched.changed:,} with other gold answers than the gold file's (their own are used)")
    output.print("; ".join(notes), markup=False)
    strict = [card for card in cards if card.definition == "strict"]
    published = [card for card in cards if card.definition != "strict"]
    _print_table("strict: whole names", strict, intervals)
    _print_table("published definitions: substrings count, each in its own way", published, intervals)
    for card in cards:
        if card.unscored:
            count = f"{len(card.unscored):,} questions"
            output.print(f"{card.definition}: no value for {count} without gold answers", markup=False)
    if any(card.definition == "subgraphrag" for card in cards) and not all(
        prediction.question for prediction in matched.predictions
    ):
        output.print(
            "subgraphrag: the file does not say the questions, so none is judged two-way; see --gold",
            markup=False,
        )


def _print_table(title: str, cards: Sequence[Scorecard], intervals: bool) -> None:
    """Metrics down, definitions across."""
    if not cards:
        return
    names = list(dict.fromkeys(name for card in cards for name in card.totals))
    rows = [["percent", *(card.definition for card in cards)]]
    rows.append(["n", *(f"{len(card.scored):,}" for card in cards)])
    rows += [[name, *(_cell(card, name, intervals) for card in cards)] for name in names]
    if any(card.missing for card in cards):
        rows.append(["missing ones as 0: n", *(f"{len(c.scored) + c.missing:,}" for c in cards)])
        wholes = [card.totals if card.with_dropped is None else card.with_dropped for card in cards]
        rows += [[f"  {name}", *(_one(whole.get(name)) for whole in wholes)] for name in names]
    output.print(f"\n{title}\n{aligned(rows)}", markup=False)


def _cell(card: Scorecard, name: str, intervals: bool) -> str:
    bounds = card.intervals.get(name) if intervals else None
    value = _one(card.totals.get(name))
    return value if bounds is None else f"{value} ({bounds.low:.1f} to {bounds.high:.1f})"


def _one(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def _write(path: Path, predictions: Sequence[Prediction], cards: Sequence[Scorecard]) -> None:
    with path.open("w", encoding="utf-8") as stream:
        for prediction in predictions:
            values = {card.definition: card.scored.get(prediction.id) for card in cards}
            stream.write(json.dumps({"id": prediction.id, **values}, ensure_ascii=False) + "\n")
