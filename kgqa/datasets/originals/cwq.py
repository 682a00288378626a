"""ComplexWebQuestions' own files ("The web as a knowledge-base ...", NAACL 2018), and ToG's form of them."""

from __future__ import annotations

import re

from kgqa.datasets.originals.gold_answers import GoldAnswers
from kgqa.datasets.originals.topic_entity import named_topics
from kgqa.datasets.question import Question
from kgqa.datasets.row import Row

__all__ = ["cwq_question"]

_MID = re.compile(r"[mg]\.\w+")
_IN_QUERY = re.compile(r"ns:([mg]\.\w+)")
_READ = ("ID", "question", "answer", "answers", "topic_entity")


def cwq_question(row: Row) -> Question:
    """A question whose topics are the entities of its SPARQL query, by identifier: they have no names there.

    ToG's form has `topic_entity`, and one `answer` as text.
    """
    gold = GoldAnswers()
    if row.has("answers"):
        for answer in row.rows("answers"):
            identifier = answer.text("answer_id")
            name = answer.text("answer") if answer.has("answer") else identifier
            aliases = answer.names("aliases") if answer.has("aliases") else ()
            gold.add(name, identifier if _MID.fullmatch(identifier) else None, aliases)
        answers = gold.fields()
    else:
        answers = {"answers": (row.text("answer"),)}
    query = row.text("sparql") if row.has("sparql") else ""
    mids = tuple(dict.fromkeys(_IN_QUERY.findall(query)))
    names, identifiers = named_topics(row) or (mids, mids)
    return Question(
        id=row.text("ID"),
        question=row.text("question"),
        topic_entities=names,
        topic_ids=identifiers,
        extras=row.others(_READ),
        **answers,
    )
