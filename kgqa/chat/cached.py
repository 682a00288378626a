"""LLMs whose replies are cached."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Protocol, runtime_checkable

from kgqa.chat.protocol import (
    ChatModel,
    Contrast,
    ContrastsChat,
    EstimatesChat,
    HoldsSchema,
    Message,
    Reply,
    StreamsChat,
    Usage,
)
from kgqa.chat.reply_cache import ReplyCache, reply_key

__all__ = ["CachedChat", "CachedContrastingChat", "ContrastingChat", "IdentifiedChat"]


@runtime_checkable
class IdentifiedChat(ChatModel, Protocol):
    """A chat model that names everything its replies depend on."""

    @property
    def identity(self) -> Mapping[str, object]:
        """Everything but the conversation that its replies depend on; values that JSON can hold."""
        ...


class ContrastingChat(IdentifiedChat, ContrastsChat, Protocol):
    """One with contrastive decoding."""


class CachedChat:
    """A chat model with a cache of replies: no request is sent for a reply that is in it.

    Errors are not cached.
    """

    def __init__(self, model: IdentifiedChat, cache: ReplyCache | None = None) -> None:
        self.model = model
        self.cache = cache or ReplyCache()

    @property
    def name(self) -> str:
        """The model's name."""
        return self.model.name

    @property
    def identity(self) -> Mapping[str, object]:
        """The model's identity."""
        return self.model.identity

    @property
    def holds_schema(self) -> bool:
        """Whether the model holds replies to a schema; see `HoldsSchema`."""
        return isinstance(self.model, HoldsSchema) and self.model.holds_schema

    def reply(
        self,
        messages: Sequence[Message],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int = 512,
    ) -> Reply:
        """The reply; see `ChatModel.reply`."""
        key = reply_key(self.identity, messages, schema, max_tokens)
        kept = self._kept(key)
        if kept is not None:
            return kept
        reply = self.model.reply(messages, schema=schema, max_tokens=max_tokens)
        self.cache.put(key, reply.text, reply.finished)
        return reply

    def stream(self, messages: Sequence[Message], *, max_tokens: int = 512) -> Generator[str, None, Reply]:
        """The reply in pieces; in one piece where it is cached or the model cannot stream."""
        key = reply_key(self.identity, messages, None, max_tokens)
        kept = self._kept(key)
        if kept is not None:
            yield kept.text
            return kept
        if isinstance(self.model, StreamsChat):
            reply = yield from self.model.stream(messages, max_tokens=max_tokens)
        else:
            reply = self.model.reply(messages, max_tokens=max_tokens)
            yield reply.text
        self.cache.put(key, reply.text, reply.finished)
        return reply

    def estimate(self, messages: Sequence[Message], *, max_tokens: int = 512) -> Usage:
        """The model's own estimate of a reply that is not cached; nothing where it gives none."""
        if isinstance(self.model, EstimatesChat):
            return self.model.estimate(messages, max_tokens=max_tokens)
        return Usage()

    def _kept(self, key: str) -> Reply | None:
        found = self.cache.get(key)
        return None if found is None else Reply(found[0], Usage(cached=1), found[1])


class CachedContrastingChat(CachedChat):
    """The same for a model with contrastive decoding, whose contrasts are cached too."""

    def __init__(self, model: ContrastingChat, cache: ReplyCache | None = None) -> None:
        super().__init__(model, cache)
        self._contrasting = model

    def contrast(
        self, messages: Sequence[Message], without: Sequence[Message], *, max_tokens: int = 512
    ) -> Contrast:
        """The reply; see `ContrastsChat.contrast`."""
        bare = json.dumps([asdict(turn) for turn in without])
        key = reply_key({**self.identity, "without": bare}, messages, None, max_tokens)
        kept = self.cache.get(key)
        if kept is not None:
            conflict, text = json.loads(kept[0])
            return Contrast(Reply(text, Usage(cached=1), kept[1]), conflict)
        found = self._contrasting.contrast(messages, without, max_tokens=max_tokens)
        self.cache.put(key, json.dumps([found.conflict, found.reply.text]), found.reply.finished)
        return found
