"""The command line that all benchmarks share."""

from __future__ import annotations

import argparse
import logging
import os
import tempfile
import warnings
from pathlib import Path

import torch

__all__ = ["command", "parsed"]

ROOT = Path(__file__).resolve().parents[2]


def command(description: str | None) -> argparse.ArgumentParser:
    """A parser with the options that every benchmark takes."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    data = Path(os.environ.get("KGQA_DATA") or ROOT.parent / "shared" / "data")
    parser.add_argument("--data", type=Path, default=data, help="the folder that holds metaqa/")
    parser.add_argument("--out", type=Path, help="where to write; by default eval/results")
    parser.add_argument(
        "--quick", action="store_true", help="a smoke run of seconds, written to a temporary folder"
    )
    parser.add_argument("--threads", type=int, default=torch.get_num_threads(), help="of the model")
    parser.add_argument("--seed", type=int, default=0, help="which questions are drawn")
    return parser


def parsed(parser: argparse.ArgumentParser, *needed: str) -> argparse.Namespace:
    """The arguments, with what follows from them done; `needed` are files of the data beside MetaQA's."""
    arguments = parser.parse_args()
    for name in ("metaqa/kb.tsv.gz", *needed):
        if not (arguments.data / name).is_file():
            parser.error(f"no {name} in {arguments.data}; name the folder with --data or KGQA_DATA")
    if arguments.out is None:
        arguments.out = (
            Path(tempfile.mkdtemp(prefix="kgqa-bench-")) if arguments.quick else ROOT / "eval" / "results"
        )
    torch.set_num_threads(arguments.threads)
    torch.set_grad_enabled(False)
    logging.getLogger("transformers").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="transformers")
    return arguments
