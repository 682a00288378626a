"""How long the walk takes to say what may follow: one command, one table.

    .venv/bin/python eval/bench/allowed_sets.py

Measures `Walk.allowed` and `Walk.advance` on the Freebase and MetaQA graphs, along random walks of
decoding from the benchmarks' topic entities, and on hubs of up to a million neighbours; also the
time to make the tables and to open stored ones, and their sizes. The tokenizer is a byte-level BPE
of 16,000 tokens, trained here on the graph's names. Writes allowed-sets.md and allowed-sets.json.
"""

from __future__ import annotations

import gzip
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from command import command, parsed
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from kgqa.constraint import GRAMMARS, Reach, State, Walk
from kgqa.errors import NoChainError
from kgqa.graph import GraphBuilder, IndexedGraph, Triple, open_index, save_index
from kgqa.graph.readers import read
from kgqa.lm.hf.tokenizer import HuggingFaceTokenizer

ARRIVALS = 10
VOCABULARY = 16_000
END = "<|endoftext|>"

Row = dict[str, Any]


def main() -> None:
    """Measure and write."""
    parser = command(__doc__)
    parser.add_argument("--walks", type=int, default=200, help="walks of decoding a row")
    parser.add_argument("--largest-hub", type=int, default=1_000_000)
    arguments = parsed(parser, "freebase/kb.tsv.gz")
    if arguments.quick:
        arguments.walks, arguments.largest_hub = 5, 1_000
    graphs = {
        "Freebase": ("freebase/kb.tsv.gz", ["freebase/webqsp_train.jsonl.gz"]),
        "MetaQA": ("metaqa/kb.tsv.gz", [f"metaqa/questions_{n}hop.jsonl.gz" for n in (1, 2, 3)]),
    }
    tables, walks = [], []
    with tempfile.TemporaryDirectory() as scratch:
        for name, (facts, questions) in graphs.items():
            folder = Path(scratch) / name
            save_index(GraphBuilder().add_all(read(arguments.data / facts)).build(), folder)
            tokenizer = trained(texts(open_index(folder)))
            tables.append(measure_tables(name, folder, tokenizer))
            graph = open_index(folder)
            topics = topics_of(graph, [arguments.data / path for path in questions])
            walks += list(measure_walks(name, graph, topics, tokenizer, arguments.walks, arguments.seed))
        names = texts(open_index(Path(scratch) / "Freebase"))
        words = sorted({word for name in names for word in name.split()})
        hubs = list(measure_hubs(Path(scratch) / "hubs", words, tokenizer, arguments.largest_hub, tables))
    result = {"processor": processor(), "tables": tables, "walks": walks, "hubs": hubs}
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "allowed-sets.json").write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    page = written(result)
    (arguments.out / "allowed-sets.md").write_text(page, "utf-8")
    print(page)


def trained(names: Sequence[str]) -> HuggingFaceTokenizer:
    """A byte-level BPE, as GPT-2's."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, initial_alphabet=alphabet, special_tokens=[END], show_progress=False
    )
    tokenizer.train_from_iterator(names, trainer)
    return HuggingFaceTokenizer(PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=END))


def texts(graph: IndexedGraph) -> list[str]:
    """The names of a graph's entities and relations."""
    names = [graph.labels[number] for number in range(graph.entity_count)]
    names += [graph.relation_labels[number] for number in range(graph.relation_count)]
    return [name for name in names if name]


def topics_of(graph: IndexedGraph, files: Iterable[Path]) -> list[str]:
    """The topic entities of some question files, as often as they are asked about."""
    found = []
    for file in files:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                for topic in json.loads(line)["topic_entities"]:
                    found += [match.entity for match in graph.find_ranked(topic)[:1]]
    return found


