"""Who speaks: language models behind one protocol. Importing this loads no torch."""

from kgqa.lm.load import load_language_model
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
    "PathReading",
    "Prompt",
    "Relevance",
    "Request",
    "Reranks",
    "SwitchingLanguageModel",
    "Text",
    "Tokenizer",
    "load_language_model",
]
