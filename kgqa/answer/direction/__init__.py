"""Which way a relation is asked about: from heads to tails, or back."""

from kgqa.answer.direction.asked_side import asked_side
from kgqa.answer.direction.path_direction import PathDirection
from kgqa.answer.direction.relation_sides import RelationSides, relation_sides

__all__ = ["PathDirection", "RelationSides", "asked_side", "relation_sides"]
