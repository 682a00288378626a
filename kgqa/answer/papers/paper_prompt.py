"""What the LLM of a published method is shown, in the paper's words and form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Literal

from kgqa.answer.llm.evidence import tokens_of
from kgqa.chat import Message
from kgqa.constraint.verbalize import chain_text
from kgqa.decode import Hypothesis
from kgqa.graph import IndexedGraph, clean_name
from kgqa.graph.name import clean_text

__all__ = ["PaperForm", "paper_prompt", "shown_lines", "stated_path"]

PaperForm = Literal["gcr", "rog", "tog"]

# Sentences of the published prompts: GCR and RoG (`qa_prompt_builder.py`, `build_qa_input.py`), ToG
# (`prompt_list.py`); the example of ToG's is our own.
_TASKS: dict[PaperForm, str] = {
    "gcr": (
        "Based on the reasoning paths, please answer the given question. Please keep the answer as simple as "
        "possible and only return answers. Please return each answer in a new line."
    ),
    "rog": (
        "Based on the reasoning paths, please answer the given question. Please keep the answer as simple as "
        "possible and return all the possible answers as a list."
    ),
    "tog": (
        "Given a question and the associated retrieved knowledge graph triplets (entity, relation, entity), "
        "you are asked to answer the question with these triplets and your knowledge."
    ),
}
_TOG_EXAMPLE = """\
Q: In which country does the river that flows through Passau rise?
Knowledge Triplets: Passau, river, Danube
Danube, origin, Germany
A: The river is the Danube, which rises in Germany. Therefore, the answer to the question is {Germany}."""
_CHAINS = 500
"""Chains of one hypothesis that may be shown; a relation path may have many."""


def paper_prompt(
    form: PaperForm, question: str, hypotheses: Sequence[Hypothesis], graph: IndexedGraph, tokens: int
) -> list[Message]:
    """The prompt with what was found, the best first, in about `tokens` tokens.

    `gcr` shows each path with the answer that the model wrote behind it, `rog` all chains of each relation
    path, `tog` the triples.
    """
    kept: list[str] = []
    for line in shown_lines(form, hypotheses, graph):
        tokens -= tokens_of(line)
        if tokens < 0 and kept:
            break
        kept.append(line)
    asked, shown = clean_text(question), "\n".join(kept)
    if form == "tog":
        text = f"{_TASKS[form]}\n{_TOG_EXAMPLE}\n\nQ: {asked}\nKnowledge Triplets: {shown}\nA: "
    else:
        asked = asked if asked.endswith("?") else f"{asked}?"
        text = f"{_TASKS[form]}\n\nReasoning Paths:\n{shown}\n\nQuestion:\n{asked}"
    return [Message("user", text)]


def shown_lines(form: PaperForm, hypotheses: Sequence[Hypothesis], graph: IndexedGraph) -> Iterator[str]:
    """What a prompt shows of the hypotheses, each line once."""
    ranked = sorted(hypotheses, key=lambda hypothesis: hypothesis.rank)
    lines = (line for hypothesis in ranked for line in _lines(form, hypothesis, graph))
    return iter(dict.fromkeys(lines))


def _lines(form: PaperForm, hypothesis: Hypothesis, graph: IndexedGraph) -> Iterator[str]:
    if form == "gcr":
        yield stated_path(hypothesis, graph)
    elif form == "rog":
        yield from (chain_text(graph, chain) for chain in islice(hypothesis.chains(), _CHAINS))
    else:
        for chain in islice(hypothesis.chains(), _CHAINS):
            for head, relation, tail in chain.triples:
                names = (_name(graph, head), graph.relation_label(relation), _name(graph, tail))
                yield ", ".join(map(clean_name, names))


def stated_path(hypothesis: Hypothesis, graph: IndexedGraph) -> str:
    """The path of a hypothesis and the answer that was written behind it, as GCR's model writes them."""
    path = f"# Reasoning Path:\n{chain_text(graph, hypothesis.chain)}"
    return path if hypothesis.stated is None else f"{path}\n# Answer:\n{hypothesis.stated.text}"


def _name(graph: IndexedGraph, entity: str) -> str:
    return graph.label(entity) or entity
