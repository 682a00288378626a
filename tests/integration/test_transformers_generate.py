"""transformers' own generate under a constraint: whatever the search, only chains come out."""

from __future__ import annotations

import functools
import math
import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
from tiny_models import tiny_model
from transformers import LogitsProcessor

from kgqa.constraint import Constraint, GrammarName, Walk
from kgqa.constraint.testing import language
from kgqa.decode import BeamSearch, decode
from kgqa.errors import ConstraintError, NoChainError, UsageError
from kgqa.graph import Chain, GraphBuilder, IndexedGraph, Triple
from kgqa.lm import Prompt
from kgqa.lm.hf.causal import CausalLanguageModel
from kgqa.lm.hf.generate import ChainLogitsProcessor, prefix_allowed_tokens_fn
from kgqa.lm.hf.seq2seq import Seq2SeqLanguageModel

pytestmark = pytest.mark.slow  # minutes

LanguageModel = CausalLanguageModel | Seq2SeqLanguageModel
NAMES = ["a", "ab", "b", "Kismet", "Kismet 2", "Joel", "</PATH>", "日本", "> 2. <"]
MOST_TOKENS = 200


@functools.cache
def model(name: str) -> tuple[Any, LanguageModel]:
    raw, tokenizer = tiny_model(name)
    raw.generation_config.eos_token_id = raw.generation_config.pad_token_id = None
    kind = Seq2SeqLanguageModel if name == "t5" else CausalLanguageModel
    return raw, kind(raw, tokenizer)


def random_graph(generator: random.Random) -> IndexedGraph:
    names = generator.sample(NAMES, 4)
    return GraphBuilder.of(
        Triple(generator.choice(names), generator.choice("rst"), generator.choice(names))
        for _ in range(generator.randint(1, 6))
    )


def random_constraint(generator: random.Random, speaker: LanguageModel) -> tuple[IndexedGraph, Walk]:
    while True:
        graph = random_graph(generator)
        topic = generator.choice(sorted({t.head for t in graph}))
        grammar: GrammarName = generator.choice(["path", "chain", "relations"])
        hops = generator.randint(1, 2)
        try:
            return graph, Walk.of(graph, [topic], speaker.tokenizer, grammar=grammar, hops=hops)
        except NoChainError:
            continue


class Batch:
    """Prompts of different lengths, padded on the left, as generate takes them."""

    def __init__(self, name: str, questions: Sequence[str]) -> None:
        self.raw, self.speaker = model(name)
        self.prompts = [Prompt(question, ("a",)) for question in questions]
        ids = [self.speaker.renderer.encode(prompt) for prompt in self.prompts]
        width = max(map(len, ids))
        pad = 0
        rows = torch.tensor([[pad] * (width - len(row)) + list(row) for row in ids])
        seen = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in ids])
        self.inputs = {"input_ids": rows, "attention_mask": seen}
        self.length = 1 if name == "t5" else width
        self.options: dict[str, Any] = {
            "eos_token_id": self.speaker.tokenizer.end_id,
            "pad_token_id": pad,
            "max_new_tokens": MOST_TOKENS,
        }

    def processor(self, constraints: Constraint | Sequence[Constraint]) -> ChainLogitsProcessor:
        return ChainLogitsProcessor(constraints, self.speaker.tokenizer, self.length, pad_id=0)

    def generate(self, processor: LogitsProcessor | None = None, **options: Any) -> Any:
        processors = [] if processor is None else [processor]
        return self.raw.generate(
            **self.inputs, logits_processor=processors, **{**self.options, "do_sample": False, **options}
        )


SEARCHES: dict[str, dict[str, Any]] = {
    "greedy": {},
    "beams": {"num_beams": 3, "num_return_sequences": 1},
    "sampling": {"do_sample": True, "num_return_sequences": 4, "top_k": 0},
    "cool sampling of the likeliest": {"do_sample": True, "temperature": 0.7, "top_k": 2, "top_p": 0.9},
    "beam sampling": {"do_sample": True, "num_beams": 3},
    "without a cache": {"use_cache": False, "num_beams": 2},
}


