"""The benchmarks run, and what they compare with speaks the same language as we do."""

from __future__ import annotations

import functools
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import REPOSITORY
from path_list import Language, PathList, Verdict, counts
from published import Limit, LimitError, Neighbours, ScannedTrie, listed
from tokenizer_families import with_path_tokens

from kgqa.constraint import KGTrie
from kgqa.constraint.grammars.listing import list_paths
from kgqa.constraint.testing import language
from kgqa.errors import NoChainError
from kgqa.graph import GraphBuilder, IndexedGraph, Triple
from kgqa.lm.hf.tokenizer import HuggingFaceTokenizer

pytestmark = pytest.mark.slow  # minutes

BENCHMARKS = (
    *("coverage", "whole_questions", "passes", "growth", "mask_engines", "shipped_speed", "values"),
    *("workers", "device_masks"),
)
NAMES = ["a", "ab", "a b", "b", "Kismet", "Kismet 2", "A -> B", "日本"]


@functools.cache
def tokenizer() -> tuple[Any, HuggingFaceTokenizer]:
    raw = with_path_tokens("llama3")
    return raw, HuggingFaceTokenizer(raw)


def random_graph(generator: random.Random) -> IndexedGraph:
    names = generator.sample(NAMES, 4)
    return GraphBuilder.of(
        Triple(generator.choice(names), generator.choice("rst"), generator.choice(names))
        for _ in range(generator.randint(1, 9))
    )


def random_listing(generator: random.Random) -> tuple[IndexedGraph, str, int]:
    graph = random_graph(generator)
    return graph, generator.choice(sorted(graph.entities)), generator.randint(1, 3)


def test_the_published_listing_has_the_texts_of_ours() -> None:
    generator = random.Random(0)
    found = 0
    for _ in range(100):
        graph, topic, hops = random_listing(generator)
        texts = listed(Neighbours(graph), [topic], hops, Limit())
        ours = ["".join(one.segments).removeprefix(" ") for one in list_paths(graph, [topic], hops)]
        assert sorted(texts) == sorted(ours)
        found += len(texts)
        for bound, count in counts(Neighbours(graph), topic):
            assert count == len(list(list_paths(graph, [topic], bound)))
    assert found > 500


def test_the_published_trie_speaks_the_language_of_ours() -> None:
    generator = random.Random(1)
    raw, segments = tokenizer()
    compared = 0
    while compared < 20:
        graph, topic, hops = random_listing(generator)
        try:
            ours = language(KGTrie.of(graph, [topic], segments, hops=hops))
        except NoChainError:
            continue
        compared += 1
        texts = listed(Neighbours(graph), [topic], hops, Limit())
        end = segments.end_id
        trie = ScannedTrie([*raw(text, add_special_tokens=False)["input_ids"], end] for text in texts)
        verbalized: set[tuple[int, ...]] = set()
        unfinished: list[tuple[int, ...]] = [()]
        while unfinished:
            prefix = unfinished.pop()
            for token in trie.get(prefix):
                if token == end:
                    verbalized.add(prefix)
                else:
                    unfinished.append((*prefix, token))
        assert verbalized == ours.keys()


def test_what_may_follow_by_brute_force_is_what_the_published_trie_says() -> None:
    generator = random.Random(2)
    raw, segments = tokenizer()
    for _ in range(20):
        graph, topic, hops = random_listing(generator)
        if not any(count for _, count in counts(Neighbours(graph), topic)):
            continue
        paths = PathList.of(Neighbours(graph), Language(topic, hops, 0), raw, segments.end_id)
        trie = ScannedTrie([*sequence, paths.end] for sequence in paths.sequences)
        for sequence in paths.sequences[:20]:
            for depth in range(len(sequence) + 1):
                prefix = sequence[:depth]
                allowed = trie.get(prefix)
                assert paths.judge(prefix, allowed) == (0, 0, 0)
                assert paths.judge(prefix, []).lacks == len(allowed)


