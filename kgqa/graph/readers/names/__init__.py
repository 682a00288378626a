"""Which relations of RDF say names, and the best name of each entity."""

from kgqa.graph.readers.names.held_names import HeldNames
from kgqa.graph.readers.names.name_relations import NAME_RELATIONS, NameRelations

__all__ = ["NAME_RELATIONS", "HeldNames", "NameRelations"]
