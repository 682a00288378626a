"""Where a query's programs start and end, and where a question names their nodes."""

from __future__ import annotations

import re

from kgqa.graph import ValueKind, fold_name
from kgqa.program import (
    Aggregate,
)
from scripts.programs.query import Member, Node, Query
from scripts.programs.world import World

__all__ = ["Places"]


class Places:
    """Nodes to start at, targets, and places in the question."""

    def __init__(self, world: World, question: str) -> None:
        self.world = world
        self.used: set[object] = set()
        self.question = " ".join(re.findall(r"[\w.'&-]+", fold_name(question)))

    # Where a program starts ------------------------------------------------------------------------

    def targets(self, query: Query) -> list[int]:
        """The nodes that may be what is listed or counted; several where rows are counted."""
        asked = query.aggregated
        if asked is None or query.grouped is not None:
            return [query.target]
        if asked.of is not None and asked.aggregate is Aggregate.COUNT:
            if asked.distinct:
                return [asked.of]
            owners = self.owners(query, asked.of)
            # a count without DISTINCT counts rows, which a multi-valued column has more of than nodes
            if query.nodes[asked.of].value:
                return [*owners, asked.of]
            return [asked.of, *owners]
        if asked.of is None:
            rows = [at for at, node in enumerate(query.nodes) if node.row]
            return sorted(rows, key=lambda at: (self.counted(query.nodes[at]), -self.reach(query, at), at))
        return self.owners(query, asked.of)

    def counted(self, node: Node) -> int:
        """Where the question counts a class ("how many big X"); behind its end for others and named nodes."""
        end = len(self.question)
        if node.names or not node.classes:
            return end + 2
        last = fold_name(self.world.label(node.classes[0])).split()[-1]
        stem = re.escape(re.sub(r"(es|s|e|y)$", "", last))
        cue = rf"(how many|number of|count)( [\w']+){{0,3}}? {stem}(es|s|e|y|ies)?( |$)"
        found = re.search(cue, self.question)
        return found.end() if found else end + 1

    index = 0
    """Which of several targets is written, so that parts of an OR have the same."""

    def reach(self, query: Query, at: int) -> int:
        """How many rows a row leads to forward: that which leads to all is the row of a join."""
        seen, queue = {at}, [at]
        for node in queue:
            for _, step, other in query.around(node):
                if not step.inverse and other not in seen and query.nodes[other].row:
                    seen.add(other)
                    queue.append(other)
        return len(seen)

    def owners(self, query: Query, at: int) -> list[int]:
        """The rows that a column belongs to."""
        if query.nodes[at].row:
            return [at]
        return [other for _, _, other in query.around(at) if query.nodes[other].row]

    def starts(self, query: Query, target: int) -> list[int]:
        """The nodes to start at, the canonical first.

        One that another query finds; else a named entity; else a text that the question names, if it is the
        only constraint; else the class of what is ranked, or of the target.
        """
        nodes = query.nodes
        inner = [
            at
            for at, node in enumerate(nodes)
            if any(isinstance(own, Member) and not own.negated for own in node.constraints)
        ]
        given = [at for at, node in enumerate(nodes) if node.names]
        named = [at for at in given if self.mentioned(nodes[at]) and not self.compared(query, at)]
        named.sort(key=lambda at: self.position(nodes[at]))
        entities = [at for at in named if nodes[at].row]
        alternatives = [at for at in given if len(nodes[at].names) > 1]
        constraints = sum(len(node.constraints) + bool(node.names) for node in nodes)
        main = self.main(query, target)
        chosen: list[int] = [*inner, *alternatives, *entities]
        if not chosen and len(named) == 1 and constraints == 1:
            chosen += named
        chosen += main
        chosen += [at for at, node in enumerate(nodes) if node.row and node.classes]
        chosen += given
        return list(dict.fromkeys(chosen))

    def compared(self, query: Query, at: int) -> bool:
        """Whether a node is a number or a date, which conditions compare."""
        return any(
            head != at
            and not step.inverse
            and self.world.kind(step.relation) in (ValueKind.NUMBER, ValueKind.DATE)
            for head, step, _ in query.edges
            if _ == at
        )

    def main(self, query: Query, target: int) -> list[int]:
        """The rows at which a program without a named entity starts."""
        if query.ranked is not None:
            return self.owners(query, query.ranked.by)
        if query.grouped is not None and query.grouped.of is not None:
            return self.owners(query, query.grouped.of)
        return self.owners(query, target)

    def mentioned(self, node: Node) -> bool:
        return self.position(node) < len(self.question)

    def position(self, node: Node) -> int:
        """Where the question names a node; behind its end if it does not."""
        places = [self.place(self.world.label(names[0])) for names in node.names]
        return min(places, default=len(self.question))

    def place(self, name: str) -> int:
        words = " ".join(re.findall(r"[\w.'&-]+", fold_name(name)))
        found = re.search(rf"(?<!\w){re.escape(words)}(s|'s)?(?!\w)", self.question) if words else None
        return found.start() if found else len(self.question)
