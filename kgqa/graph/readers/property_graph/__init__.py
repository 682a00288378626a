"""Property graphs: nodes and edges with properties."""

from kgqa.graph.readers.property_graph.graphml import read_graphml
from kgqa.graph.readers.property_graph.neo4j_csv import is_neo4j_header, read_neo4j_csv

__all__ = ["is_neo4j_header", "read_graphml", "read_neo4j_csv"]
