"""An answer as a chat completion, whole or in pieces."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from kgqa.service import markdown_escaped

__all__ = ["ChatReply"]

MOST_CITED = 20
_WORD = re.compile(r"\w+|[^\w\s]")
_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"{}|\\^`\x00-\x20]+")


@dataclass(frozen=True)
class ChatReply:
    """The reply to a question: a text, and the object of `kgqa ask --json` (`told`) in the field `kgqa`."""

    model: str
    question: str
    text: str
    told: Mapping[str, Any]
    id: str = field(default_factory=lambda: f"chatcmpl-{uuid.uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))

    @property
    def usage(self) -> dict[str, int]:
        """How long question and text are, in words and signs."""
        asked, said = (len(_WORD.findall(text)) for text in (self.question, self.text))
        return {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}

    @property
    def citations(self) -> list[dict[str, Any]]:
        """The entities of the answers and their chains whose identifiers are web addresses.

        Each is cited where its name first stands in the text.
        """
        found = []
        for entity in self._entities():
            name = self.told["names"].get(entity) or entity
            shown = markdown_escaped(name)
            at = self.text.find(shown)
            start, end = (0, len(self.text)) if at < 0 else (at, at + len(shown))
            cited = {"start_index": start, "end_index": end, "title": name, "url": entity}
            found.append({"type": "url_citation", "url_citation": cited})
        return found[:MOST_CITED]

    def _entities(self) -> Iterator[str]:
        answers = self.told["answers"]
        chains = (chain for answer in answers for chain in answer["chains"][:1])
        inner = (end for chain in chains for head, _, tail in chain for end in (head, tail))
        listed = dict.fromkeys([*(answer["entity"] for answer in answers), *inner])
        return (entity for entity in listed if _WEB_ADDRESS.fullmatch(entity))

    def completion(self) -> dict[str, Any]:
        """The whole reply."""
        message = {"role": "assistant", "content": self.text, "refusal": None, "annotations": self.citations}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return {**self._head("chat.completion"), "choices": [choice], "usage": self.usage, "kgqa": self.told}

    def events(self, tells_usage: bool) -> Iterator[str]:
        """The reply in pieces, as server-sent events: the text line by line, then what it cites."""
        deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
        deltas += [{"content": line} for line in self.text.splitlines(keepends=True)]
        deltas += [{"annotations": cited} for cited in [self.citations] if cited]
        for delta in deltas:
            yield self._event([_choice(delta)], tells_usage)
        yield self._event([_choice({}, "stop")], tells_usage, kgqa=self.told)
        if tells_usage:
            yield self._event([], usage=self.usage)
        yield "data: [DONE]\n\n"

    def _event(self, choices: list[dict[str, Any]], tells_usage: bool = False, **more: Any) -> str:
        empty = {"usage": None} if tells_usage else {}
        piece = {**self._head("chat.completion.chunk"), "choices": choices, **empty, **more}
        return f"data: {json.dumps(piece, ensure_ascii=False)}\n\n"

    def _head(self, kind: str) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.model,
            "system_fingerprint": f"kgqa-{self.told['version'][:12]}",
        }


def _choice(delta: Mapping[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
