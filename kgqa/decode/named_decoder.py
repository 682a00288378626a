"""Decoders by name."""

from __future__ import annotations

from typing import Literal, get_args

from kgqa.decode.decoder import Decoder
from kgqa.decode.sampling.aligned_sampler import AlignedSampler
from kgqa.decode.sampling.sampler import Sampler
from kgqa.decode.sampling.stochastic_beam import StochasticBeam
from kgqa.decode.search.adaptive_greedy import AdaptiveGreedy
from kgqa.decode.search.beam import BeamSearch
from kgqa.decode.search.best_first import BestFirst
from kgqa.decode.search.diverse_beam import DiverseBeamSearch
from kgqa.decode.search.greedy import Greedy
from kgqa.errors import UsageError

__all__ = ["DecoderName", "named_decoder"]

DecoderName = Literal["beam", "diverse", "exact", "greedy", "adaptive", "sample", "stochastic", "aligned"]

MOST_PREFIXES = 20_000
"""Prefixes that an exact search may expand before it returns the best texts found so far."""


def named_decoder(
    name: DecoderName, *, beams: int = 10, seconds: float | None = None, seed: int = 0
) -> Decoder:
    """The decoder with this name, as run files and the command line name it.

    `beams` is the beam width, the number of hypotheses of "exact", and the number of samples of the
    decoders that draw at random ("sample", "stochastic", "aligned"), which also take `seed`.
    "greedy" and "adaptive" find one text. `seconds` is the time limit of a question. Raises
    `UsageError` for an unknown name or a setting out of range.

    >>> named_decoder("sample", beams=5, seed=3)
    Sampler(samples=5, seed=3, temperature=1.0, seconds=None)
    """
    match name:
        case "beam":
            return BeamSearch(beams=beams, seconds=seconds)
        case "diverse":
            return DiverseBeamSearch(beams=beams, groups=beams, seconds=seconds)
        case "exact":
            return BestFirst(hypotheses=beams, max_prefixes=MOST_PREFIXES, seconds=seconds)
        case "greedy":
            return Greedy(seconds=seconds)
        case "adaptive":
            return AdaptiveGreedy(seconds=seconds)
        case "sample":
            return Sampler(samples=beams, seed=seed, seconds=seconds)
        case "stochastic":
            return StochasticBeam(samples=beams, seed=seed, seconds=seconds)
        case "aligned":
            return AlignedSampler(samples=beams, seed=seed, seconds=seconds)
    raise UsageError(f"no decoder {name!r}; there are {', '.join(get_args(DecoderName))}")
