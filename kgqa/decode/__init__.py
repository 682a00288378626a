"""How chains are searched for: decoders over a constraint and a language model."""

from kgqa.decode.beam import BeamSearch
from kgqa.decode.hypothesis import Hypothesis
from kgqa.decode.protocol import Decoder

__all__ = ["BeamSearch", "Decoder", "Hypothesis"]
