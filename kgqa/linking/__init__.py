"""Where a question starts: the entities that its text names."""

from kgqa.linking.loose_names import LooseNames
from kgqa.linking.meaning import Embed, NearestNames
from kgqa.linking.mention import Candidate, Mention
from kgqa.linking.name_linker import NameLinker
from kgqa.linking.protocol import Linker
from kgqa.linking.spelling import CloseSpellings
from kgqa.linking.topics import Topics

__all__ = [
    "Candidate",
    "CloseSpellings",
    "Embed",
    "Linker",
    "LooseNames",
    "Mention",
    "NameLinker",
    "NearestNames",
    "Topics",
]
