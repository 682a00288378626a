"""Decoders by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Literal, cast, get_args

from kgqa.decode.decoder import Decoder
from kgqa.decode.sampling.aligned_sampler import AlignedSampler
from kgqa.decode.sampling.draft import Draft
from kgqa.decode.sampling.sampler import Sampler
from kgqa.decode.sampling.stochastic_beam import StochasticBeam
from kgqa.decode.sampling.weighted_rejection import WeightedRejection
from kgqa.decode.search.adaptive_greedy import AdaptiveGreedy
from kgqa.decode.search.beam import BeamSearch
from kgqa.decode.search.best_first import BestFirst
from kgqa.decode.search.diverse_beam import DiverseBeamSearch
from kgqa.decode.search.greedy import Greedy
from kgqa.errors import UsageError

__all__ = ["DecoderName", "decoder_settings", "named_decoder"]

DecoderName = Literal[
    "beam", "diverse", "exact", "greedy", "adaptive", "sample", "stochastic", "aligned", "weighted"
]

MOST_PREFIXES = 20_000
"""Prefixes that an exact search may expand before it returns the best texts found so far."""

_KINDS: Mapping[DecoderName, type[Any]] = {
    "beam": BeamSearch,
    "diverse": DiverseBeamSearch,
    "exact": BestFirst,
    "greedy": Greedy,
    "adaptive": AdaptiveGreedy,
    "sample": Sampler,
    "stochastic": StochasticBeam,
    "aligned": AlignedSampler,
    "weighted": WeightedRejection,
}

_COUNTS = ("beams", "hypotheses", "samples")
"""What the decoders call the number of hypotheses."""

_FUNCTIONS = ("heuristic", "keeps")
"""Fields that have no name to set them by."""


def named_decoder(
    name: DecoderName, *, beams: int = 10, seconds: float | None = None, **settings: object
) -> Decoder:
    """The decoder with this name, as run files and the command line name it.

    `beams` is the beam width, the number of hypotheses of "exact", and the number of samples of the
    decoders that draw at random ("sample", "stochastic", "aligned", "weighted"); "greedy" and "adaptive"
    find one text. `seconds` is the time limit of a question. `settings` are further fields of the decoder
    (`decoder_settings`), such as the `seed` of those that draw. Raises `UsageError` for an unknown name, a
    setting that the decoder does not have, and one out of range.

    >>> named_decoder("sample", beams=5, seed=3, temperature=0.5)
    Sampler(samples=5, seed=3, temperature=0.5, seconds=None)
    """
    own = decoder_settings(name)
    if unknown := [key for key in settings if key not in own]:
        has = ", ".join(own) or "none of its own"
        raise UsageError(f"{unknown[0]} is no setting of the decoder {name!r}; it has {has}")
    usual: dict[str, object] = {
        **dict.fromkeys(_COUNTS, beams),
        "seconds": seconds,
        "groups": beams,
        "max_prefixes": MOST_PREFIXES,
        "keeps": _anything,
    }
    kind = _KINDS[name]
    known = {one.name for one in fields(kind)}
    return cast(Decoder, kind(**{key: value for key, value in usual.items() if key in known} | settings))


def decoder_settings(name: DecoderName) -> tuple[str, ...]:
    """The fields of a named decoder, without the number of its hypotheses, its time limit and functions.

    >>> decoder_settings("diverse"), decoder_settings("sample")
    (('groups', 'penalty', 'penalise'), ('seed', 'temperature'))
    """
    if name not in _KINDS:
        raise UsageError(f"no decoder {name!r}; there are {', '.join(get_args(DecoderName))}")
    shared = (*_COUNTS, "seconds", *_FUNCTIONS)
    return tuple(one.name for one in fields(_KINDS[name]) if one.name not in shared)


def _anything(_: Draft) -> bool:
    """Keeps every text of the constraint."""
    return True
