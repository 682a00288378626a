"""Programs of the lambda DCS of Overnight, in the canonical style."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from kgqa.graph import Value, ValueKind
from kgqa.program import Aggregate, Comparator, Nodes, OwnValue, Program, Step
from scripts.programs.query import Aggregated, Compared, Grouped, Member, Node, Not, Query, Ranked, Unreadable
from scripts.programs.world import World
from scripts.programs.writing import Writer

__all__ = ["LambdaReader"]

Tree: TypeAlias = "str | list[Tree]"

COMPARATORS = {
    "=": Comparator.EQUALS,
    "<": Comparator.BELOW,
    ">": Comparator.ABOVE,
    "<=": Comparator.AT_MOST,
    ">=": Comparator.AT_LEAST,
}
AGGREGATES = {
    "sum": Aggregate.TOTAL,
    "avg": Aggregate.AVERAGE,
    "max": Aggregate.HIGHEST,
    "min": Aggregate.LOWEST,
}


class LambdaReader:
    """Reads one gold program."""

    def __init__(self, world: World, question: str) -> None:
        self.world = world
        self.question = question
        graph = world.graph
        self.relations = {
            graph.relation(number).rpartition("#")[2]: world.steps.texts[number]
            for number in range(graph.relation_count)
        }
        self.bound: Tree = ""

    def programs(self, text: str) -> Iterator[Program]:
        tree = parsed(text)
        query = self.query(arguments(tree, "listValue")[0])
        writer = Writer(self.world, self.question)
        found = False
        for program in writer.programs(query):
            found = True
            yield program
        if not found:
            raise Unreadable(writer.reason or "no program")

    def query(self, tree: Tree) -> Query:
        """The query of a set or number."""
        if isinstance(tree, str):
            return self.entity(tree)
        if isinstance(tree[0], list) and tree[0][0] == "lambda":
            bound, self.bound = self.bound, tree[1]
            try:
                return self.query(tree[0][2])
            finally:
                self.bound = bound
        name = head(tree)
        own = tree[2:] if tree[0] == "call" else tree[1:]
        match name:
            case "var":
                return self.query(self.bound)
            case "domain":
                return self.domain(string(own[0]))
            case "getProperty":
                return self.get(own[0], own[1])
            case "filter":
                return self.filtered(own)
            case "superlative":
                return self.superlative(own)
            case "countSuperlative" | "countComparative":
                return self.counted(name, own)
            case "aggregate":
                return self.aggregate(own)
            case ".size":
                query = self.plain(self.query(own[0]))
                query.aggregated = Aggregated(Aggregate.COUNT, query.target, True)
                return query
            case "concat":
                return self.either(own)
            case "singleton":
                return self.query(own[0])
        raise Unreadable(f"lambda DCS {name}")

    def entity(self, name: str) -> Query:
        """`en.player.kobe_bryant` is the node with that end of an identifier."""
        end = "/" + "/".join(name.split(".")[1:])
        found = [
            node
            for nodes_named in self.world.by_name.values()
            for node in nodes_named
            if self.world.graph.entity(node).endswith(end)
        ]
        if len(found) != 1:
            raise Unreadable("a constant that the graph has not")
        nodes = (self.world.graph.entity(found[0]),)
        return Query([Node(self.classes_of(nodes), [nodes], row=True)])

    def classes_of(self, nodes: Nodes) -> Nodes:
        number = self.world.graph.entity_id(nodes[0])
        for classes in self.world.classes.values():
            if number in self.world.instances(classes):
                return classes
        return ()

    def class_of(self, name: str) -> Nodes:
        """`en.housing_unit` is the class `schema#HousingUnit`."""
        wanted = "".join(part.capitalize() for part in name.removeprefix("en.").split("_"))
        for classes in self.world.classes.values():
            if classes[0].rpartition("#")[2] == wanted:
                return classes
        raise Unreadable("a class that the graph has not")

    def domain(self, name: str) -> Query:
        relation = self.relation(name)
        for classes in self.world.classes.values():
            if Step(relation) in self.world.steps_of(classes):
                return Query([Node(classes, row=True)])
        raise Unreadable("a class that the graph has not")

    def relation(self, name: str) -> str:
        if name not in self.relations:
            raise Unreadable("a relation that the graph has not")
        return self.relations[name]

    def step(self, tree: Tree) -> Step:
        """`( string p )` or `( call SW.reverse ( string p ) )`, or either as a numeric property."""
        if not isinstance(tree, list):
            raise Unreadable("lambda DCS property")
        if head(tree) == "ensureNumericProperty":
            return self.step(tree[2])
        if head(tree) == "reverse":
            return self.step(tree[2]).turned()
        return Step(self.relation(string(tree)))

    def get(self, tree: Tree, property_of: Tree) -> Query:
        if isinstance(property_of, list) and property_of[:3] == ["string", "!", "type"]:
            inner = tree[2] if isinstance(tree, list) else tree
            assert isinstance(inner, str)
            return Query([Node(self.class_of(inner), row=True)])
        query = self.query(tree)
        if query.aggregated is not None:
            raise Unreadable("a property of a number")
        if query.grouped is not None:
            query = self.wrapped(query)
        query.target = self.beyond(query, query.target, self.step(property_of))
        return query

    def beyond(self, query: Query, at: int, step: Step) -> int:
        """A new node at the end of a step."""
        classes = query.nodes[at].classes
        targets = self.world.target_classes(classes, step) if classes else frozenset()
        node = Node(tuple(targets) if len(targets) == 1 else (), row=bool(targets), value=not targets)
        there = query.add(node)
        query.edges.append((there, Step(step.relation), at) if step.inverse else (at, step, there))
        return there

    def plain(self, query: Query) -> Query:
        """A query whose set can be constrained further."""
        return query if not (query.ranked or query.grouped or query.aggregated) else self.wrapped(query)

    def wrapped(self, query: Query) -> Query:
        classes = query.nodes[query.target].classes
        return Query([Node(classes, constraints=[Member(query)], row=True)])

    def filtered(self, own: list[Tree]) -> Query:
        query = self.plain(self.query(own[0]))
        step = self.step(own[1])
        at = self.beyond(query, query.target, step)
        node = query.nodes[at]
        if len(own) == 2:
            node.names = [self.truth()]
            return query
        comparator = string(own[2])
        other = own[3]
        if isinstance(other, list) and head(other) == "ensureNumericEntity":
            other = other[2]
        if isinstance(other, list) and other[0] in ("number", "date", "time"):
            self.constant(query, at, step, comparator, other)
        elif comparator == "=":
            self.merged(query, at, self.query(other))
        elif comparator == "! =":
            inner = self.query(other)
            target = inner.nodes[inner.target]
            if len(inner.nodes) == 1 and len(target.names) == 1:
                # "whose x is not y": the fact that would say so is asked for, and must not be there
                node.constraints.append(Not(target.names[0]))
            else:
                node.constraints.append(Member(inner, negated=True))
        else:
            self.compared(query, at, comparator, other)
        return query

    def truth(self) -> Nodes:
        found = [node for node in self.world.named("true") if node.endswith("boolean>")]
        if not found:
            raise Unreadable("a constant that the graph has not")
        return tuple(found)

    def constant(self, query: Query, at: int, step: Step, comparator: str, tree: list[Tree]) -> None:
        """The end of a step has a value, or compares so with it."""
        node = query.nodes[at]
        value = self.value(tree, step)
        if value is None:
            if comparator not in ("=", "! ="):
                raise Unreadable("a time of day compared")
            nodes = self.literal(tree)
            if comparator == "=":
                node.names = [nodes]
            else:
                node.constraints.append(Not(nodes))
            return
        if comparator == "! =":
            node.constraints.append(Compared(Comparator.EQUALS, value, None, negated=True))
        else:
            node.constraints.append(Compared(COMPARATORS[comparator], value))

    def value(self, tree: list[Tree], step: Step) -> Value | None:
        kind = self.world.kind(step.relation)
        if tree[0] == "number":
            return self.world.constant(str(tree[1]), ValueKind.NUMBER)
        if tree[0] == "date" and kind is ValueKind.DATE:
            parts = [str(part) for part in tree[1:4] if part != "-1"]
            return self.world.constant("-".join(parts), ValueKind.DATE)
        return None

    def literal(self, tree: list[Tree]) -> Nodes:
        if tree[0] == "number":
            text = str(tree[1])
        elif tree[0] == "time":
            text = f"{int(str(tree[1])):02}:{int(str(tree[2])):02}:00"
        else:
            text = "-".join(f"{int(str(part)):02}" for part in tree[1:4] if part != "-1")
        nodes = self.world.named(text)
        if not nodes:
            raise Unreadable("a constant that the graph has not")
        return nodes

    def merged(self, query: Query, at: int, other: Query) -> None:
        """The end of a step is one of another set."""
        if other.aggregated is not None:
            raise Unreadable("a name compared with a number")
        if other.ranked is not None or other.grouped is not None:
            query.nodes[at].constraints.append(Member(other))
            return
        offset = len(query.nodes)
        query.nodes += other.nodes
        query.edges += [(one + offset, step, two + offset) for one, step, two in other.edges]
        query.merge(at, other.target + offset)

    def compared(self, query: Query, at: int, comparator: str, tree: Tree) -> None:
        """The value of a step compares with that of a named entity."""
        other = self.query(tree)
        named = [node for node in other.nodes if node.names]
        if len(named) != 1 or other.ranked or other.grouped or other.aggregated:
            raise Unreadable("a comparison with the value of another query")
        query.nodes[at].constraints.append(Compared(COMPARATORS[comparator], OwnValue(named[0].names[0])))

    def superlative(self, own: list[Tree]) -> Query:
        query = self.plain(self.query(own[0]))
        at = self.beyond(query, query.target, self.step(own[2]))
        query.ranked = Ranked(at, string(own[1]) == "min")
        return query

    def counted(self, name: str, own: list[Tree]) -> Query:
        query = self.plain(self.query(own[0]))
        if name == "countSuperlative":
            least, step, others = string(own[1]) == "min", self.step(own[2]), own[3:]
            ranked, compared = Ranked(-1, least), None
        else:
            step, others = self.step(own[1]), own[4:]
            number = self.world.constant(str(own[3][1]), ValueKind.NUMBER)
            ranked, compared = None, Compared(COMPARATORS[string(own[2])], number)
        key = query.target
        at = self.beyond(query, key, step)
        if others:
            inner = self.query(others[0])
            query.nodes[at].classes = inner.nodes[inner.target].classes
        query.nodes[at].row = True
        query.grouped = Grouped(key, Aggregate.COUNT, None, ranked, compared)
        return query

    def aggregate(self, own: list[Tree]) -> Query:
        query = self.plain(self.query(own[1]))
        query.aggregated = Aggregated(AGGREGATES[string(own[0])], query.target)
        return query

    def either(self, own: list[Tree]) -> Query:
        """One of two entities or values."""
        if all(isinstance(tree, list) and tree[0] in ("number", "date", "time") for tree in own):
            names = [self.literal(tree) for tree in own if isinstance(tree, list)]
            return Query([Node(names=names, value=True)])
        queries = [self.query(tree) for tree in own]
        if any(len(query.nodes) != 1 or len(query.nodes[0].names) != 1 for query in queries):
            raise Unreadable("a union of sets")
        first = queries[0].nodes[0]
        first.names = [query.nodes[0].names[0] for query in queries]
        return queries[0]


def parsed(text: str) -> Tree:
    """The lists of a Lisp form."""
    stack: list[list[Tree]] = [[]]
    for token in text.split():
        if token == "(":
            stack.append([])
        elif token == ")":
            inner = stack.pop()
            stack[-1].append(inner)
        else:
            stack[-1].append(token)
    return stack[0][0]


def head(tree: Tree) -> str:
    """The name of what a form calls."""
    name = tree[1] if tree[0] == "call" else tree[0]
    return str(name).removeprefix("SW.")


def arguments(tree: Tree, name: str) -> list[Tree]:
    if head(tree) != name or isinstance(tree, str):
        raise Unreadable(f"lambda DCS without {name}")
    return tree[2:]


def string(tree: Tree) -> str:
    """The text of `( string x )`; operators of two characters come as two tokens."""
    if not isinstance(tree, list) or tree[0] != "string":
        raise Unreadable("lambda DCS string")
    return " ".join(str(part) for part in tree[1:])
