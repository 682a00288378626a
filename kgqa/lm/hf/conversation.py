"""Conversations as token ids, by the model's chat template or as plain text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from kgqa.chat import Message
from kgqa.errors import ChatError, UsageError
from kgqa.lm.hf.prompt_renderer import PROMPT_DATE

__all__ = ["ConversationEncoder"]

_PLACE = "kgqa{}place"
_PLACES = re.compile(_PLACE.format(r"(\d+)"))


class ConversationEncoder:
    """Encodes conversations up to the point where the model's reply begins.

    The content of a turn never becomes a special token: names from a graph cannot end the turn or begin
    another. For a template without a system role, the system turn is prepended to the first user turn.
    Without a template, or for an encoder (`opens` is false), turns are paragraphs.
    """

    def __init__(self, tokenizer: Any, *, opens: bool) -> None:
        self._tokenizer = tokenizer
        self._opens = opens
        self._template = opens and bool(getattr(tokenizer, "chat_template", None))
        added = map(str, getattr(tokenizer, "added_tokens_decoder", {}).values())
        special = {*added, *map(str, tokenizer.all_special_tokens)}
        marks = sorted((mark for mark in special if len(mark) > 1 and mark.strip()), key=len, reverse=True)
        self._marks = re.compile("|".join(map(re.escape, marks))) if marks else None

    def encode(self, messages: Sequence[Message]) -> list[int]:
        """The ids of a conversation. Raises `ChatError` where the template cannot hold it."""
        if not messages:
            raise UsageError("a conversation needs a message")
        if not self._template:
            text = "\n\n".join(self._defused(turn.content) for turn in messages)
            return list(self._tokenizer(f"{text}\n" if self._opens else text)["input_ids"])
        return list(self._tokenizer(self._framed(messages), add_special_tokens=False)["input_ids"])

    def _framed(self, messages: Sequence[Message]) -> str:
        """The rendered template; contents are inserted afterwards: the template cannot act on them."""
        turns = list(messages)
        text = self._rendered(turns)
        if text is None and turns[0].role == "system" and len(turns) > 1:
            joined = Message(turns[1].role, f"{turns[0].content}\n\n{turns[1].content}")
            turns = [joined, *turns[2:]]
            text = self._rendered(turns)
        if text is None:
            roles = ", ".join(turn.role for turn in messages)
            raise ChatError(f"the model's chat template cannot hold these turns: {roles}")
        contents = [self._defused(turn.content) for turn in turns]
        return _PLACES.sub(lambda place: contents[int(place[1])], text)

    def _rendered(self, turns: Sequence[Message]) -> str | None:
        """The template with a placeholder for each turn; `None` where it fails or drops one."""
        named = [{"role": turn.role, "content": _PLACE.format(at)} for at, turn in enumerate(turns)]
        try:
            text = self._tokenizer.apply_chat_template(
                named, add_generation_prompt=True, tokenize=False, date_string=PROMPT_DATE
            )
        except Exception:  # templates are programs of their own
            return None
        complete = all(_PLACE.format(at) in text for at in range(len(turns)))
        return str(text) if complete else None

    def _defused(self, content: str) -> str:
        """Break up text that spells a special token."""
        if self._marks is None:
            return content
        return self._marks.sub(lambda mark: f"{mark[0][0]} {mark[0][1:]}", content)
