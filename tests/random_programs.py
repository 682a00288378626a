"""Random programs over hostile random graphs, from a seed."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from kgqa.graph import (
    GraphBuilder,
    IndexedGraph,
    Name,
    Node,
    NodeKind,
    RelationName,
    Statement,
    Triple,
    Value,
    ValueKind,
    ValueTable,
    clean_name,
    read_value,
)
from kgqa.program import (
    Aggregate,
    Average,
    Classes,
    Clause,
    Combine,
    Comparator,
    Compare,
    Condition,
    Constant,
    Count,
    Each,
    Extreme,
    Final,
    Follow,
    Has,
    InClass,
    Instances,
    Is,
    Join,
    Keep,
    Measure,
    Named,
    Nodes,
    Operand,
    OwnValue,
    Path,
    Program,
    Start,
    Step,
    StepIndex,
    Summary,
    Test,
    TextMatch,
    TextTest,
)

XSD = "http://www.w3.org/2001/XMLSchema#"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
SUBCLASS = "http://www.w3.org/2000/01/rdf-schema#subClassOf"
PLAIN_NAMES = ("Ada", "Bob", "Cid", "Dora", "Eve", "Paris", "New York", "Berlin", "same", "same", "300")
HOSTILE_NAMES = (
    *("a -> knows -> b", "x | count", "all River", "Ada or Bob", "that of", "the average", "1984", "->", "|"),
    *("( x )", ")", "count", "not", "is Ada", "only City", "a\x1b b", " spaced\tout ", "x" * 230, "\u200b"),
)
# texts as pyoxigraph writes them: it stores 1.0 as 1, and types derived from integer as integer
NUMBERS = tuple(
    (text, form)
    for form, texts in {
        "integer": ("1", "2", "3", "-2", "7", "40", "123456789012345678901234567890"),
        "decimal": ("1.5", "2.5", "-0.25", "40.5"),
        "double": ("6", "2.5", "NaN", "INF", "-INF", "40"),
        "byte": ("5",),
    }.items()
    for text in texts
)
DATES = tuple(
    (text, form)
    for form, texts in {
        "gYear": ("1944", "2010", "-0043", "0000", "2011"),
        "gYearMonth": ("2010-05", "1944-02", "2010-13"),
        "date": ("2010-05-03", "1944-06-06", "1944-02-30", "2012-02-29", "2010-01-01", "2010-12-31Z"),
        "dateTime": ("2010-05-03T10:30:00Z", "2010-05-03T00:00:00", "2010-01-01T00:00:00+02:00"),
    }.items()
    for text in texts
)
OTHERS = (
    ("true", "boolean"),
    ("false", "boolean"),
    ("PT1H30M", "duration"),
    ("P1D", "duration"),
    ("P1Y", "duration"),
    ("five", "integer"),
    ("Paris", "string"),
    ("Paris", "@en"),
    ("Paris", "@fr"),
    ("2", "string"),
    ("3.5 km", "string"),
)


def literal(text: str, form: str) -> str:
    """The identifier of a literal, as the reader of RDF files writes it."""
    if form.startswith("@"):
        return f'"{text}"{form}'
    return f'"{text}"' if form == "string" else f'"{text}"^^<{XSD}{form}>'


@dataclass(frozen=True)
class RandomGraph:
    """A graph and the statements that it was made of."""

    graph: IndexedGraph
    triples: tuple[Triple, ...]
    literals: dict[str, tuple[str, str]] = field(default_factory=dict)
    """The text and the form of each literal."""


def random_graph(random: Random, names: tuple[str, ...] = PLAIN_NAMES) -> RandomGraph:
    """Few entities, many coincidences.

    Classes with subclasses (in circles, too), parallel relations, some with the same label; entities with the
    same name, or none; values of all types under each relation, several a member, and ties.
    """
    entities = [f"http://x.org/e{number}" for number in range(6)] + ["Paris", "a/b c%20", "_:b0", "_:b1"]
    random.shuffle(entities)
    entities = entities[: random.randint(3, 9)]
    classes = [f"http://x.org/C{number}" for number in range(3)]
    links = ["http://x.org/knows", "http://x.org/p", "http://x.org/q", "rel with space"]
    numeric = ["http://x.org/size", "http://x.org/size2", "weight"]
    dated = ["http://x.org/when", "http://x.org/born"]
    other = ["http://x.org/misc"]
    cells = {"height": ("1,234.5", "2", "7", "-3"), "release year": ("1944", "2010", "2010-05-03", "44 BC")}
    triples: set[Triple] = set()
    literals: dict[str, tuple[str, str]] = {}

    def draw_literal(pool: tuple[tuple[str, str], ...]) -> str:
        text, form = random.choice(pool)
        identifier = literal(text, form)
        literals[identifier] = text, form
        return identifier

    for _ in range(random.randint(3, 16)):
        triples.add(Triple(random.choice(entities), random.choice(links), random.choice(entities)))
    for pool, relations in ((NUMBERS, numeric), (DATES, dated), (OTHERS, other)):
        few = tuple(random.sample(pool, min(len(pool), 4)))
        for _ in range(random.randint(0, 10)):
            mixed = NUMBERS + DATES + OTHERS if random.random() < 0.15 else few
            triples.add(Triple(random.choice(entities), random.choice(relations), draw_literal(mixed)))
    for relation, texts in cells.items():
        for _ in range(random.choice((0, 0, 4))):
            triples.add(Triple(random.choice(entities), relation, random.choice(texts)))
    for entity in entities:
        for _ in range(random.choice((0, 1, 1, 2))):
            triples.add(Triple(entity, TYPE, random.choice(classes)))
    for _ in range(random.randint(0, 3)):
        triples.add(Triple(random.choice(classes), SUBCLASS, random.choice(classes)))
    statements: list[Statement] = sorted(triples)
    for entity in entities:
        if entity.startswith("_:"):
            statements.append(Node(entity, NodeKind.BLANK))
        elif random.random() < 0.7:
            statements.append(Name(entity, random.choice(names)))
    there = {part for triple in triples for part in (triple.head, triple.tail)}
    for number, entity in enumerate(classes):
        if entity in there:
            statements.append(Name(entity, ("River", "City", random.choice(("City", "Town")))[number]))
    for identifier, (text, _) in literals.items():
        statements += [Node(identifier, NodeKind.LITERAL), Name(identifier, text)]
    used = {triple.relation for triple in triples}
    for one, label in (
        ("http://x.org/size2", "size"),
        ("http://x.org/q", "p"),
        ("http://x.org/born", "when"),
    ):
        if one in used and random.random() < 0.5:
            statements.append(RelationName(one, label))
    return RandomGraph(GraphBuilder.of(statements), tuple(sorted(triples)), literals)


class RandomPrograms:
    """Draws programs over one graph; every operator has its turn."""

    def __init__(self, graph: IndexedGraph, random: Random) -> None:
        self.graph = graph
        self.random = random
        self.steps = StepIndex.of(graph)
        self.values = ValueTable.of(graph)
        groups: dict[str, list[str]] = {}
        for number in range(graph.entity_count):
            entity = graph.entity(number)
            text = clean_name(graph.labels[number]) or clean_name(entity) or "?"
            groups.setdefault(text, []).append(entity)
        self.named = [tuple(sorted(group)) for group in groups.values()]
        self.resources = [
            group for group in self.named if any(graph.kind(node) is not NodeKind.LITERAL for node in group)
        ]
        self.classes = list(Classes.of(graph).by_name.values())
        self.texts = sorted(set(self.steps.texts))
        self.valued = [text for text in self.texts if self.kind(text) is not ValueKind.NONE]

    def kind(self, text: str) -> ValueKind:
        for relation in self.steps.by_text[text]:
            kind = self.values.relation_kind(relation)
            if kind not in (ValueKind.NONE, ValueKind.TEXT):
                return kind
        return ValueKind.NONE

    # Parts ---------------------------------------------------------------------------------------

    def nodes(self) -> Nodes:
        return self.random.choice(self.resources if self.random.random() < 0.8 else self.named)

    def class_nodes(self) -> Nodes:
        return self.random.choice(self.classes or self.resources)

    def step(self) -> Step:
        return Step(self.random.choice(self.texts), self.random.random() < 0.4)

    def path(self, least: int = 1, most: int = 2) -> Path:
        return tuple(self.step() for _ in range(self.random.randint(least, most)))

    def value_path(self) -> Path:
        if not self.valued or self.random.random() < 0.1:
            return self.path()
        last = Step(self.random.choice(self.valued))
        return (*self.path(0, 1), last) if self.random.random() < 0.4 else (last,)

    def measure(self) -> Measure:
        by = self.path(1, 1) if self.random.random() < 0.3 else ()
        choices = [aggregate for aggregate in Aggregate if not (by and aggregate is Aggregate.VALUE)]
        aggregate = self.random.choice(choices)
        if self.random.random() < 0.4 and not by:
            aggregate = Aggregate.VALUE
        if aggregate is Aggregate.COUNT:
            return Measure(self.path(0 if by else 1, 2), aggregate, by)
        return Measure(self.value_path(), aggregate, by)

    def constant(self, kind: ValueKind) -> Constant:
        if kind is ValueKind.DATE:
            readings = [read_value(text, XSD + form) for text, form in DATES]
            return Constant(self.random.choice([v for v in readings if v.kind is kind]))
        if kind is ValueKind.DURATION:
            return Constant(read_value("PT1H30M", XSD + "duration"))
        if kind is ValueKind.BOOLEAN:
            return Constant(read_value(self.random.choice(("true", "false")), XSD + "boolean"))
        text = self.random.choice(("0", "1", "2", "2.5", "3", "7", "40", "-1"))
        return Constant(Value(ValueKind.NUMBER, float(text), float(text), text))

    def condition(self) -> Condition:
        match self.random.randint(0, 8):
            case 0 | 1:
                return Is(self.path(0, 2), self.nodes())
            case 2:
                return InClass(self.class_nodes())
            case 3:
                return Has(self.path())
            case 4:
                text = self.random.choice(("a", "pa", "PARIS", "e", "0", "2"))
                return TextMatch(self.path(0, 1), self.random.choice(list(TextTest)), text)
        measure = self.measure()
        kind = ValueKind.NUMBER
        if measure.aggregate is not Aggregate.COUNT and not measure.path[-1].inverse:
            kind = self.kind(measure.path[-1].relation)
        if self.random.random() < 0.25:
            bounds = self.constant(kind), self.constant(kind)
            return Compare(measure, Comparator.AT_LEAST, *sorted(bounds, key=lambda c: c.value.low))
        if self.random.random() < 0.05:
            kind = self.random.choice((ValueKind.NUMBER, ValueKind.DATE))
        operand: Operand = self.random.choice(
            (self.constant(kind), self.constant(kind), OwnValue(self.nodes()), Average())
        )
        return Compare(measure, self.random.choice(list(Comparator)), operand)

    def extreme(self) -> Extreme:
        rank, count = self.random.choice(((1, 1), (1, 1), (2, 1), (1, 2), (2, 2), (3, 1), (12, 1)))
        return Extreme(self.measure(), self.random.random() < 0.5, rank, count)

    def clause(self, depth: int) -> Clause:
        match self.random.randint(0, 9):
            case 0 | 1 | 2:
                return Follow(self.step())
            case 3 | 4 | 5:
                return Keep(self.condition(), self.random.random() < 0.35)
            case 6 | 7:
                return self.extreme()
        if depth:
            return Keep(self.condition())
        return Combine(self.random.choice(list(Join)), self.program(depth + 1))

    def final(self) -> Final | None:
        match self.random.randint(0, 5):
            case 0:
                return Count()
            case 1:
                choices = (Aggregate.TOTAL, Aggregate.AVERAGE, Aggregate.HIGHEST, Aggregate.LOWEST)
                return Summary(self.random.choice(choices), self.value_path())
            case 2:
                return Test(self.condition(), self.random.random() < 0.3)
            case 3:
                return Each(self.measure())
        return None

    def start(self) -> Start:
        if self.classes and self.random.random() < 0.6:
            return Instances(self.class_nodes())
        count = self.random.choice((1, 1, 1, 2, 3))
        return Named(tuple(self.nodes() for _ in range(count)))

    def program(self, depth: int = 0) -> Program:
        clauses = tuple(self.clause(depth) for _ in range(self.random.choice((0, 1, 1, 2, 2, 3))))
        return Program(self.start(), clauses, None if depth else self.final())


def tiny_graph(random: Random) -> RandomGraph:
    """Few triples, with ties, values of two kinds, a class and one within it, nodes without a name."""
    entities = ["http://x.org/a", "http://x.org/b", "http://x.org/c", "_:d"][: random.randint(2, 4)]
    classes = ["http://x.org/City", "http://x.org/Town"]
    triples: set[Triple] = set()
    literals: dict[str, tuple[str, str]] = {}
    for _ in range(random.randint(1, 4)):
        link = random.choice(("http://x.org/knows", "http://x.org/sees"))
        triples.add(Triple(random.choice(entities), link, random.choice(entities)))
    pools = {
        "http://x.org/size": (("1", "integer"), ("2", "integer"), ("2.5", "decimal")),
        "http://x.org/when": (("1944", "gYear"), ("1944-06-06", "date"), ("2010", "gYear")),
    }
    for _ in range(random.randint(0, 3)):
        relation = random.choice(tuple(pools))
        text, form = random.choice(pools[relation])
        literals[literal(text, form)] = text, form
        triples.add(Triple(random.choice(entities), relation, literal(text, form)))
    for entity in entities:
        if random.random() < 0.6:
            triples.add(Triple(entity, TYPE, random.choice(classes)))
    if random.random() < 0.3:
        triples.add(Triple(classes[1], SUBCLASS, classes[0]))
    there = {part for triple in triples for part in (triple.head, triple.tail)}
    statements: list[Statement] = sorted(triples)
    statements += [Node(node, NodeKind.BLANK) for node in there if node.startswith("_:")]
    statements += [Name(node, node[-1].upper()) for node in entities if node in there and node[0] == "h"]
    statements += [Name(node, node.rpartition("/")[2]) for node in classes if node in there]
    for node, (text, _) in literals.items():
        statements += [Node(node, NodeKind.LITERAL), Name(node, text)]
    return RandomGraph(GraphBuilder.of(statements), tuple(sorted(triples)), literals)
