"""Language models behind one protocol, and encoders of text. Importing this package loads no torch."""

from kgqa.lm.calibration import calibration_file
from kgqa.lm.cascade import CascadeLanguageModel
from kgqa.lm.encoders.path_reranker import load_reranker
from kgqa.lm.encoders.text_encoder import load_encoder
from kgqa.lm.end_of_sequence import EndOfSequenceLanguageModel
from kgqa.lm.load import EngineName, NumberFormat, as_language_model, load_language_model
from kgqa.lm.load_chat import load_chat
from kgqa.lm.mock import MockLanguageModel, MockTokenizer
from kgqa.lm.protocol import (
    Embed,
    Embeds,
    LanguageModel,
    ModelTokenizer,
    PathReading,
    ProgramReading,
    ProgramRelevance,
    RanksPrograms,
    Relevance,
    Reranks,
    ScoresChoices,
)
from kgqa.lm.request import Distributions, Prompt, PromptForm, Request, Text, renormalised

__all__ = [
    "CascadeLanguageModel",
    "Distributions",
    "Embed",
    "Embeds",
    "EndOfSequenceLanguageModel",
    "EngineName",
    "LanguageModel",
    "MockLanguageModel",
    "MockTokenizer",
    "ModelTokenizer",
    "NumberFormat",
    "PathReading",
    "ProgramReading",
    "ProgramRelevance",
    "Prompt",
    "PromptForm",
    "RanksPrograms",
    "Relevance",
    "Request",
    "Reranks",
    "ScoresChoices",
    "Text",
    "as_language_model",
    "calibration_file",
    "load_chat",
    "load_encoder",
    "load_language_model",
    "load_reranker",
    "renormalised",
]
