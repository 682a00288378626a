"""One hop: what a language model chooses from a menu."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from kgqa.chat import ChatModel, Usage
from kgqa.reason.choices import parse_choices
from kgqa.reason.hop_prompt import CHOICES_SCHEMA, again, hop_prompt
from kgqa.reason.menu import Option

__all__ = ["HopChoice"]


@dataclass
class HopChoice:
    """Asks a model hop by hop about one question, and adds up in `usage` what that took.

    Up to `shown` options are on a page and up to `pages` pages are turned, when the model asks for more.
    A reply without any valid number is asked for again once; then nothing is chosen.
    """

    chat: ChatModel
    question: str
    most: int
    shown: int
    pages: int
    reply_tokens: int
    usage: Usage = field(default_factory=Usage)

    def choose(
        self, so_far: str, reached: str, options: Sequence[Option], count: int, stop: bool
    ) -> list[Option | None]:
        """The options chosen, the best first, at most `most`; `None` for stopping here.

        There are `count` options in all, of which those given fill the pages.
        """
        for page in range(self.pages):
            first = page * self.shown
            some = options[first : first + self.shown]
            left = count - first - len(some)
            more = left > 0 and page + 1 < self.pages
            chosen = self._on_page(so_far, reached, some, stop, left, more)
            if chosen or not more:
                return chosen
        return []

    def _on_page(
        self, so_far: str, reached: str, options: Sequence[Option], stop: bool, left: int, more: bool
    ) -> list[Option | None]:
        messages = hop_prompt(self.question, so_far, reached, options, stop=stop, left=left, most=self.most)
        lowest = 0 if stop else 1
        for _ in range(2):
            reply = self.chat.reply(messages, schema=CHOICES_SCHEMA, max_tokens=self.reply_tokens)
            self.usage += reply.usage
            said = parse_choices(reply.text)
            chosen = [options[n - 1] if n else None for n in said.numbers if lowest <= n <= len(options)]
            if chosen or (more and said.more):
                return chosen[: self.most]
            messages = [*messages, *again(reply.text, lowest, len(options))]
        return []
