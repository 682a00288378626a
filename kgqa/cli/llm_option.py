"""What `--llm` may name, and the options beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from kgqa.chat import Budget, CachedChat, ChatModel, EndpointFile, OpenAIChat, choose_endpoint, chosen_name
from kgqa.chat.cached import CachedContrastingChat, ContrastingChat
from kgqa.chat.reply_cache import ReplyCache
from kgqa.cli.console import status
from kgqa.errors import UsageError
from kgqa.evaluation.run_settings import LlmSettings
from kgqa.lm import NumberFormat

__all__ = [
    "BaseUrl",
    "Cache",
    "Llm",
    "LlmConcurrency",
    "LlmConfig",
    "LlmTimeout",
    "MaxCost",
    "MaxSeconds",
    "load_chat",
]

Llm = Annotated[
    str | None,
    typer.Option(
        "--llm",
        metavar="NAME",
        help="An LLM: a name in the config file, a model of the endpoint, or a folder with a model "
        "[default: $KGQA_LLM, or the config file's default].",
    ),
]
BaseUrl = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="An OpenAI-compatible endpoint, such as http://localhost:8000/v1 [default: $OPENAI_BASE_URL].",
    ),
]
LlmConfig = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Endpoints and prices [default: ~/.config/kgqa/config.toml]."),
]
MaxCost = Annotated[
    float | None,
    typer.Option(
        metavar="AMOUNT", help="The LLM is not asked where it might cost more, by the config's prices."
    ),
]
MaxSeconds = Annotated[
    float | None, typer.Option(metavar="SECONDS", help="The LLM is not asked any more after so long.")
]
LlmTimeout = Annotated[
    float | None,
    typer.Option(
        metavar="SECONDS", help="The longest that a reply may take, retries included [default: 60]."
    ),
]
LlmConcurrency = Annotated[
    int | None, typer.Option(metavar="N", help="Requests to the LLM at a time [default: 8].")
]
Cache = Annotated[
    bool,
    typer.Option(
        "--cache/--no-cache", help="Whether replies that were given before are taken from the cache."
    ),
]


def load_chat(
    settings: LlmSettings,
    *,
    device: str = "auto",
    dtype: NumberFormat = "auto",
    cached: bool = True,
    cache: Path | None = None,
) -> ChatModel:
    """The chat model that the settings mean; its budget's time begins now.

    Where replies are `cached` they are kept below `cache` (None: where kgqa keeps such things).

    A name in the config file comes first, then a folder, then a model of the endpoint; with a base
    URL a folder is the name of a model too, as `transformers serve` has it. Raises `UsageError` and
    `ModelError`.
    """
    file = EndpointFile.read(Path(settings.config) if settings.config else None)
    name = chosen_name(settings.name, file)
    budget = Budget(settings.max_cost, settings.max_seconds)
    replies = ReplyCache(cache / "replies.sqlite") if cache else ReplyCache()
    local = name not in file.tables and settings.base_url is None and Path(name).expanduser().is_dir()
    if local:
        here = _local(name, settings, budget, device, dtype)
        return CachedContrastingChat(here, replies) if cached else here
    there = _remote(name, file, settings, budget)
    return CachedChat(there, replies) if cached else there


def _remote(name: str, file: EndpointFile, settings: LlmSettings, budget: Budget) -> OpenAIChat:
    endpoint = choose_endpoint(name, file, settings.base_url)
    if settings.timeout is not None:
        endpoint = replace(endpoint, timeout=settings.timeout)
    if settings.concurrency is not None:
        endpoint = replace(endpoint, concurrency=settings.concurrency)
    return OpenAIChat(endpoint, budget=budget)


def _local(
    name: str, settings: LlmSettings, budget: Budget, device: str, dtype: NumberFormat
) -> ContrastingChat:
    from kgqa.lm.local_chat import LocalChat

    if settings.max_cost is not None:
        raise UsageError(f"--max-cost is for LLMs with prices; {name} is a folder, which costs nothing")
    with status("loading the LLM"):
        return LocalChat.load(Path(name).expanduser(), device=device, dtype=dtype, budget=budget)
