"""Entity linking: which entities the text of a question names."""

from kgqa.linking.beginning_index import BeginningIndex
from kgqa.linking.known_mentions import KnownMentions
from kgqa.linking.mention import EntityCandidate, MatchKind, Mention
from kgqa.linking.name_index import EmbeddingIndex, SpellingIndex, WordIndex
from kgqa.linking.name_linker import NameLinker
from kgqa.linking.program_linker import ProgramLinker
from kgqa.linking.question_values import QuestionValues, question_values
from kgqa.linking.topics import Linker, Topics
from kgqa.linking.words import content_words

__all__ = [
    "BeginningIndex",
    "EmbeddingIndex",
    "EntityCandidate",
    "KnownMentions",
    "Linker",
    "MatchKind",
    "Mention",
    "NameLinker",
    "ProgramLinker",
    "QuestionValues",
    "SpellingIndex",
    "Topics",
    "WordIndex",
    "content_words",
    "question_values",
]
