"""Conditions as modifiers of a noun: "longer than 5 km", "that flow through Austria"."""

from __future__ import annotations

from kgqa.graph import ValueKind
from kgqa.graph.adjacency import Ids
from kgqa.program import (
    Aggregate,
    Average,
    Compare,
    Condition,
    Constant,
    Has,
    InClass,
    Is,
    Measure,
    Nodes,
    Operand,
    OwnValue,
    Path,
    TextMatch,
    TextTest,
)
from kgqa.training.examples.phrasing.drawn_words import DrawnWords, Unworded
from kgqa.training.examples.phrasing.inflection import article, gerund, plural, third_person
from kgqa.training.examples.phrasing.lexicon import varied
from kgqa.training.examples.phrasing.noun_phrase import Modifier, NounPhrase
from kgqa.training.examples.phrasing.reading import view_of
from kgqa.training.examples.phrasing.step_words import be, do, have, step_modifiers, who
from kgqa.training.examples.phrasing.value_words import Compared, count_modifiers, value_modifiers, value_text

__all__ = ["ConditionWords"]

_TEXT_TESTS = {
    TextTest.CONTAINS: ("contains", "includes"),
    TextTest.STARTS: ("starts with", "begins with"),
    TextTest.ENDS: ("ends with", "ends in"),
}


