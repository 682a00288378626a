"""The settings of an answerer whose model runs in a vLLM server."""

from __future__ import annotations

from dataclasses import fields

from kgqa.answer import PathRanker
from kgqa.errors import UsageError
from kgqa.finders import ServedFinder
from kgqa.graph import is_endpoint
from kgqa.lm.vllm.served_model import ServedModel
from kgqa.pipeline.search_settings import SearchSettings
from kgqa.pipeline.settings import AnswererSettings
from kgqa.pipeline.settings_table import SettingError

__all__ = ["build_served", "check_served"]

_SAMPLED = ("name", "beams", "seed", "temperature")
"""The settings of a search that its samples have."""
_HERE = {
    "large_model": None,
    "answer": "none",
    "explain": False,
    "engine": "auto",
    "dtype": "auto",
}
"""Settings of models that run in this process, and their plain values."""


def check_served(settings: AnswererSettings) -> None:
    """Raise `SettingError` for settings that a served model does not have, `UsageError` for its address."""
    try:
        ServedModel.at(settings.model or "")
    except UsageError as error:
        raise SettingError("model", f"{error}") from error
    for key, plain in _HERE.items():
        if getattr(settings, key) != plain:
            raise SettingError(key, "is about a model that runs here, and this one runs in a vLLM server")
    if settings.grammar == "programs":
        raise SettingError("grammar", "a served model writes no programs; choose relations, path or chain")
    if settings.prompt == "rog":
        raise SettingError("prompt", "a served model writes no relation plans; leave rog out")
    if is_endpoint(settings.graph):
        raise SettingError("graph", "a vLLM server holds whole graphs, and this is a SPARQL endpoint")
    if settings.filters.only_source:
        raise SettingError("filters.only_source", "a vLLM server holds whole graphs; index that source alone")
    search = settings.search
    if search.name not in (SearchSettings.name, "sample"):
        raise SettingError("search.name", f"a served model draws its chains (sample), not by {search.name}")
    for one in fields(search):
        if one.name not in _SAMPLED and getattr(search, one.name) is not None:
            raise SettingError(f"search.{one.name}", "a served model draws its chains, and has none")


def build_served(settings: AnswererSettings, rankers: tuple[PathRanker, ...]) -> ServedFinder:
    """The finder that the settings describe; a beam of so many is so many samples."""
    search, filters = settings.search, settings.filters
    return ServedFinder(
        ServedModel.at(settings.model or ""),
        samples=search.beams,
        temperature=1.0 if search.temperature is None else search.temperature,
        seed=settings.seed if search.seed is None else search.seed,
        prompt=settings.prompt,
        speak_identifiers=settings.speak_identifiers,
        without=filters.without,
        only_relation=filters.only_relation,
        must_use=filters.must_use,
        answer_type=filters.answer_type,
        rankers=rankers,
    )
