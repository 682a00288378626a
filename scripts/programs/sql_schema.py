"""The tables and columns of a gold SQL query as classes and relations of its graph."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import ClassVar, Protocol

from kgqa.graph import separate_words
from kgqa.program import Nodes, Step
from scripts.programs.query import Unreadable
from scripts.programs.world import World

__all__ = ["Field", "GeographySchema", "GuessedSchema", "Schema", "Table"]


@dataclass(frozen=True)
class Table:
    """A table: rows of a class, or the facts of a relation from one class to another."""

    name: str
    classes: Nodes = ()
    edge: Step | None = None
    ends: tuple[Nodes, Nodes] = ((), ())


@dataclass(frozen=True)
class Field:
    """A column: the row itself (`step` is `None`), an end of an edge, or what a step reaches."""

    step: Step | None
    score: float
    classes: frozenset[str] = frozenset()
    key: Step | None = None
    """From what the step reaches, on to its key: a foreign key whose text is asked for."""
    end: int = -1
    """For a table that is a relation: 0 for its head, 1 for its tail."""

    @property
    def entity(self) -> bool:
        return bool(self.classes)


class Schema(Protocol):
    """How a set's tables and columns are found in a graph."""

    def table(self, name: str) -> Table: ...

    def fields(self, table: Table, column: str) -> list[Field]:
        """What a column may be, the likeliest first."""
        ...

    def repeated(self, table: Table) -> str | None:
        """The column for which a table has several rows of one entity."""
        ...

    def nodes(self, table: Table, constant: str) -> str:
        """The name that a constant is in the graph."""
        ...


def squeezed(text: str) -> str:
    return "".join(separate_words(text))


def singular(text: str) -> str:
    for ending, instead in (
        ("ies", "y"),
        ("sses", "ss"),
        ("shes", "sh"),
        ("ches", "ch"),
        ("xes", "x"),
        ("s", ""),
    ):
        if text.endswith(ending) and len(text) > len(ending) + 1 and not text.endswith("ss"):
            return text[: -len(ending)] + instead
    return text


def stem(text: str) -> str:
    return re.sub(r"(es|s|e)$", "", text)


def likeness(column: str, label: str) -> float:
    """How alike the name of a column and the label of a relation are, 1 for equal."""
    one, two = squeezed(column), squeezed(label)
    if one == two:
        return 1.0
    best = 0.0
    if singular(one) == singular(two):
        best = 0.97
    keyless = re.sub(r"(id|code|key|no|number|num)$", "", one)
    if keyless and singular(keyless) in (two, singular(two)):
        best = max(best, 0.9)
    best = max(best, 0.85 * SequenceMatcher(None, one, two).ratio())
    if is_short_for(one, two):
        best = max(best, 0.55 + 0.3 * len(one) / max(len(two), 1))
    words_one, words_two = separate_words(column), separate_words(label)
    if words_one and len(words_one) == len(words_two):
        pairs = list(zip(words_one, words_two, strict=True))
        if all(is_short_for(a, b) or is_short_for(b, a) for a, b in pairs):
            best = max(best, 0.9)
    if (
        words_one
        and words_two
        and (words_one[-1] == words_two[-1] or is_short_for(words_one[-1], words_two[-1]))
    ):
        best = max(best, 0.45 + 0.2 * len(set(words_one) & set(words_two)))
    return best


def is_short_for(short: str, long: str) -> bool:
    if not short or not long or short[0] != long[0]:
        return False
    rest = iter(long)
    return all(letter in rest for letter in short)


