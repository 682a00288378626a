"""How kgqa reads every class of transformers that writes text, and whether it reads it right.

    .venv/bin/python eval/bench/every_model.py [class ...]

Each class gets a few thousand random weights and is asked about texts behind two prompts, in several
passes. What it says is compared with what the bare model says of each text alone, without a cache. The
windows of attention are shorter than some of the texts.

Writes every-model.md and every-model.json. Takes about fifteen minutes on two cores.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import resource
import sys
import warnings
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
import transformers
from architectures import WINDOW, architectures, tiny
from command import ROOT
from machine import Machine
from models import bench_tokenizer
from report import Report, Table

from kgqa.errors import KgqaError
from kgqa.lm import Prompt, Request, Text
from kgqa.lm.hf.causal import CausalLanguageModel
from kgqa.lm.hf.seq2seq import Seq2SeqLanguageModel
from kgqa.lm.load import as_language_model

SECONDS, MEMORY = 90, 8 * 2**30
"""What one model may take."""

RIGHT = 1e-4
"""Of the largest log-probability that is compared, as in the trial of a model that is loaded."""

PROMPTS = (Prompt("what languages are the films in?", ("Joel Zwick",)), Prompt("who?", ("Kismet",)))
BEGUN: list[Text] = [(30, 31, 32, 33), (30,), (), (30, 31, 40), (50, 51, 52, 53, 54, 55, 56)]
ON: list[Text] = [(30, 31, 32, 33, 34), (30, 31, 40, 41), (50, 51, 52, 53, 54, 55, 56, 57, 60)]
LONG: list[Text] = [tuple(range(30, 70)), tuple(range(30, 60)), (30, 31, 40)]
PASSES: list[list[tuple[int, list[Text]]]] = [[(0, BEGUN)], [(0, ON), (1, BEGUN)], [(1, LONG), (0, ON)]]


class Found(NamedTuple):
    """How a class is read (`way`, empty where it is not), how far off that is, or why it is not."""

    model: str
    way: str
    difference: float | None
    why: str = ""

    @property
    def verdict(self) -> str:
        if self.difference is not None:
            return "right" if self.difference <= RIGHT else "WRONG"
        return "refused" if self.way else "not made"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("classes", nargs="*", help="model classes; by default all")
    parser.add_argument("--out", type=Path, default=ROOT / "eval" / "results")
    arguments = parser.parse_args()
    tokenizer = bench_tokenizer(["what languages are the films in that Joel Zwick directed?"], 512)
    found: list[list[Found]] = []
    for encoders in (False, True):
        rows = []
        for configuration, model in architectures(encoders):
            if not arguments.classes or model.__name__ in arguments.classes:
                rows.append(apart(configuration, model, tokenizer))
                print(*rows[-1], rows[-1].verdict, flush=True)
        found.append(rows)
    if arguments.classes:
        return
    Report(
        "every_model",
        "Every model of transformers",
        Machine.here(),
        {"window": WINDOW},
        [
            counted(*found),
            listed(found[0], "Models that continue a text."),
            listed(found[1], "Models with an encoder."),
        ],
        [row._asdict() for rows in found for row in rows],
        [
            "Trees: the texts of a question are one token tree, read in one pass, those of many prompts one "
            "after the other where it says *packed*. Rows: a row for each text, behind what the model kept "
            "of the prompt. Whole rows: behind the prompt itself. Refused: kgqa says that it does not read "
            "it. Not made: this script has no small configuration that the class takes. The difference is to "
            "each text alone, as a share of the largest log-probability.",
            "Moshi contradicts itself: transformers' cache of it forgets what is beyond its window, its pass "
            "without a cache does not.",
        ],
    ).write(arguments.out)


def apart(configuration: Any, model: Any, tokenizer: Any) -> Found:
    """What `examined` finds, in a process of its own: a class may ask for any time and memory."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(
        target=_examine, args=(configuration, model, tokenizer, theirs)
    )
    process.start()
    theirs.close()
    try:
        if ours.poll(SECONDS):
            return Found(model.__name__, *ours.recv())
        why = f"took more than {SECONDS} seconds"
    except EOFError:
        why = "its process ended"
    finally:
        process.kill()
        process.join()
    return Found(model.__name__, "", None, why)