class ConditionWords:
    """Says that the members of a set meet a condition."""

    def __init__(self, words: DrawnWords) -> None:
        self._words = words
        self._executor = words.executor
        self._chance = words.chance

    def modifier(self, condition: Condition, members: Ids, noun: str, many: bool, negated: bool) -> Modifier:
        """One way to say that members, called `noun`, meet a condition. Raises `Unworded`."""
        found = self.modifiers(condition, members, noun, many, negated)
        if not found:
            raise Unworded("a condition")
        return self._chance.choice(found)

    def modifiers(
        self, condition: Condition, members: Ids, noun: str, many: bool, negated: bool
    ) -> list[Modifier]:
        """Ways to say that members, called `noun`, meet a condition."""
        match condition:
            case Is(path, nodes):
                return self._with_end(path, nodes, members, noun, many, negated)
            case Has(path):
                return self._with_some(path, members, noun, many, negated)
            case Compare():
                return self._comparing(condition, members, noun, many, negated)
            case TextMatch(path, test, text):
                return self._matching(path, test, text, members, noun, many, negated)
            case InClass(nodes):
                kind = varied(self._words.name(nodes), self._chance)
                verb = f"{be(many)}{' not' if negated else ''} {plural(kind) if many else article(kind)}"
                return [Modifier(f"{who(noun)} {verb}", verb)]

    def _with_end(
        self, path: Path, nodes: Nodes, members: Ids, noun: str, many: bool, negated: bool
    ) -> list[Modifier]:
        kind = self._words.of_graph.kind(path)
        if kind is ValueKind.BOOLEAN:
            return _boolean(path[-1].relation, self._words.name(nodes), noun, many, negated)
        known = NounPhrase(name=self._words.name(nodes))
        return self.through(path, known, members, noun, many, negated, kind is not ValueKind.NONE)

    def through(
        self,
        path: Path,
        known: NounPhrase,
        members: Ids,
        noun: str,
        many: bool,
        negated: bool,
        literal: bool = False,
    ) -> list[Modifier]:
        """Ways to say that a path leads from members to what is known, from its end backwards."""
        sets = [members]
        for step in path[:-1]:
            sets.append(self._executor.follow(sets[-1], (step,)))
        for at in range(len(path) - 1, -1, -1):
            view = self._words.of_graph.view(path[at]).turned()
            if at == 0:
                return step_modifiers(view, known, noun, many, negated, self._chance, literal)
            if self._words.silent(sets[at]):  # what follows says enough
                return step_modifiers(view, known, noun, many, negated, self._chance, literal)
            between = self._words.between(path[at - 1], sets[at])
            modifiers = step_modifiers(view, known, between, False, False, self._chance, literal)
            known = _indefinite(between, self._chance.choice(modifiers))
            literal = False
        raise Unworded("an empty path")

    def _with_some(self, path: Path, members: Ids, noun: str, many: bool, negated: bool) -> list[Modifier]:
        ends = self._executor.follow(members, path[:1])
        view = self._words.of_graph.view(path[0])
        things = self._words.end_noun(path[:1], ends)
        found = []
        if len(path) > 1:
            inner = self.through(
                path[1:],
                NounPhrase(name=article(self._words.end_noun(path[1:], ends)), proper=False),
                ends,
                things,
                False,
                False,
            )
            modifier = self._chance.choice(inner)
            known = _indefinite(things, modifier)
            if negated:
                known = NounPhrase(name=f"any {things} {modifier.after}", proper=False)
            return step_modifiers(view.turned(), known, noun, many, negated, self._chance)
        literal = self._words.of_graph.kind(path) is not ValueKind.NONE
        if view.asked_nouns or literal or not (view.known_verbs or view.asked_verbs):
            said = things
            if negated:
                found += [
                    Modifier(f"without {article(said)}", f"{have(many)} no {said}"),
                    Modifier(f"with no {said}", f"{do(many)} not have {article(said)}"),
                    Modifier(f"without any {plural(said)}", f"{have(many)} no {plural(said)}"),
                    Modifier(
                        f"{who(noun)} {do(many)} not have any {plural(said)}",
                        f"{do(many)} not have any {plural(said)}",
                    ),
                ]
            else:
                found += [
                    Modifier(f"with {article(said)}", f"{have(many)} {article(said)}"),
                    Modifier(f"{who(noun)} {have(many)} {article(said)}", f"{have(many)} {article(said)}"),
                    Modifier(
                        f"that have at least one {said}" if many else f"that has at least one {said}",
                        f"{have(many)} at least one {said}",
                    ),
                ]
        if view.known_verbs or view.asked_verbs or view.known_passives or view.asked_passives:
            known = NounPhrase(name=article(things), proper=False)
            if negated:
                known = NounPhrase(name=f"any {things}", proper=False)
            turned = view.turned()
            found += [m for m in step_modifiers(turned, known, noun, many, negated, self._chance) if m.verb]
        return found

    def _comparing(
        self, condition: Compare, members: Ids, noun: str, many: bool, negated: bool
    ) -> list[Modifier]:
        measure = condition.measure
        compared = self.compared(condition, measure)
        if measure.by:
            raise Unworded("groups")
        if measure.aggregate is Aggregate.COUNT:
            return self.counted(measure.path, members, noun, many, negated, compared)
        step = measure.path[-1]
        kind = self._words.of_graph.kind(measure.path)
        words = self._words.relation_noun(step)
        if measure.aggregate is not Aggregate.VALUE:
            words = f"{'total' if measure.aggregate is Aggregate.TOTAL else 'average'} {words}"
        if len(measure.path) == 1 or self._words.silent(self._executor.follow(members, measure.path[:-1])):
            return value_modifiers(words, kind, noun, many, negated, compared, self._chance)
        ends = self._executor.follow(members, measure.path[:-1])
        between = self._words.between(measure.path[-2], ends)
        inner = self._chance.choice(
            value_modifiers(words, kind, between, False, False, compared, self._chance)
        )
        return self.through(measure.path[:-1], _indefinite(between, inner), members, noun, many, negated)

    def counted(
        self, path: Path, members: Ids, noun: str, many: bool, negated: bool, compared: Compared
    ) -> list[Modifier]:
        """Ways to say how many ends a path has."""
        ends = self._executor.follow(members, path)
        things = self._words.end_noun(path, ends)
        number = compared.text
        view = self._words.of_graph.view(path[-1])
        counted = (
            plural(things) if number not in ("1", "one") or compared.comparator.value != "equals" else things
        )
        found = count_modifiers(counted, noun, many, negated, compared, self._chance)
        if len(path) == 1 and (view.known_verbs or view.asked_passives) and not compared.own:
            phrase = found[0].after.split(" ", 1)[1] if not negated else ""
            if phrase:
                verbs = step_modifiers(
                    view.turned(),
                    NounPhrase(name=phrase, plural=True, proper=False),
                    noun,
                    many,
                    False,
                    self._chance,
                )
                found += [m for m in verbs if m.verb] * 2
        return found

    def compared(self, condition: Compare, measure: Measure) -> Compared:
        """What a condition compares with, in words."""
        unit = "" if measure.aggregate is Aggregate.COUNT else self._words.of_graph.unit(measure.path)
        operand, day = condition.operand, False
        if isinstance(operand, Constant) and operand.value.kind is ValueKind.DATE:
            day = operand.value.high - operand.value.low <= 86400
        return Compared(
            condition.comparator,
            self._operand(operand, unit),
            "" if condition.upper is None else self._operand(condition.upper, unit),
            isinstance(operand, OwnValue),
            isinstance(operand, Average),
            day,
        )

    def _operand(self, operand: Operand, unit: str) -> str:
        match operand:
            case Constant(value):
                return value_text(value, unit, self._chance)
            case OwnValue(nodes):
                return self._words.name(nodes)
            case Average():
                return "the average"

    def _matching(
        self, path: Path, test: TextTest, text: str, members: Ids, noun: str, many: bool, negated: bool
    ) -> list[Modifier]:
        things = self._words.end_noun(path, self._executor.follow(members, path))
        said = self._chance.choice(_TEXT_TESTS[test])
        quoted = self._chance.choice(
            (f'"{text}"', f"'{text}'", f'the word "{text}"', f'the letters "{text}"')
        )
        if test is not TextTest.CONTAINS:
            quoted = self._chance.choice((f'"{text}"', f"'{text}'"))
        if negated:
            said = f"does not {said[:-1] if ' ' not in said else said.replace('s ', ' ', 1)}"
        found = [Modifier(f"whose {things} {said} {quoted}")]
        if self._words.of_graph.kind(path) is ValueKind.NONE:
            found = [
                Modifier(f"whose {things}'s name {said} {quoted}"),
                Modifier(f"whose {things} has a name that {said} {quoted}"),
            ]
        if test is TextTest.CONTAINS and not negated and self._words.of_graph.kind(path) is ValueKind.TEXT:
            own = f"{quoted} in {'their' if many else 'its'} {things}"
            found.append(Modifier(f"with {own}", f"{have(many)} {own}"))
            found.append(Modifier(f"{who(noun)} {have(many)} {own}", f"{have(many)} {own}"))
        return found


