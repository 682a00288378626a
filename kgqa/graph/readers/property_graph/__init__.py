"""Property graphs: nodes and edges with properties."""

from kgqa.graph.readers.property_graph.bolt import is_bolt, read_bolt
from kgqa.graph.readers.property_graph.graphml import read_graphml
from kgqa.graph.readers.property_graph.ladybug import is_ladybug, read_ladybug
from kgqa.graph.readers.property_graph.neo4j_csv import is_neo4j_header, read_neo4j_csv

__all__ = [
    "is_bolt",
    "is_ladybug",
    "is_neo4j_header",
    "read_bolt",
    "read_graphml",
    "read_ladybug",
    "read_neo4j_csv",
]
