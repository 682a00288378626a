"""What the constraint refuses that it should take, and takes that it should refuse.

    .venv/bin/python eval/bench/coverage.py

In the manner of JSONSchemaBench ("Generating Structured Outputs from Language Models: Benchmark and
Studies", 2025). *Coverage*: the gold chains of MetaQA, PathQuestion and the atlas are written token by
token; one that cannot be written is refused. *Quality*: the same chains with one relation, tail or
direction changed, or with a relation that the graph does not have, must be refused, unless such a chain
happens to exist, which is told from the bare triples. *Efficiency*: the time to make a constraint, and
from one mask to the next. Writes coverage.md and coverage.json; fails when a verdict is wrong.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from command import ROOT, command, parsed
from gold_chains import CORRUPTIONS, Facts, Said, corrupted, gold_chains, said
from machine import Machine
from metaqa import graph as metaqa_graph
from models import bench_tokenizer
from report import Report, Table, percentile

from kgqa.constraint import Constraint, GrammarName, Reach, Tokenizer, Walk
from kgqa.datasets import Question, load_questions
from kgqa.graph import Chain, GraphBuilder, IndexedGraph
from kgqa.graph.readers import read
from kgqa.lm.hf.tokenizer import HuggingFaceTokenizer

HOPS = 3
PARTS = ("train", "dev", "test")
GRAMMARS: tuple[GrammarName, ...] = ("path", "relations")


@dataclass
class Found:
    """What happened to the chains of one set in one grammar; `tables` in seconds, others in microseconds."""

    name: str
    grammar: str
    gold: int = 0
    refused: int = 0
    returning: int = 0
    refused_with_return: int = 0
    tables: float = 0.0
    tokens: list[int] = field(default_factory=list)
    making: list[float] = field(default_factory=list)
    masks: list[float] = field(default_factory=list)
    tried: Counter[str] = field(default_factory=Counter)
    existing: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)


def main() -> None:
    parser = command(__doc__)
    parser.add_argument("--questions", type=int, default=1_000, help="drawn from each set")
    arguments = parsed(parser)
    if arguments.quick:
        arguments.questions = 20
    found = []
    apart: dict[str, int] = {}
    for name, graph, questions in sets(arguments.data):
        facts = Facts(graph)
        tokenizer = HuggingFaceTokenizer(bench_tokenizer([*facts.relations, *facts.names.values()]))
        drawn = random.Random(arguments.seed).sample(questions, min(arguments.questions, len(questions)))
        gold = [chain for question in drawn for chain in gold_chains(question, graph)]
        chains = [chain for chain in gold if chain]
        apart[name] = len(gold) - len(chains)
        for grammar in GRAMMARS:
            found.append(measured(name, grammar, chains, facts, tokenizer, arguments.seed))
            print(f"{name}, {grammar}: {len(chains):,} gold chains", flush=True)
    tables = {"coverage": coverage(found), "quality": quality(found), "efficiency": efficiency(found)}
    Report(
        "coverage",
        "What the constraint refuses and takes",
        Machine.here(),
        {"questions a set": arguments.questions, "hops": HOPS, "seed": arguments.seed},
        list(tables.values()),
        {
            name: [dict(zip(table.columns, row, strict=True)) for row in table.rows]
            for name, table in tables.items()
        },
        [f"Gold paths that are no path from one topic, left out: {left_out(apart)}."],
    ).write(arguments.out)
    if wrong := sum(one.refused_with_return + sum(one.wrong.values()) for one in found):
        raise SystemExit(f"{wrong} chains were judged wrongly")


def left_out(apart: dict[str, int]) -> str:
    """How many gold paths of each set, where there are any."""
    return ", ".join(f"{count:,} of {name}" for name, count in apart.items() if count) or "none"


def sets(data: Path) -> Iterator[tuple[str, IndexedGraph, list[Question]]]:
    """The question sets with gold chains, each with its graph."""
    films = metaqa_graph(data)
    for hops in (1, 2, 3):
        yield (
            f"MetaQA {hops} hops",
            films,
            list(load_questions(data / "metaqa" / f"questions_{hops}hop.jsonl.gz")),
        )
    for part in ("pq2h", "pq3h"):
        folder = data / "pathquestion" / part
        facts = GraphBuilder().add_all(read(folder / "kb.tsv.gz")).build()
        yield (
            f"PathQuestion {part[2]} hops",
            facts,
            [
                q
                for one in ("train", "dev", "test")
                for q in load_questions(folder / f"questions_{one}.jsonl.gz")
            ],
        )
    atlas = GraphBuilder().add_all(read(ROOT / "graphs" / "atlas" / "atlas.ttl")).build()
    sources = [ROOT / "data" / "atlas" / f"{one}.jsonl" for one in PARTS]
    yield "atlas", atlas, [q for source in sources for q in load_questions(source)]


def measured(
    name: str,
    grammar: GrammarName,
    chains: Sequence[Chain],
    facts: Facts,
    tokenizer: Tokenizer,
    seed: int,
) -> Found:
    """Write every chain, and what it becomes when it is corrupted."""
    found = Found(name, grammar)
    began = time.perf_counter()
    for chain in chains[:1]:  # the first mask of a graph and tokenizer makes their tables
        constraint = Walk.of(facts.graph, [chain.start], tokenizer, grammar=grammar, hops=HOPS)
        writes(constraint, said(chain, facts).segments(grammar), tokenizer, Found(name, grammar))
    found.tables = time.perf_counter() - began
    draw = random.Random(seed)
    reach = Reach.of(facts.graph)
    for chain in chains:
        path = said(chain, facts)
        began = time.perf_counter()
        constraint = Walk.over(reach, [chain.start], tokenizer, grammar, HOPS)
        found.making.append(1e6 * (time.perf_counter() - began))
        found.gold += 1
        if not writes(constraint, path.segments(grammar), tokenizer, found, chain):
            found.refused += 1
            found.returning += any(hop.entity == chain.start for hop in chain.hops)
            back = Walk.over(reach, [chain.start], tokenizer, grammar, HOPS, allow_return=True)
            found.refused_with_return += not writes(back, path.segments(grammar), tokenizer, found, chain)
        for kind in CORRUPTIONS:
            if grammar == "path" or kind != "tail swapped":
                judge(constraint, corrupted(path, kind, facts, draw), kind, tokenizer, facts, found)
    return found


def judge(
    constraint: Constraint, path: Said, kind: str, tokenizer: Tokenizer, facts: Facts, found: Found
) -> None:
    """Try to write a corrupted path; right is to refuse it exactly where there is none."""
    exists = facts.hold(path, found.grammar)
    accepted = writes(constraint, path.segments(found.grammar), tokenizer, found)
    found.tried[kind] += 1
    found.existing[kind] += exists
    found.accepted[kind] += accepted
    found.wrong[kind] += accepted != exists


def writes(
    constraint: Constraint,
    segments: Sequence[str],
    tokenizer: Tokenizer,
    found: Found,
    chain: Chain | None = None,
) -> bool:
    """Whether a text can be written to its end, as this chain where one is given."""
    first = segments[0] if tokenizer.leading_space else segments[0].removeprefix(" ")
    tokens = [token for part in tokenizer.encode_batch([first, *segments[1:]]) for token in part]
    state = constraint.start
    for token in tokens:
        began = time.perf_counter()
        allowed = constraint.allowed(state)
        found.masks.append(1e6 * (time.perf_counter() - began))
        at = int(allowed.searchsorted(token))
        if at == len(allowed) or allowed[at] != token:
            return False
        state = constraint.advance(state, token)
    if not constraint.accepts(state):
        return False
    if chain is not None:
        found.tokens.append(len(tokens))
        return chain in constraint.chains(state, chain.end)
    return True


def coverage(found: Sequence[Found]) -> Table:
    """Gold chains that could not be written."""
    rows = [
        [one.name, one.grammar, one.gold, one.refused, one.returning, one.refused_with_return]
        for one in found
    ]
    columns = [
        "set",
        "grammar",
        "gold chains",
        "refused",
        "come back to their start",
        "refused with allow_return",
    ]
    note = (
        "Coverage. Chains that come back to their own start are refused unless `allow_return` is set; "
        "with it none must be refused."
    )
    return Table(columns, rows, note)


def quality(found: Sequence[Found]) -> Table:
    """Corrupted chains that could be written."""
    rows = [
        [one.name, one.grammar, kind, tried, one.existing[kind], one.accepted[kind], one.wrong[kind]]
        for one in found
        for kind, tried in one.tried.items()
    ]
    columns = ["set", "grammar", "corruption", "chains", "exist all the same", "accepted", "judged wrongly"]
    return Table(columns, rows, "Quality. Accepted must be exactly those that exist all the same.")


def efficiency(found: Sequence[Found]) -> Table:
    """Times."""
    rows: list[list[object]] = []
    for one in found:
        masks = [cast(float, percentile(one.masks, share)) for share in (50, 99, 100)]
        tokens = percentile(one.tokens, 50)
        making = percentile(one.making, 50)
        rows.append([one.name, one.grammar, one.tables, making, tokens, len(one.masks), *masks])
    columns = [
        "set",
        "grammar",
        "tables, s",
        "make it, us",
        "tokens a chain",
        "masks",
        "p50, us",
        "p99, us",
        "most, us",
    ]
    note = (
        "Efficiency. The tables of a graph and a tokenizer, made once and shared by all grammars; medians of "
        "making a constraint and of the tokens of a chain; the time of a mask, asked for before or not."
    )
    return Table(columns, rows, note)


if __name__ == "__main__":
    main()
