"""Constraints on decoding: which tokens may follow, so that a text is always chains of one graph."""

from kgqa.constraint.answered import Answered, StatedAnswer, StatedText
from kgqa.constraint.engines.matcher import Matcher, forced
from kgqa.constraint.explained import Explained
from kgqa.constraint.filters.both import Both
from kgqa.constraint.filters.chain_filters import EndFilter, EndsIn, Live, Using
from kgqa.constraint.filters.edge_filters import EdgeFilter, Only, Range, Without
from kgqa.constraint.filters.entity_types import entities_of_type
from kgqa.constraint.filters.filter import Either, Every, Filter
from kgqa.constraint.filters.filtered import Filtered
from kgqa.constraint.filters.name_lookup import NameLookup
from kgqa.constraint.filters.named_filters import named_filters
from kgqa.constraint.filters.scope import Scope, restrict
from kgqa.constraint.grammars.grammar import GrammarName
from kgqa.constraint.kg_trie import KGTrie
from kgqa.constraint.programs.mentioned import Compared, Mentioned
from kgqa.constraint.programs.program_walk import ProgramWalk
from kgqa.constraint.protocol import Constraint, State
from kgqa.constraint.spoken_identifiers import spoken_identifiers
from kgqa.constraint.step_walk import StepGrammar, StepWalk
from kgqa.constraint.tables.reach import Reach
from kgqa.constraint.tokenizer import CachingTokenizer, TextTokenizer, Tokenizer
from kgqa.constraint.walk import GRAMMARS, Walk

__all__ = [
    "GRAMMARS",
    "Answered",
    "Both",
    "CachingTokenizer",
    "Compared",
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
    "Mentioned",
    "NameLookup",
    "Only",
    "ProgramWalk",
    "Range",
    "Reach",
    "Scope",
    "State",
    "StatedAnswer",
    "StatedText",
    "StepGrammar",
    "StepWalk",
    "TextTokenizer",
    "Tokenizer",
    "Using",
    "Walk",
    "Without",
    "entities_of_type",
    "forced",
    "named_filters",
    "restrict",
    "spoken_identifiers",
]
