"""What may be said: languages of chains of one graph, token by token."""

from kgqa.constraint.caching_tokenizer import CachingTokenizer
from kgqa.constraint.kg_trie import KGTrie
from kgqa.constraint.protocol import Constraint, State
from kgqa.constraint.reach import Reach
from kgqa.constraint.tokenizer import SegmentTokenizer
from kgqa.constraint.walk import GRAMMARS, GrammarName, Walk

__all__ = [
    "GRAMMARS",
    "CachingTokenizer",
    "Constraint",
    "GrammarName",
    "KGTrie",
    "Reach",
    "SegmentTokenizer",
    "State",
    "Walk",
]
