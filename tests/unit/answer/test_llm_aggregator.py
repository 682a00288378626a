"""What a chat model makes of chains, and what is kept of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import pytest

from kgqa import Answerer, GraphBuilder, MockLanguageModel, Triple
from kgqa.answer import Answer, GraphVote, LlmAggregator
from kgqa.answer import LlmReport as Said  # pytest takes classes called Test... for tests
from kgqa.answer.llm.evidence import EvidencePrompt, tokens_of
from kgqa.chat import Contrast, Message, MockChatModel, Reply, Usage
from kgqa.decode import Hypothesis
from kgqa.errors import BudgetError, KgqaError, ModelError, UsageError
from kgqa.evaluation.scoring.chain_check import faithful_share
from kgqa.graph import Chain, Hop, IndexedGraph, Name
from kgqa.pipeline import Query

GRAPH = GraphBuilder.of(
    [
        Triple("Emma", "author", "Jane Austen"),
        Triple("Persuasion", "author", "Jane Austen"),
        Triple("Jane Austen", "born in", "Steventon"),
        Triple("Emma", "set in", "Surrey"),
        Triple("Emma", "set in", "Highbury"),
        Triple("Emma", "genre", "novel"),
        Triple("Emma", "genre", "Novel 2"),
        Name("Novel 2", "Novel"),
        Name("Jane Austen", "J. Austen", alias=True),
        *(Triple("Emma", "has reader", f"reader {n:02}") for n in range(40)),
    ]
)


def path(start: str, *steps: tuple[str, str] | tuple[str, str, bool]) -> Chain:
    return Chain(start, tuple(Hop(*step) for step in steps))


class Listed:
    """A constraint whose states are their own chains."""

    def __init__(self, *topics: str) -> None:
        self.topics = topics

    def ends(self, state: tuple[Chain, ...]) -> dict[str, int]:
        return {end: sum(c.end == end for c in state) for end in sorted({c.end for c in state})}

    def chains(self, state: tuple[Chain, ...], end: str | None = None) -> list[Chain]:  # an iterable will do
        return iter([c for c in state if end in (None, c.end)])  # type: ignore[return-value]


def found(*sets: Sequence[Chain]) -> list[Hypothesis]:
    """Hypotheses of these chains, each a tenth as probable as the one before."""
    topics = dict.fromkeys(chain.start for chains in sets for chain in chains)
    return [
        Hypothesis((at,), -2.3 * at, tuple(chains), Listed(*topics))  # type: ignore[arg-type]
        for at, chains in enumerate(sets)
    ]


AUTHOR = path("Emma", ("author", "Jane Austen"))
BIRTH = path("Emma", ("author", "Jane Austen"), ("born in", "Steventon"))
PLACES = [path("Emma", ("set in", "Surrey")), path("Emma", ("set in", "Highbury"))]
GENRES = [path("Emma", ("genre", "novel")), path("Emma", ("genre", "Novel 2"))]
READERS = [path("Emma", ("has reader", f"reader {n:02}")) for n in range(40)]


def say(*answers: tuple[str, list[int]], answerable: bool = True) -> str:
    rows = [{"entity": name, "chains": ids} for name, ids in answers]
    return json.dumps({"answerable": answerable, "answers": rows})


def ask(reply: str, hypotheses: list[Hypothesis], **settings: object) -> Answer:
    chat = MockChatModel([reply])
    return LlmAggregator(chat, **settings).aggregate("q?", hypotheses, GRAPH)  # type: ignore[arg-type]


def entities(answer: Answer) -> list[str]:
    return [ranked.entity for ranked in answer.entities]


def outside(answer: Answer) -> tuple[str, ...]:
    assert answer.llm_report is not None
    return answer.llm_report.outside


def test_the_order_is_the_models_and_scores_are_the_shares_of_the_cited_hypotheses() -> None:
    answer = ask(say(("Steventon", [2]), ("jane  AUSTEN", [1])), found([AUTHOR], [BIRTH]))
    assert entities(answer) == ["Steventon", "Jane Austen"]
    assert [ranked.chains for ranked in answer.entities] == [(BIRTH,), (AUTHOR,)]
    assert [ranked.vote_share for ranked in answer.entities] == pytest.approx([0.0911, 0.9089], abs=1e-4)


def test_no_hypotheses_give_the_empty_answer_and_ask_nobody() -> None:
    chat = MockChatModel([])
    assert LlmAggregator(chat).aggregate("q?", [], GRAPH) == Answer("q?")
    assert not chat.asked


@pytest.mark.parametrize("mode", ["grounded", "open"])
@pytest.mark.parametrize(
    "answers",
    [
        [("Virginia Woolf", [1])],
        [("Steventon", [1])],  # on another chain than the one cited
        [("Jane Austen", [7])],
        [("Jane Austen", [-1])],
        [("Jane", [1])],
        [("Emma", [1])],  # where the chain starts
        [("Virginia Woolf", [])],
    ],
)
def test_what_the_cited_chains_do_not_hold_is_outside(
    answers: list[tuple[str, list[int]]], mode: str
) -> None:
    answer = ask(say(*answers), found([AUTHOR], [BIRTH]), mode=mode)
    assert not answer
    assert outside(answer) == (answers[0][0],)


def test_without_ids_all_chains_shown_count() -> None:
    answer = ask("Steventon\nWoolf", found([AUTHOR], [BIRTH]))
    assert entities(answer) == ["Steventon"]
    assert outside(answer) == ("Woolf",)


def test_an_entity_on_the_way_is_proven_by_the_beginning_of_the_chain() -> None:
    answer = ask(say(("Jane Austen", [1])), found([BIRTH]))
    assert answer.entities[0].chains == (AUTHOR,)
    assert faithful_share(["Jane Austen"], [AUTHOR.triples], [0], ["Emma"], GRAPH) == 1.0


def test_the_start_is_no_answer_though_the_chain_comes_back_to_it() -> None:
    back = path("Emma", ("author", "Jane Austen"), ("author", "Emma", True), ("set in", "Surrey"))
    answer = ask(say(("Emma", [1]), ("Jane Austen", [1])), found([back]))
    assert entities(answer) == ["Jane Austen"]
    assert outside(answer) == ("Emma",)


def test_a_name_that_several_entities_have_means_all_of_them_and_an_alias_is_a_name() -> None:
    assert entities(ask(say(("NOVEL", [])), found(GENRES))) == ["Novel 2", "novel"]
    assert entities(ask(say(("J. Austen", [1])), found([AUTHOR]))) == ["Jane Austen"]


def test_many_ends_are_one_line_and_a_star_means_all_of_them() -> None:
    hypotheses = found(READERS, [AUTHOR])
    (first, second), left_out = EvidencePrompt(GRAPH, ends=5).lines(hypotheses)
    assert first.text.endswith('"reader 04", 35 more not shown}')
    assert second.text == '[2] "Emma" -"author"-> "Jane Austen"'
    assert not left_out
    assert entities(ask(say(("*", [1])), hypotheses)) == [f"reader {n:02}" for n in range(40)]
    assert not ask(say(("*", [])), hypotheses)


def test_ends_that_other_hypotheses_reach_too_are_listed_first() -> None:
    other = path(
        "Persuasion", ("author", "Jane Austen"), ("author", "Emma", True), ("has reader", "reader 33")
    )
    (first, *_), _ = EvidencePrompt(GRAPH, ends=5).lines(found(READERS, [other]))
    assert first.ends[0] == "reader 33"


def test_several_topics_have_a_line_each() -> None:
    mixed = [*READERS, *(path("Persuasion", ("has reader", f"reader {n:02}")) for n in range(4))]
    (first, second), _ = EvidencePrompt(GRAPH).lines(found(mixed))
    assert (first.start, len(first.ends)) == ("Emma", 40)
    assert (second.start, second.ends) == ("Persuasion", tuple(f"reader {n:02}" for n in range(4)))
    assert {chain.start for chain in second.chains("reader 01")} == {"Persuasion"}


@pytest.mark.parametrize("tokens", [1, 50, 80, 200, 10_000])
def test_evidence_keeps_to_its_budget_but_for_the_first_line_and_says_what_is_left_out(tokens: int) -> None:
    hypotheses = found(READERS, [AUTHOR], [BIRTH], PLACES, GENRES)
    shown, left_out = EvidencePrompt(GRAPH, tokens).lines(hypotheses)
    assert len({line.hypothesis.tokens for line in shown}) + left_out == len(hypotheses)
    assert [line.number for line in shown] == list(range(1, len(shown) + 1))
    assert len(shown) == 1 or sum(tokens_of(line.text) for line in shown) <= tokens
    chat = MockChatModel(["[]"])
    LlmAggregator(chat, prompt_tokens=tokens).aggregate("q?", hypotheses, GRAPH)
    assert ("less likely paths are not shown" in chat.asked[0][1].content) == bool(left_out)


@pytest.mark.parametrize("mode", ["grounded", "open"])
def test_a_model_that_finds_no_answer_in_the_chains_abstains(mode: str) -> None:
    answer = ask(say(("Jane Austen", [1]), answerable=False), found([AUTHOR]), mode=mode)
    assert not answer
    assert outside(answer) == ("Jane Austen",)


def test_the_prompt_says_whether_other_answers_are_wanted() -> None:
    systems = []
    for mode in ("grounded", "open"):
        chat = MockChatModel(["[]"])
        LlmAggregator(chat, mode).aggregate("q?", found([AUTHOR]), GRAPH)
        systems.append(chat.asked[0][0].content)
    assert "Give no entity that is not in the paths" in systems[0]
    assert "may be given too" in systems[1]


@pytest.mark.parametrize(
    ("said", "own", "agreement"),
    [
        ('["J. AUSTEN."]', ("J. AUSTEN.",), "agrees"),
        ('["Jane Austen", "Woolf"]', ("Jane Austen", "Woolf"), "agrees"),
        ('["Woolf"]', ("Woolf",), "conflicts"),
        ('["Austen"]', ("Austen",), "conflicts"),
        ("I don't know", (), "silent"),
    ],
)
def test_what_the_model_knows_without_chains_is_compared(
    said: str, own: tuple[str, ...], agreement: str
) -> None:
    chat = MockChatModel([say(("Jane Austen", [1])), said], price=1.0)
    answer = LlmAggregator(chat, closed_book=True).aggregate("Who wrote Emma?", found([AUTHOR]), GRAPH)
    assert entities(answer) == ["Jane Austen"]
    assert answer.llm_report is not None
    assert (answer.llm_report.closed_book, answer.llm_report.agreement) == (own, agreement)
    assert "Jane" not in str(chat.asked[1])
    read = [sum(len(message.content.split()) for message in asked) for asked in chat.asked]
    written = [len(say(("Jane Austen", [1])).split()), len(said.split())]
    total = sum(read) + sum(written)
    assert answer.llm_report.usage == Usage(2, 0, sum(read), sum(written), float(total))


def test_without_an_answer_of_the_graphs_there_is_nothing_to_conflict_with() -> None:
    chat = MockChatModel(["[]", "Woolf"])
    answer = LlmAggregator(chat, closed_book=True).aggregate("q?", found([AUTHOR]), GRAPH)
    assert answer.llm_report is not None
    assert answer.llm_report.agreement == "silent"


@pytest.mark.parametrize("error", [ModelError("no reply"), BudgetError("too dear")])
def test_a_model_that_fails_is_an_error_unless_the_vote_may_stand_in(error: ModelError | BudgetError) -> None:
    hypotheses = found(PLACES, [AUTHOR])
    with pytest.raises(type(error), match=str(error)):
        LlmAggregator(MockChatModel([error])).aggregate("q?", hypotheses, GRAPH)
    stand_in = LlmAggregator(MockChatModel([error]), fall_back=True).aggregate("q?", hypotheses, GRAPH)
    voted = GraphVote().aggregate("q?", hypotheses, GRAPH)
    assert stand_in.entities == voted.entities
    assert stand_in.llm_report == Said("mock", failure=str(error))


def test_a_failed_comparison_costs_the_comparison_only() -> None:
    script: list[str | KgqaError] = [say(("Jane Austen", [1])), ModelError("no reply")]
    answer = LlmAggregator(MockChatModel(script), closed_book=True, fall_back=True).aggregate(
        "q?", found([AUTHOR]), GRAPH
    )
    assert entities(answer) == ["Jane Austen"]
    assert answer.llm_report is not None
    assert (answer.llm_report.closed_book, answer.llm_report.failure) == (None, "no reply")
    with pytest.raises(ModelError):
        LlmAggregator(MockChatModel(script), closed_book=True).aggregate("q?", found([AUTHOR]), GRAPH)


def test_what_is_left_of_a_reply_that_was_cut_off_counts() -> None:
    cut = Reply(say(("Jane Austen", [1]), ("Steventon", [2]))[:-20], Usage(1), finished=False)
    answer = LlmAggregator(MockChatModel([cut])).aggregate("q?", found([AUTHOR], [BIRTH]), GRAPH)
    assert entities(answer) == ["Jane Austen"]


@pytest.mark.parametrize(
    "settings", [{"mode": "closed"}, {"prompt_tokens": 0}, {"reply_tokens": -1}, {"chains_per_answer": 0}]
)
def test_settings_out_of_range_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        LlmAggregator(MockChatModel([]), **settings)  # type: ignore[arg-type]


class Contrasting(MockChatModel):
    """A mock whose logits can be seen."""

    def contrast(
        self, messages: Sequence[Message], without: Sequence[Message], *, max_tokens: int = 512
    ) -> Contrast:
        assert "Steventon" in str(messages)
        assert "Steventon" not in str(without)
        return Contrast(self.reply(messages, max_tokens=max_tokens), 0.25)


def test_a_model_whose_logits_can_be_seen_is_contrasted_and_only_such_a_one() -> None:
    chat = Contrasting([say(("Steventon", [1]))])
    answer = LlmAggregator(chat, contrast=True).aggregate("q?", found([BIRTH]), GRAPH)
    assert entities(answer) == ["Steventon"]
    assert answer.llm_report is not None
    assert answer.llm_report.conflict == 0.25
    with pytest.raises(UsageError, match="mock shows no logits"):
        LlmAggregator(MockChatModel([]), contrast=True)


def _first_line(messages: Sequence[Message]) -> str:
    return say(("*", [1])) if "*" in messages[0].content else "[]"


def answerer(graph: IndexedGraph = GRAPH) -> Answerer:
    return Answerer(graph, MockLanguageModel(), hops=2, aggregator=LlmAggregator(MockChatModel(_first_line)))


def test_many_questions_are_aggregated_at_once_as_one_by_one() -> None:
    asking = answerer()
    topics = ["Emma", "Persuasion", "Jane Austen", "Steventon"] * 8
    asked = [Query(f"what about {topic}?", [topic]) for topic in topics]
    alone = [outcome.unwrap() for outcome in asking.run(asked, batch_size=1)]
    at_once = [outcome.unwrap() for outcome in asking.run(asked, batch_size=len(asked))]
    assert [entities(answer) for answer in at_once] == [entities(answer) for answer in alone]
    assert all(alone)


def test_an_aggregator_is_handed_the_graph_of_the_answerer() -> None:
    other = GraphBuilder.of([Triple("Rome", "capital of", "Italy"), Name("Rome", "Roma", alias=True)])
    answer = answerer(other).answer("Roma is what?")
    assert [other.label(entity) for entity in entities(answer)] == ["Italy"]


def test_a_model_that_fails_costs_its_own_question_only() -> None:
    replies: Iterator[str | KgqaError] = iter([ModelError("down"), say(("*", [1]))])
    chat = MockChatModel(lambda _: next(replies))
    asking = Answerer(GRAPH, MockLanguageModel(), hops=1, aggregator=LlmAggregator(chat))
    first, second = asking.run([Query("q?", ["Emma"])] * 2, batch_size=1)
    assert isinstance(first.answer, ModelError)
    assert second.unwrap().entities


@pytest.mark.parametrize(
    ("reply", "given"),
    [
        (say(("Steventon", [2])), ["Steventon", "Jane Austen"]),
        (say(("Virginia Woolf", [1])), ["Jane Austen"]),
        (say(answerable=True), ["Jane Austen"]),
        (say(("Steventon", [2]), answerable=False), ["Jane Austen"]),  # which of the two is meant?
        (say(answerable=False), []),
    ],
)
def test_weighed_citations_leave_the_vote_where_they_say_nothing(reply: str, given: list[str]) -> None:
    assert entities(ask(reply, found([AUTHOR], [BIRTH]), mode="weighed")) == given