def _examine(configuration: Any, model: Any, tokenizer: Any, answer: Any) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    transformers.utils.logging.set_verbosity_error()
    torch.set_num_threads(1)
    sys.stderr = None
    answer.send(examined(configuration, model, tokenizer))


@torch.inference_mode()
def examined(configuration: Any, model: Any, tokenizer: Any) -> tuple[str, float | None, str]:
    """The way, difference and reason of a `Found`."""
    try:
        raw = tiny(configuration, model, len(tokenizer) + 5)
        start = {"decoder_input_ids": torch.tensor([[1]])} if raw.config.is_encoder_decoder else {}
        raw(input_ids=torch.tensor([[30, 31, 32]]), **start)
    except Exception as error:  # whatever a class does with a configuration that it was not made for
        return "", None, first_line(error)
    try:
        speaker = as_language_model(raw, tokenizer)
        return way(speaker), difference(raw, speaker), ""
    except KgqaError as error:
        return "none", None, first_line(error)


def way(speaker: CausalLanguageModel | Seq2SeqLanguageModel) -> str:
    """How the texts are read."""
    if isinstance(speaker, Seq2SeqLanguageModel):
        return "rows"
    kind = type(speaker._scorer).__name__
    base = "trees" if speaker.tree else {"RowScorer": "rows", "UncachedScorer": "whole rows"}[kind]
    packed = ", packed" if speaker.packed else ""
    return f"{base}{packed}{', rows beyond its window' if kind == 'WindowedScorer' else ''}"


def difference(raw: Any, speaker: CausalLanguageModel | Seq2SeqLanguageModel) -> float:
    """The largest difference of a log-probability to that of a text alone, as a share of the largest one."""
    worst, largest = 0.0, 1.0
    for asked in PASSES:
        answers = speaker.score([Request(PROMPTS[at], texts) for at, texts in asked])
        for (at, texts), follows in zip(asked, answers, strict=True):
            for row, text in enumerate(texts):
                expected = alone(raw, speaker, PROMPTS[at], text)
                worst = max(worst, float(np.abs(expected - follows[row]).max()))
                largest = max(largest, float(np.abs(expected).max()))
    return worst / largest


def alone(
    raw: Any, speaker: CausalLanguageModel | Seq2SeqLanguageModel, prompt: Prompt, text: Text
) -> np.ndarray[Any, np.dtype[np.float32]]:
    ids = speaker.renderer.encode(prompt)
    if isinstance(speaker, Seq2SeqLanguageModel):
        given = {
            "input_ids": torch.tensor([ids]),
            "decoder_input_ids": torch.tensor([[*speaker.opening, *text]]),
        }
    else:
        given = {"input_ids": torch.tensor([[*ids, *text]])}
    said: torch.Tensor = raw(**given, use_cache=False).logits[0, -1]
    return said.float().log_softmax(-1).numpy()


def first_line(error: Exception) -> str:
    text = f"{type(error).__name__}: {' '.join(str(error).split())}".replace("|", "/")
    return text if len(text) <= 160 else f"{text[:159]}…"


def counted(causal: list[Found], encoders: list[Found]) -> Table:
    def of(rows: list[Found]) -> Counter[str]:
        return Counter(
            f"{row.way}: {row.verdict}" if row.difference is not None else row.verdict for row in rows
        )

    one, other = of(causal), of(encoders)
    rows = [[what, one[what], other[what]] for what in sorted(one.keys() | other.keys())]
    return Table(("read in", "models that continue a text", "models with an encoder"), rows)


def listed(found: list[Found], note: str) -> Table:
    rows = [[row.model, row.way or "-", row.verdict, row.difference, row.why] for row in found]
    return Table(("model", "read in", "verdict", "difference", "why"), rows, note)


if __name__ == "__main__":
    main()