@pytest.mark.parametrize("name", ["llama", "gpt2", "t5"])
@pytest.mark.parametrize("search", SEARCHES)
def test_every_output_of_a_batch_is_a_chain_of_its_own_graph(name: str, search: str) -> None:
    generator = random.Random(search + name)
    options = SEARCHES[search]
    torch.manual_seed(0)
    for _ in range(2):
        batch = Batch(name, ["what?", "which of the films of Joel is the longest?", "who is it then"])
        pairs = [random_constraint(generator, batch.speaker) for _ in batch.prompts]
        processor = batch.processor([constraint for _, constraint in pairs])
        outputs = batch.generate(processor, **options)
        each = len(outputs) // len(pairs)
        assert each == options.get("num_return_sequences", 1)
        for row, output in enumerate(outputs):
            graph, constraint = pairs[row // each]
            chains = list(constraint.chains(processor.state(output, row // each)))
            assert chains
            assert all(triple in graph for chain in chains for triple in chain.triples)
            assert all(chain.start in constraint.topics for chain in chains)


@pytest.mark.parametrize("name", ["llama", "t5"])
@pytest.mark.parametrize("search", ["greedy", "beams", "cool sampling of the likeliest"])
def test_the_function_does_what_the_processor_does(name: str, search: str) -> None:
    generator = random.Random(name)
    for _ in range(2):
        batch = Batch(name, ["what?", "which of the films of Joel is the longest?"])
        constraints = [random_constraint(generator, batch.speaker)[1] for _ in batch.prompts]
        function = prefix_allowed_tokens_fn(constraints, batch.speaker.tokenizer, batch.length, pad_id=0)
        found = []
        for how in ({"processor": batch.processor(constraints)}, {"prefix_allowed_tokens_fn": function}):
            torch.manual_seed(1)
            found.append(batch.generate(**how, **SEARCHES[search]).tolist())
        assert found[0] == found[1]


def transformers_rule(
    raw: Any, inputs: dict[str, Any], length: int, constraint: Constraint, end: int, beams: int
) -> float:
    """The best score that beam search finds if a text counts as finished only among the best of its step.

    Written anew over whole forward passes, without generate and without our decoder.
    """
    live: list[tuple[float, tuple[int, ...], Any]] = [(0.0, (), constraint.start)]
    finished: list[float] = []
    opening = inputs["input_ids"][0].tolist() if length > 1 else [0]
    while live:
        candidates: list[tuple[float, tuple[int, ...], Any]] = []
        for score, text, state in live:
            row = torch.tensor([[*opening, *text]])
            ids = {"input_ids": row} if length > 1 else {**inputs, "decoder_input_ids": row}
            with torch.no_grad():
                logits = raw(**ids).logits[0, -1].float().log_softmax(-1)
            for token in constraint.allowed(state).tolist():
                after = constraint.advance(state, token)
                candidates.append((score + float(logits[token]), (*text, token), after))
            if constraint.accepts(state):
                candidates.append((score + float(logits[end]), text, None))
        candidates.sort(key=lambda candidate: -candidate[0])
        finished += [score for score, _, state in candidates[:beams] if state is None]
        live = [candidate for candidate in candidates if candidate[2] is not None][:beams]
    return max(finished)


@pytest.mark.parametrize(
    ("name", "rounds", "least_dropped"),
    [
        ("llama", 40, 1),
        ("t5", 10, 0),
        pytest.param("llama", 250, 5, marks=pytest.mark.slow),
        pytest.param("t5", 250, 0, marks=pytest.mark.slow),
    ],
)
def test_beam_search_finds_our_best_text_but_for_those_that_transformers_drops(
    name: str, rounds: int, least_dropped: int
) -> None:
    generator = random.Random(5)
    same = dropped = 0
    for round in range(rounds):
        batch = Batch(name, [f"what is {round}?"])
        _, constraint = random_constraint(generator, batch.speaker)
        beams = generator.randint(2, 4)
        best = decode(BeamSearch(beams=beams), batch.speaker, batch.prompts[0], constraint)[0]
        processor = batch.processor(constraint)
        output = batch.generate(
            processor,
            num_beams=beams,
            length_penalty=0.0,
            early_stopping=False,
            return_dict_in_generate=True,
            output_scores=True,
        )
        row = output.sequences[0, batch.length :].tolist()
        end = batch.speaker.tokenizer.end_id
        score = float(output.sequences_scores[0])
        assert score <= best.log_probability + 1e-3
        if tuple(row[: row.index(end)]) == best.tokens:
            assert math.isclose(score, best.log_probability, abs_tol=1e-3)
            same += 1
        else:
            expected = transformers_rule(batch.raw, batch.inputs, batch.length, constraint, end, beams)
            assert math.isclose(score, expected, abs_tol=1e-3)
            assert score < best.log_probability - 1e-3
            dropped += 1
    assert dropped >= least_dropped
    assert same > 4 * dropped


@pytest.mark.parametrize("name", ["llama", "t5"])
def test_with_as_many_beams_as_texts_all_of_them_come_out_in_our_order(name: str) -> None:
    generator = random.Random(9)
    compared = 0
    while compared < 8:
        batch = Batch(name, ["what?"])
        _, constraint = random_constraint(generator, batch.speaker)
        texts = len(language(constraint))
        if not 2 <= texts <= 8:
            continue
        compared += 1
        ours = decode(BeamSearch(beams=2 * texts), batch.speaker, batch.prompts[0], constraint)
        processor = batch.processor(constraint)
        outputs = batch.generate(
            processor,
            num_beams=2 * texts,
            num_return_sequences=2 * texts,
            length_penalty=0.0,
            early_stopping=False,
            output_scores=True,
            return_dict_in_generate=True,
        )
        end = batch.speaker.tokenizer.end_id
        real = outputs.sequences_scores > -1e8
        rows = [row.tolist()[batch.length :] for row in outputs.sequences[real]]
        assert [tuple(row[: row.index(end)]) for row in rows] == [h.tokens for h in ours]
        assert np.allclose(outputs.sequences_scores[real], [h.log_probability for h in ours], atol=1e-3)


class Counting:
    """A constraint that counts its steps."""

    def __init__(self, constraint: Walk) -> None:
        self.constraint = constraint
        self.steps = 0
        self.start = constraint.start

    def advance(self, state: Any, token: int) -> Any:
        self.steps += 1
        return self.constraint.advance(state, token)

    def allowed(self, state: Any) -> Any:
        return self.constraint.allowed(state)

    def accepts(self, state: Any) -> bool:
        return self.constraint.accepts(state)


def test_each_token_of_each_row_is_walked_once() -> None:
    batch = Batch("gpt2", ["what?"])
    _, walk = random_constraint(random.Random(3), batch.speaker)
    counting = Counting(walk)
    processor = ChainLogitsProcessor(counting, batch.speaker.tokenizer, batch.length)
    output = batch.generate(processor, num_beams=3)
    assert 0 < counting.steps <= 3 * (output.shape[1] - batch.length)


def test_a_processor_serves_one_call_after_the_other() -> None:
    batch = Batch("llama", ["what?"])
    _, constraint = random_constraint(random.Random(4), batch.speaker)
    processor = batch.processor(constraint)
    assert batch.generate(processor).tolist() == batch.generate(processor).tolist()


def test_a_wrong_prompt_length_is_an_error_and_lifts_nothing() -> None:
    batch = Batch("llama", ["what?"])
    _, constraint = random_constraint(random.Random(1), batch.speaker)
    for length in (0, batch.length - 1):
        wrong = ChainLogitsProcessor(constraint, batch.speaker.tokenizer, length)
        with pytest.raises(ConstraintError, match="prompt_length"):
            batch.generate(wrong)
        function = prefix_allowed_tokens_fn(constraint, batch.speaker.tokenizer, length)
        with pytest.raises(ConstraintError, match="prompt_length"):
            batch.generate(prefix_allowed_tokens_fn=function)
    with pytest.raises(UsageError, match="got -1"):
        ChainLogitsProcessor(constraint, batch.speaker.tokenizer, -1)


def test_what_another_processor_forbids_is_an_error_and_lifts_nothing() -> None:
    batch = Batch("llama", ["what?"])
    graph = GraphBuilder.of([Triple("a", "r", "b")])
    constraint = Walk.of(graph, ["a"], batch.speaker.tokenizer, hops=1)
    with pytest.raises(ConstraintError, match="min_new_tokens"):
        batch.generate(batch.processor(constraint), min_new_tokens=150)


def test_an_unfinished_text_is_told_apart() -> None:
    batch = Batch("llama", ["what?"])
    graph = GraphBuilder.of([Triple("a", "r", "b")])
    processor = batch.processor(Walk.of(graph, ["a"], batch.speaker.tokenizer, hops=1))
    with pytest.raises(ConstraintError, match="max_new_tokens"):
        processor.state(batch.generate(processor, max_new_tokens=2)[0])
    state = processor.state(batch.generate(processor)[0])
    constraint = Walk.of(graph, ["a"], batch.speaker.tokenizer, hops=1)
    assert [chain.triples for chain in constraint.chains(state)] == [(Triple("a", "r", "b"),)]
    assert isinstance(next(constraint.chains(state)), Chain)


def test_rows_that_fit_no_number_of_constraints_are_an_error() -> None:
    batch = Batch("llama", ["what?", "who?", "where?"])
    constraints = [random_constraint(random.Random(n), batch.speaker)[1] for n in range(2)]
    with pytest.raises(UsageError, match="3 rows for 2 constraints"):
        batch.generate(batch.processor(constraints))
    function = prefix_allowed_tokens_fn(constraints, batch.speaker.tokenizer, batch.length)
    with pytest.raises(UsageError, match="ChainLogitsProcessor"):
        batch.generate(prefix_allowed_tokens_fn=function)
    with pytest.raises(UsageError, match="no constraint"):
        batch.processor([])
