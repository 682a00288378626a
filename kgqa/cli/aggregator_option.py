"""What `--aggregate`, `--closed-book`, `--fall-back` and `--reason` may say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

import typer

from kgqa.answer import Aggregator, LlmAggregator, Vote
from kgqa.chat import ChatModel
from kgqa.constraint import GrammarName, StepGrammar
from kgqa.errors import UsageError
from kgqa.graph import IndexedGraph

__all__ = [
    "AggregateName",
    "AggregateOption",
    "ClosedBook",
    "Contrasting",
    "EvidenceTokens",
    "FallBack",
    "ReasonName",
    "ReasonOption",
    "aggregator",
    "step_grammar",
]

AggregateName = Literal["vote", "grounded", "open"]
ReasonName = Literal["model", "chat"]

AggregateOption = Annotated[
    AggregateName | None,
    typer.Option(
        "--aggregate",
        help="Who turns chains into answers: vote: their probabilities; grounded: the chat model, of whose "
        "answers only those on the chains count; open: others are shown too, apart "
        "[default: grounded with --llm, else vote].",
    ),
]
ClosedBook = Annotated[
    bool, typer.Option("--closed-book", help="Ask the chat model without chains too, and report conflicts.")
]
FallBack = Annotated[
    bool, typer.Option("--fall-back", help="Where the chat model fails, vote instead of failing too.")
]
Contrasting = Annotated[
    bool,
    typer.Option(
        "--contrast",
        help="Let the chains count more where they change what the chat model would say (AdaCAD); for "
        "models from a folder.",
    ),
]
EvidenceTokens = Annotated[
    int,
    typer.Option(
        metavar="N",
        min=1,
        help="About how many tokens of chains the chat model is shown, the likeliest first.",
    ),
]
ReasonOption = Annotated[
    ReasonName,
    typer.Option(
        "--reason",
        help="Who finds the chains: the language model of --model, or the chat model, by choosing among "
        "the steps that the graph allows.",
    ),
]


def aggregator(
    graph: IndexedGraph,
    vote: Vote,
    name: AggregateName,
    chat: Callable[[], ChatModel],
    *,
    closed_book: bool = False,
    fall_back: bool = False,
    contrast: bool = False,
    evidence_tokens: int = 3_000,
) -> Aggregator:
    """The aggregator that the options ask for; `chat` is called where it takes a chat model.

    Raises `UsageError` for options that do not go together, and what `chat` raises.
    """
    if name == "vote":
        if closed_book or fall_back or contrast:
            raise UsageError(
                "--closed-book, --fall-back and --contrast are about a chat model's answers; add --llm"
            )
        return vote
    return LlmAggregator(
        graph,
        chat(),
        name,
        closed_book=closed_book,
        fall_back=fall_back,
        contrast=contrast,
        prompt_tokens=evidence_tokens,
        vote=vote,
    )


def step_grammar(name: GrammarName) -> StepGrammar:
    """The grammar in which a chat model chooses steps. Raises `UsageError` for branching chains."""
    if name == "chain":
        raise UsageError("--reason chat goes along paths; choose --grammar relations or --grammar path")
    return name
