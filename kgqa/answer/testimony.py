"""What a language model that was asked said beside its answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from kgqa.chat import Usage

__all__ = ["Agreement", "Testimony"]

Agreement = Literal["agrees", "conflicts", "silent"]
"""How a model's own answer stands to the graph's; silent: one of them gives none."""


@dataclass(frozen=True)
class Testimony:
    """What a language model said beside the answers that stand in an `Answer`.

    `outside` are answers that the chains it cited do not hold: dropped when answers must be grounded,
    given apart, as not from the graph, when they need not be. `closed_book` is what it said without
    any chains, `None` where it was not asked; `agreement` compares that with the graph's answers.
    `failure` says why it gave no reply where that was passed over: then the vote answered, or nothing was
    compared. `conflict` says how much the chains changed the predictions of a model whose logits can be
    seen (`kgqa.chat.Contrast`: nats, 0 to ln 2). `usage` adds up all replies.
    """

    model: str
    outside: tuple[str, ...] = ()
    closed_book: tuple[str, ...] | None = None
    agreement: Agreement | None = None
    usage: Usage = field(default_factory=Usage)
    failure: str = ""
    conflict: float | None = None
