"""Wikidata, and other graphs of Wikibase: their RDF and their JSON dump."""

from kgqa.graph.readers.wikidata.json_dump import is_wikidata_json, read_wikidata_json
from kgqa.graph.readers.wikidata.rdf_entities import wikibase_facts

__all__ = ["is_wikidata_json", "read_wikidata_json", "wikibase_facts"]
