"""What `--aggregate`, `--closed-book`, `--fall-back` and `--reason` may say."""

from __future__ import annotations

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
    "FallBack",
    "Llm",
    "ReasonName",
    "ReasonOption",
    "aggregator",
    "chat_model",
    "needed",
    "step_grammar",
]

AggregateName = Literal["vote", "grounded", "open"]
ReasonName = Literal["model", "chat"]

Llm = Annotated[
    str | None, typer.Option("--llm", metavar="NAME", help="A chat model that answers from the chains.")
]
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
ReasonOption = Annotated[
    ReasonName,
    typer.Option(
        "--reason",
        help="Who finds the chains: the language model of --model, or the chat model, by choosing among "
        "the steps that the graph allows.",
    ),
]


def chat_model(name: str | None) -> ChatModel | None:
    """The chat model of `--llm`, `None` for none."""
    if name is None:
        return None
    raise UsageError(f"--llm {name}: no chat models are set up; see docs/how-to/aggregate-with-an-llm.md")


def aggregator(
    graph: IndexedGraph,
    vote: Vote,
    chat: ChatModel | None,
    name: AggregateName | None = None,
    *,
    closed_book: bool = False,
    fall_back: bool = False,
) -> Aggregator:
    """The aggregator that the options ask for. Raises `UsageError` where they need a chat model."""
    chosen = name or ("vote" if chat is None else "grounded")
    if chosen == "vote":
        if closed_book or fall_back:
            raise UsageError("--closed-book and --fall-back are about a chat model's answers; add --llm")
        return vote
    return LlmAggregator(
        graph,
        needed(chat, f"--aggregate {chosen}"),
        chosen,
        closed_book=closed_book,
        fall_back=fall_back,
        vote=vote,
    )


def needed(chat: ChatModel | None, what: str) -> ChatModel:
    """The chat model. Raises `UsageError` where there is none."""
    if chat is None:
        raise UsageError(f"{what} needs a chat model; name one with --llm")
    return chat


def step_grammar(name: GrammarName) -> StepGrammar:
    """The grammar in which a chat model chooses steps. Raises `UsageError` for branching chains."""
    if name == "chain":
        raise UsageError("--reason chat goes along paths; choose --grammar relations or --grammar path")
    return name
