"""How chains are searched for: decoders over a constraint and a language model."""

from kgqa.decode.adaptive_greedy import AdaptiveGreedy
from kgqa.decode.aligned import AlignedSampler
from kgqa.decode.beam import BeamSearch
from kgqa.decode.best_first import BestFirst
from kgqa.decode.decoder import Decoder, Search, Task
from kgqa.decode.diverse_beam import DiverseBeamSearch
from kgqa.decode.draft import Draft, Judge
from kgqa.decode.engine import Cost, Engine, Spent, decode
from kgqa.decode.greedy import Greedy
from kgqa.decode.hypothesis import Hypothesis
from kgqa.decode.prefix import Branches, Prefix
from kgqa.decode.relation_prior import RelationPrior
from kgqa.decode.sampler import Sampler
from kgqa.decode.search_frontier import Heuristic
from kgqa.decode.stochastic_beam import StochasticBeam
from kgqa.decode.weighted_rejection import WeightedRejection

__all__ = [
    "AdaptiveGreedy",
    "AlignedSampler",
    "BeamSearch",
    "BestFirst",
    "Branches",
    "Cost",
    "Decoder",
    "DiverseBeamSearch",
    "Draft",
    "Engine",
    "Greedy",
    "Heuristic",
    "Hypothesis",
    "Judge",
    "Prefix",
    "RelationPrior",
    "Sampler",
    "Search",
    "Spent",
    "StochasticBeam",
    "Task",
    "WeightedRejection",
    "decode",
]