def _boolean(relation: str, value: str, noun: str, many: bool, negated: bool) -> list[Modifier]:
    view = view_of(relation)
    true = (value.lower() in ("true", "1", "yes")) != negated
    if view.known_verbs:
        base = " ".join((view.known_verbs[0], *view.asked_nouns[:1]))
        if true:
            verb = base if many else third_person(base)
            return [Modifier(f"{who(noun)} {verb}", verb), Modifier(gerund(base), verb)]
        verb = f"{do(many)} not {base}"
        return [Modifier(f"{who(noun)} {verb}", verb), Modifier(f"not {gerund(base)}", verb)]
    words = view.words
    if words.startswith(("has ", "have ")):
        thing = words.split(" ", 1)[1]
        if true:
            return [
                Modifier(f"with {article(thing)}", f"{have(many)} {article(thing)}"),
                Modifier(f"{who(noun)} {have(many)} {article(thing)}", f"{have(many)} {article(thing)}"),
            ]
        return [
            Modifier(f"without {article(thing)}", f"{do(many)} not have {article(thing)}"),
            Modifier(f"{who(noun)} {have(many)} no {thing}", f"{have(many)} no {thing}"),
        ]
    words = words.removeprefix("is ").removeprefix("are ")
    verb = f"{be(many)}{'' if true else ' not'} {words}"
    return [Modifier(f"{who(noun)} {verb}", verb)]


def _indefinite(noun: str, modifier: Modifier) -> NounPhrase:
    """Some thing of a kind, as one name."""
    return NounPhrase(name=f"{article(noun)} {modifier.after}", proper=False)
