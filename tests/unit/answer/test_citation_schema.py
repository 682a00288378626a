"""Where replies are held to a schema, nothing that the lines do not prove can be written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kgqa import Answerer, GraphBuilder, MockLanguageModel, Triple
from kgqa.answer import LlmAggregator
from kgqa.answer.llm.aggregation_prompt import citation_schema
from kgqa.answer.llm.claims import Claim, parse_claims
from kgqa.answer.llm.evidence import EvidenceLine, EvidencePrompt
from kgqa.chat import Endpoint, Message, MockChatModel, OpenAIChat, Reply
from kgqa.graph import IndexedGraph
from kgqa.lm.hf.local_chat import LocalChat

HARD = 'so-called "A\\B" [7] <|im_end|>'
PLACES = ("Highbury", "Surrey", "London", "Kent")
GRAPH = GraphBuilder.of(
    [
        Triple("Emma", "author", "Jane Austen"),
        Triple("Emma", "printed by", HARD),
        *(Triple("Emma", "set in", place) for place in PLACES),
    ]
)


class Holding(MockChatModel):
    """A mock that keeps the schemas of its requests."""

    holds_schema = True

    def reply(self, messages: Any, *, schema: Any = None, max_tokens: int = 512) -> Reply:
        self.schema = schema
        return super().reply(messages, schema=schema, max_tokens=max_tokens)


def lines(graph: IndexedGraph) -> tuple[EvidenceLine, ...]:
    answerer = Answerer(graph, MockLanguageModel(), hops=1)
    (outcome,) = answerer.run([("q?", ["Emma"])])  # type: ignore[list-item]
    return EvidencePrompt(graph).lines(outcome.hypotheses)[0]


def menus(schema: Any) -> list[set[str]]:
    """The values that may be written, for each line."""
    offered = schema["properties"]["answers"]["items"]["anyOf"]
    return [set(enum["enum"]) for one in offered for enum in one["properties"].values()]


def test_each_line_offers_its_ends_and_alternatives_differ_in_their_first_key() -> None:
    shown = lines(GRAPH)
    schema = citation_schema(shown, GRAPH)
    assert schema is not None
    wanted = [{"Jane Austen"}, {HARD}, {"*", *PLACES}]
    assert sorted(map(sorted, menus(schema))) == sorted(map(sorted, wanted))
    keys = [list(one["properties"]) for one in schema["properties"]["answers"]["items"]["anyOf"]]
    assert keys == [[str(line.number)] for line in shown]
    assert schema["properties"]["answers"]["maxItems"] == sum(map(len, wanted))


def test_whatever_the_schema_allows_is_proved() -> None:
    shown = lines(GRAPH)
    for line, menu in zip(shown, menus(citation_schema(shown, GRAPH)), strict=True):
        for name in menu:
            said = json.dumps({"answerable": True, "answers": [{str(line.number): name}]})
            chat = Holding([said])
            aggregator = LlmAggregator(chat)
            answer = Answerer(GRAPH, MockLanguageModel(), hops=1, aggregator=aggregator).answer(
                "q?", ["Emma"]
            )
            assert answer.llm_report is not None
            assert not answer.llm_report.outside
            assert {ranked.entity for ranked in answer.entities} == (
                set(line.ends) if name == "*" else {name}
            )
            assert menu in menus(chat.schema)


def test_too_many_names_fall_back_to_whole_lines_and_then_to_any_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = sorted(lines(GRAPH), key=lambda line: len(line.ends))
    monkeypatch.setattr("kgqa.answer.llm.aggregation_prompt._MOST_VALUES", 3)
    assert menus(citation_schema(shown, GRAPH))[-1] == {"*"}
    monkeypatch.setattr("kgqa.answer.llm.aggregation_prompt._MOST_VALUES", 1)
    assert citation_schema(shown, GRAPH) is None
    monkeypatch.setattr("kgqa.answer.llm.aggregation_prompt._MOST_VALUES", 3)
    monkeypatch.setattr("kgqa.answer.llm.aggregation_prompt._MOST_CHARACTERS", 5)
    assert citation_schema(shown, GRAPH) is None


def test_the_form_is_read_also_where_it_is_cut_off() -> None:
    assert parse_claims('{"answerable": true, "answers": [{"2": "A"}, {"1": "B"}, {"3": "C').claims == (
        Claim("A", (2,)),
        Claim("B", (1,)),
    )


def test_a_model_that_cannot_be_held_is_asked_for_any_name() -> None:
    chat = MockChatModel(['{"answers": []}'])
    Answerer(GRAPH, MockLanguageModel(), hops=1, aggregator=LlmAggregator(chat)).answer("q?", ["Emma"])
    assert '"chains": [1]' in chat.asked[0][0].content


@pytest.mark.slow
def test_a_real_model_on_llama_cpp_names_only_what_is_proved(llama_server: str) -> None:
    names_only_what_is_proved(OpenAIChat(Endpoint(llama_server, "SmolLM2")))


@pytest.mark.slow
def test_a_real_model_in_this_process_names_only_what_is_proved(smollm2_folder: Path) -> None:
    pytest.importorskip("llguidance")
    names_only_what_is_proved(LocalChat.load(smollm2_folder, device="cpu"))


def names_only_what_is_proved(chat: OpenAIChat | LocalChat) -> None:
    assert chat.reply([Message("user", "Say yes.")], max_tokens=4).text
    answerer = Answerer(GRAPH, MockLanguageModel(), hops=1, aggregator=LlmAggregator(chat, reply_tokens=96))
    asked = ("Where is Emma set?", "Which places is Emma set in?", "Who is the author?", "The author of Emma")
    answers = [answerer.answer(question, ["Emma"]) for question in asked]
    assert chat.holds_schema
    for answer in answers:
        assert answer.llm_report is not None
        said = parse_claims(answer.llm_report.reply)
        assert {claim.name for claim in said.claims} <= {"*", "Jane Austen", HARD, *PLACES}
        assert said.abstains or not answer.llm_report.outside
    assert any(answers)
