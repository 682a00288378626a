"""What Think-on-Graph asks an LLM at each hop, and what it reads in the replies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from kgqa.answer.loose_json import without_thoughts
from kgqa.chat import ChatModel, Message, Usage

__all__ = ["ScoredChoice", "entity_scores", "relation_scores", "says_yes"]

# The three tasks are sentences of ToG's published prompts (`prompt_list.py`); the examples are our own.
_RELATIONS = (
    "Please retrieve {most} relations (separated by semicolon) that contribute to the question and rate "
    "their contribution on a scale from 0 to 1 (the sum of the scores of {most} relations is 1)."
)
_RELATIONS_EXAMPLE = """\
Q: In which country does the river that flows through Passau rise?
Topic Entity: Passau
Relations: country; elevation; population; river; twin town
A: 1. {river (Score: 0.8)}: The question asks about the river that flows through Passau.
2. {country (Score: 0.1)}: The answer is a country, but Passau's own is not asked for.
3. {twin town (Score: 0.1)}: It does not help."""
_ENTITIES = (
    "Please score the entities' contribution to the question on a scale from 0 to 1 (the sum of the scores "
    "of all entities is 1)."
)
_ENTITIES_EXAMPLE = """\
Q: Which river of Passau flows into the Black Sea?
Relation: river
Entites: Danube; Ilz; Inn
Score: 1.0, 0.0, 0.0
The Danube flows into the Black Sea; the others flow into the Danube."""
_ENOUGH = (
    "Given a question and the associated retrieved knowledge graph triplets (entity, relation, entity), you "
    "are asked to answer whether it's sufficient for you to answer the question with these triplets and your "
    "knowledge (Yes or No)."
)
_ENOUGH_EXAMPLE = """\
Q: In which country does the river that flows through Passau rise?
Knowledge Triplets: Passau, river, Danube
A: {No}. The triplets say which river it is, but not where it rises."""

_RELATION = re.compile(r"\{?\s*([^{}()\n;]+?)\s*\(Score:\s*([0-9]*\.?[0-9]+)\)")
_NUMBER = re.compile(r"\d+\.\d+|\b[01]\b")
_YES = re.compile(r"\byes\b", re.IGNORECASE)
_NO = re.compile(r"\bno\b", re.IGNORECASE)


@dataclass
class ScoredChoice:
    """Asks an LLM in ToG's words about one question; `usage` adds up all replies."""

    chat: ChatModel
    question: str
    most: int
    reply_tokens: int
    usage: Usage = field(default_factory=Usage)

    def relations(self, entity: str, names: Sequence[str]) -> dict[str, float]:
        """The scores of the relations that the LLM chooses, at most `most`; none where it names none."""
        asked = (
            f"{_RELATIONS.format(most=self.most)}\n{_RELATIONS_EXAMPLE}\n\nQ: {self.question}\n"
            f"Topic Entity: {entity}\nRelations: {'; '.join(names)}\nA: "
        )
        return relation_scores(self._reply(asked), names, self.most)

    def entities(self, relation: str, names: Sequence[str]) -> list[float]:
        """The score of each entity; equal ones where the reply has not one for each."""
        asked = (
            f"{_ENTITIES}\n{_ENTITIES_EXAMPLE}\n\nQ: {self.question}\nRelation: {relation}\n"
            f"Entites: {'; '.join(names)}\nScore: "
        )
        return entity_scores(self._reply(asked), len(names))

    def enough(self, triples: Sequence[tuple[str, str, str]]) -> bool:
        """Whether these facts are enough for an answer, as the LLM says."""
        facts = "\n".join(", ".join(triple) for triple in triples)
        asked = f"{_ENOUGH}\n{_ENOUGH_EXAMPLE}\n\nQ: {self.question}\nKnowledge Triplets: {facts}\nA: "
        return says_yes(self._reply(asked))

    def _reply(self, asked: str) -> str:
        reply = self.chat.reply([Message("user", asked)], max_tokens=self.reply_tokens)
        self.usage += reply.usage
        return without_thoughts(reply.text)


def relation_scores(text: str, names: Sequence[str], most: int) -> dict[str, float]:
    """The scores of offered relations in a reply, at most `most`, in its order.

    Where no `{relation (Score: 0.4)}` names one, those that the text mentions have equal shares; ToG itself
    drops such a reply.

    >>> relation_scores("1. {river (Score: 0.8)}: yes\\n2. {lake (Score: 0.2)}", ["river", "sea"], 3)
    {'river': 0.8}
    >>> relation_scores("I would follow the river.", ["river", "sea"], 3)
    {'river': 1.0}
    """
    known = {name.casefold(): name for name in names}
    found: dict[str, float] = {}
    for said, score in _RELATION.findall(text):
        name = known.get(said.split(". ", 1)[-1].strip().casefold()) or known.get(said.casefold())
        if name is not None:
            found.setdefault(name, min(1.0, float(score)))
    if not found:
        folded = text.casefold()
        places = {name: folded.find(key) for key, name in known.items() if key and key in folded}
        some = sorted(places, key=places.__getitem__)[:most]
        return {name: 1 / len(some) for name in some}
    return dict(list(found.items())[:most])


def entity_scores(text: str, count: int) -> list[float]:
    """The scores in a reply, in its order; equal ones where it has not exactly that many numbers.

    >>> entity_scores("1.0, 0.0", 2), entity_scores("the first", 2)
    ([1.0, 0.0], [0.5, 0.5])
    """
    lines = [line for line in text.splitlines() if _NUMBER.search(line)]
    for part in (lines[0] if lines else "", text):
        numbers = [min(1.0, float(one)) for one in _NUMBER.findall(part)]
        if len(numbers) == count:
            return numbers
    return [1 / count] * count


def says_yes(text: str) -> bool:
    """Whether a reply says yes, before any no.

    >>> says_yes("{Yes}. The triplets say so."), says_yes("{No}. Yes would be wrong."), says_yes("")
    (True, False, False)
    """
    yes, no = _YES.search(text), _NO.search(text)
    return yes is not None and (no is None or yes.start() < no.start())
