"""What `--search` may name."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from kgqa.decode import BeamSearch, BestFirst, Decoder, DiverseBeamSearch, Greedy, Sampler

__all__ = ["SearchName", "SearchOption", "decoder"]

SearchName = Literal["beam", "diverse", "exact", "greedy", "sample"]
MOST_PREFIXES = 20_000
"""What an exact search may look at before it settles for what it has."""

SearchOption = Annotated[
    SearchName,
    typer.Option(
        "--search",
        help="How chains are searched for: beam; diverse beams (as GCR); exact: proven to be the most "
        "probable; greedy: the fastest; sample: drawn at random.",
    ),
]


def decoder(name: SearchName, beams: int, seconds: float | None = None) -> Decoder:
    """The decoder of this name for `beams` chains; raises `UsageError` for settings out of range."""
    match name:
        case "diverse":
            return DiverseBeamSearch(beams=beams, groups=beams, seconds=seconds)
        case "exact":
            return BestFirst(hypotheses=beams, max_prefixes=MOST_PREFIXES, seconds=seconds)
        case "greedy":
            return Greedy(seconds=seconds)
        case "sample":
            return Sampler(samples=beams)
        case _:
            return BeamSearch(beams=beams, seconds=seconds)