def measure_tables(name: str, folder: Path, tokenizer: HuggingFaceTokenizer) -> Row:
    """Seconds to make and to open everything, and what it takes on disk."""
    row: Row = {"graph": name}
    for way in ("make", "open"):
        graph = open_index(folder)
        reach = seconds(lambda graph=graph: Reach.of(graph))
        graph_tokens = Reach.of(graph).graph_tokens(tokenizer)
        row[way] = {
            "rows": reach,
            "steps": seconds(lambda graph_tokens=graph_tokens: graph_tokens.steps),
            "names": seconds(lambda graph_tokens=graph_tokens: graph_tokens.names),
        }
    sizes = {
        kind: sum(file.stat().st_size for path in folder.glob(f"{kind}-*") for file in path.iterdir())
        for kind in ("data", "tokens", "steps")
    }
    return {**row, "triples": len(graph), "entities": graph.entity_count, "bytes": sizes}


def measure_walks(
    name: str,
    graph: IndexedGraph,
    topics: Sequence[str],
    tokenizer: HuggingFaceTokenizer,
    walks: int,
    seed: int,
) -> Iterator[Row]:
    """Random texts from random topics, token by token, every constraint new."""
    for grammar in GRAMMARS:
        for hops in (1, 2, 3, 4):
            generator = random.Random(f"{seed} {grammar} {hops}")
            times: dict[str, list[float]] = {"start": [], "first": [], "again": [], "advance": []}
            sizes: list[int] = []
            for _ in range(walks):
                topic = generator.choice(topics)
                try:
                    start, walk = timed(
                        lambda t=topic, g=grammar, h=hops: Walk.of(graph, [t], tokenizer, grammar=g, hops=h)
                    )
                except NoChainError:
                    continue
                times["start"].append(start)
                follow(walk, generator, times, sizes, walk.start)
            yield {"graph": name, "grammar": grammar, "hops": hops, "sizes": spread(sizes), **spreads(times)}


def follow(
    walk: Walk,
    generator: random.Random,
    times: dict[str, list[float]],
    sizes: list[int],
    state: State,
    steps: int = 10_000,
) -> None:
    """One random text from a state on, to its end or for some steps."""
    for _ in range(steps):
        first, allowed = timed(walk.allowed, state)
        again, _ = timed(walk.allowed, state)
        times["first"].append(first)
        times["again"].append(again)
        sizes.append(len(allowed))
        if not len(allowed):
            return
        took, state = timed(walk.advance, state, int(generator.choice(allowed.tolist())))
        times["advance"].append(took)


def measure_hubs(
    folder: Path, words: Sequence[str], tokenizer: HuggingFaceTokenizer, largest: int, tables: list[Row]
) -> Iterator[Row]:
    """Hubs of ten to a million neighbours with names of two to four words, in one graph."""
    generator = random.Random(0)
    made: set[str] = set()
    while len(made) < largest:
        made.add(" ".join(generator.choices(words, k=generator.randint(2, 4))))
    names = sorted(made)
    degrees = [10**power for power in range(1, 7) if 10**power <= largest]
    facts = (
        Triple(f"hub of {degree}", "leads_to", name)
        for degree in degrees
        for name in (names if degree == largest else generator.sample(names, degree))
    )
    save_index(GraphBuilder.of(facts), folder)
    tables.append(measure_tables("hubs", folder, tokenizer))
    arrow, relation = tokenizer.encode_batch([" ->", " leads_to"])
    paths = {}
    for degree in degrees:
        (name,) = tokenizer.encode_batch([f" hub of {degree}"])
        paths[degree] = [*name, *arrow, *relation, *arrow]
    arrivals: dict[int, list[float]] = {degree: [] for degree in degrees}
    for _ in range(ARRIVALS):  # to come to a hub in a graph that was just opened
        graph = open_index(folder)
        graph_tokens = Reach.of(graph).graph_tokens(tokenizer)
        _ = graph_tokens.names, graph_tokens.steps
        for degree, path in paths.items():
            walk = Walk.of(graph, [f"hub of {degree}"], tokenizer, grammar="path", hops=1)
            arrivals[degree] += arrive(walk, path)
    for degree, path in paths.items():
        for place in ("names", "inside"):
            times: dict[str, list[float]] = {"first": [], "again": [], "advance": []}
            sizes: list[int] = []
            for _ in range(30):
                walk = Walk.of(graph, [f"hub of {degree}"], tokenizer, grammar="path", hops=1)
                state = walk.start
                for token in path:
                    state = walk.advance(state, token)
                if place == "inside":
                    state = walk.advance(state, int(generator.choice(walk.allowed(state).tolist())))
                    follow(walk, generator, times, sizes, state)
                else:
                    follow(walk, generator, times, sizes, state, steps=1)
            arrived = spread([1e6 * value for value in arrivals[degree]])
            yield {
                "degree": degree,
                "place": place,
                "sizes": spread(sizes),
                **spreads(times),
                **({"arrive": arrived} if place == "names" else {}),
            }


