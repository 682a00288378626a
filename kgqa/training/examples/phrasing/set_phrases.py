"""Sets of programs as noun phrases: each clause adds its words to those of the set before."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from kgqa.graph import ValueKind
from kgqa.graph.adjacency import Ids
from kgqa.program import (
    Aggregate,
    Average,
    Clause,
    Combine,
    Compare,
    Condition,
    Constant,
    Extreme,
    Follow,
    Has,
    InClass,
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
    TextMatch,
    TextTest,
    node_text,
)
from kgqa.training.examples.phrasing.graph_words import GraphWords, is_person
from kgqa.training.examples.phrasing.inflection import article, plural
from kgqa.training.examples.phrasing.lexicon import varied
from kgqa.training.examples.phrasing.noun_phrase import Modifier, NounPhrase, listed_names
from kgqa.training.examples.phrasing.reading import View
from kgqa.training.examples.phrasing.step_words import be, do, have, step_modifiers, step_phrase, who
from kgqa.training.examples.phrasing.value_words import (
    Compared,
    count_modifiers,
    extreme_words,
    value_modifiers,
    value_text,
)

__all__ = ["SetPhrases", "Unworded"]

_ORDINALS = ("", "", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_TEXT_TESTS = {
    TextTest.CONTAINS: ("contains", "includes"),
    TextTest.STARTS: ("starts with", "begins with"),
    TextTest.ENDS: ("ends with", "ends in"),
}
_DEGREES = ("highest", "largest", "greatest"), ("lowest", "smallest")
_THINGS = ("thing", "one", "entity", "item")


class Unworded(Exception):
    """A program that there are no words for."""


class SetPhrases:
    """Describes the sets that one program goes through.

    Words are drawn at random: the same program is worded differently each time.
    """

    def __init__(
        self, words: GraphWords, start: Start, clauses: Sequence[Clause], chance: random.Random
    ) -> None:
        self._words = words
        self._executor = words.executor
        self._start = start
        self._clauses = tuple(clauses)
        self._chance = chance
        self.sets = [self._executor.start(start)]
        for clause in clauses:
            self.sets.append(self._executor.apply(clause, self.sets[-1]))

    def name(self, nodes: Nodes) -> str:
        """The name of some nodes."""
        return node_text(nodes, self._words.graph)[1:]

    def noun(self, members: Ids, vary: float = 0.25) -> str:
        """The class of some nodes in the singular, perhaps in other words, or empty."""
        return varied(self._words.class_noun(members), self._chance, vary)

    def phrase(self, place: int | None = None, many: bool | None = None, noun: str = "") -> NounPhrase:
        """The set after so many clauses (all of them), in the plural or singular.

        `noun` is what its members are called if the phrase can say so. Raises `Unworded`.
        """
        place = len(self._clauses) if place is None else place
        members = self.sets[place]
        if many is None:
            many = len(members) != 1
        if place == 0:
            return self._started(many, noun)
        clause = self._clauses[place - 1]
        match clause:
            case Follow(step):
                return self._followed(place, step, many, noun)
            case Keep(InClass(nodes), False):
                return self.phrase(place - 1, many, self.name(nodes))
            case Keep(InClass(nodes), True):
                base = self.phrase(place - 1, many, noun)
                kind = varied(self.name(nodes), self._chance)
                named = plural(kind) if many else article(kind)
                verb = f"{be(many)} not {named}"
                return base.modified(
                    Modifier(f"{who(base.noun)} {verb}", verb)
                    if self._chance.random() < 0.6
                    else Modifier(f"except {plural(kind)}")
                )
            case Keep(Compare(Measure(by=by)) as condition, False) if by:
                return self._numbered_group(place, condition, many)
            case Keep(condition, negated):
                if (joined := self._with_both(place, condition, negated, many, noun)) is not None:
                    return joined
                base = self.phrase(place - 1, many, noun)
                return base.modified(self.modifier(condition, self.sets[place - 1], base.noun, many, negated))
            case Extreme():
                return self._extreme(place, clause, many, noun)
            case Combine(join, program):
                return self._combined(place, join, program, many, noun)

    def _started(self, many: bool, noun: str) -> NounPhrase:
        if isinstance(self._start, Named):
            names = tuple(self.name(nodes) for nodes in self._start.groups)
            first = self._clauses[0] if self._clauses else None
            joined = isinstance(first, Follow) and not first.step.inverse and self._chance.random() < 0.5
            word = "and" if joined or first is None else "or"
            return NounPhrase(name=listed_names(names, word), plural=len(names) > 1 and word == "and")
        noun = noun or varied(_words_of(self.name(self._start.nodes)), self._chance)
        return NounPhrase(noun, many, person=is_person(noun), simple=True)

    def _with_both(
        self, place: int, condition: Condition, negated: bool, many: bool, noun: str
    ) -> NounPhrase | None:
        """ "both A and B", "A but not B": where a filter repeats the step that led from a named thing."""
        step = self._clauses[0]
        if (
            place != 2
            or not isinstance(self._start, Named)
            or not isinstance(step, Follow)
            or not isinstance(condition, Is)
            or condition.path != (step.step._replace(inverse=not step.step.inverse),)
            or self._chance.random() < 0.15
        ):
            return None
        first, second = self.name(self._start.groups[0]), self.name(condition.nodes)
        said = f"{first} but not {second}" if negated else f"both {first} and {second}"
        if self._chance.random() < 0.3 and not negated:
            said = f"{first} and {self._chance.choice(('also ', ''))}{second}"
        own = noun or self.noun(self.sets[place])
        known = NounPhrase(name=said, plural=False, proper=False)
        view = self._words.view(step.step)
        return step_phrase(view, known, own, many, self._chance, forced=bool(noun))

    def _silent(self, members: Ids) -> bool:
        """Whether nodes between two steps are not spoken of: mediators, and mostly rows that link others."""
        if not self._words.graph.named[members].any():
            return True
        return self._words.is_link(members) and self._chance.random() < 0.75

    def _followed(self, place: int, step: Step, many: bool, noun: str) -> NounPhrase:
        members = self.sets[place]
        before = self._clauses[place - 2] if place > 1 else None
        skipped = isinstance(before, Follow) and self._silent(self.sets[place - 1])
        known = self.phrase(place - 2 if skipped else place - 1)
        own = noun or self.noun(members)
        view = self._words.view(step)
        if self._words.kind((step,)) is not ValueKind.NONE and not step.inverse:
            own = ""
        found = step_phrase(view, known, own, many, self._chance, forced=bool(noun))
        if found is None:
            raise Unworded(step.relation)
        return found

    # Conditions ----------------------------------------------------------------------------------

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
                kind = varied(self.name(nodes), self._chance)
                verb = f"{be(many)}{' not' if negated else ''} {plural(kind) if many else article(kind)}"
                return [Modifier(f"{who(noun)} {verb}", verb)]

    def _with_end(
        self, path: Path, nodes: Nodes, members: Ids, noun: str, many: bool, negated: bool
    ) -> list[Modifier]:
        kind = self._words.kind(path)
        if kind is ValueKind.BOOLEAN:
            return _boolean(path[-1].relation, self.name(nodes), noun, many, negated)
        known = NounPhrase(name=self.name(nodes))
        return self._through(path, known, members, noun, many, negated, kind is not ValueKind.NONE)

    def _through(
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
            view = self._words.view(path[at]).turned()
            if at == 0:
                return step_modifiers(view, known, noun, many, negated, self._chance, literal)
            if self._silent(sets[at]):  # what follows says enough
                return step_modifiers(view, known, noun, many, negated, self._chance, literal)
            between = self._between(path[at - 1], sets[at])
            modifiers = step_modifiers(view, known, between, False, False, self._chance, literal)
            known = _indefinite(between, self._chance.choice(modifiers))
            literal = False
        raise Unworded("an empty path")

    def _between(self, step: Step, members: Ids) -> str:
        """What the things between two steps are called."""
        view = self._words.view(step)
        noun = self.noun(members)
        if noun and (not view.asked_nouns or self._chance.random() < 0.6):
            return noun
        return varied(self._chance.choice(view.asked_nouns), self._chance) if view.asked_nouns else "one"

    def _with_some(self, path: Path, members: Ids, noun: str, many: bool, negated: bool) -> list[Modifier]:
        ends = self._executor.follow(members, path[:1])
        view = self._words.view(path[0])
        things = self.end_noun(path[:1], ends)
        found = []
        if len(path) > 1:
            inner = self._through(
                path[1:],
                NounPhrase(name=article(self.end_noun(path[1:], ends)), proper=False),
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
        literal = self._words.kind(path) is not ValueKind.NONE
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

    def end_noun(self, path: Path, ends: Ids) -> str:
        """What is at the end of a path, in the singular."""
        if self._words.kind(path) is ValueKind.NONE:
            noun = self.noun(ends)
            view = self._words.view(path[-1])
            if noun and (not view.asked_nouns or self._chance.random() < 0.6):
                return noun
            if view.asked_nouns:
                return varied(self._chance.choice(view.asked_nouns), self._chance)
            return noun or (view.kind if view.inverse and view.kind else self._chance.choice(_THINGS))
        return varied(self.relation_noun(path[-1]), self._chance)

    def relation_noun(self, step: Step) -> str:
        """What the values of a relation are called, in its own words."""
        view: View = self._words.view(step)
        words = view.words
        for prefix in ("has ", "have ", "is "):
            words = words.removeprefix(prefix)
        return words

    def _comparing(
        self, condition: Compare, members: Ids, noun: str, many: bool, negated: bool
    ) -> list[Modifier]:
        measure = condition.measure
        compared = self._compared(condition, measure)
        if measure.by:
            raise Unworded("groups")
        if measure.aggregate is Aggregate.COUNT:
            return self.counted(measure.path, members, noun, many, negated, compared)
        step = measure.path[-1]
        kind = self._words.kind(measure.path)
        words = self.relation_noun(step)
        if measure.aggregate is not Aggregate.VALUE:
            words = f"{'total' if measure.aggregate is Aggregate.TOTAL else 'average'} {words}"
        if len(measure.path) == 1 or self._silent(self._executor.follow(members, measure.path[:-1])):
            return value_modifiers(words, kind, noun, many, negated, compared, self._chance)
        ends = self._executor.follow(members, measure.path[:-1])
        between = self._between(measure.path[-2], ends)
        inner = self._chance.choice(
            value_modifiers(words, kind, between, False, False, compared, self._chance)
        )
        return self._through(measure.path[:-1], _indefinite(between, inner), members, noun, many, negated)

    def counted(
        self, path: Path, members: Ids, noun: str, many: bool, negated: bool, compared: Compared
    ) -> list[Modifier]:
        """Ways to say how many ends a path has."""
        ends = self._executor.follow(members, path)
        things = self.end_noun(path, ends)
        number = compared.text
        view = self._words.view(path[-1])
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

    def _compared(self, condition: Compare, measure: Measure) -> Compared:
        unit = "" if measure.aggregate is Aggregate.COUNT else self._words.unit(measure.path)
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
                return self.name(nodes)
            case Average():
                return "the average"

    def _matching(
        self, path: Path, test: TextTest, text: str, members: Ids, noun: str, many: bool, negated: bool
    ) -> list[Modifier]:
        things = self.end_noun(path, self._executor.follow(members, path))
        said = self._chance.choice(_TEXT_TESTS[test])
        quoted = self._chance.choice(
            (f'"{text}"', f"'{text}'", f'the word "{text}"', f'the letters "{text}"')
        )
        if test is not TextTest.CONTAINS:
            quoted = self._chance.choice((f'"{text}"', f"'{text}'"))
        if negated:
            said = f"does not {said[:-1] if ' ' not in said else said.replace('s ', ' ', 1)}"
        found = [Modifier(f"whose {things} {said} {quoted}")]
        if self._words.kind(path) is ValueKind.NONE:
            found = [
                Modifier(f"whose {things}'s name {said} {quoted}"),
                Modifier(f"whose {things} has a name that {said} {quoted}"),
            ]
        if test is TextTest.CONTAINS and not negated and self._words.kind(path) is ValueKind.TEXT:
            own = f"{quoted} in {'their' if many else 'its'} {things}"
            found.append(Modifier(f"with {own}", f"{have(many)} {own}"))
            found.append(Modifier(f"{who(noun)} {have(many)} {own}", f"{have(many)} {own}"))
        return found

    # Superlatives --------------------------------------------------------------------------------

    def _extreme(self, place: int, clause: Extreme, many: bool, noun: str) -> NounPhrase:
        members, measure = self.sets[place - 1], clause.measure
        if measure.by:
            return self._extreme_group(place, clause, many)
        base = self.phrase(place - 1, many or clause.count > 1, noun)
        if measure.aggregate is Aggregate.COUNT:
            ends = self._executor.follow(members, measure.path)
            things = plural(self.end_noun(measure.path, ends))
            return self._placed(base, (), self._most(measure.path, things, base, clause.least), clause)
        kind = self._words.kind(measure.path)
        words = self.relation_noun(measure.path[-1])
        if measure.aggregate is not Aggregate.VALUE:
            words = f"{'total' if measure.aggregate is Aggregate.TOTAL else 'average'} {words}"
        through = len(measure.path) > 1 and not self._silent(
            self._executor.follow(members, measure.path[:-1])
        )
        if not through or measure.aggregate is not Aggregate.VALUE:
            before, after = extreme_words(words, kind, base.noun, base.plural, clause.least, self._chance)
            return self._placed(base, before, after, clause)
        ends = self._executor.follow(members, measure.path[:-1])
        between = self._between(measure.path[-2], ends)
        before, after = extreme_words(words, kind, between, False, clause.least, self._chance)
        inner = self._placed(NounPhrase(between, definite=True), before, after, clause)
        found = self._through(
            measure.path[:-1],
            NounPhrase(name=inner.text(), proper=False),
            members,
            base.noun,
            base.plural,
            False,
        )
        return replace(base.modified(self._chance.choice(found)), definite=True)

    def _most(self, path: Path, things: str, base: NounPhrase, least: bool) -> tuple[Modifier, ...]:
        much = self._chance.choice(
            ("fewest", "least", "smallest number of")
            if least
            else ("most", "most", "largest number of", "highest number of", "greatest number of")
        )
        many, noun = base.plural, base.noun
        found = [
            Modifier(f"with the {much} {things}", f"{have(many)} the {much} {things}"),
            Modifier(f"{who(noun)} {have(many)} the {much} {things}", f"{have(many)} the {much} {things}"),
        ]
        view = self._words.view(path[-1])
        if len(path) == 1 and (view.known_verbs or view.asked_verbs or view.asked_passives):
            known = NounPhrase(name=f"the {much} {things}", plural=True, proper=False)
            found += step_modifiers(view.turned(), known, noun, many, False, self._chance)
        return tuple(found)

    def _placed(
        self, base: NounPhrase, before: Sequence[str], after: Sequence[Modifier], clause: Extreme
    ) -> NounPhrase:
        """With the superlative before the noun or behind it, with its rank and number."""
        chance = self._chance
        ordinal = ""
        if clause.rank > 1:
            rank = clause.rank
            endings = {2: "2nd", 3: "3rd"}
            ordinal = _ORDINALS[rank] if chance.random() < 0.7 else endings.get(rank, f"{rank}th")
        number = (
            ""
            if clause.count == 1
            else str(clause.count)
            if chance.random() < 0.5
            else value_word(clause.count)
        )
        usable = [
            word for word in before if not ((ordinal or number) and word in ("first", "last", "earliest"))
        ]
        if usable and (not after or chance.random() < 0.65):
            words = " ".join(filter(None, (ordinal, number, chance.choice(usable))))
            return base.preceded(words)
        if not after:
            raise Unworded("a superlative")
        plain = [m for m in after if " the " in f" {m.after}" and "imum" not in m.after] or list(after)
        modifier = chance.choice(plain if ordinal else list(after))
        if ordinal:
            if " the " not in modifier.after:
                raise Unworded("an ordinal")
            modifier = Modifier(*(part.replace(" the ", f" the {ordinal} ", 1) for part in modifier))
        found = base.modified(modifier)
        found = replace(found, definite=True)
        return found.preceded(chance.choice((number, f"top {number}"))) if number else found

    def _extreme_group(self, place: int, clause: Extreme, many: bool) -> NounPhrase:
        members, measure, chance = self.sets[place - 1], clause.measure, self._chance
        groups = self._executor.follow(members, measure.by)
        noun = self.end_noun(measure.by, groups)
        base = NounPhrase(noun, many, definite=True, person=is_person(noun))
        inner = self.phrase(place - 1, True)
        if measure.aggregate is Aggregate.COUNT and not measure.path:
            much = chance.choice(
                ("fewest", "least")
                if clause.least
                else ("most", "most", "largest number of", "highest number of")
            )
            after = [Modifier(f"with the {much} {inner.bare()}", f"{have(many)} the {much} {inner.bare()}")]
            if len(measure.by) == 1:
                known = NounPhrase(name=f"the {much} {inner.bare()}", plural=True, proper=False)
                view = self._words.view(measure.by[0])
                after += step_modifiers(view, known, noun, many, False, chance)
            if not clause.least and not inner.after:
                after.append(
                    Modifier(
                        f"that {be(many)} most common among {inner.text()}",
                        f"{be(many)} most common among {inner.text()}",
                    )
                )
            return self._placed(base, (), after, clause)
        degree = chance.choice(_DEGREES[clause.least])
        names = {
            Aggregate.TOTAL: "total",
            Aggregate.AVERAGE: "average",
            Aggregate.HIGHEST: "maximum",
            Aggregate.LOWEST: "minimum",
        }
        if measure.aggregate is Aggregate.COUNT:
            things = plural(self.end_noun(measure.path, self._executor.follow(members, measure.path)))
            said = f"the {'fewest' if clause.least else 'most'} different {things} of {inner.text()}"
        else:
            value = varied(self.relation_noun(measure.path[-1]), chance)
            said = f"the {degree} {names[measure.aggregate]} {value} of {inner.text()}"
        return self._placed(base, (), [Modifier(f"with {said}", f"{have(many)} {said}")], clause)

    def _numbered_group(self, place: int, condition: Compare, many: bool) -> NounPhrase:
        """The groups with more than so many members."""
        members, measure = self.sets[place - 1], condition.measure
        if measure.aggregate is not Aggregate.COUNT or measure.path:
            raise Unworded("values of groups")
        noun = self.end_noun(measure.by, self._executor.follow(members, measure.by))
        inner = self.phrase(place - 1, True).bare()
        compared = self._compared(condition, measure)
        found = count_modifiers(inner, noun, many, False, compared, self._chance)
        if len(measure.by) == 1:
            number = found[0].after.removeprefix("with ")
            known = NounPhrase(name=number, plural=True, proper=False)
            verbs = step_modifiers(self._words.view(measure.by[0]), known, noun, many, False, self._chance)
            found += [modifier for modifier in verbs if modifier.verb]
        return NounPhrase(noun, many, person=is_person(noun)).modified(self._chance.choice(found))

    # Combinations --------------------------------------------------------------------------------

    def _combined(self, place: int, join: Join, program: Program, many: bool, noun: str) -> NounPhrase:
        base = self.phrase(place - 1, many, noun)
        before = self._clauses[place - 2] if place > 1 else None
        last = program.clauses[-1] if program.clauses else None
        if not isinstance(program.start, Named):
            raise Unworded("a class within")
        name = listed_names(tuple(self.name(nodes) for nodes in program.start.groups), "or")
        same = before == last and isinstance(last, Follow) and len(program.clauses) == 1 and place == 2
        if (
            same
            and isinstance(self._start, Named)
            and self._chance.random() < 0.7
            and len(self._start.groups) == 1
        ):
            first = self.name(self._start.groups[0])
            joined = {Join.AND: f"both {first} and {name}", Join.OR: f"{first} or {name}"}.get(join)
            assert isinstance(last, Follow)
            if joined is None:
                return (
                    base.modified(Modifier(f"but not {self._chance.choice(('', 'of '))}{name}"))
                    if self._ends_with(base, first)
                    else self._beside(base, join, program, many)
                )
            known = NounPhrase(name=joined, plural=False)
            found = step_phrase(
                self._words.view(last.step),
                known,
                noun or self.noun(self.sets[place]),
                many,
                self._chance,
                forced=bool(noun),
            )
            if found is not None and not found.owner:
                return found
        return self._beside(base, join, program, many)

    def _ends_with(self, base: NounPhrase, name: str) -> bool:
        return base.bare().endswith(f" {name}")

    def _beside(self, base: NounPhrase, join: Join, program: Program, many: bool) -> NounPhrase:
        """With the other set as a further modifier."""
        if not program.clauses:
            assert isinstance(program.start, Named)
            name = self.name(program.start.groups[0])
            words = {Join.BUT_NOT: ("except", "other than", "besides"), Join.OR: ("and", "or")}.get(join)
            if words is None:
                raise Unworded("an intersection with names")
            return base.modified(Modifier(f"{self._chance.choice(words)} {name}"))
        inner = SetPhrases(self._words, program.start, program.clauses[:-1], self._chance)
        last = program.clauses[-1]
        if not isinstance(last, Follow):
            raise Unworded("a class within")
        view = self._words.view(last.step)
        found = step_modifiers(view, inner.phrase(), base.noun, many, join is Join.BUT_NOT, self._chance)
        modifier = self._chance.choice([m for m in found if m.verb] or found)
        link = {Join.AND: "and", Join.OR: "or", Join.BUT_NOT: "but"}[join]
        also = (
            " also"
            if join is Join.AND and modifier.after.startswith("that ") and self._chance.random() < 0.5
            else ""
        )
        after = modifier.after
        if also and modifier.verb:
            after = (
                after.replace("that ", "that also ", 1)
                if not modifier.verb.startswith(("is ", "are "))
                else after
            )
        return base.modified(Modifier(f"{link} {after}"))


def _boolean(relation: str, value: str, noun: str, many: bool, negated: bool) -> list[Modifier]:
    from kgqa.training.examples.phrasing.reading import view_of

    view = view_of(relation)
    true = (value.lower() in ("true", "1", "yes")) != negated
    if view.known_verbs:
        from kgqa.training.examples.phrasing.inflection import gerund, third_person

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


def value_word(number: int) -> str:
    """A small number as a word."""
    words = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return words[number] if number < len(words) else str(number)


def _words_of(name: str) -> str:
    from kgqa.graph import separate_words
    from kgqa.training.examples.phrasing.inflection import singular

    return singular(" ".join(separate_words(name)) or name)
