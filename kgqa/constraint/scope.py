"""What of a graph may be walked, for every question alike."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from kgqa.constraint.filter import Every, Filter
from kgqa.constraint.filter_edges import EdgeFilter
from kgqa.constraint.filtered import Filtered
from kgqa.constraint.protocol import Constraint
from kgqa.constraint.reach import Reach
from kgqa.constraint.restricted_graph import restrict
from kgqa.graph import IndexedGraph

__all__ = ["Scope"]


@dataclass(frozen=True, eq=False)
class Scope:
    """A graph, whether its triples are walked in both directions, and what chains must be like.

    Filters that forbid facts are taken out of the graph once, which costs nothing after that.
    """

    graph: IndexedGraph
    inverse: bool = True
    filters: tuple[Filter, ...] = ()

    @cached_property
    def reach(self) -> Reach:
        """The steps that are left.

        Raises `UnknownEntityError` or `UnknownRelationError` for names that the graph does not hold.
        """
        of_edges = [part for part in Every(self.filters).parts if isinstance(part, EdgeFilter)]
        return Reach(restrict(self.graph, *of_edges) if of_edges else self.graph, self.inverse)

    def narrowed(self, constraint: Constraint) -> Constraint:
        """The constraint without the chains that the other filters refuse. Raises `NoChainError`."""
        of_chains = tuple(part for part in Every(self.filters).parts if not isinstance(part, EdgeFilter))
        return Filtered(constraint, Every(of_chains)) if of_chains else constraint
