"""What an LLM reported beside the answers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal, Self

from kgqa.chat import Usage

__all__ = ["Agreement", "LlmReport"]

Agreement = Literal["agrees", "conflicts", "silent"]
"""How an LLM's closed-book answer compares with the graph's; silent: one of the two is empty."""


@dataclass(frozen=True)
class LlmReport:
    """What an LLM reported beside the entities of an `Answer`.

    `outside` are answers that the cited chains do not prove: dropped in grounded mode, shown apart as "not
    from the graph" in open mode. `closed_book` is its answer without any chains, `None` where it was not
    asked; `agreement` compares that with the graph's answers. `failure` says why it gave no reply, where a
    failure is tolerated: then the vote answered, or nothing was compared. `conflict` says how much the chains
    changed the predictions of a model whose logits are visible (`kgqa.chat.Contrast`; nats, 0 to ln 2).
    `usage` is the sum over all replies. `reply` is what it said to the chains, word by word: published
    metrics are computed on that.
    """

    model: str
    outside: tuple[str, ...] = ()
    closed_book: tuple[str, ...] | None = None
    agreement: Agreement | None = None
    usage: Usage = field(default_factory=Usage)
    failure: str = ""
    conflict: float | None = None
    reply: str = field(default="", repr=False, compare=False)

    def plus(self, usage: Usage) -> Self:
        """The same report with the usage of further requests added."""
        return replace(self, usage=self.usage + usage)
