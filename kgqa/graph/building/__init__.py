"""Builds indexes of any size with bounded memory: sorted runs on disk, merged."""

from kgqa.graph.building.block_reader import read_blocks
from kgqa.graph.building.fact_block import FactBlock
from kgqa.graph.building.given_source import with_source
from kgqa.graph.building.index_builder import IndexBuilder

__all__ = ["FactBlock", "IndexBuilder", "read_blocks", "with_source"]
