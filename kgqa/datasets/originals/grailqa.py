"""GrailQA's own files ("Beyond i.i.d.: three levels of ...", WWW 2021), and ToG's form of them."""

from __future__ import annotations

from collections.abc import Mapping

from kgqa.datasets.originals.gold_answers import GoldAnswers
from kgqa.datasets.originals.topic_entity import named_topics
from kgqa.datasets.question import Question
from kgqa.datasets.row import Row

__all__ = ["grailqa_question"]

_OPERATORS: Mapping[object, str] = {
    "count": "count",
    "argmax": "superlative",
    "argmin": "superlative",
    ">": "comparison",
    ">=": "comparison",
    "<": "comparison",
    "<=": "comparison",
}
_READ = ("qid", "question", "answer", "topic_entity")


def grailqa_question(row: Row) -> Question:
    """A question whose topics are the entities of its graph query; `function` becomes an operator.

    Where an answer is a value, answers are compared as numbers if the question counts, else as literals.
    """
    gold = GoldAnswers()
    for answer in row.rows("answer"):
        identifier = answer.text("answer_argument")
        name = answer.text("entity_name") if answer.record.get("entity_name") else identifier
        gold.add(name, identifier if answer.record.get("answer_type") == "Entity" else None)
    answers = gold.fields()
    operator = _OPERATORS.get(row.record.get("function"))
    if operator == "count" and answers["answer_type"] == "literal":
        answers["answer_type"] = "number"
    topics = {}
    if row.has("graph_query"):
        for node in row.row("graph_query").rows("nodes"):
            if node.record.get("node_type") == "entity":
                topics[node.text("id")] = node.text("friendly_name")
    names, identifiers = named_topics(row) or (tuple(topics.values()), tuple(topics))
    return Question(
        id=row.text_of_id("qid"),
        question=row.text("question"),
        topic_entities=names,
        topic_ids=identifiers,
        operators=(operator,) if operator else (),
        extras=row.others(_READ),
        **answers,
    )
