"""Language models behind one protocol, and encoders of text. Importing this package loads no torch."""

from kgqa.lm.calibration import calibration_of
from kgqa.lm.load import NumberFormat, as_language_model, load_language_model
from kgqa.lm.load_chat import load_chat
from kgqa.lm.mock import MockLanguageModel, MockTokenizer
from kgqa.lm.prompt import Grammar, Prompt
from kgqa.lm.protocol import Embed, Embeds, LanguageModel, PathReading, Relevance, Reranks, Tokenizer
from kgqa.lm.request import Distributions, Request, Text
from kgqa.lm.switching import SwitchingLanguageModel

__all__ = [
    "Distributions",
    "Embed",
    "Embeds",
    "Grammar",
    "LanguageModel",
    "MockLanguageModel",
    "MockTokenizer",
    "NumberFormat",
    "PathReading",
    "Prompt",
    "Relevance",
    "Request",
    "Reranks",
    "SwitchingLanguageModel",
    "Text",
    "Tokenizer",
    "as_language_model",
    "calibration_of",
    "load_chat",
    "load_language_model",
]
