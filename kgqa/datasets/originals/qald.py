"""QALD's files, over DBpedia or Wikidata ("Question answering over linked data", since 2011)."""

from __future__ import annotations

from typing import Any

from kgqa.datasets.originals.gold_answers import GoldAnswers
from kgqa.datasets.question import AnswerType, Question
from kgqa.datasets.row import Row

__all__ = ["qald_question"]

_XSD = "http://www.w3.org/2001/XMLSchema#"
_NUMBERS = frozenset(
    f"{_XSD}{name}"
    for name in (
        "integer",
        "decimal",
        "double",
        "float",
        "int",
        "long",
        "nonNegativeInteger",
        "positiveInteger",
    )
)
_READ = ("id", "question", "answers")


def qald_question(row: Row) -> Question:
    """A question in English, or where it has none in its first language; its topics are not said.

    Answers are compared by identifier, numbers and yes or no by value.
    """
    texts = row.rows("question")
    english = [text for text in texts if text.record.get("language") == "en" and text.has("string")]
    asked = next((text for text in (*english, *texts) if text.has("string")), None)
    if asked is None:
        raise row.wrong("question", "a list with a text (string)", row.record["question"])
    return Question(
        id=row.text_of_id("id"), question=asked.text("string"), extras=row.others(_READ), **_answers(row)
    )


def _answers(row: Row) -> dict[str, Any]:
    gold, kinds = GoldAnswers(), set()
    for results in row.rows("answers"):
        if results.has("boolean"):
            return {"answers": ("yes" if results.record["boolean"] else "no",), "answer_type": "boolean"}
        if not results.has("results"):
            continue
        for binding in results.row("results").rows("bindings"):
            for variable in binding.record:
                term = binding.row(variable)
                value = term.text_of_id("value")
                is_entity = term.text("type") in ("uri", "bnode")
                kinds.add("entity" if is_entity else _kind(term))
                gold.add(value, value if is_entity else None)
    found = gold.fields()
    return found | {"answer_type": kinds.pop()} if len(kinds) == 1 else found


def _kind(term: Row) -> AnswerType:
    return "number" if term.record.get("datatype") in _NUMBERS else "literal"
