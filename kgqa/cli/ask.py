"""kgqa ask: one question, or a conversation."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import asdict
from functools import cache
from typing import Annotated

import typer
from rich.text import Text

from kgqa.answer import Answer, Vote
from kgqa.chat import ChatModel, StreamingChat
from kgqa.cli.aggregator_option import (
    AggregateOption,
    ClosedBook,
    Contrasting,
    EvidenceTokens,
    FallBack,
    ReasonOption,
    aggregator,
    step_grammar,
)
from kgqa.cli.console import complain, errors, output, print_json, show_text, status
from kgqa.cli.decoder_option import SearchOption
from kgqa.cli.drawing import draw_chain, shown
from kgqa.cli.graph_option import opened_graph
from kgqa.cli.llm_option import (
    BaseUrl,
    Cache,
    Llm,
    LlmConcurrency,
    LlmConfig,
    LlmTimeout,
    MaxCost,
    MaxSeconds,
    Stream,
)
from kgqa.cli.model_option import load_calibration, load_model
from kgqa.cli.options import (
    AllowReturn,
    AnswerType,
    Beams,
    Device,
    Dtype,
    Grammar,
    Graph,
    Hops,
    Inverse,
    Json,
    Model,
    MustUse,
    OnlyRelation,
    Without,
)
from kgqa.cli.testimony import show_testimony
from kgqa.constraint import named_filters
from kgqa.decode import named_decoder
from kgqa.errors import ChatError, NoChainError, NoTopicError, UnknownEntityError, UsageError
from kgqa.evaluation.run_settings import LlmSettings
from kgqa.graph import IndexedGraph
from kgqa.lm import load_chat
from kgqa.pipeline import Answerer
from kgqa.reason import ChatAnswerer, ChatReasoner

__all__ = ["ask"]

NOTHING = "The graph does not say."
SHOWN = 10
BEAMS = 10
UNSURE = 0.5
LEAST_CONFIDENCE = 0.05
"""Chosen on development questions; see docs/explanation/saying-nothing.md."""


def ask(
    question: Annotated[
        str | None, typer.Argument(help="The question; without one, a prompt asks for questions.")
    ] = None,
    graph: Graph = None,
    model: Model = None,
    grammar: Grammar = "relations",
    search: SearchOption = "beam",
    beams: Beams = BEAMS,
    hops: Hops = 3,
    inverse: Inverse = True,
    allow_return: AllowReturn = False,
    topic: Annotated[
        list[str] | None,
        typer.Option("--topic", metavar="NAME", help="Where to start [default: found in the question]."),
    ] = None,
    least_confidence: Annotated[
        float,
        typer.Option(
            metavar="P", min=0, max=1, help="Below it the graph does not say (models that are calibrated)."
        ),
    ] = LEAST_CONFIDENCE,
    floor: Annotated[
        float | None,
        typer.Option(metavar="NATS", help="Chains with a lower log-probability are no answer."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="The most answers to print [default: 10, with --json all].")
    ] = None,
    without: Without = None,
    only_relation: OnlyRelation = None,
    must_use: MustUse = None,
    answer_type: AnswerType = None,
    llm: Llm = None,
    aggregate: AggregateOption = None,
    closed_book: ClosedBook = False,
    fall_back: FallBack = False,
    contrast: Contrasting = False,
    evidence_tokens: EvidenceTokens = 3_000,
    stream: Stream = None,
    reason: ReasonOption = "model",
    base_url: BaseUrl = None,
    llm_config: LlmConfig = None,
    max_cost: MaxCost = None,
    max_seconds: MaxSeconds = None,
    llm_timeout: LlmTimeout = None,
    llm_concurrency: LlmConcurrency = None,
    use_cache: Cache = True,
    device: Device = "auto",
    dtype: Dtype = "auto",
    as_json: Json = False,
) -> None:
    """Answer a question from a graph; every answer comes with the chain that proves it.

    Examples:

      kgqa ask "Which countries does the Danube flow through?"

      kgqa ask "who directed Kismet" --graph films

      kgqa ask "what else did she write?" --graph books.ttl --topic "Jane Austen"

      kgqa ask "what flows into the Danube?" --answer-type River --without "named after"

      kgqa ask "Who wrote Emma?" --llm NAME --closed-book

      kgqa ask "Who wrote Emma?" --llm NAME --reason chat --aggregate vote

      kgqa ask --graph films
    """
    decode = named_decoder(search, beams=beams)
    opened = opened_graph(graph)
    filters = named_filters(
        opened, without=without, only_relation=only_relation, must_use=must_use, answer_type=answer_type
    )
    settings = LlmSettings(
        name=llm,
        base_url=base_url,
        config=str(llm_config) if llm_config else None,
        timeout=llm_timeout,
        concurrency=llm_concurrency,
        max_cost=max_cost,
        max_seconds=max_seconds,
    )
    listening = errors.is_terminal and not as_json if stream is None else stream

    @cache
    def chat() -> ChatModel:
        with status("loading the LLM"):
            loaded = load_chat(**asdict(settings), device=device, dtype=dtype, cache=use_cache)
        return StreamingChat(loaded, show_text) if listening and not contrast else loaded

    if llm is None and aggregate is None and reason == "model" and (max_cost or max_seconds or stream):
        raise UsageError("--max-cost, --max-seconds and --stream are about an LLM; name one with --llm")
    wanted = aggregate or ("vote" if llm is None else "grounded")
    vote = Vote(floor=-math.inf if floor is None else floor)
    concluding = aggregator(
        opened,
        vote,
        wanted,
        chat,
        closed_book=closed_book,
        fall_back=fall_back,
        contrast=contrast,
        evidence_tokens=evidence_tokens,
    )
    answerer: Answerer | ChatAnswerer
    if reason == "chat":
        if model is not None or search != "beam" or beams != BEAMS:
            raise UsageError(
                "with --reason chat no path model searches; leave --model, --search, --beams out"
            )
        reasoner = ChatReasoner(chat())
        steps = step_grammar(grammar)
        answerer = ChatAnswerer(
            opened, reasoner, steps, hops, inverse, allow_return, aggregator=concluding, filters=filters
        )
    else:
        loaded = load_model(model, grammar, device, dtype)
        answerer = Answerer(
            opened,
            loaded,
            grammar,
            hops,
            inverse,
            allow_return,
            decoder=decode,
            aggregator=concluding,
            filters=filters,
            calibration=load_calibration(loaded, grammar, search) if concluding is vote else None,
            least_confidence=least_confidence,
        )
    open_ = wanted == "open"
    if question is not None:
        _print(answerer, question, topic or [], limit, as_json, open_, listening)
        return
    for asked in _questions():
        try:
            _print(answerer, asked, topic or [], limit, as_json, open_, listening)
        except (ChatError, NoTopicError, UnknownEntityError) as error:
            complain(str(error))


def _questions() -> Iterator[str]:
    """Questions typed at a prompt, or piped in, until the end of input or `quit`."""
    while True:
        if sys.stdin.isatty():
            print("question> ", end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        if not line or line.strip() in ("quit", "exit"):
            if not line and sys.stdin.isatty():
                print(file=sys.stderr)
            return
        if line.strip():
            yield line.strip()


def _print(
    answerer: Answerer | ChatAnswerer,
    question: str,
    topics: list[str],
    limit: int | None,
    as_json: bool,
    open_: bool,
    listening: bool,
) -> None:
    start = time.monotonic()
    with nullcontext() if listening else status("thinking"):
        answer, reason = _answer(answerer, question, topics)
    if as_json:
        print_json(_as_object(answerer, answer, reason, limit, time.monotonic() - start, open_))
        return
    if answer:
        _show(answerer.graph, answer, limit or SHOWN)
    else:
        output.print(NOTHING, style="yellow")
        errors.print(reason, markup=False, style="dim")
    if answer.testimony is not None:
        show_testimony(answer.testimony, open_=open_)


def _answer(answerer: Answerer | ChatAnswerer, question: str, topics: list[str]) -> tuple[Answer, str]:
    """The answer, and why there is none when there is none."""
    try:
        answer = answerer.answer(question, topics)
    except NoChainError as error:
        return Answer(question), str(error)
    if answer:
        return answer, ""
    if answer.testimony is not None and not answer.testimony.failure:
        return answer, f"{answer.testimony.model} finds no answer in the graph's chains"
    sure = "" if answer.confidence is None else f" (confidence {answer.confidence:.2f})"
    return answer, f"no chain is likely enough to be the answer{sure}"


def _show(graph: IndexedGraph, answer: Answer, limit: int) -> None:
    for ranked in answer.entities[:limit]:
        name = Text(shown(graph, ranked.entity), style="bold green")
        output.print(name, Text(f"  {ranked.score:.2f}", style="dim"))
        output.print("   ", draw_chain(graph, ranked.chains[0]))
    if answer.confidence is not None and answer.confidence < UNSURE:
        errors.print(f"not sure: confidence {answer.confidence:.2f}", style="yellow")
    if len(answer.entities) > limit:
        output.print(f"... and {len(answer.entities) - limit} more (--limit)", style="dim")


def _as_object(
    answerer: Answerer | ChatAnswerer,
    answer: Answer,
    reason: str,
    limit: int | None,
    seconds: float,
    open_: bool,
) -> dict[str, object]:
    return {
        "question": answer.question,
        "answers": [
            {
                "entity": ranked.entity,
                "label": answerer.graph.label(ranked.entity),
                "score": round(ranked.score, 6),
                "chains": [[list(triple) for triple in chain.triples] for chain in ranked.chains],
            }
            for ranked in answer.entities[:limit]
        ],
        "confidence": None if answer.confidence is None else round(answer.confidence, 4),
        "reason": reason or None,
        "not_from_the_graph": list(answer.testimony.outside) if open_ and answer.testimony else [],
        "testimony": None if answer.testimony is None else asdict(answer.testimony),
        "seconds": round(seconds, 3),
    }
