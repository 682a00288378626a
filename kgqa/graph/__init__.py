"""Knowledge graphs: triples, chains, the indexed graph, and functions that open and search it."""

from kgqa.graph.builder import GraphBuilder
from kgqa.graph.chain import Chain, Hop, chains_to_networkx
from kgqa.graph.degree import degree_of, know_degrees
from kgqa.graph.graph_source import ATLAS, atlas_source, is_atlas, is_endpoint, open_graph
from kgqa.graph.grounding import Grounding, GroundStep, ground
from kgqa.graph.index_folder import is_index_folder, open_index, verify_index
from kgqa.graph.index_writer import save_index
from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.name import (
    clean_name,
    fold_name,
    mention_of,
    relation_words,
    separate_words,
    shorten,
    split_humps,
)
from kgqa.graph.neighbourhood import subgraph
from kgqa.graph.protocol import KnowledgeGraph
from kgqa.graph.relation_path import RelationPath, RelationStep
from kgqa.graph.shortest import shortest_chains
from kgqa.graph.sources.named_sources import named_sources
from kgqa.graph.sources.only_sources import only_sources
from kgqa.graph.sources.source_lines import source_lines
from kgqa.graph.statement import Name, Node, NodeKind, Quad, RelationName, Statement, Triple, as_triples
from kgqa.graph.updating.update import Update, add_facts, compact_index, remove_facts
from kgqa.graph.values import (
    COMPARABLE,
    Extreme,
    SortedFacts,
    Value,
    ValueKind,
    ValueTable,
    columns_read,
    count_ill_typed,
    date_interval,
    guess_value,
    read_value,
    unread_columns,
    with_unit,
)

__all__ = [
    "ATLAS",
    "COMPARABLE",
    "Chain",
    "Extreme",
    "GraphBuilder",
    "GroundStep",
    "Grounding",
    "Hop",
    "IndexedGraph",
    "KnowledgeGraph",
    "Name",
    "Node",
    "NodeKind",
    "Quad",
    "RelationName",
    "RelationPath",
    "RelationStep",
    "SortedFacts",
    "Statement",
    "Triple",
    "Update",
    "Value",
    "ValueKind",
    "ValueTable",
    "add_facts",
    "as_triples",
    "atlas_source",
    "chains_to_networkx",
    "clean_name",
    "columns_read",
    "compact_index",
    "count_ill_typed",
    "date_interval",
    "degree_of",
    "fold_name",
    "ground",
    "guess_value",
    "is_atlas",
    "is_endpoint",
    "is_index_folder",
    "know_degrees",
    "mention_of",
    "named_sources",
    "only_sources",
    "open_graph",
    "open_index",
    "read_value",
    "relation_words",
    "remove_facts",
    "save_index",
    "separate_words",
    "shorten",
    "shortest_chains",
    "source_lines",
    "split_humps",
    "subgraph",
    "unread_columns",
    "verify_index",
    "with_unit",
]
