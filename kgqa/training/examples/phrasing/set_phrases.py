"""Sets of programs as noun phrases: each clause adds its words to those of the set before."""

from __future__ import annotations

import random
from collections.abc import Sequence

from kgqa.graph import ValueKind, separate_words
from kgqa.program import (
    Aggregate,
    Clause,
    Combine,
    Compare,
    Condition,
    Extreme,
    Follow,
    InClass,
    Is,
    Join,
    Keep,
    Measure,
    Named,
    Path,
    Program,
    Start,
    Step,
)
from kgqa.training.examples.phrasing.condition_words import ConditionWords
from kgqa.training.examples.phrasing.drawn_words import DrawnWords, Unworded
from kgqa.training.examples.phrasing.graph_words import GraphWords, is_person
from kgqa.training.examples.phrasing.inflection import article, plural, singular
from kgqa.training.examples.phrasing.lexicon import varied
from kgqa.training.examples.phrasing.noun_phrase import Modifier, NounPhrase, listed_names
from kgqa.training.examples.phrasing.step_words import be, step_modifiers, step_phrase, who
from kgqa.training.examples.phrasing.superlative_words import SuperlativeWords

__all__ = ["SetPhrases"]


class SetPhrases:
    """Describes the sets that one program goes through.

    Words are drawn at random: the same program is worded differently each time.
    """

    def __init__(
        self, of_graph: GraphWords, start: Start, clauses: Sequence[Clause], chance: random.Random
    ) -> None:
        self.words = DrawnWords(of_graph, chance)
        self.conditions = ConditionWords(self.words)
        self._superlatives = SuperlativeWords(self.words, self.conditions)
        self._executor = of_graph.executor
        self._start = start
        self._clauses = tuple(clauses)
        self._chance = chance
        self.sets = [self._executor.start(start)]
        for clause in clauses:
            self.sets.append(self._executor.apply(clause, self.sets[-1]))

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
                return self.phrase(place - 1, many, self.words.name(nodes))
            case Keep(InClass(nodes), True):
                base = self.phrase(place - 1, many, noun)
                kind = varied(self.words.name(nodes), self._chance)
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
                return base.modified(
                    self.conditions.modifier(condition, self.sets[place - 1], base.noun, many, negated)
                )
            case Extreme():
                return self._extreme(place, clause, many, noun)
            case Combine(join, program):
                return self._combined(place, join, program, many, noun)

    def _started(self, many: bool, noun: str) -> NounPhrase:
        if isinstance(self._start, Named):
            names = tuple(self.words.name(nodes) for nodes in self._start.groups)
            first = self._clauses[0] if self._clauses else None
            joined = isinstance(first, Follow) and not first.step.inverse and self._chance.random() < 0.5
            word = "and" if joined or first is None else "or"
            return NounPhrase(name=listed_names(names, word), plural=len(names) > 1 and word == "and")
        noun = noun or varied(_words_of(self.words.name(self._start.nodes)), self._chance)
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
            or condition.path != (step.step.turned(),)
            or self._chance.random() < 0.15
        ):
            return None
        first, second = self.words.name(self._start.groups[0]), self.words.name(condition.nodes)
        said = f"{first} but not {second}" if negated else f"both {first} and {second}"
        if self._chance.random() < 0.3 and not negated:
            said = f"{first} and {self._chance.choice(('also ', ''))}{second}"
        own = noun or self.words.noun(self.sets[place])
        known = NounPhrase(name=said, plural=False, proper=False)
        view = self.words.of_graph.view(step.step)
        return step_phrase(view, known, own, many, self._chance, forced=bool(noun))

    def _followed(self, place: int, step: Step, many: bool, noun: str) -> NounPhrase:
        members = self.sets[place]
        before = self._clauses[place - 2] if place > 1 else None
        skipped = isinstance(before, Follow) and self.words.silent(self.sets[place - 1])
        known = self.phrase(place - 2 if skipped else place - 1)
        own = noun or self.words.noun(members)
        view = self.words.of_graph.view(step)
        if self.words.of_graph.kind((step,)) is not ValueKind.NONE and not step.inverse:
            own = ""
        found = step_phrase(view, known, own, many, self._chance, forced=bool(noun))
        if found is None:
            raise Unworded(step.relation)
        return found

    def _extreme(self, place: int, clause: Extreme, many: bool, noun: str) -> NounPhrase:
        members, measure = self.sets[place - 1], clause.measure
        if not measure.by:
            base = self.phrase(place - 1, many or clause.count > 1, noun)
            return self._superlatives.extreme(base, members, clause)
        group = self._group(place, measure.by)
        base = NounPhrase(group, many, definite=True, person=is_person(group))
        return self._superlatives.extreme_group(base, self.phrase(place - 1, True), members, clause)

    def _numbered_group(self, place: int, condition: Compare, many: bool) -> NounPhrase:
        """The groups with more than so many members."""
        measure = condition.measure
        if measure.aggregate is not Aggregate.COUNT or measure.path:
            raise Unworded("values of groups")
        group = self._group(place, measure.by)
        base = NounPhrase(group, many, person=is_person(group))
        return self._superlatives.numbered_group(base, self.phrase(place - 1, True), condition)

    def _group(self, place: int, by: Path) -> str:
        """What the groups of the set before a clause are called."""
        return self.words.end_noun(by, self._executor.follow(self.sets[place - 1], by))

    def _combined(self, place: int, join: Join, program: Program, many: bool, noun: str) -> NounPhrase:
        base = self.phrase(place - 1, many, noun)
        before = self._clauses[place - 2] if place > 1 else None
        last = program.clauses[-1] if program.clauses else None
        if not isinstance(program.start, Named):
            raise Unworded("a class within")
        name = listed_names(tuple(self.words.name(nodes) for nodes in program.start.groups), "or")
        same = before == last and isinstance(last, Follow) and len(program.clauses) == 1 and place == 2
        if (
            same
            and isinstance(self._start, Named)
            and self._chance.random() < 0.7
            and len(self._start.groups) == 1
        ):
            first = self.words.name(self._start.groups[0])
            joined = {Join.AND: f"both {first} and {name}", Join.OR: f"{first} or {name}"}.get(join)
            assert isinstance(last, Follow)
            if joined is None:
                return (
                    base.modified(Modifier(f"but not {self._chance.choice(('', 'of '))}{name}"))
                    if base.bare().endswith(f" {first}")
                    else self._beside(base, join, program, many)
                )
            known = NounPhrase(name=joined, plural=False)
            found = step_phrase(
                self.words.of_graph.view(last.step),
                known,
                noun or self.words.noun(self.sets[place]),
                many,
                self._chance,
                forced=bool(noun),
            )
            if found is not None and not found.owner:
                return found
        return self._beside(base, join, program, many)

    def _beside(self, base: NounPhrase, join: Join, program: Program, many: bool) -> NounPhrase:
        """With the other set as a further modifier."""
        if not program.clauses:
            assert isinstance(program.start, Named)
            name = self.words.name(program.start.groups[0])
            words = {Join.BUT_NOT: ("except", "other than", "besides"), Join.OR: ("and", "or")}.get(join)
            if words is None:
                raise Unworded("an intersection with names")
            return base.modified(Modifier(f"{self._chance.choice(words)} {name}"))
        inner = SetPhrases(self.words.of_graph, program.start, program.clauses[:-1], self._chance)
        last = program.clauses[-1]
        if not isinstance(last, Follow):
            raise Unworded("a class within")
        view = self.words.of_graph.view(last.step)
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


def _words_of(name: str) -> str:
    return singular(" ".join(separate_words(name)) or name)
