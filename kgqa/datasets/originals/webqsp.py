"""WebQSP's own files ("The value of semantic parse labeling ...", ACL 2016)."""

from __future__ import annotations

from kgqa.datasets.originals.gold_answers import GoldAnswers
from kgqa.datasets.originals.topic_entity import named_topics
from kgqa.datasets.question import Question
from kgqa.datasets.row import Row

__all__ = ["webqsp_question"]

_READ = ("QuestionId", "RawQuestion", "ProcessedQuestion")


def webqsp_question(row: Row) -> Question:
    """A question with the answers of all its parses, as RoG and NSM read them; its topics are theirs.

    Where a parse gives a value, answers are compared as texts.
    """
    gold, topics = GoldAnswers(), {}
    for parse in row.rows("Parses"):
        if parse.has("TopicEntityMid") and parse.has("TopicEntityName"):
            topics[parse.text("TopicEntityMid")] = parse.text("TopicEntityName")
        for answer in parse.rows("Answers"):
            identifier = answer.text("AnswerArgument")
            name = answer.text("EntityName") if answer.has("EntityName") else identifier
            gold.add(name, identifier if answer.record.get("AnswerType") == "Entity" else None)
    names, identifiers = named_topics(row) or (tuple(topics.values()), tuple(topics))
    asked = "RawQuestion" if row.has("RawQuestion") else "ProcessedQuestion"
    return Question(
        id=row.text("QuestionId"),
        question=row.text(asked),
        topic_entities=names,
        topic_ids=identifiers,
        extras=row.others(_READ),
        **gold.fields(),
    )
