"""Which benchmark a question is from, told by its fields."""

from __future__ import annotations

from kgqa.datasets.originals.cwq import cwq_question
from kgqa.datasets.originals.grailqa import grailqa_question
from kgqa.datasets.originals.qald import qald_question
from kgqa.datasets.originals.tog import tog_question
from kgqa.datasets.originals.webqsp import webqsp_question
from kgqa.datasets.question import Question
from kgqa.datasets.row import Row

__all__ = ["original_question"]


def original_question(row: Row, place: int) -> Question | None:
    """The question of a row in one of the published forms, `None` for a row in none of them.

    `place` is that of the question in its file, from 1. Raises `ParseError` for a field that is not what the
    form has.
    """
    record = row.record
    if "Parses" in record and "QuestionId" in record:
        return webqsp_question(row)
    if "ID" in record and ("sparql" in record or "compositionality_type" in record):
        return cwq_question(row)
    if "qid" in record and "question" in record:
        return grailqa_question(row)
    if isinstance(record.get("question"), list):
        return qald_question(row)
    if isinstance(record.get("topic_entity"), dict):
        return tog_question(row, place)
    return None
