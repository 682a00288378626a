"""From settings to an answerer: every setting arrives; contradictions are refused before loading."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.lm.test_encoders import encoder, folder, reranker

from kgqa.answer import GraphVote, LlmAggregator, PathDirection, PathFit, PathRelevance, Vote
from kgqa.chat import MockChatModel
from kgqa.constraint import Walk
from kgqa.decode import (
    AdaptiveGreedy,
    AlignedSampler,
    BeamSearch,
    BestFirst,
    Decoder,
    DecoderName,
    DiverseBeamSearch,
    Greedy,
    Sampler,
    StochasticBeam,
    WeightedRejection,
    decode,
    decoder_settings,
    named_decoder,
)
from kgqa.errors import UnknownRelationError, UsageError
from kgqa.finders import ChatFinder, ModelFinder
from kgqa.graph import GraphBuilder
from kgqa.linking import NameLinker
from kgqa.lm import CascadeLanguageModel, MockLanguageModel, Prompt
from kgqa.pipeline.assembly import build_answerer
from kgqa.pipeline.settings import AggregateSettings, AnswererSettings, LlmSettings, SearchSettings
from kgqa.pipeline.settings_check import check_settings
from kgqa.pipeline.settings_table import SettingError

__all__ = ["encoder", "folder", "reranker"]

GRAPH = GraphBuilder.of([("Kismet", "directed_by", "William Dieterle"), ("Kismet", "in_language", "English")])
USUAL = AnswererSettings()


def finder_of(settings: AnswererSettings) -> ModelFinder:
    finder = build_answerer(settings, graph=GRAPH, model=MockLanguageModel()).finder
    assert isinstance(finder, ModelFinder)
    return finder


@given(st.integers(0, 2**31), st.integers(1, 50))
def test_the_seed_of_the_settings_seeds_whatever_draws(seed: int, beams: int) -> None:
    settings = replace(USUAL, seed=seed, search=SearchSettings(name="sample", beams=beams))
    assert settings.search.decoder(settings.seed) == Sampler(samples=beams, seed=seed)


def test_the_settings_of_the_search_arrive() -> None:
    settings = replace(USUAL, search=SearchSettings(name="exact", beams=3, seconds=2.0))
    decoder = finder_of(settings).decoder
    assert isinstance(decoder, BestFirst)
    assert (decoder.hypotheses, decoder.seconds) == (3, 2.0)


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("beam", {"length_penalty": 1, "masked": True, "margin": 3}, BeamSearch(10, 1.0, True, margin=3.0)),
        (
            "diverse",
            {"groups": 5, "penalty": 2, "penalise": "tokens"},
            DiverseBeamSearch(10, 5, 2.0, "tokens"),
        ),
        ("exact", {"batch": 4, "max_prefixes": 9}, BestFirst(10, 4, 9)),
        ("greedy", {}, Greedy()),
        ("adaptive", {"threshold": 0.0, "branches": 2, "depth": 9}, AdaptiveGreedy(0.0, 2, 9)),
        ("sample", {"temperature": 0.5, "seed": 4}, Sampler(10, 4, 0.5)),
        ("stochastic", {}, StochasticBeam(10, 7)),
        ("aligned", {"prefixes": 0}, AlignedSampler(10, 7, 0)),
    ],
)
def test_the_settings_of_a_decoder_arrive(name: str, values: dict[str, object], expected: Decoder) -> None:
    settings = AnswererSettings.of({"seed": 7, "search": {"name": name, **values}})
    assert settings.search.decoder(settings.seed) == expected
    assert AnswererSettings.of(settings.to_json()) == settings


def test_weighted_rejection_by_name_keeps_every_text() -> None:
    settings = AnswererSettings.of({"seed": 7, "search": {"name": "weighted", "beams": 40, "calls": 900}})
    decoder = finder_of(settings).decoder
    assert isinstance(decoder, WeightedRejection)
    assert (decoder.samples, decoder.seed, decoder.calls) == (40, 7, 900)
    model = MockLanguageModel()
    found = decode(
        decoder, model, Prompt("who?", ("Kismet",)), Walk.of(GRAPH, ["Kismet"], model.tokenizer, hops=1)
    )
    assert {h.chain.end for h in found} == {"William Dieterle", "English"}


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"name": "beam", "groups": 5}, "search: groups is no setting of the decoder 'beam'; it has length_"),
        ({"name": "greedy", "seed": 5}, "search: seed is no setting of the decoder 'greedy'; it has none of"),
        ({"name": "diverse", "groups": 3}, "search: beams must be a multiple of groups=3, not 10"),
        ({"name": "sample", "temperature": 0}, "search: temperature must be "),
    ],
)
def test_what_a_decoder_does_not_take_is_told_before_anything_is_loaded(
    table: dict[str, object], told: str
) -> None:
    with pytest.raises(SettingError, match=f"^{told}"):
        check_settings(AnswererSettings.of({"search": table}))


def test_every_field_of_a_named_decoder_is_a_setting_of_its_type() -> None:
    hints = get_type_hints(SearchSettings)
    settable = {name: decoder_settings(name) for name in get_args(DecoderName)}
    for name, own in settable.items():
        fields_of = get_type_hints(type(named_decoder(name)))
        assert {field: hints.get(field) for field in own} == {field: fields_of[field] | None for field in own}
    used = {field for own in settable.values() for field in own}
    assert used == hints.keys() - {"name", "beams", "seconds"}


def test_a_larger_model_is_asked_where_the_model_is_uncertain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kgqa.pipeline.assembly.load_language_model", lambda name, **_: MockLanguageModel(2))
    model = finder_of(replace(USUAL, large_model="large", large_above=0.25)).model
    assert isinstance(model, CascadeLanguageModel)
    assert model.threshold == 0.25
    with pytest.raises(SettingError, match="large_above: is about a larger model"):
        check_settings(replace(USUAL, large_above=0.25))


def test_the_settings_of_the_vote_arrive() -> None:
    settings = replace(USUAL, aggregate=AggregateSettings(share=0.2, chains_per_answer=1, floor=-9.0))
    aggregator = build_answerer(settings, graph=GRAPH, model=MockLanguageModel()).answer_aggregator
    assert isinstance(aggregator, GraphVote)
    assert aggregator.vote == Vote(share=0.2, chains_per_answer=1, floor=-9.0)


def test_an_encoder_ranks_paths_and_links_and_a_reranker_reads_paths(encoder: Path, reranker: Path) -> None:
    settings = replace(USUAL, encoder=str(encoder), reranker=str(reranker), device="cpu")
    answerer = build_answerer(settings, graph=GRAPH, model=MockLanguageModel())
    assert isinstance(answerer.finder, ModelFinder)
    fit, relevance, direction = answerer.finder.rankers_for(answerer.space)
    assert isinstance(fit, PathFit)
    assert isinstance(relevance, PathRelevance)
    assert isinstance(direction, PathDirection)
    assert isinstance(answerer.linker, NameLinker)
    assert answerer.linker.embed is fit.embed
    assert answerer.answer("who directed Kismet?").entities


def test_an_llm_is_asked_for_only_where_it_is_needed() -> None:
    def unwanted() -> MockChatModel:
        raise AssertionError("nobody needs it")

    build_answerer(USUAL, graph=GRAPH, model=MockLanguageModel(), llm=unwanted)
    chat = MockChatModel([])
    asked = AggregateSettings(evidence_tokens=70, answer_tokens=90)
    grounded = replace(USUAL, llm=LlmSettings(name="m"), aggregate=asked)
    aggregator = build_answerer(
        grounded, graph=GRAPH, model=MockLanguageModel(), llm=lambda: chat
    ).answer_aggregator
    assert isinstance(aggregator, LlmAggregator)
    assert (aggregator.chat, aggregator.mode) == (chat, "weighed")
    assert (aggregator.prompt_tokens, aggregator.reply_tokens) == (70, 90)
    walking = build_answerer(replace(grounded, reason="llm"), graph=GRAPH, llm=lambda: chat)
    assert isinstance(walking.finder, ChatFinder)
    with pytest.raises(UsageError, match="need an LLM"):
        build_answerer(grounded, graph=GRAPH, model=MockLanguageModel())


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"aggregate": AggregateSettings(closed_book=True)}, "aggregate.closed_book"),
        ({"aggregate": AggregateSettings(name="open", share=0.1)}, "aggregate.share"),
        ({"llm": LlmSettings(max_cost=3.0)}, "llm.max_cost"),
        ({"llm": LlmSettings(name="m"), "aggregate": AggregateSettings(name="vote")}, "llm.name"),
        ({"reason": "llm", "grammar": "chain"}, "grammar"),
        ({"reason": "llm", "model": "m"}, "model"),
        ({"reason": "llm", "search": SearchSettings(beams=3)}, "search"),
        ({"reason": "llm", "reranker": "m"}, "reranker"),
        ({"encoder": "m", "grammar": "path"}, "encoder"),
        ({"reranker": "m", "grammar": "chain"}, "reranker"),
        ({"prompt": "gcr"}, "prompt"),
        ({"answer": "free", "grammar": "relations"}, "answer"),
        ({"speak_identifiers": True}, "speak_identifiers"),
        ({"reason": "llm", "grammar": "path", "answer": "held"}, "answer"),
        ({"reason": "llm", "grammar": "path", "prompt": "gcr"}, "prompt"),
    ],
)
def test_settings_that_contradict_each_other_name_one_of_them(changes: dict[str, Any], key: str) -> None:
    with pytest.raises(UsageError, match=f"^{key}: "):
        check_settings(replace(USUAL, **changes))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("search.beams", 0),
        ("search.seconds", 0.0),
        ("search.seconds", float("nan")),
        ("hops", 0),
        ("min_confidence", 1.1),
        ("min_confidence", 10**400),
        ("min_confidence", float("nan")),
        ("aggregate.share", -0.1),
        ("aggregate.evidence_tokens", 0),
        ("aggregate.answer_tokens", 0),
        ("llm.timeout", -1.0),
        ("llm.concurrency", 0),
        ("grammar", "paths"),
        ("filters.without", "name"),
        ("zog", 1),
        ("hops.x", 1),
    ],
)
def test_a_value_out_of_range_is_refused_by_its_name(key: str, value: object) -> None:
    with pytest.raises(UsageError, match=key.split(".")[0]):
        USUAL.but(key, value)


@pytest.mark.parametrize("reason", ["model", "llm"])
def test_without_its_llm_an_answerer_votes_and_keeps_its_other_settings(reason: str) -> None:
    settings = AnswererSettings.of({"reason": reason, "hops": 2, "llm": {"name": "a-model", "max_cost": 1.0}})
    assert settings.asks_llm
    plain = settings.without_llm()
    check_settings(plain)
    assert not plain.asks_llm
    assert plain == AnswererSettings.of({"hops": 2})


def test_an_unknown_name_of_a_filter_is_an_error_before_any_question() -> None:
    with pytest.raises(UnknownRelationError, match="zog"):
        build_answerer(USUAL.but("filters.only_relation", ["zog"]), graph=GRAPH, model=MockLanguageModel())