def test_another_split_of_a_path_is_told_from_what_is_no_path() -> None:
    raw, segments = tokenizer()
    graph = GraphBuilder.of([Triple("Kismet", "r", "b")])
    paths = PathList.of(Neighbours(graph), Language("Kismet", 1, 1), raw, segments.end_id)
    topic, (arrow, space, letter) = paths.sequences[0][:3], raw.convert_tokens_to_ids(["Ġ->", "Ġ", "x"])
    assert paths.expected(topic) == {arrow}
    assert paths.judge(topic, [arrow, space, letter, paths.end]) == Verdict(lacks=0, other=1, wrong=2)
    assert paths.judge(paths.sequences[0], [paths.end]) == Verdict(0, 0, 0)
    assert paths.judge(paths.sequences[0], [letter]) == Verdict(lacks=1, other=0, wrong=1)


def test_listing_stops_at_its_limit() -> None:
    graph = GraphBuilder.of(Triple("hub", "r", f"n{number}") for number in range(50))
    with pytest.raises(LimitError, match="49 paths"):
        listed(Neighbours(graph), ["hub"], 1, Limit(paths=49))
    assert len(listed(Neighbours(graph), ["hub"], 1, Limit(paths=50))) == 50


def test_every_token_has_its_character() -> None:
    sequences = [(0, 1), (0, 55_294, 55_295, 55_296), (57_343, 151_935, 255_999)]
    trie = ScannedTrie(sequences)
    for sequence in sequences:
        for at, token in enumerate(sequence):
            assert token in trie.get(sequence[:at])
        assert trie.get(sequence) == []
    assert sorted(trie.get(())) == [0, 57_343]


@pytest.mark.slow
@pytest.mark.data
@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_runs(name: str, tmp_path: Path, data_folder: Path) -> None:
    if name == "growth":
        pytest.importorskip("matplotlib")
    script = REPOSITORY / "eval" / "bench" / f"{name}.py"
    options = ["--quick", "--threads", "1", "--data", str(data_folder), "--out", str(tmp_path)]
    run = subprocess.run(
        [sys.executable, str(script), *options],
        capture_output=True,
        text=True,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )
    assert run.returncode == 0, run.stderr[-2000:]
    stem = name.replace("_", "-")
    written = json.loads((tmp_path / f"{stem}.json").read_text("utf-8"))
    assert written["found"]
    assert {"processor", "threads", "versions", "date"} <= written["machine"].keys()
    page = (tmp_path / f"{stem}.md").read_text("utf-8")
    assert page in run.stdout
    assert page.count("|---" if "|---" in page else "| ---") >= 1
    if name == "mask_engines":
        ours = [row for row in written["found"] if row["engine"].startswith("our ")]
        assert len(ours) == 3
        assert all(row["masks"] and not row["failure"] for row in ours)
        assert all(row["lacking"] == row["other"] == row["wrong"] == row["refused"] == 0 for row in ours)
    if name == "growth":
        assert (tmp_path / "growth.png").stat().st_size > 10_000


def test_every_model_says_how_it_is_read() -> None:
    script = REPOSITORY / "eval" / "bench" / "every_model.py"
    names = ["Gemma2ForCausalLM", "MambaForCausalLM", "T5ForConditionalGeneration", "XLNetLMHeadModel"]
    run = subprocess.run([sys.executable, str(script), *names], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-2000:]
    gemma, mamba, xlnet, t5 = run.stdout.splitlines()
    assert "trees, rows beyond its window" in gemma
    assert all(line.endswith("right") for line in (gemma, mamba, t5))
    assert "refused" in xlnet


@pytest.mark.data
def test_the_allowed_sets_are_measured(tmp_path: Path, data_folder: Path) -> None:
    script = REPOSITORY / "eval" / "bench" / "allowed_sets.py"
    options = ["--quick", "--threads", "1", "--data", str(data_folder), "--out", str(tmp_path)]
    run = subprocess.run([sys.executable, str(script), *options], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-2000:]
    assert (tmp_path / "allowed-sets.md").read_text("utf-8") in run.stdout
    assert json.loads((tmp_path / "allowed-sets.json").read_text("utf-8"))["walks"]
