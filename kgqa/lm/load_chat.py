"""Loading LLMs by name: from an endpoint, or from a folder or file into this process."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from kgqa.chat import Budget, CachedChat, ChatModel, EndpointFile, OpenAIChat, choose_endpoint, chosen_name
from kgqa.chat.cached import CachedContrastingChat, ContrastingChat
from kgqa.chat.reply_cache import ReplyCache
from kgqa.errors import UsageError, check_path
from kgqa.lm.load import NumberFormat
from kgqa.lm.model_folder import is_gguf

__all__ = ["load_chat"]


def load_chat(
    name: str | Path | None = None,
    *,
    base_url: str | None = None,
    config: str | Path | None = None,
    timeout: float | None = None,
    concurrency: int | None = None,
    max_cost: float | None = None,
    max_seconds: float | None = None,
    device: str = "auto",
    dtype: NumberFormat = "auto",
    cache: bool | str | Path = True,
) -> ChatModel:
    """The LLM of this name; without one, that of `$KGQA_LLM` or the default of the configuration file.

    A name in the configuration file (`config`, by default `~/.config/kgqa/config.toml`) comes first, then
    a model folder or `.gguf` file, then a model of the endpoint at `base_url`, `$OPENAI_BASE_URL` or OpenAI.
    With a `base_url` a folder is the name of a model of that server, as with `transformers serve`.

    `timeout` (seconds for a reply, retries included) and `concurrency` (requests at a time) override those
    of the configuration file. `max_cost`, in the currency of its prices, and `max_seconds`, which begin
    with this call, bound all requests together. `device` and `dtype` are for models that run here. Replies
    are cached in the folder `cache` (True: kgqa's own cache folder; False: not at all).

    Raises `UsageError` for settings that do not fit together and `ModelError` for a model that cannot be
    loaded.
    """
    for field, given in {"name": name, "config": config}.items():
        if given is not None:
            check_path(given, field)
    if not isinstance(cache, bool):
        check_path(cache, "cache")
    file = EndpointFile.read(config)
    chosen = chosen_name(None if name is None else str(name), file)
    budget = Budget(max_cost, max_seconds)
    folder = Path(chosen).expanduser()
    if chosen not in file.tables and base_url is None and (folder.is_dir() or _is_file(folder)):
        if max_cost is not None:
            raise UsageError(f"max_cost is for LLMs with prices; {chosen} runs here, which costs nothing")
        local: ContrastingChat = _local(folder, device, dtype, budget)
        return local if cache is False else CachedContrastingChat(local, _replies(cache))
    endpoint = choose_endpoint(chosen, file, base_url)
    if timeout is not None:
        endpoint = replace(endpoint, timeout=timeout)
    if concurrency is not None:
        endpoint = replace(endpoint, concurrency=concurrency)
    remote = OpenAIChat(endpoint, budget=budget)
    return remote if cache is False else CachedChat(remote, _replies(cache))


def _is_file(source: Path) -> bool:
    """Whether a name is a GGUF file here; one that is missing may be a model of the user's own server."""
    return is_gguf(source) and (source.is_file() or "OPENAI_BASE_URL" not in os.environ)


def _local(folder: Path, device: str, dtype: NumberFormat, budget: Budget) -> ContrastingChat:
    from kgqa.lm.hf.local_chat import LocalChat

    return LocalChat.load(folder, device=device, dtype=dtype, budget=budget)


def _replies(cache: bool | str | Path) -> ReplyCache:
    return ReplyCache() if isinstance(cache, bool) else ReplyCache(Path(cache) / "replies.sqlite")
