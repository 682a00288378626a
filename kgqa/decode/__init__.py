"""How chains are searched for: decoders over a constraint and a language model."""

from kgqa.decode.beam import BeamSearch
from kgqa.decode.engine import Cost, Engine
from kgqa.decode.hypothesis import Hypothesis
from kgqa.decode.prefix import Branches, Prefix
from kgqa.decode.protocol import Decoder, Search, Task

__all__ = [
    "BeamSearch",
    "Branches",
    "Cost",
    "Decoder",
    "Engine",
    "Hypothesis",
    "Prefix",
    "Search",
    "Task",
]
