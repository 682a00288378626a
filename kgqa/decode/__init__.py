"""Decoders: searches and samplers over a constraint and a language model."""

from kgqa.decode.decoder import Decoder, Search, Task
from kgqa.decode.engine import Cost, Engine, Spent, decode
from kgqa.decode.hypothesis import Hypothesis
from kgqa.decode.named_decoder import DecoderName, decoder_settings, named_decoder
from kgqa.decode.prefix import Branches, Prefix
from kgqa.decode.sampling.aligned_sampler import AlignedSampler
from kgqa.decode.sampling.draft import Draft, DraftFilter
from kgqa.decode.sampling.sampler import Sampler
from kgqa.decode.sampling.stochastic_beam import StochasticBeam
from kgqa.decode.sampling.weighted_rejection import WeightedRejection
from kgqa.decode.search.adaptive_greedy import AdaptiveGreedy
from kgqa.decode.search.beam import BeamSearch
from kgqa.decode.search.best_first import BestFirst
from kgqa.decode.search.diverse_beam import DiverseBeamSearch, Penalised
from kgqa.decode.search.greedy import Greedy
from kgqa.decode.search.relation_prior import RelationPrior
from kgqa.decode.search.search_frontier import Heuristic

__all__ = [
    "AdaptiveGreedy",
    "AlignedSampler",
    "BeamSearch",
    "BestFirst",
    "Branches",
    "Cost",
    "Decoder",
    "DecoderName",
    "DiverseBeamSearch",
    "Draft",
    "DraftFilter",
    "Engine",
    "Greedy",
    "Heuristic",
    "Hypothesis",
    "Penalised",
    "Prefix",
    "RelationPrior",
    "Sampler",
    "Search",
    "Spent",
    "StochasticBeam",
    "Task",
    "WeightedRejection",
    "decode",
    "decoder_settings",
    "named_decoder",
]
