"""Programs in plain English, for people."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import assert_never

from kgqa.graph import KnowledgeGraph, ValueKind
from kgqa.program.condition import (
    Comparator,
    Compare,
    Condition,
    Constant,
    Has,
    InClass,
    Is,
    Nodes,
    Operand,
    OwnValue,
    TextMatch,
)
from kgqa.program.measure import Aggregate, Measure, Path, Step
from kgqa.program.program import (
    Clause,
    Combine,
    Count,
    Each,
    Extreme,
    Final,
    Follow,
    Instances,
    Join,
    Keep,
    Program,
    Start,
    Summary,
    Test,
)
from kgqa.program.text import ORDINALS, node_text, program_text
from kgqa.program.words import (
    RelationForm,
    negated,
    plural,
    relation_form,
    singular,
    uncapitalised,
    without_conjugation,
)

__all__ = ["phrase"]

_PLAIN_NAME = re.compile(r"[\w.'’ -]+")
_LINKING = re.compile(r"\b(or|and|that|but|with|whose|of the|is|are)\b", re.IGNORECASE)
_COMPARED = {
    Comparator.ABOVE: ("above", "after"),
    Comparator.BELOW: ("below", "before"),
    Comparator.AT_LEAST: ("at least", "in or after"),
    Comparator.AT_MOST: ("at most", "in or before"),
    Comparator.EQUALS: ("equal to", "in"),
}


def phrase(program: Program, graph: KnowledgeGraph) -> str:
    """What a program asks for, in English.

    Nested parts stand in parentheses, so that no two programs have the same phrase. Programs over relations
    without plain words are given by their text.

    >>> from kgqa.graph import GraphBuilder
    >>> from kgqa.program import parse_program
    >>> graph = GraphBuilder.of([("Germany", "borders", "France"), ("Germany", "type", "Country")])
    >>> phrase(parse_program("France <- borders | only Country | count", graph), graph)
    'how many countries that border France there are'
    """
    try:
        return _Phrasing(graph).program(program)
    except _OddError:
        return program_text(program, graph)


class _OddError(Exception):
    """A relation or name that has no plain words."""


@dataclass(frozen=True)
class _Set:
    """A set in words: a whole phrase, or a noun (empty: unknown) with relative clauses.

    `one` says that it is a single named thing, `whole` that it can only be used as a whole.
    """

    whole: str = ""
    noun: str = ""
    clauses: tuple[str, ...] = ()
    one: bool = False
    single: str = ""
    """The noun for one member."""

    @property
    def text(self) -> str:
        """The set by itself."""
        return self.whole or " ".join(("the", self.counted))

    @property
    def counted(self) -> str:
        """The noun and its clauses, without an article."""
        return " ".join((self.noun or "things", " and ".join(self.clauses))).strip()

    @property
    def part(self) -> str:
        """The set within another phrase."""
        if self.one or not (self.whole or self.clauses):
            return self.text
        return f"({self.text})"


class _Phrasing:
    def __init__(self, graph: KnowledgeGraph) -> None:
        self.graph = graph

    def program(self, program: Program) -> str:
        found = self.set(program)
        return found.text if program.final is None else self._final(program.final, found)

    def set(self, program: Program) -> _Set:
        found = self._start(program.start)
        for clause in program.clauses:
            found = self._clause(clause, found)
        return found

    def _start(self, start: Start) -> _Set:
        if isinstance(start, Instances):
            name = self._plain(start.nodes)
            return _Set(noun=plural(name), single=uncapitalised(name))
        names = [self._name(nodes) for nodes in start.groups]
        return _Set(" or ".join(names), one=len(names) == 1)

    def _clause(self, clause: Clause, members: _Set) -> _Set:
        match clause:
            case Follow(step):
                return _follow(step, members)
            case Keep(InClass(nodes), False) if not members.noun:
                return _of_class(members, plural(self._plain(nodes)))
            case Keep(Compare(measure), False) if measure.by:
                found = self._relative(clause.condition, False)
                return _Set(f"{_groups(measure.by, members)} {found}")
            case Keep(condition, negative):
                return _with(members, self._relative(condition, negative))
            case Extreme(measure):
                among = _groups(measure.by, members) if measure.by else members.text
                if members.single and not measure.by and clause.count == 1:
                    one = f"the {members.single}" if not members.clauses else f"of {among}, the one"
                    return _Set(f"{one}{_place(clause).removeprefix('the one')} {_measure(measure)}")
                return _Set(f"of {among}, {_place(clause)} {_measure(measure)}")
            case Combine(join, program):
                other = self.set(program).part
                linked = {Join.AND: " that are also among ", Join.OR: ", or ", Join.BUT_NOT: ", but not "}
                first = members.part if members.whole and not members.one else members.text
                return _Set(f"{first}{linked[join]}{_unwrapped(other)}")
        assert_never(clause)

    def _final(self, final: Final, members: _Set) -> str:
        match final:
            case Count():
                if members.whole:
                    return f"how many things are {members.text}"
                return f"how many {members.counted} there are"
            case Summary(aggregate, path):
                return f"the {aggregate} {_path(path)} of {members.part}"
            case Test(condition, negative):
                relative = self._relative(condition, negative and members.one)
                if not members.one:
                    some = "none" if negative else "any"
                    return f"whether there are {some} of {members.part} {relative}"
                if relative.startswith("whose "):
                    subject, _, rest = relative.removeprefix("whose ").partition(" is ")
                    return f"whether the {subject} of {members.text} is {rest}"
                return f"whether {members.text} {singular(relative.removeprefix('that '))}"
            case Each(measure):
                if measure.by:
                    return f"{_measure(measure)} of {members.part}, for each {_path(measure.by)}"
                return f"{_measure(measure)} of each of {members.part}"
        assert_never(final)

    # Conditions ----------------------------------------------------------------------------------

    def _relative(self, condition: Condition, negative: bool) -> str:
        """A relative clause for several members."""
        match condition:
            case Is(path, nodes):
                return f"that {self._reaching(path, self._name(nodes), negative)}"
            case InClass(nodes):
                return f"that are {'not ' if negative else ''}{plural(self._plain(nodes))}"
            case Has(path):
                target = "anything" if negative else "something"
                return f"that {self._reaching(path, target, negative)}"
            case TextMatch(path, test, text):
                words = _path(path) if path else "name"
                verb = {"contains": "containing", "starts with": "starting with", "ends with": "ending with"}
                return f"whose {words} is {'not ' if negative else ''}{verb[test]} “{text}”"
            case Compare(measure, comparator, operand, upper):
                dated = isinstance(operand, Constant) and operand.value.kind is ValueKind.DATE
                if upper is None:
                    compared = f"{_COMPARED[comparator][dated]} {self._operand(operand)}"
                else:
                    compared = f"between {self._operand(operand)} and {self._operand(upper)}"
                words = _measure(measure).removeprefix("the ")
                return f"whose {words} is {'not ' if negative else ''}{compared}"
        assert_never(condition)

    def _reaching(self, path: Path, target: str, negative: bool = False) -> str:
        """A predicate for several members: that a path leads from them to a target."""
        if not path:
            return f"are not {target}" if negative else f"are {target}"
        step, rest = path[0], path[1:]
        if rest:
            something = "anything" if negative else "something"
            target = f"({something} for which: it {singular(self._reaching(rest, target))})"
        form = _form(step)
        if form.verb and step.inverse:
            verb = without_conjugation(form.words)
            if negative:
                return f"are not what {target} {singular(verb)}"
            return f"are what {target} {singular(verb)}"
        if form.verb:
            predicate = f"{without_conjugation(form.words)} {target}"
        elif step.inverse:
            predicate = f"are the {form.words} of {target}"
        else:
            predicate = f"have {target} as {form.words}"
        return negated(predicate) if negative else predicate

    def _operand(self, operand: Operand) -> str:
        match operand:
            case Constant(value):
                return str(value)
            case OwnValue(nodes):
                return f"that of {self._name(nodes)}"
            case _:
                return "the average"

    # Names ---------------------------------------------------------------------------------------

    def _plain(self, nodes: Nodes) -> str:
        name = node_text(nodes, self.graph).strip()
        if not _PLAIN_NAME.fullmatch(name) or _LINKING.search(name):
            raise _OddError
        return name

    def _name(self, nodes: Nodes) -> str:
        name = node_text(nodes, self.graph).strip()
        if "“" in name or "”" in name:
            raise _OddError
        return name if _PLAIN_NAME.fullmatch(name) and not _LINKING.search(name) else f"“{name}”"


def _follow(step: Step, members: _Set) -> _Set:
    form, inner = _form(step), members.part
    if form.verb and step.inverse:
        return _Set(clauses=(f"that {without_conjugation(form.words)} {inner}",))
    if form.verb:
        verb = without_conjugation(form.words)
        return _Set(clauses=(f"that {inner} {singular(verb) if members.one else verb}",))
    if step.inverse:
        return _Set(clauses=(f"that have {inner} as {form.words}",))
    return _Set(f"the {form.words} of {inner}")


def _of_class(members: _Set, noun: str) -> _Set:
    if members.whole:
        return _Set(noun=noun, clauses=(f"that are {members.text}",))
    return replace(members, noun=noun)


def _with(members: _Set, clause: str) -> _Set:
    if members.whole:
        return _Set(noun="", clauses=(f"that are {members.text}", clause))
    return replace(members, clauses=(*members.clauses, clause))


def _groups(by: Path, members: _Set) -> str:
    return f"the groups by {_path(by)} of {members.part}"


def _place(clause: Extreme) -> str:
    which = "lowest" if clause.least else "highest"
    if clause.rank > 1:
        ordinal = ORDINALS[clause.rank] if clause.rank < len(ORDINALS) else f"{clause.rank}th"
        which = f"{ordinal} {which}"
    if clause.count == 1:
        return f"the one with the {which}"
    return f"the {clause.count} {'with' if clause.rank == 1 else 'from'} the {which}"


def _measure(measure: Measure) -> str:
    words = _path(measure.path) if measure.path else "members"
    match measure.aggregate:
        case Aggregate.VALUE:
            return words
        case Aggregate.COUNT:
            return f"number of {words}"
        case _:
            return f"{measure.aggregate} {words}"


def _path(path: Path) -> str:
    """A path of nouns, the last first: "population of capital"; others by arrows."""
    forms = [_form(step) for step in path]
    if all(not form.verb and not step.inverse for form, step in zip(forms, path, strict=True)):
        return " of ".join(form.words for form in reversed(forms))
    arrows = " ".join(f"{'<-' if step.inverse else '->'} {step.relation}" for step in path)
    return f"“{arrows}”"


def _form(step: Step) -> RelationForm:
    form = relation_form(step.relation)
    if form is None:
        raise _OddError
    return form


def _unwrapped(text: str) -> str:
    """A part at the end of a phrase; in parentheses only if it has several parts itself."""
    inner = text.removeprefix("(").removesuffix(")")
    return text if re.search(r"[,(]| and | or ", inner) else inner
