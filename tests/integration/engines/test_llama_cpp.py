"""llama.cpp: its log-probabilities are the model's own, and its completions are chains of the graph."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from served_films import FILMS as GRAPH
from tiny_gguf import tiny_gguf

from kgqa import Walk, load_language_model
from kgqa.cli import main
from kgqa.constraint import Constraint, GrammarName
from kgqa.constraint.engines.conformance import check_matcher, whole_text_language
from kgqa.constraint.engines.matcher import Matcher
from kgqa.decode import BeamSearch, decode
from kgqa.errors import ConstraintError, ModelError, UsageError
from kgqa.graph import IndexedGraph
from kgqa.lm import Distributions, Prompt, Request
from kgqa.lm.hf.tokenizer import HuggingFaceTokenizer
from kgqa.lm.testing import SAMPLE_PROMPTS, SAMPLE_SEGMENTS, check_language_model

pytestmark = pytest.mark.slow  # models are loaded
llama_cpp: Any = pytest.importorskip(
    "llama_cpp", reason="no llama.cpp; pip install 'kgqa[llama-cpp]' (make engines does)"
)

from kgqa.lm.llama_cpp.chain_processor import ChainProcessor  # noqa: E402
from kgqa.lm.llama_cpp.language_model import LlamaCppLanguageModel  # noqa: E402
from kgqa.lm.llama_cpp.vocabulary import LlamaCppVocabulary  # noqa: E402

TOPICS = ["Kismet", "千と千尋の神隠し", "</PATH>"]


@pytest.fixture(scope="module")
def tiny(smollm2_gguf: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_gguf(tmp_path_factory.mktemp("gguf") / "tiny.gguf", smollm2_gguf)


@pytest.fixture(scope="module")
def model(tiny: Path) -> Iterator[LlamaCppLanguageModel]:
    found = LlamaCppLanguageModel.load(tiny)
    yield found
    found.close()


@pytest.fixture(scope="module")
def llama(tiny: Path) -> Any:
    return llama_cpp.Llama(str(tiny), n_ctx=512, verbose=False)


def texts_of(model: LlamaCppLanguageModel) -> list[tuple[int, ...]]:
    ids = [token for segment in model.tokenizer.encode_batch(SAMPLE_SEGMENTS) for token in segment][:16]
    return [tuple(ids[:end]) for end in range(len(ids) + 1)]


def test_a_model_in_float32_keeps_the_laws(model: LlamaCppLanguageModel) -> None:
    check_language_model(model, tolerance=1e-3)


def test_its_scores_are_those_of_transformers(tiny: Path, model: LlamaCppLanguageModel) -> None:
    other: Any = load_language_model(tiny, device="cpu", dtype="float32")
    texts = texts_of(model)
    for prompt in SAMPLE_PROMPTS:
        assert other.renderer.encode(prompt) == model.renderer.encode(prompt)
        (own,) = model.score([Request(prompt, texts)])
        (theirs,) = other.score([Request(prompt, texts)])
        assert np.abs(own.log_probabilities - theirs.log_probabilities).max() < 1e-4


def test_quantised_weights_cost_about_a_tenth_of_a_nat(smollm2_gguf: Path, smollm2_folder: Path) -> None:
    """Against the same weights in transformers, and against itself after other questions."""
    model = LlamaCppLanguageModel.load(smollm2_gguf)
    other = load_language_model(smollm2_folder, device="cpu", dtype="float32")
    requests = [Request(prompt, texts_of(model)) for prompt in SAMPLE_PROMPTS]
    first, theirs = model.score(requests), other.score(requests)
    again = []
    for request in reversed(requests):
        model._scorer.clear()
        again += model.score([request])
    model.close()
    assert 0.05 < mean_difference(first, theirs) < 0.2
    assert mean_difference(first, again[::-1]) < 0.15


def mean_difference(some: list[Distributions], others: list[Distributions]) -> float:
    pairs = zip(some, others, strict=True)
    return float(np.mean([np.abs(a.log_probabilities - b.log_probabilities).mean() for a, b in pairs]))


def test_scores_do_not_depend_on_what_was_dropped_from_memory(tiny: Path) -> None:
    """Far more prompts and texts than are kept, in a random order, against each computed anew."""
    model = LlamaCppLanguageModel.load(tiny)
    generator = random.Random(0)
    prompts = [Prompt(f"what is the number {at} of {'very ' * at}much?", ("Kismet",)) for at in range(9)]
    size = model.tokenizer.vocabulary_size
    texts = [tuple(generator.randrange(20, size) for _ in range(length)) for length in (0, 1, 7)]
    texts += [(*texts[2][:3], *(generator.randrange(20, size) for _ in range(4))) for _ in range(160)]
    truth = {}
    for prompt in prompts:
        model._scorer.clear()
        (follows,) = model.score([Request(prompt, texts)])
        truth[prompt] = follows.log_probabilities
    for _ in range(60):
        chosen = generator.sample(prompts, generator.randint(1, 4))
        rows = [generator.sample(range(len(texts)), generator.randint(1, 40)) for _ in chosen]
        asked = [Request(one, [texts[row] for row in some]) for one, some in zip(chosen, rows, strict=True)]
        for one, some, found in zip(chosen, rows, model.score(asked), strict=True):
            assert np.abs(found.log_probabilities - truth[one][some]).max() < 1e-3
    model.close()


def test_a_text_that_is_longer_than_the_window(model: LlamaCppLanguageModel) -> None:
    with pytest.raises(ModelError, match="does not fit"):
        model.score([Request(SAMPLE_PROMPTS[0], [(30,) * 500])])


def test_passes_that_fail_take_no_memory_away(model: LlamaCppLanguageModel) -> None:
    request = Request(SAMPLE_PROMPTS[0], texts_of(model))
    (before,) = model.score([request])
    for _ in range(3):
        with pytest.raises(ModelError, match="failed with status"):
            model._scorer.logits([(2**30, at) for at in range(60)])  # tokens that it does not have
    (after,) = model.score([request])
    assert np.abs(after.log_probabilities - before.log_probabilities).max() < 1e-3


@pytest.mark.parametrize("grammar", ["path", "chain", "relations"])
def test_the_tokenizer_of_the_engine_conforms(model: LlamaCppLanguageModel, grammar: GrammarName) -> None:
    tokenizer = model.tokenizer
    constraint = Walk.of(GRAPH, TOPICS, tokenizer, grammar=grammar, hops=2)

    def encode(text: str) -> tuple[int, ...]:
        anchor, whole = (
            model.renderer._raw(t, add_special_tokens=False, split_special_tokens=True)
            for t in ("x", "x" + text)
        )
        assert whole["input_ids"][: len(anchor["input_ids"])] == anchor["input_ids"]
        return tuple(whole["input_ids"][len(anchor["input_ids"]) :])

    check_matcher(
        lambda one: Matcher(one, tokenizer.end_id),
        constraint,
        GRAPH,
        whole_text_language(GRAPH, TOPICS, encode, grammar=grammar, hops=2),
        end_id=tokenizer.end_id,
        vocabulary_size=tokenizer.vocabulary_size,
    )


def made(
    llama: Any, topics: list[str], grammar: GrammarName = "path"
) -> tuple[HuggingFaceTokenizer, Constraint]:
    raw = LlamaCppVocabulary(llama.model)
    tokenizer = HuggingFaceTokenizer(raw, vocabulary_size=len(raw))
    return tokenizer, Walk.of(GRAPH, topics, tokenizer, grammar=grammar, hops=2)


def completed(llama: Any, processor: ChainProcessor, **options: Any) -> Any:
    return llama.create_completion(
        "Which film?",
        logits_processor=llama_cpp.LogitsProcessorList([processor]),
        **{"max_tokens": 200, **options},
    )


SAMPLING: dict[str, dict[str, Any]] = {
    "greedy": {"temperature": 0.0},
    "sampling": {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0},
    "the defaults": {},
    "penalties": {"repeat_penalty": 1.3, "frequency_penalty": 0.5},
}


@pytest.mark.parametrize("name", SAMPLING)
@pytest.mark.parametrize("grammar", ["path", "chain", "relations"])
def test_every_completion_is_a_chain_of_the_graph(llama: Any, grammar: GrammarName, name: str) -> None:
    tokenizer, constraint = made(llama, TOPICS, grammar)
    texts = set()
    for seed in range(8):
        processor = ChainProcessor(constraint, tokenizer)
        completion = completed(llama, processor, seed=seed, **SAMPLING[name])
        chains = list(constraint.chains(processor.state(completion)))
        assert chains
        assert all(triple in GRAPH for chain in chains for triple in chain.triples)
        texts.add(completion["choices"][0]["text"])
    assert (len(texts) == 1) == (name == "greedy")


def test_a_completion_that_was_cut_off_is_no_chain(llama: Any) -> None:
    tokenizer, constraint = made(llama, TOPICS)
    processor = ChainProcessor(constraint, tokenizer)
    completion = completed(llama, processor, max_tokens=2)
    with pytest.raises(ConstraintError, match="max_tokens"):
        processor.state(completion)


def test_an_error_of_a_step_does_not_let_the_model_write_freely(llama: Any) -> None:
    """The library prints such errors and goes on as if there were no processor."""
    tokenizer, constraint = made(llama, TOPICS)
    processor = ChainProcessor(constraint, tokenizer, prompt_length=1)
    completion = completed(llama, processor)
    assert completion["usage"]["completion_tokens"] <= 1
    with pytest.raises(ConstraintError, match="is prompt_length right"):
        processor.state(completion)
    again = ChainProcessor(constraint, tokenizer)
    again.state(completed(llama, again, seed=1))
    second = completed(llama, again, seed=2)
    with pytest.raises(ConstraintError, match="make another"):
        again.state(second)


def test_the_tokenizer_of_another_model(llama: Any) -> None:
    tokenizer, constraint = made(llama, TOPICS)
    tokenizer.vocabulary_size = 50_000
    processor = ChainProcessor(constraint, tokenizer)
    completion = completed(llama, processor)
    with pytest.raises(UsageError, match="the constraint was made for 50000"):
        processor.state(completion)


def test_drafts_are_refused(tiny: Path) -> None:
    from llama_cpp.llama_speculative import LlamaPromptLookupDecoding

    llama = llama_cpp.Llama(
        str(tiny), n_ctx=512, verbose=False, draft_model=LlamaPromptLookupDecoding(num_pred_tokens=4)
    )
    tokenizer, constraint = made(llama, TOPICS)
    processor = ChainProcessor(constraint, tokenizer)
    completion = completed(llama, processor, temperature=0.0)
    with pytest.raises(ConstraintError, match="draft_model"):
        processor.state(completion)


def test_a_real_model_answers_from_the_command_line(
    smollm2_gguf: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        main(
            [
                "ask",
                "Which river flows through Paris?",
                "--model",
                str(smollm2_gguf),
                "--grammar",
                "path",
                "--hops",
                "1",
            ]
        )
        == 0
    )
    assert "    Paris ──" in capsys.readouterr().out  # a chain; it is a small model


def test_beams_of_a_real_model_are_chains(smollm2_gguf: Path) -> None:
    model = load_language_model(smollm2_gguf)
    assert isinstance(model, LlamaCppLanguageModel)
    graph: IndexedGraph = GRAPH
    walk = Walk.of(graph, ["Kismet"], model.tokenizer, hops=2)
    found = decode(BeamSearch(beams=5), model, Prompt("who directed Kismet?", ("Kismet",)), walk)
    assert len(found) == 4  # all that there are
    assert all(triple in GRAPH for one in found for chain in one.chains() for triple in chain.triples)


def test_what_is_no_gguf_file(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    with pytest.raises(ModelError, match="is not there"):
        load_language_model(file)
    file.write_bytes(b"GGUF and then nothing")
    with pytest.raises(ModelError, match="cannot be loaded by llama"):
        load_language_model(file)


def test_the_example_runs_and_prints_facts(smollm2_gguf: Path) -> None:
    root = Path(__file__).parents[3]
    script = root / "scripts/examples/engines/complete_with_llama_cpp.py"
    done = subprocess.run(
        [sys.executable, str(script), "--model", str(smollm2_gguf)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert done.returncode == 0, done.stderr
    facts = set(re.findall(r'Triple\("(.*?)", "(.*?)", "(.*?)"\)', script.read_text("utf-8")))
    printed = re.findall(r"^ +(.*?) -\[(.*?)\]-> (.*)$", done.stdout, re.MULTILINE)
    assert len(printed) >= 6
    assert set(printed) <= facts
