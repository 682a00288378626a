"""The prompt of a question, for a model that writes its chains."""

from __future__ import annotations

from kgqa.finders.chain_space import ChainSpace
from kgqa.finders.protocol import LinkedQuestion
from kgqa.finders.question_facts import question_facts
from kgqa.lm import Prompt, PromptForm

__all__ = ["question_prompt"]

_FACTS_SHOWN = 40
"""Facts around the topics in a prompt that shows the graph."""


def question_prompt(question: LinkedQuestion, space: ChainSpace, form: PromptForm) -> Prompt:
    """A question as it is put to a model: with the names of its topics, or of all that programs may use.

    The form "dog" also has up to 40 facts around the topics (`question_facts`).
    """
    named = question.topics if question.mentioned is None else question.mentioned.names
    shown = form == "dog"
    facts = question_facts(space.graph, question.topics, space.hops, _FACTS_SHOWN) if shown else ()
    return Prompt(question.question, space.names(named), space.grammar, form, facts)
