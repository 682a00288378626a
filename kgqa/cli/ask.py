"""kgqa ask: one question, or a conversation."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import asdict
from functools import cache
from typing import Annotated, Any

import typer
from rich.text import Text

from kgqa.answer import Answer
from kgqa.chat import ChatModel, StreamingChat
from kgqa.cli.console import complain, errors, output, print_json, show_text, status
from kgqa.cli.graph_option import opened_graph
from kgqa.cli.llm_report import show_llm_report
from kgqa.cli.options import Json
from kgqa.cli.settings_options import with_settings
from kgqa.errors import ChatError, NoChainError, NoTopicError, UnknownEntityError, UsageError
from kgqa.graph import Chain, IndexedGraph, clean_name
from kgqa.lm import load_chat
from kgqa.pipeline import Answerer
from kgqa.pipeline.assembly import build_answerer, check_settings
from kgqa.pipeline.settings import ASK_MIN_CONFIDENCE, AnswererSettings

__all__ = ["ask"]

NOTHING = "The graph does not say."
SHOWN = 10
UNNAMED = "·"
UNSURE = 0.5


@with_settings(AnswererSettings, defaults={"min_confidence": ASK_MIN_CONFIDENCE})
def ask(
    question: Annotated[
        str | None, typer.Argument(help="The question; without one, questions are read from a prompt.")
    ] = None,
    topic: Annotated[
        list[str] | None,
        typer.Option(
            "--topic",
            metavar="NAME",
            help="A topic entity, where chains start; repeatable [default: found in the question].",
        ),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="Maximum number of answers to print [default: 10, with --json all]."),
    ] = None,
    stream: Annotated[
        bool | None,
        typer.Option(
            "--stream/--no-stream",
            help="Show the LLM's reply on stderr while it is generated, unchecked [default: on a terminal].",
        ),
    ] = None,
    use_cache: Annotated[
        bool, typer.Option("--cache/--no-cache", help="Reuse earlier replies of the LLM.")
    ] = True,
    as_json: Json = False,
    *,
    given: Mapping[str, Any],
) -> None:
    """Answer a question from a graph; every answer comes with the chain that proves it.

    Examples:

      kgqa ask "Which countries does the Danube flow through?"

      kgqa ask "who directed Kismet" --graph films

      kgqa ask "what else did she write?" --graph books.ttl --topic "Jane Austen"

      kgqa ask "what flows into the Danube?" --answer-type River --without "named after"

      kgqa ask "Who wrote Emma?" --llm NAME --closed-book

      kgqa ask "Who wrote Emma?" --llm NAME --reason llm --aggregate vote

      kgqa ask --graph films
    """
    settings = AnswererSettings(min_confidence=ASK_MIN_CONFIDENCE)
    for key, value in given.items():
        settings = settings.but(key, list(value) if isinstance(value, tuple) else value)
    if stream and not settings.asks_llm:
        raise UsageError("--stream is about an LLM; name one with --llm")
    check_settings(settings)
    listening = settings.asks_llm and (errors.is_terminal and not as_json if stream is None else stream)
    answerer = _answerer(settings, listening and not settings.aggregate.contrast, use_cache)
    open_ = settings.aggregate_name == "open"
    for asked in [question] if question is not None else _questions():
        try:
            _print(answerer, asked, topic or [], limit, as_json, open_, listening)
        except (ChatError, NoTopicError, UnknownEntityError) as error:
            if question is not None:
                raise
            complain(str(error))


def _answerer(settings: AnswererSettings, streamed: bool, use_cache: bool) -> Answerer:
    graph = opened_graph(settings.graph)
    if settings.model is None and settings.grammar != "relations" and settings.reason == "model":
        errors.print(
            f"note: the shipped model was trained to write relation paths; with --grammar {settings.grammar} "
            "its first chain is a fact, but often not the answer",
            style="dim",
            markup=False,
        )

    @cache
    def llm() -> ChatModel:
        named = asdict(settings.llm)
        found = load_chat(
            named.pop("name"), **named, device=settings.device, dtype=settings.dtype, cache=use_cache
        )
        return StreamingChat(found, show_text) if streamed else found

    with status("loading the model"):
        return build_answerer(settings, graph=graph, llm=llm)


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
    answerer: Answerer,
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
        print_json(_as_object(answer, reason, limit, time.monotonic() - start, open_))
        return
    if answer:
        _show(answerer.graph, answer, limit or SHOWN)
    else:
        output.print(NOTHING, style="yellow")
        errors.print(reason, markup=False, style="dim")
    if answer.llm_report is not None:
        show_llm_report(answer.llm_report, open_=open_)


def _answer(answerer: Answerer, question: str, topics: list[str]) -> tuple[Answer, str]:
    """The answer, and the reason if it is empty."""
    try:
        answer = answerer.answer(question, topics)
    except NoChainError as error:
        return Answer(question), str(error)
    if answer:
        return answer, ""
    if answer.llm_report is not None and not answer.llm_report.failure:
        return answer, f"{answer.llm_report.model} finds no answer in the graph's chains"
    sure = "" if answer.confidence is None else f" (confidence {answer.confidence:.2f})"
    return answer, f"no chain is probable enough to answer from{sure}"


def _show(graph: IndexedGraph, answer: Answer, limit: int) -> None:
    for ranked in answer.entities[:limit]:
        confidence = answer.confidence_of(ranked)
        measure = f"vote share {ranked.vote_share:.2f}" if confidence is None else f"{confidence:.2f}"
        output.print(Text(_name(graph, ranked.entity), style="bold green"), Text(f"  {measure}", style="dim"))
        output.print("   ", _drawn(graph, ranked.chains[0]))
    if answer.confidence is not None and answer.confidence < UNSURE:
        errors.print(f"not sure: confidence {answer.confidence:.2f}", style="yellow")
    if len(answer.entities) > limit:
        output.print(f"... and {len(answer.entities) - limit} more (--limit)", style="dim")


def _as_object(
    answer: Answer, reason: str, limit: int | None, seconds: float, open_: bool
) -> dict[str, object]:
    found = answer.to_dict()
    entities = found["entities"]
    assert isinstance(entities, list)
    report = answer.llm_report
    return {
        "question": answer.question,
        "answers": entities[:limit],
        "confidence": answer.confidence,
        "reason": reason or None,
        "not_from_the_graph": list(report.outside) if open_ and report else [],
        "llm_report": found["llm_report"],
        "seconds": round(seconds, 3),
    }


def _name(graph: IndexedGraph, entity: str) -> str:
    """An entity's name, safe for a terminal; a dot for a mediator."""
    return clean_name(graph.label(entity) or "") or UNNAMED


def _drawn(graph: IndexedGraph, chain: Chain) -> Text:
    """The chain from its start to its end, every arrow in the direction of its triple.

    A branching chain names again the entity that it continues from, after a semicolon.
    """
    plain = not (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")
    text = Text(_name(graph, chain.start), style="bold")
    here = chain.start
    for hop, source in zip(chain.hops, chain.sources or [None] * len(chain.hops), strict=True):
        if source is not None and source != here:
            text.append(f" ;  {_name(graph, source)}", style="bold")
        relation = clean_name(graph.relation_label(hop.relation))
        text.append(f" {_arrow(relation, hop.inverse, plain)} ", style="cyan")
        text.append(_name(graph, hop.entity), style="bold")
        here = hop.entity
    return text


def _arrow(relation: str, inverse: bool, plain: bool) -> str:
    if plain:
        return f"<--{relation}--" if inverse else f"--{relation}-->"
    return f"◀─{relation}──" if inverse else f"──{relation}─▶"
