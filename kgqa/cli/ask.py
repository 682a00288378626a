"""kgqa ask: one question, or a conversation."""

from __future__ import annotations

import sys
import textwrap
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import asdict
from enum import StrEnum
from functools import cache
from typing import Annotated, Any

import typer
from rich.text import Text

from kgqa.answer import UNSURE, Answer
from kgqa.chat import ChatModel, StreamingChat
from kgqa.cli.console import aligned, complain, errors, output, print_json, show_text, status
from kgqa.cli.llm_report import show_llm_report
from kgqa.cli.options import Assignments, Json, opened_graph
from kgqa.cli.runs.method_output import note_plain
from kgqa.cli.settings_options import with_settings
from kgqa.errors import (
    ChatError,
    EndpointError,
    NoTopicError,
    UnknownEntityError,
    UsageError,
)
from kgqa.evaluation import settings_of
from kgqa.graph import Chain, IndexedGraph, Triple, clean_name, is_endpoint, source_lines, with_unit
from kgqa.lm import load_chat
from kgqa.pipeline import Answers, Query
from kgqa.pipeline.assembly import build_answers
from kgqa.pipeline.settings import ASK_DEFAULTS, AnswererSettings
from kgqa.pipeline.settings_check import check_settings
from kgqa.program import value_words
from kgqa.service import Reply

__all__ = ["ask"]

NOTHING = "The graph does not say."
NOTHING_SEEN = "What was looked at of the graph does not say."
SHOWN = 10
UNNAMED = "·"


class Shown(StrEnum):
    """What can be shown beside an answer."""

    PROGRAM = "program"
    SPARQL = "sparql"
    PROOF = "proof"
    SOURCE = "source"


@with_settings(AnswererSettings, defaults=ASK_DEFAULTS)
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
    show: Annotated[
        list[Shown] | None,
        typer.Option(
            "--show",
            help="Also print the program, the same as SPARQL, all facts of its proof, or the source (named "
            "graph) of each fact; repeatable.",
        ),
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
    method: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="A published method, whose settings stand below all others: kgqa, gcr, dog, rog, tog, ksl.",
        ),
    ] = None,
    assignments: Assignments = None,
    as_json: Json = False,
    *,
    given: Mapping[str, Any],
) -> None:
    """Answer a question from a graph; every answer comes with the chain or the program that proves it.

    Examples:

      kgqa ask "Which countries does the Danube flow through?"

      kgqa ask "How many countries does the Danube flow through?" --show sparql

      kgqa ask "who directed Kismet" --graph films

      kgqa ask "what else did she write?" --graph books.ttl --topic "Jane Austen"

      kgqa ask "what flows into the Danube?" --answer-type River --without "named after"

      kgqa ask "Who wrote Emma?" --graph books.trig --only-source http://example.org/library --show source

      kgqa ask "Who wrote Emma?" --graph http://localhost:8890/sparql

      kgqa ask "Who wrote Emma?" --llm NAME --closed-book

      kgqa ask "Who wrote Emma?" --llm NAME --reason llm --aggregate vote

      kgqa ask "Who wrote Emma?" --method tog --llm NAME

      kgqa ask "who directed Kismet" --graph films --search beam --set search.length_penalty=1

      kgqa ask --graph films
    """
    settings = settings_of(
        AnswererSettings, {}, given, assignments or [], method=method, defaults=ASK_DEFAULTS
    )
    if stream and not settings.asks_llm:
        raise UsageError("--stream is about an LLM; name one with --llm")
    check_settings(settings)
    listening = settings.asks_llm and (errors.is_terminal and not as_json if stream is None else stream)
    answerer = _answerer(settings, listening and not settings.aggregate.contrast, use_cache)
    open_ = settings.aggregate_name == "open"
    for asked in [question] if question is not None else _questions():
        try:
            _print(answerer, asked, topic or [], limit, as_json, open_, listening, show or [])
        except (ChatError, EndpointError, NoTopicError, UnknownEntityError) as error:
            if question is not None:
                raise
            complain(str(error))


