"""A constraint in vLLM, without a server: run it where vLLM and kgqa are installed.

    .vllm/bin/python scripts/examples/engines/complete_with_vllm.py --model FOLDER_OR_NAME

`make vllm` makes that environment, for a CPU. vLLM loads kgqa's plug-in by itself.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from vllm import LLM, SamplingParams
from vllm.sampling_params import StructuredOutputsParams

from kgqa import GraphBuilder, Triple
from kgqa.constraint.engines.walk_request import WalkRequest
from kgqa.graph import save_index

FACTS = [
    Triple("Kismet", "directed_by", "William Dieterle"),
    Triple("Kismet", "starred_actors", "Marlene Dietrich"),
    Triple("Kismet", "in_language", "English"),
    Triple("A Foreign Affair", "starred_actors", "Marlene Dietrich"),
    Triple("A Foreign Affair", "directed_by", "Billy Wilder"),
]
QUESTIONS = {"Kismet": "who directed Kismet?", "Billy Wilder": "who acted in the films of Billy Wilder?"}


def main() -> None:
    """Sample three chains for each question, all in one batch."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", required=True, help="a folder of transformers, or a name on the hub")
    parser.add_argument(
        "--drafts", type=int, default=0, help="tokens to draft at a time from what the prompt says, and check"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        save_index(GraphBuilder.of(FACTS), Path(folder) / "films")
        os.environ["KGQA_GRAPHS"] = f"films={folder}/films"  # read by the plug-in in all processes of vLLM
        complete(arguments.model, arguments.drafts)


def complete(model: str, drafts: int) -> None:
    """Print the texts of a model."""
    ngram = {"method": "ngram", "num_speculative_tokens": drafts, "prompt_lookup_max": 3}
    llm = LLM(
        model,
        max_model_len=512,
        enforce_eager=True,
        disable_log_stats=False,
        speculative_config=ngram | {"prompt_lookup_min": 1} if drafts else None,
    )
    prompts = [f"Question: {question}\nReasoning path:" for question in QUESTIONS.values()]
    wanted = [
        SamplingParams(
            n=3,
            seed=0,
            max_tokens=100,
            structured_outputs=StructuredOutputsParams(
                regex=WalkRequest(graph="films", topics=(topic,)).encode()
            ),
        )
        for topic in QUESTIONS
    ]
    for question, output in zip(QUESTIONS.values(), llm.generate(prompts, wanted), strict=True):
        print(question)
        for one in output.outputs:
            print(f"   {one.text}")
    if drafts:
        metrics = {one.name: one for one in llm.get_metrics()}
        accepted, drafted = (
            metrics[f"vllm:spec_decode_num_{kind}_tokens"].value for kind in ("accepted", "draft")
        )
        print(f"{accepted:.0f} of {drafted:.0f} drafted tokens were accepted")


if __name__ == "__main__":
    main()
