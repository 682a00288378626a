"""Settings of an answerer that contradict each other."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from kgqa.answer import Vote
from kgqa.graph import is_endpoint
from kgqa.graph.endpoint import EndpointAccess
from kgqa.lm.vllm.served_name import is_served
from kgqa.pipeline.served_settings import check_served
from kgqa.pipeline.settings import AnswererSettings, EndpointSettings, LlmSettings, SearchSettings
from kgqa.pipeline.settings_table import SettingError
from kgqa.pipeline.walk_settings import WalkSettings

__all__ = ["check_settings"]

_GRAMMAR_OF_PROMPT = {"gcr": "path", "rog": "relations", "dog": "chain"}
"""What the prompts of papers ask for."""


def check_settings(settings: AnswererSettings) -> None:
    """Raise `UsageError` for settings that contradict each other, before anything is loaded.

    What has one setting at fault is a `SettingError`.
    """
    settings.search.decoder(settings.seed)
    _check_aggregate(settings)
    if settings.grammar == "programs":
        _check_programs(settings)
    _check_endpoint(settings)
    _check_form(settings)
    if settings.reason == "model" and is_served(settings.model):
        check_served(settings)
    if not settings.asks_llm:
        _check_no_llm(settings)
    if settings.large_above is not None and settings.large_model is None:
        raise SettingError("large_above", "is about a larger model; set large_model")
    if settings.reason == "llm":
        _check_walk(settings)
    elif (key := _changed(settings.walk, WalkSettings())) is not None:
        raise SettingError(f"walk.{key}", "is about an LLM that walks; set reason to llm")
    else:
        _check_rankers(settings)


def _check_aggregate(settings: AnswererSettings) -> None:
    aggregate, name = settings.aggregate, settings.aggregate_name
    if name == "vote" and (told := sorted(aggregate.of_llm)):
        raise SettingError(f"aggregate.{told[0]}", "needs an LLM; set llm.name")
    if name not in ("vote", "weighed") and (
        told := sorted(aggregate.of_vote.keys() - {"chains_per_answer", "floor"})
    ):
        raise SettingError(f"aggregate.{told[0]}", "is a setting of the vote, and an LLM aggregates here")
    Vote(**aggregate.of_vote)
    if aggregate.contrast and name in ("gcr", "rog", "tog"):
        raise SettingError("aggregate.contrast", f"has no place in the published form of {name}")


def _check_programs(settings: AnswererSettings) -> None:
    """Refuse settings of chains where programs are written."""
    if settings.asks_llm:
        key = "reason" if settings.reason == "llm" else "aggregate.name"
        raise SettingError(key, "an LLM reads and chooses chains, and the grammar is programs")
    if told := sorted(settings.aggregate.of_vote):
        raise SettingError(f"aggregate.{told[0]}", "is a setting of the vote of chains, not of programs")


def _check_endpoint(settings: AnswererSettings) -> None:
    """Refuse what an endpoint does not take, and what only one takes."""
    if is_endpoint(settings.graph):
        EndpointAccess.of(str(settings.graph))
        if settings.filters.only_source:
            raise SettingError(
                "filters.only_source", "the sources of an endpoint are its graphs; set endpoint.named_graph"
            )
    elif (key := _changed(settings.endpoint, EndpointSettings())) is not None:
        raise SettingError(f"endpoint.{key}", "is about a SPARQL endpoint; set graph to its URL")


def _check_form(settings: AnswererSettings) -> None:
    """Refuse settings of paths in words where others are written."""
    grammar = settings.grammar
    asked = _GRAMMAR_OF_PROMPT.get(settings.prompt, grammar)
    if grammar != asked:
        raise SettingError("prompt", f"{settings.prompt} asks for the grammar {asked}, and it is {grammar}")
    if settings.explain and grammar != "chain":
        raise SettingError("explain", f"is about branching chains, and the grammar is {grammar}")
    if settings.keep_texts and grammar in ("programs", "auto"):
        raise SettingError("keep_texts", f"is about chains, and the grammar is {grammar}")
    if settings.reranker is not None and not settings.rank:
        raise SettingError("reranker", "ranks chains again, and rank is false")
    if settings.answer != "none" and grammar not in ("path", "chain"):
        raise SettingError(
            "answer", f"stands behind a path or a branching chain, and the grammar is {grammar}"
        )
    if settings.speak_identifiers and grammar not in ("path", "chain"):
        raise SettingError("speak_identifiers", f"is about names in paths, and the grammar is {grammar}")


def _check_no_llm(settings: AnswererSettings) -> None:
    """Refuse an LLM, and settings of one, where none is asked."""
    if settings.llm.name is not None:
        raise SettingError(
            "llm.name",
            f"nothing asks {settings.llm.name}: set aggregate.name to weighed, grounded or open, "
            "or reason to llm",
        )
    if (key := _changed(settings.llm, LlmSettings())) is not None:
        raise SettingError(f"llm.{key}", "needs an LLM; set llm.name")


def _check_walk(settings: AnswererSettings) -> None:
    """Refuse settings of a language model where an LLM walks, and forms that it cannot walk along."""
    if settings.grammar == "chain":
        raise SettingError(
            "grammar", "an LLM can only walk along paths: choose relations or path, or leave reason out"
        )
    if settings.walk.name == "scores" and settings.grammar != "path":
        raise SettingError(
            "grammar", f"scores are of entities, which paths name; choose path, not {settings.grammar}"
        )
    if settings.walk.name == "scores" and settings.encoder is not None:
        raise SettingError("encoder", "orders a menu, and here the LLM scores all relations (walk.name)")
    if settings.search != SearchSettings():
        raise SettingError("search", "applies to the language model, but here an LLM finds the chains")
    plain = AnswererSettings()
    for key in ("model", "large_model", "reranker", "prompt", "answer", "explain"):
        if getattr(settings, key) != getattr(plain, key):
            raise SettingError(key, "applies to the language model, but here an LLM finds the chains")


def _check_rankers(settings: AnswererSettings) -> None:
    """Refuse an encoder or a reranker where other chains than relation paths are ranked."""
    if not settings.rank or settings.grammar in ("relations", "auto"):
        return
    for key in ("encoder", "reranker"):
        if getattr(settings, key) is not None:
            raise SettingError(key, f"ranks relation paths, and the grammar is {settings.grammar}")


def _changed(settings: Any, plain: Any) -> str | None:
    """The first field of a dataclass that differs from that of another."""
    names = (one.name for one in fields(settings))
    return next((name for name in names if getattr(settings, name) != getattr(plain, name)), None)
