"""Readers of graph files and of graphs of other libraries, one module for each family of formats."""

from kgqa.graph.readers.columns import Columns
from kgqa.graph.readers.format import FORMATS, READERS_VERSION, detect_format, read
from kgqa.graph.readers.names import NAME_RELATIONS, NameRelations
from kgqa.graph.readers.networkx_graph import read_networkx
from kgqa.graph.readers.rdf import read_rdflib
from kgqa.graph.readers.rog import RogRecord, read_rog
from kgqa.graph.readers.skip_report import Skip, SkipReport
from kgqa.graph.readers.table import read_dataframe

__all__ = [
    "FORMATS",
    "NAME_RELATIONS",
    "READERS_VERSION",
    "Columns",
    "NameRelations",
    "RogRecord",
    "Skip",
    "SkipReport",
    "detect_format",
    "read",
    "read_dataframe",
    "read_networkx",
    "read_rdflib",
    "read_rog",
]
