"""What can be asked of graphs that are held open: the operations of the server and of agents."""

from kgqa.service.graph_schema import ClassSize, GraphSchema, RelationSize, graph_schema
from kgqa.service.name_completion import FoundName, complete_name
from kgqa.service.neighbours import Direction, Neighbour, Neighbours, RelationGroup, neighbours

__all__ = [
    "ClassSize",
    "Direction",
    "FoundName",
    "GraphSchema",
    "Neighbour",
    "Neighbours",
    "RelationGroup",
    "RelationSize",
    "complete_name",
    "graph_schema",
    "neighbours",
]
