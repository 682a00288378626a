"""Exports of property graphs."""

from kgqa.graph.readers.property_graph.neo4j_csv import is_neo4j_header, read_neo4j_csv

__all__ = ["is_neo4j_header", "read_neo4j_csv"]
