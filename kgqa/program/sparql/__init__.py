"""Programs as SPARQL queries, and graphs as RDF to ask them of."""

from kgqa.program.sparql.rdf_terms import LiteralTerm, RdfTerms, to_quads
from kgqa.program.sparql.translation import to_sparql

__all__ = ["LiteralTerm", "RdfTerms", "to_quads", "to_sparql"]
