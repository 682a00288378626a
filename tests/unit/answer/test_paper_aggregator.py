"""The second stage of published methods: what the LLM is shown, and what is kept of its reply."""

from __future__ import annotations

import pytest

from kgqa.answer import Answer, PaperAggregator, PaperForm
from kgqa.chat import MockChatModel
from kgqa.constraint import Answered, Constraint, GrammarName, Walk
from kgqa.decode import Hypothesis
from kgqa.graph import GraphBuilder
from kgqa.lm import MockTokenizer

GRAPH = GraphBuilder.of(
    [
        ("Emma", "author", "Jane Austen"),
        ("Jane Austen", "born in", "Steventon"),
        ("Emma", "set in", "Surrey"),
        ("Emma", "set in", "Highbury"),
    ]
)
TOKENIZER = MockTokenizer()


def written(constraint: Constraint, *texts: str) -> list[Hypothesis]:
    """Hypotheses with these texts, the first the likeliest."""
    found = []
    for place, text in enumerate(texts):
        state = constraint.start
        tokens = tuple(text.encode())
        for token in tokens:
            state = constraint.advance(state, token)
        found.append(Hypothesis(tokens, -float(place), state, constraint))
    return found


def walk(grammar: GrammarName) -> Constraint:
    return Walk.of(GRAPH, ["Emma"], TOKENIZER, grammar=grammar, inverse=False)


def asked(
    form: PaperForm, hypotheses: list[Hypothesis], reply: str, prompt_tokens: int = 3_000
) -> tuple[str, Answer]:
    chat = MockChatModel([reply])
    aggregator = PaperAggregator(chat, form=form, prompt_tokens=prompt_tokens)
    answer = aggregator.aggregate("who wrote Emma", hypotheses, GRAPH)
    (messages,) = chat.asked
    (message,) = messages
    return message.content, answer


def test_gcr_shows_paths_with_the_answers_of_the_first_stage() -> None:
    answered = Answered(walk("path"), GRAPH, TOKENIZER, held=False)
    found = written(
        answered, " Emma -> author -> Jane Austen # Answer: Austen", " Emma -> set in -> Surrey # Answer: no"
    )
    shown, answer = asked("gcr", found, "Jane Austen\nCharlotte Brontë")
    assert shown == (
        "Based on the reasoning paths, please answer the given question. Please keep the answer as simple as "
        "possible and only return answers. Please return each answer in a new line.\n\n"
        "Reasoning Paths:\n"
        "# Reasoning Path:\nEmma -> author -> Jane Austen\n# Answer:\nAusten\n"
        "# Reasoning Path:\nEmma -> set in -> Surrey\n# Answer:\nno\n\n"
        "Question:\nwho wrote Emma?"
    )
    assert [one.entity for one in answer.entities] == ["Jane Austen"]
    assert answer.entities[0].chains[0].end == "Jane Austen"
    assert answer.llm_report is not None
    assert answer.llm_report.outside == ("Charlotte Brontë",)
    assert answer.llm_report.reply == "Jane Austen\nCharlotte Brontë"


def test_rog_shows_every_chain_of_a_plan() -> None:
    found = written(walk("relations"), " -> set in", " -> author -> born in")
    shown, answer = asked("rog", found, "- Surrey\n- Highbury")
    assert shown.endswith(
        "possible and return all the possible answers as a list.\n\nReasoning Paths:\n"
        "Emma -> set in -> Highbury\nEmma -> set in -> Surrey\n"
        "Emma -> author -> Jane Austen -> born in -> Steventon\n\nQuestion:\nwho wrote Emma?"
    )
    assert [one.entity for one in answer.entities] == ["Surrey", "Highbury"]


def test_tog_shows_triples_and_reads_the_answer_in_braces() -> None:
    found = written(walk("path"), " Emma -> author -> Jane Austen -> born in -> Steventon")
    shown, answer = asked("tog", found, "{Yes}. The triplets say {Jane Austen}, born in Steventon.")
    assert shown.endswith(
        "Q: who wrote Emma\n"
        "Knowledge Triplets: Emma, author, Jane Austen\nJane Austen, born in, Steventon\nA: "
    )
    assert [one.entity for one in answer.entities] == ["Jane Austen"]
    assert answer.entities[0].chains[0].triples == (("Emma", "author", "Jane Austen"),)


def test_lines_that_do_not_fit_are_left_out_but_the_best() -> None:
    found = written(walk("path"), " Emma -> set in -> Surrey", " Emma -> set in -> Highbury")
    shown, _ = asked("rog", found, "Surrey", prompt_tokens=1)
    assert "Surrey" in shown
    assert "Highbury" not in shown


@pytest.mark.parametrize("form", ["gcr", "rog", "tog"])
def test_without_chains_nothing_is_asked(form: PaperForm) -> None:
    chat = MockChatModel([])
    assert PaperAggregator(chat, form=form).aggregate("who?", [], GRAPH) == Answer("who?")
    assert chat.asked == []


def test_a_reply_that_names_nothing_on_the_chains_is_no_answer() -> None:
    found = written(walk("path"), " Emma -> set in -> Surrey")
    _, answer = asked("tog", found, "I think it is {Kent}.")
    assert not answer
    assert answer.llm_report is not None
    assert answer.llm_report.outside == ("Kent",)
