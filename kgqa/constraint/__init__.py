"""What may be said: languages of chains of one graph, token by token."""

from kgqa.constraint.answered import Answered
from kgqa.constraint.both import Both
from kgqa.constraint.explained import Explained
from kgqa.constraint.filter import Either, Every, Filter
from kgqa.constraint.filter_edges import EdgeFilter, Only, Range, Without
from kgqa.constraint.filter_ends import EndFilter, EndsIn
from kgqa.constraint.filter_live import Live
from kgqa.constraint.filter_types import TYPE_RELATIONS, entities_of_type
from kgqa.constraint.filter_uses import Using
from kgqa.constraint.filtered import Filtered
from kgqa.constraint.forced import forced
from kgqa.constraint.kg_trie import KGTrie
from kgqa.constraint.matcher import Matcher
from kgqa.constraint.protocol import Constraint, State
from kgqa.constraint.reach import Reach
from kgqa.constraint.restricted_graph import restrict
from kgqa.constraint.scope import Scope
from kgqa.constraint.step_walk import StepGrammar, StepWalk
from kgqa.constraint.tokenizer import CachingTokenizer, Tokenizer
from kgqa.constraint.walk import GRAMMARS, GrammarName, Walk

__all__ = [
    "GRAMMARS",
    "TYPE_RELATIONS",
    "Answered",
    "Both",
    "CachingTokenizer",
    "Constraint",
    "EdgeFilter",
    "Either",
    "EndFilter",
    "EndsIn",
    "Every",
    "Explained",
    "Filter",
    "Filtered",
    "GrammarName",
    "KGTrie",
    "Live",
    "Matcher",
    "Only",
    "Range",
    "Reach",
    "Scope",
    "State",
    "StepGrammar",
    "StepWalk",
    "Tokenizer",
    "Using",
    "Walk",
    "Without",
    "entities_of_type",
    "forced",
    "restrict",
]