def arrive(walk: Walk, path: Sequence[int]) -> list[float]:
    """The longest step of those that lead to a hub and its first allowed set, in seconds."""
    longest, _ = timed(walk.allowed, walk.start)
    state = walk.start
    for token in path:
        advance, state = timed(walk.advance, state, token)
        allowed, _ = timed(walk.allowed, state)
        longest = max(longest, advance, allowed)
    return [longest]


def timed(call: Callable[..., Any], *arguments: Any) -> tuple[float, Any]:
    """Seconds of this thread, and the result: what other processes do meanwhile does not count."""
    begin = time.thread_time()
    result = call(*arguments)
    return time.thread_time() - begin, result


def seconds(call: Callable[[], Any]) -> float:
    """Seconds on the wall."""
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median, 99th percentile, maximum."""
    found = np.percentile(values, [50, 99, 100]) if len(values) else np.zeros(3)
    return {**dict(zip(("p50", "p99", "max"), found.tolist(), strict=True)), "n": len(values)}


def spreads(times: dict[str, list[float]]) -> Row:
    """Microseconds."""
    return {key: spread([1e6 * value for value in values]) for key, values in times.items()}


def processor() -> str:
    """Its name, and how many there are."""
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0]}, {len(names)} cores"


def written(result: Row) -> str:
    """The result as a page."""

    def three(values: dict[str, float]) -> str:
        return " / ".join(f"{values[key]:,.0f}" for key in ("p50", "p99", "max"))

    lines = [
        "# Allowed sets",
        "",
        f"Written by `eval/bench/allowed_sets.py` on {result['processor']}. Microseconds of the",
        "measuring thread (the machine was shared), p50 / p99 / max. *First*: the first call in a state",
        "that this constraint has not been in; *again*: the same call once more. *Tokens*: how many are",
        "allowed.",
        "",
        "| graph | grammar | hops | calls | make it | allowed, first | allowed, again | advance | tokens |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {r['graph']} | {r['grammar']} | {r['hops']} | {r['first']['n']:,} | {three(r['start'])} "
        f"| {three(r['first'])} | {three(r['again'])} | {three(r['advance'])} | {three(r['sizes'])} |"
        for r in result["walks"]
    ]
    lines += [
        "",
        "Hubs: at the beginning of a neighbour's name, and inside names. *Come there*: the longest step",
        "on the way to a hub and its first allowed set, in a graph that was just opened; what else is",
        "measured finds the hub's rows in memory.",
        "",
        "| neighbours | where | come there | allowed, first | allowed, again | advance | tokens |",
        "|---:|---|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {r['degree']:,} | {r['place']} | {three(r['arrive']) if 'arrive' in r else '-'} "
        f"| {three(r['first'])} | {three(r['again'])} "
        f"| {three(r['advance'])} | {three(r['sizes'])} |"
        for r in result["hubs"]
    ]
    lines += [
        "",
        "Tables: seconds to make them (once a graph and tokenizer) and to open stored ones, and bytes.",
        "Rows (the graph by verbalized steps) are made anew whenever a graph is opened. Seconds on the wall.",
        "",
        "| graph | triples | entities | rows | steps: make, open | names: make, open | index | names "
        "| steps |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for r in result["tables"]:
        make, opened, size = r["make"], r["open"], r["bytes"]
        lines.append(
            f"| {r['graph']} | {r['triples']:,} | {r['entities']:,} | {opened['rows']:.2f} "
            f"| {make['steps']:.2f}, {opened['steps']:.3f} | {make['names']:.2f}, {opened['names']:.3f} "
            f"| {size['data']:,} | {size['tokens']:,} | {size['steps']:,} |"
        )
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
