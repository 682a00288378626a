"""Tokenizers of published models, from package registries, and whether they keep paths of graphs whole."""

from scripts.published_tokenizers.package import TOKENIZERS, NotAvailable, tokenizer_folder
from scripts.published_tokenizers.path_check import Drawn, PathCheck, check_paths, draw_paths, part_of

__all__ = [
    "TOKENIZERS",
    "Drawn",
    "NotAvailable",
    "PathCheck",
    "check_paths",
    "draw_paths",
    "part_of",
    "tokenizer_folder",
]
