"""The prompts of RoG and DoG."""

from __future__ import annotations

from kgqa.graph import clean_name
from kgqa.graph.name import clean_text
from kgqa.lm.request import Prompt

__all__ = ["dog_prompt", "rog_prompt"]

# RoG's published instruction for plans (`gen_rule_path.py`).
_ROG = "Please generate a valid relation path that can be helpful for answering the following question: "
# DoG's own words were not found: that the prompt holds the question's graph and examples is published.
_DOG = (
    "Answer the question from the triples of the knowledge graph. Write a numbered chain of triples. Each "
    "triple touches a topic entity or an entity of an earlier triple. Say behind each triple what it tells, "
    "then give the answer."
)
_DOG_EXAMPLE = """\
# Triples:
< Passau -> country -> Germany >
< Passau -> river -> Inn >
< Inn -> origin -> Switzerland >
# Question:
In which country does the river of Passau rise?
# Topic entities:
Passau
# Reasoning Chain: 1. < Passau -> river -> Inn > This tells us that the river is the Inn.
 2. < Inn -> origin -> Switzerland > This tells us that the Inn rises in Switzerland.
 # Answer: Switzerland"""


def rog_prompt(prompt: Prompt) -> str:
    """The instruction with the question behind it; topics are not in it.

    >>> rog_prompt(Prompt("who directed Kismet", ("Kismet",))).rpartition(": ")[2]
    'who directed Kismet'
    """
    return _ROG + clean_text(prompt.question)


def dog_prompt(prompt: Prompt) -> str:
    """The task, an example, then the facts around the topics, the question and the topics."""
    topics = ",".join(map(clean_name, prompt.topics))
    facts = "\n".join(prompt.facts)
    asked = f"# Triples:\n{facts}\n# Question:\n{clean_text(prompt.question)}\n# Topic entities:\n{topics}"
    return f"{_DOG}\n\n{_DOG_EXAMPLE}\n\n{asked}"
