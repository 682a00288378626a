"""Masks for transformers' `generate`: by the host for each row, or for all rows on the model's device.

    .venv/bin/python eval/bench/device_masks.py

Prompts of MetaQA topics, 10 beams each, the texts of all paths of two hops. The beams go through random
allowed tokens and change places as beams do; at each step all processors mask the same rows, in turns:
`ChainLogitsProcessor` over a walk and over a trie, and `TrieLogitsProcessor`. On a GPU where there is one,
else on the processor. That the masks are equal is checked at every step.

Writes device-masks.md and device-masks.json. Takes some minutes.
"""

from __future__ import annotations

import random
import time
from typing import Any

import torch
from command import command, parsed
from machine import Machine
from metaqa import graph, questions, sample, texts
from models import bench_tokenizer
from report import Report, Table, median, percentile

from kgqa.constraint import KGTrie, Reach, Walk
from kgqa.lm.hf.generate import ChainLogitsProcessor
from kgqa.lm.hf.tokenizer import HuggingFaceTokenizer
from kgqa.lm.hf.trie_processor import TrieLogitsProcessor

BEAMS, HOPS = 10, 2
WALK, TRIE, DEVICE = "walk, by row", "trie, by row", "trie, on the device"


def main() -> None:
    parser = command(__doc__)
    parser.add_argument("--topics", type=int, default=24)
    parser.add_argument("--vocabulary", type=int, default=128_256, help="the width of a row: Llama 3's")
    arguments = parsed(parser)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    topics, prompts = (arguments.topics, (1, 4)) if not arguments.quick else (4, (1, 2))
    facts = graph(arguments.data)
    tokenizer = HuggingFaceTokenizer(bench_tokenizer(texts(arguments.data, facts)))
    asked = sample(questions(arguments.data, HOPS, facts), topics, arguments.seed)
    width = max(arguments.vocabulary, tokenizer.vocabulary_size)
    rows, found = [], []
    for count in prompts:
        batches = [asked[at : at + count] for at in range(0, len(asked) - count + 1, count)]
        one = measured(facts, [[a.topic for a in batch] for batch in batches], tokenizer, width, device)
        found.append({"prompts": count, **one})
        for name in (WALK, TRIE, DEVICE):
            step = one["steps"][name]
            rows.append(
                [
                    count,
                    name,
                    1000 * one["made"][name],
                    *(1000 * value for value in (median(step), percentile(step, 99)) if value is not None),
                    (median(step) or 0) / (median(one["steps"][DEVICE]) or 1),
                ]
            )
    table = Table(
        ("prompts", "masks", "made, ms", "a step, ms", "99 %", "times the last"),
        rows,
        f"Median times. {BEAMS} beams for each prompt; a row has {width:,} scores, on {device}. Made: the "
        "constraint, of a graph that is open, and the arrays.",
    )
    settings = {"topics": topics, "hops": HOPS, "seed": arguments.seed, "device": str(device)}
    Report(
        "device_masks", "Masks by the host and on the device", Machine.here(), settings, [table], found
    ).write(arguments.out)


def measured(
    facts: Any, batches: list[list[str]], tokenizer: HuggingFaceTokenizer, width: int, device: torch.device
) -> dict[str, Any]:
    """Seconds to make each processor (median) and of each of its steps."""
    made: dict[str, list[float]] = {name: [] for name in (WALK, TRIE, DEVICE)}
    steps: dict[str, list[float]] = {name: [] for name in made}
    reach = Reach.of(facts)
    for number, topics in enumerate(batches):
        processors: dict[str, Any] = {}

        def timed(name: str, make: Any, processors: dict[str, Any] = processors) -> None:
            began = time.perf_counter()
            processors[name] = make()
            made[name].append(time.perf_counter() - began)

        def tries(topics: list[str] = topics) -> list[KGTrie]:
            return [KGTrie.of(facts, [topic], tokenizer, hops=HOPS) for topic in topics]

        timed(
            WALK,
            lambda topics=topics: ChainLogitsProcessor(
                [Walk.over(reach, [topic], tokenizer, "path", HOPS) for topic in topics], tokenizer, 0
            ),
        )
        timed(TRIE, lambda make=tries: ChainLogitsProcessor(make(), tokenizer, 0))
        timed(DEVICE, lambda make=tries: TrieLogitsProcessor(make(), tokenizer, 0, device=device))
        go(processors, len(topics), width, device, random.Random(number), steps, tokenizer.end_id)
    return {"made": {name: median(times) for name, times in made.items()}, "steps": steps}


def go(
    processors: dict[str, Any],
    prompts: int,
    width: int,
    device: torch.device,
    chance: random.Random,
    steps: dict[str, list[float]],
    end: int,
) -> None:
    """All steps of one batch, until every row has ended."""
    rows = prompts * BEAMS
    ids = torch.zeros((rows, 0), dtype=torch.int64, device=device)
    scores = torch.randn(rows, width, device=device)
    while not len(ids[0]) or not bool((ids[:, -1] == end).all()):
        masks = {}
        for name in chance.sample(sorted(processors), len(processors)):
            if device.type == "cuda":
                torch.cuda.synchronize()
            began = time.perf_counter()
            masks[name] = processors[name](ids, scores)
            if device.type == "cuda":
                torch.cuda.synchronize()
            steps[name].append(time.perf_counter() - began)
        assert torch.equal(masks[WALK], masks[DEVICE])
        assert torch.equal(masks[TRIE], masks[DEVICE])
        parents, tokens = [], []
        for row in range(rows):
            parents.append(row // BEAMS * BEAMS + chance.randrange(BEAMS))
            allowed = torch.where(~masks[DEVICE][parents[-1]].isneginf())[0].tolist()
            tokens.append(end if end in allowed else chance.choice(allowed))
        ids = torch.cat([ids[parents], torch.tensor(tokens, device=device)[:, None]], dim=1)


if __name__ == "__main__":
    main()