class GuessedSchema:
    """Tables and columns by their names: labels of the graph are the English names of the same columns."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._tables: dict[str, Table] = {}
        self._fields: dict[tuple[str, str], list[Field]] = {}

    def table(self, name: str) -> Table:
        key = name.lower()
        if key not in self._tables:
            self._tables[key] = self._find(name)
        return self._tables[key]

    def repeated(self, table: Table) -> str | None:
        del table
        return None

    def nodes(self, table: Table, constant: str) -> str:
        del table
        return constant

    def _find(self, name: str) -> Table:
        world = self.world
        wanted = singular(squeezed(name))
        scored: list[tuple[float, Table]] = []
        for label, nodes in world.classes.items():
            scored.append((1.01 * self._alike(wanted, name, label), Table(name, nodes)))
        for relation in {step.relation for nodes in world.classes.values() for step in world.steps_of(nodes)}:
            step = Step(relation)
            heads = [nodes for nodes in world.classes.values() if step in world.steps_of(nodes)]
            for head in heads:
                for tail in world.target_classes(head, step):
                    score = self._alike(wanted, name, relation)
                    if score > 0.9:
                        scored.append((score, Table(name, edge=step, ends=(head, (tail,)))))
        best = max(scored, key=lambda pair: pair[0], default=None)
        if best is None or best[0] < 0.6:
            raise Unreadable("a table that is no class of the graph")
        return best[1]

    def _alike(self, wanted: str, name: str, label: str) -> float:
        other = singular(squeezed(label))
        if wanted == other:
            return 1.0
        if stem(wanted) == stem(other):  # some classes are called by halves of plurals: "addresse"
            return 0.99
        return min(likeness(name, label), 0.96)

    def fields(self, table: Table, column: str) -> list[Field]:
        key = (table.name.lower(), column.lower())
        if key not in self._fields:
            self._fields[key] = self._columns(table, column)
        return self._fields[key]

    def _columns(self, table: Table, column: str) -> list[Field]:
        world = self.world
        if table.edge is not None:
            found = []
            for end, classes in enumerate(table.ends):
                label = world.label(classes[0])
                found.append(
                    Field(
                        None,
                        max(likeness(column, label), likeness(column, label + " id")),
                        frozenset(classes),
                        end=end,
                    )
                )
            if table.ends[0] == table.ends[1]:
                found = [Field(field.step, 0.5, field.classes, end=field.end) for field in found]
            return sorted(found, key=lambda field: -field.score)
        found = []
        label = world.label(table.classes[0])
        for step in world.steps_of(table.classes):
            if step.inverse or set(world.steps.relations(step)) <= set(world.executor.classes.type_relations):
                continue
            targets = world.target_classes(table.classes, step)
            names = [step.relation, f"{label} {step.relation}"]
            score = max(likeness(column, name) - 0.01 * place for place, name in enumerate(names))
            if targets:
                score = max([score, *(likeness(column, world.label(target)) - 0.05 for target in targets)])
            found.append(Field(step, score, targets))
            found += self._keys(column, step, score, targets)
        found.append(Field(None, self._itself(table, column, label, found), frozenset(table.classes)))
        best = max(field.score for field in found)
        least = 0.75 if best >= 0.97 else 0.45
        found = [field for field in found if field.score > least]
        return sorted(found, key=lambda field: -field.score)[:4]

    def _keys(self, column: str, step: Step, score: float, targets: frozenset[str]) -> list[Field]:
        """The keys of what a foreign key leads to, where the column is called like them."""
        found = []
        for target in targets if len(targets) == 1 else ():
            for key in self.world.steps_of((target,)):
                alike = likeness(column, key.relation)
                named = re.search(r"(id|code|key|number|num|no|ssn)$", squeezed(key.relation))
                if (
                    not key.inverse
                    and alike > 0.7
                    and named
                    and not self.world.target_classes((target,), key)
                ):
                    found.append(Field(step, min(score, 0.9 * alike) - 0.05, key=key))
        return found

    def _itself(self, table: Table, column: str, label: str, others: list[Field]) -> float:
        """How likely a column is the row: its name, its key, or what no relation is left for."""
        one, own = squeezed(column), squeezed(label)
        best = max((field.score for field in others), default=0.0)
        if re.search(r"(name|title)$", one) and best < 0.99:
            return 0.93
        if one in (own, singular(squeezed(table.name)), squeezed(table.name)):
            return 0.92
        if re.search(r"(id|code|key|no|num|number|name|title)$", one):
            return 0.8
        return 0.5 if best < 0.6 else 0.46


class GeographySchema:
    """The tables of GeoQuery."""

    _CLASSES: ClassVar = {
        "city": "city",
        "state": "state",
        "highlow": "state",
        "river": "river",
        "lake": "lake",
        "mountain": "mountain",
        "road": "road",
    }
    _STEPS: ClassVar = {
        "country_name": "in country",
        "population": "population",
        "area": "area",
        "capital": "capital",
        "density": "population density",
        "length": "length",
        "traverse": "traverses",
        "mountain_altitude": "elevation",
    }

    def __init__(self, world: World) -> None:
        self.world = world

    def table(self, name: str) -> Table:
        key = name.lower()
        if key == "border_info":
            states = self.world.classes["state"]
            return Table(key, edge=Step("borders"), ends=(states, states))
        if key not in self._CLASSES:
            raise Unreadable("a table that is no class of the graph")
        return Table(key, self.world.classes[self._CLASSES[key]])

    def fields(self, table: Table, column: str) -> list[Field]:
        name = column.lower()
        states = frozenset(self.world.classes["state"])
        if table.edge is not None:
            return (
                [Field(None, 1.0, states, end=0 if name == "state_name" else 1)]
                if name in ("state_name", "border")
                else []
            )
        if name == f"{table.name}_name" or (table.name, name) == ("highlow", "state_name"):
            return [Field(None, 1.0, frozenset(table.classes))]
        relation = self._STEPS.get(name)
        if name == "state_name":
            relation = "passes through" if table.name == "road" else "in state"
        elif table.name == "highlow":
            relation = name.replace("_", " ")
        if relation is None or Step(relation) not in self.world.steps_of(table.classes):
            return []
        return [Field(Step(relation), 1.0, self.world.target_classes(table.classes, Step(relation)))]

    def repeated(self, table: Table) -> str | None:
        return "traverse" if table.name == "river" else None

    def nodes(self, table: Table, constant: str) -> str:
        if table.name == "mountain" and not self.world.named(constant):
            return f"mount {constant}"
        return constant