def _answerer(settings: AnswererSettings, streamed: bool, use_cache: bool) -> Answers:
    graph = None if is_endpoint(settings.graph) else opened_graph(settings.graph)
    note_plain(settings)
    trained = ("relations", "auto", "programs")
    if settings.model is None and settings.grammar not in trained and settings.reason == "model":
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
        return build_answers(settings, graph=graph, llm=llm)


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
    answerer: Answers,
    question: str,
    topics: list[str],
    limit: int | None,
    as_json: bool,
    open_: bool,
    listening: bool,
    show: list[Shown],
) -> None:
    start = time.monotonic()
    with nullcontext() if listening else status("thinking"):
        (outcome,) = answerer.run([Query(question, topics)])
        reply = Reply.of(outcome)
    answer = reply.answer
    if as_json:
        print_json(reply.to_dict(time.monotonic() - start, limit, open_=open_))
        return
    if answer:
        _show(answerer.graph if outcome.graph is None else outcome.graph, answer, limit or SHOWN, show)
    else:
        output.print(
            NOTHING if outcome.usage is None or not outcome.usage.warnings else NOTHING_SEEN, style="yellow"
        )
        errors.print(reply.reason, markup=False, style="dim")
    _warn(answer)
    if reply.stated:
        stated = ", ".join(map(clean_name, reply.stated[:SHOWN]))
        errors.print(f"written behind the chains by the model itself: {stated}", style="dim", markup=False)
    if answer.llm_report is not None:
        show_llm_report(answer.llm_report, open_=open_)


def _show(graph: IndexedGraph, answer: Answer, limit: int, show: list[Shown]) -> None:
    if answer.value is not None:
        _headline(clean_name(answer.value), _measure(answer.confidence, answer.vote_share))
    if rows := [
        [_name(graph, row.entity), value_words(row.value) if row.value else ""] for row in answer.rows[:limit]
    ]:
        output.print(aligned(rows), markup=False)
        if len(answer.rows) > limit:
            output.print(f"... and {len(answer.rows) - limit} more (--limit)", style="dim")
        if answer.confidence is not None:
            output.print(f"confidence {answer.confidence:.2f}", style="dim")
    for ranked in answer.entities[:limit]:
        measure = _measure(answer.confidence_of(ranked), ranked.vote_share)
        _headline(_name(graph, ranked.entity), measure, answer.unit_of(ranked))
        if answer.proof is None:
            output.print("   ", _drawn(graph, ranked.chains[0]))
    if len(answer.entities) > limit:
        output.print(f"... and {len(answer.entities) - limit} more (--limit)", style="dim")
    if answer.proof is not None:
        proof = answer.proof.to_text(graph, verbose=Shown.PROOF in show)
        output.print(textwrap.indent(proof, "    "), markup=False)
    _show_query(answer, show)
    if Shown.SOURCE in show:
        _show_sources(graph, answer, limit)
    if answer.confidence is not None and answer.confidence <= UNSURE:
        errors.print(f"not sure: confidence {answer.confidence:.2f}", style="yellow")


def _warn(answer: Answer) -> None:
    for warning in answer.warnings:
        errors.print(f"note: {clean_name(warning)}", style="yellow", markup=False)


def _show_sources(graph: IndexedGraph, answer: Answer, limit: int) -> None:
    """The facts of the proof by their sources; where there is none, those of the chains that are shown."""
    if graph.provenance is None:
        errors.print("note: the graph keeps no sources of its facts", style="dim")
        return
    facts: Iterable[Triple] = (fact for one in answer.entities[:limit] for fact in one.chains[0].triples)
    lines = source_lines(graph, facts if answer.proof is None else answer.proof.facts)
    output.print(textwrap.indent("\n".join(lines), "    "), markup=False)


def _show_query(answer: Answer, show: list[Shown]) -> None:
    """The program and its SPARQL, as asked for."""
    if {*show} - {Shown.SOURCE} and answer.proof is None:
        errors.print("note: no program was executed: relation paths give the answer", style="dim")
        return
    if Shown.PROGRAM in show:
        output.print(answer.program, markup=False)
    if Shown.SPARQL in show:
        output.print(answer.sparql, markup=False)


def _headline(text: str, measure: str, unit: str = "") -> None:
    output.print(
        Text(with_unit(text, unit), style="bold green"), Text(f"  {measure}" if measure else "", style="dim")
    )


def _measure(confidence: float | None, vote_share: float | None) -> str:
    if confidence is not None:
        return f"{confidence:.2f}"
    return "" if vote_share is None else f"vote share {vote_share:.2f}"


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
