"""The option `--search`."""

from __future__ import annotations

from typing import Annotated

import typer

from kgqa.decode import DecoderName

__all__ = ["SearchOption"]

SearchOption = Annotated[
    DecoderName,
    typer.Option(
        "--search",
        help="The decoder: beam search; diverse beam search (as GCR); exact: proven to be the most "
        "probable chains; greedy: the fastest; adaptive: greedy with a look-ahead where the model is "
        "unsure; or chains drawn at random: sample (token by token), stochastic (without replacement), "
        "aligned (from the model's own distribution).",
    ),
]
