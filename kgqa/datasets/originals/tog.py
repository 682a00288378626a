"""The other question files of ToG ("Think-on-Graph", ICLR 2024), in arrays."""

from __future__ import annotations

from kgqa.datasets.originals.topic_entity import named_topics
from kgqa.datasets.question import Question
from kgqa.datasets.row import Row

__all__ = ["tog_question"]

_IDS = ("id", "ID", "qid", "QuestionId")
_READ = (*_IDS, "question", "answer", "answers", "topic_entity")


def tog_question(row: Row, place: int) -> Question:
    """A question with its topics by identifier and name; one without an id has its place in the file."""
    names, identifiers = named_topics(row) or ((), ())
    id_field = next((field for field in _IDS if row.has(field)), None)
    field = "answers" if row.has("answers") else "answer"
    answers = (row.text(field),) if isinstance(row.value(field), str) else row.names(field)
    return Question(
        id=str(place) if id_field is None else row.text_of_id(id_field),
        question=row.text("question"),
        topic_entities=names,
        topic_ids=identifiers,
        answers=tuple(dict.fromkeys(answers)),
        extras=row.others(_READ),
    )
