"""kgqa score: the scores of a prediction file by every definition."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import indent
from typing import Annotated, Any

import typer

from kgqa.cli.console import aligned, output, print_json
from kgqa.cli.options import Json
from kgqa.counted import counted
from kgqa.errors import UsageError
from kgqa.evaluation import DEFAULT_DEFINITIONS, DEFINITIONS, FileScores, Scorecard
from kgqa.evaluation.scoring.file_scores import Grouping
from kgqa.graph import clean_name
from kgqa.report.write import write_text

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
        typer.Option(metavar="FILE", help="All questions, with their gold answers."),
    ] = None,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain", help="Show for each question which gold answers were found, and by which rule."
        ),
    ] = False,
    by: Annotated[
        Grouping | None,
        typer.Option(
            "--by", help="Also by operator (a question counts under each of its own), type, or graph."
        ),
    ] = None,
    intervals: Annotated[bool, typer.Option("--intervals", help="Show 95 % bootstrap intervals.")] = False,
    per_question: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write every question's values to this JSONL file.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Score the predictions of any system, strictly and as published systems score themselves.

    FILE has JSON objects, one a line or in one array, plain or gzip: records of kgqa, or predictions as
    RoG, GNN-RAG, GCR, SubgraphRAG (id, prediction, ground_truth) or ToG (question, results) write
    them. The published definitions count substrings, each in its own way: compare their scores neither
    with strict ones nor with each other.

    Examples:

      kgqa score predictions.jsonl --as strict --as rog --as gcr

      kgqa score ToG_cwq.json --as strict --as tog --gold cwq_test.jsonl

      kgqa score predictions.jsonl --as rog --explain WebQTest-12

      kgqa score runs/metaqa-2hop --as strict --as gnn-rag --intervals

      kgqa score runs/geoquery --as strict --by operator
    """
    if ids and not explain:
        raise UsageError(f"unexpected argument {ids[0]!r}: ids of questions need --explain")
    scores = FileScores.read(file, definitions=names or DEFAULT_DEFINITIONS, gold=gold)
    if explain:
        _explain(scores, ids or (), as_json)
        return
    if per_question:
        write_text(per_question, "".join(_json_line(row) for row in scores.per_question()))
    if as_json:
        print_json(scores.to_json() | ({} if by is None else _json_groups(scores, by)))
        return
    output.print("\n".join(scores.notes()), markup=False)
    strict = [card for card in scores.cards if card.definition == "strict"]
    published = [card for card in scores.cards if card.definition != "strict"]
    _print_table("strict: whole names", strict, intervals)
    _print_table("published definitions: each counts substrings in its own way", published, intervals)
    if by:
        for group, cards in scores.by(by).items():
            _print_table(f"{by.replace('_', ' ')}: {clean_name(group)}", cards, intervals)
        if left := scores.ungrouped(by):
            lacks = "an operator" if by == "operator" else "a name of their graph"
            output.print(f"\nin no group: {counted(left, 'question')} without {lacks}", markup=False)


def _json_groups(scores: FileScores, by: Grouping) -> dict[str, Any]:
    groups = {
        group: {card.definition: card.to_json() for card in cards} for group, cards in scores.by(by).items()
    }
    return {"by": by, "groups": groups, "ungrouped": scores.ungrouped(by)}


def _json_line(row: Mapping[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"


def _explain(scores: FileScores, ids: Sequence[str], as_json: bool) -> None:
    """Print the values of each question by each definition, and which rule found which gold answer."""
    found = list(scores.explain(ids))
    if as_json:
        print_json(
            {
                "questions": [
                    {
                        "id": prediction.id,
                        "gold": list(prediction.gold),
                        "definitions": {
                            each.definition: {"values": each.values, "found": [vars(r) for r in each.found]}
                            for each in explanations
                        },
                    }
                    for prediction, explanations in found
                ]
            }
        )
        return
    for prediction, explanations in found:
        gold = clean_name(", ".join(map(repr, prediction.gold))) or "none"
        output.print(f"{clean_name(prediction.id)}  gold: {gold}", markup=False)
        for each in explanations:
            output.print(indent(each.describe(), "  "), markup=False)


def _print_table(title: str, cards: Sequence[Scorecard], intervals: bool) -> None:
    """Metrics down, definitions across."""
    if not cards:
        return
    names = list(dict.fromkeys(name for card in cards for name in card.totals))
    rows = [["percent", *(card.definition for card in cards)]]
    rows.append(["n", *(f"{len(card.scored):,}" for card in cards)])
    rows += [[name, *(_cell(card, name, intervals) for card in cards)] for name in names]
    if any(card.missing for card in cards):
        rows.append(["with missing as 0: n", *(f"{len(c.scored) + c.missing:,}" for c in cards)])
        wholes = [card.totals if card.with_dropped is None else card.with_dropped for card in cards]
        rows += [[f"  {name}", *(_one(whole.get(name)) for whole in wholes)] for name in names]
    output.print(f"\n{title}\n{aligned(rows)}", markup=False)


def _cell(card: Scorecard, name: str, intervals: bool) -> str:
    bounds = card.intervals.get(name) if intervals else None
    value = _one(card.totals.get(name))
    return value if bounds is None else f"{value} ({bounds.low:.1f} to {bounds.high:.1f})"


def _one(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
