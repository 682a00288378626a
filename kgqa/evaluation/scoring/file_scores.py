"""The scores of a prediction file by several definitions, and why each question scored what it did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, get_args

from kgqa.counted import counted
from kgqa.errors import UsageError, check_names, check_path
from kgqa.evaluation.scoring.definition import Definition, Values
from kgqa.evaluation.scoring.definitions import DEFINITIONS, definition_named
from kgqa.evaluation.scoring.gold import Matched
from kgqa.evaluation.scoring.prediction import Prediction
from kgqa.evaluation.scoring.reason import Reason
from kgqa.evaluation.scoring.scorecard import Scorecard
from kgqa.graph import clean_name

if TYPE_CHECKING:
    import pandas

__all__ = ["DEFAULT_DEFINITIONS", "Explanation", "FileScores", "Grouping"]

Grouping = Literal["operator", "answer_type", "graph"]
"""What the questions of a file may be grouped by."""

DEFAULT_DEFINITIONS = ("strict", "rog")


@dataclass(frozen=True)
class Explanation:
    """What a question scored by a definition, which gold answers were found and by which rule."""

    prediction: Prediction
    definition: str
    values: Values | None
    found: tuple[Reason, ...]

    @property
    def missed(self) -> tuple[str, ...]:
        """The gold answers that were not found."""
        found = {reason.gold for reason in self.found}
        return tuple(gold for gold in self.prediction.gold if gold not in found)

    def describe(self) -> str:
        """A line with the values, then a line for each gold answer that was found, and one for the others."""
        values = self.values
        shown = "no value" if values is None else ", ".join(f"{name} {v:.3g}" for name, v in values.items())
        lines = [f"{self.definition}: {shown}", *(f"  {clean_name(each.describe())}" for each in self.found)]
        if self.missed:
            lines.append(f"  not found: {clean_name(', '.join(map(repr, self.missed)))}")
        return "\n".join(lines)


@dataclass(frozen=True)
class FileScores:
    """A file's predictions, matched with their questions, and a scorecard for each definition."""

    file: Path
    matched: Matched
    definitions: tuple[Definition, ...]
    cards: tuple[Scorecard, ...]

    @classmethod
    def read(
        cls,
        file: str | Path,
        *,
        definitions: Sequence[str] = DEFAULT_DEFINITIONS,
        gold: str | Path | None = None,
    ) -> Self:
        """Score the predictions in a file, or of a run's folder.

        `gold` is a file with the questions and their gold answers. Raises `UsageError` for an unknown
        definition, and what `Matched.read` raises.
        """
        check_names(definitions, "definitions")
        wanted = {definition_named(name).name for name in definitions}
        matched = Matched.read(check_path(file, "file"), gold)
        chosen = tuple(definition for name, definition in DEFINITIONS.items() if name in wanted)
        cards = tuple(Scorecard.of(each, matched.predictions, matched.dropped) for each in chosen)
        return cls(Path(file), matched, chosen, cards)

    def notes(self) -> tuple[str, ...]:
        """What else a reader of the scores has to know, one sentence each; the first counts predictions."""
        found = [f"{self.file}: {counted(len(self.matched.predictions), 'prediction')}"]
        if self.matched.dropped:
            asked = counted(len(self.matched.dropped), "question has", "questions have")
            found.append(f"{asked} no prediction")
        if self.matched.unfinished:
            found.append(
                "the run is not finished: its "
                + counted(
                    self.matched.unfinished, "question without a record does", "questions without a record do"
                )
                + " not count"
            )
        if self.matched.foreign:
            foreign = len(self.matched.foreign)
            told = counted(
                foreign, "prediction for another question is", "predictions for other questions are"
            )
            found.append(f"{told} left out")
        if self.matched.changed:
            have = "has" if self.matched.changed == 1 else "have"
            found.append(
                f"{self.matched.changed:,} {have} other gold answers than the gold file; their own are used"
            )
        found += [
            f"{card.definition}: no value for {counted(len(card.unscored), 'question')} without gold answers"
            for card in self.cards
            if card.unscored
        ]
        two_way = any(card.definition == "subgraphrag" for card in self.cards)
        if two_way and not all(prediction.question for prediction in self.matched.predictions):
            found.append(
                "subgraphrag: predictions without the text of their question are not matched in both "
                "directions; a gold file has the texts"
            )
        return tuple(found)

    def to_json(self) -> dict[str, Any]:
        """One object; scores in percent."""
        return {
            "file": str(self.file),
            "predictions": len(self.matched.predictions),
            "unfinished": self.matched.unfinished,
            "dropped": [prediction.id for prediction in self.matched.dropped],
            "foreign": list(self.matched.foreign),
            "changed_gold": self.matched.changed,
            "unit": "percent",
            "definitions": {card.definition: card.to_json() for card in self.cards},
        }

    def to_frame(self) -> pandas.DataFrame:
        """One row for each metric of each definition: its value and interval in percent.

        `n` counts the questions that have a value; `with_missing` is the value where the `missing`
        others count as 0.
        """
        import pandas

        rows = [
            {
                "definition": card.definition,
                "metric": name,
                "value": value,
                "low": card.intervals[name].low if name in card.intervals else None,
                "high": card.intervals[name].high if name in card.intervals else None,
                "n": len(card.scored),
                "missing": card.missing,
                "with_missing": value if card.with_dropped is None else card.with_dropped.get(name),
            }
            for card in self.cards
            for name, value in card.totals.items()
        ]
        columns = ["definition", "metric", "value", "low", "high", "n", "missing", "with_missing"]
        numbers = dict.fromkeys(["value", "low", "high", "with_missing"], "float64")
        return pandas.DataFrame(rows, columns=columns).astype(numbers)

    def by(self, grouping: Grouping) -> dict[str, tuple[Scorecard, ...]]:
        """The scorecards of the questions of each operator, type of answers or graph, in their order.

        A question counts under each of its operators. Those without an operator or a graph are left out.
        Raises `UsageError` for another grouping.
        """
        if grouping not in (known := get_args(Grouping)):
            raise UsageError(f"grouping must be one of {', '.join(known)}, not {grouping!r:.60}")
        groups: dict[str, tuple[list[Prediction], list[Prediction]]] = {}
        for at, predictions in enumerate((self.matched.predictions, self.matched.dropped)):
            for prediction in predictions:
                for name in _groups(prediction, grouping):
                    groups.setdefault(name, ([], []))[at].append(prediction)
        return {
            name: tuple(Scorecard.of(each, *groups[name]) for each in self.definitions)
            for name in sorted(groups)
        }

    def ungrouped(self, grouping: Grouping) -> int:
        """How many questions `by` leaves out: they have no operator, or do not name their graph."""
        every = (*self.matched.predictions, *self.matched.dropped)
        return sum(not any(_groups(prediction, grouping)) for prediction in every)

    def per_question(self) -> Iterator[dict[str, Any]]:
        """For each prediction its `id` and its values by each definition (`None`: no value)."""
        for prediction in self.matched.predictions:
            values = {card.definition: card.scored.get(prediction.id) for card in self.cards}
            yield {"id": prediction.id, **values}

    def explain(self, ids: Sequence[str] = ()) -> Iterator[tuple[Prediction, tuple[Explanation, ...]]]:
        """The predictions with these ids (all for none), with an explanation for each definition.

        Raises `UsageError` for an id that the file does not have.
        """
        check_names(ids, "ids")
        known = {prediction.id: prediction for prediction in self.matched.predictions}
        if unknown := [id_ for id_ in ids if id_ not in known]:
            raise UsageError(f"{self.file}: has no prediction for {unknown[0]!r}")
        for prediction in (known[id_] for id_ in ids) if ids else self.matched.predictions:
            yield prediction, tuple(_explained(prediction, each) for each in self.definitions)


def _groups(prediction: Prediction, grouping: Grouping) -> Iterable[str]:
    if grouping == "operator":
        return dict.fromkeys(prediction.operators)
    name = prediction.answer_type if grouping == "answer_type" else prediction.graph
    return () if name is None else (name,)


def _explained(prediction: Prediction, definition: Definition) -> Explanation:
    return Explanation(
        prediction, definition.name, definition.score(prediction), definition.explain(prediction)
    )
