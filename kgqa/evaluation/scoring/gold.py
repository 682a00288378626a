"""Predictions matched with the questions of a set."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from kgqa.config_file import read_json_object
from kgqa.counted import counted
from kgqa.datasets import Question, load_questions
from kgqa.errors import DataError, ParseError
from kgqa.evaluation.record_file import MANIFEST
from kgqa.evaluation.scoring.prediction import Prediction
from kgqa.evaluation.scoring.prediction_file import read_predictions

__all__ = ["Matched"]


@dataclass(frozen=True)
class Matched:
    """Predictions for questions of a set, and the questions without a prediction (`dropped`).

    `foreign` are the ids of predictions for other questions, which do not count; `changed` counts
    predictions whose own gold answers differ from those of the set (their own are used). `unfinished`
    counts the questions of a run that have no record yet.
    """

    predictions: tuple[Prediction, ...]
    dropped: tuple[Prediction, ...] = ()
    foreign: tuple[str, ...] = ()
    changed: int = 0
    unfinished: int = 0

    @classmethod
    def read(cls, file: str | Path, gold: str | Path | None = None) -> Self:
        """The predictions of a file, matched with the questions in the file `gold` if it is given.

        Raises what `read_predictions` and `load_questions` raise, `DataError` if there are no gold
        answers at all, and what `of` raises.
        """
        file = Path(file)
        predictions = read_predictions(file)
        if gold is not None:
            return cls.of(predictions, load_questions(gold))
        if not any(prediction.gold for prediction in predictions):
            raise DataError(f"{file}: has no gold answers; name a file of questions that has them (`gold`)")
        return cls(predictions, unfinished=max(0, _planned(file) - len(predictions)))

    @classmethod
    def of(cls, predictions: Sequence[Prediction], questions: Iterable[Question]) -> Self:
        """Match by id, or by the question's text if no id is one of the set's.

        A prediction without gold answers or without the text of its question gets those of the set, and one
        that is matched by text the id of the set.
        Raises `DataError` if nothing matches, or if texts are matched and two questions or two predictions
        have the same.
        """
        asked = list(questions)
        ids = {question.id for question in asked}
        by_text = not any(prediction.id in ids for prediction in predictions)
        known: dict[str, Question] = {}
        for question in asked:
            if by_text and question.question in known:
                raise DataError(f"two questions have the text {question.question!r}; match them by id")
            known[question.question if by_text else question.id] = question
        found: dict[str, Prediction] = {}
        foreign = []
        for prediction in predictions:
            key = prediction.question if by_text else prediction.id
            if key in found:
                raise DataError(f"two predictions are for the question {key!r:.80}; match them by id")
            if key in known:
                found[key] = prediction
            else:
                foreign.append(prediction.id)
        if not found:
            raise DataError(
                f"{counted(len(predictions), 'prediction')} and {counted(len(asked), 'question')} have "
                "nothing in common: "
                f"neither id nor text agrees (first prediction: {predictions[0].id!r})"
            )
        return cls(
            predictions=tuple(_filled(prediction, known[key]) for key, prediction in found.items()),
            dropped=tuple(_unanswered(question) for key, question in known.items() if key not in found),
            foreign=tuple(foreign),
            changed=sum(bool(p.gold) and set(p.gold) != set(known[key].answers) for key, p in found.items()),
        )


def _filled(prediction: Prediction, question: Question) -> Prediction:
    """With what the set says of the question, of its answers only where they are used."""
    gold = prediction.gold or question.answers
    same = gold == question.answers
    return replace(
        prediction,
        id=question.id,
        gold=gold,
        question=prediction.question or question.question,
        answer_type=question.answer_type,
        gold_entities=question.answer_ids if same else prediction.gold_entities,
        gold_aliases=question.answer_aliases if same else prediction.gold_aliases,
        operators=question.operators,
        graph=question.graph_name,
    )


def _unanswered(question: Question) -> Prediction:
    return Prediction(
        question.id,
        "",
        question.answers,
        question.question,
        answer_type=question.answer_type,
        gold_entities=question.answer_ids,
        gold_aliases=question.answer_aliases,
        operators=question.operators,
        graph=question.graph_name,
    )


def _planned(file: Path) -> int:
    """The number of questions of the run in a folder; 0 if there is no run."""
    try:
        n = read_json_object(file / MANIFEST)["n"]
    except (ParseError, KeyError):
        return 0
    return n if isinstance(n, int) else 0
