"""Feeds: folders of patches (RDF Patch, SPARQL Update) that an index follows."""

from kgqa.graph.feed.feed import AppliedPatch, Feed
from kgqa.graph.feed.patch import Patch
from kgqa.graph.feed.patch_file import PATCH_SUFFIXES, read_patch

__all__ = ["PATCH_SUFFIXES", "AppliedPatch", "Feed", "Patch", "read_patch"]
