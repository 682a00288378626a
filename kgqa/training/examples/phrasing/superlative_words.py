"""Superlatives as noun phrases: "the second longest river", "the country with the most rivers"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kgqa.graph.adjacency import Ids
from kgqa.program import Aggregate, Compare, Extreme, Path
from kgqa.program.text import ORDINALS
from kgqa.training.examples.phrasing.condition_words import ConditionWords
from kgqa.training.examples.phrasing.drawn_words import DrawnWords, Unworded
from kgqa.training.examples.phrasing.inflection import plural
from kgqa.training.examples.phrasing.lexicon import varied
from kgqa.training.examples.phrasing.noun_phrase import Modifier, NounPhrase
from kgqa.training.examples.phrasing.step_words import be, have, step_modifiers, who
from kgqa.training.examples.phrasing.value_words import count_modifiers, extreme_words

__all__ = ["SuperlativeWords"]

_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_DEGREES = ("highest", "largest", "greatest"), ("lowest", "smallest")
_AGGREGATES = {
    Aggregate.TOTAL: "total",
    Aggregate.AVERAGE: "average",
    Aggregate.HIGHEST: "maximum",
    Aggregate.LOWEST: "minimum",
}


class SuperlativeWords:
    """Names the extreme members of sets, and of groups of them."""

    def __init__(self, words: DrawnWords, conditions: ConditionWords) -> None:
        self._words = words
        self._executor = words.executor
        self._chance = words.chance
        self._conditions = conditions

    def extreme(self, base: NounPhrase, members: Ids, clause: Extreme) -> NounPhrase:
        """The extreme members of a set that is called `base`."""
        measure = clause.measure
        if measure.aggregate is Aggregate.COUNT:
            ends = self._executor.follow(members, measure.path)
            things = plural(self._words.end_noun(measure.path, ends))
            return self._placed(base, (), self._most(measure.path, things, base, clause.least), clause)
        kind = self._words.of_graph.kind(measure.path)
        words = self._words.relation_noun(measure.path[-1])
        if measure.aggregate is not Aggregate.VALUE:
            words = f"{'total' if measure.aggregate is Aggregate.TOTAL else 'average'} {words}"
        through = len(measure.path) > 1 and not self._words.silent(
            self._executor.follow(members, measure.path[:-1])
        )
        if not through or measure.aggregate is not Aggregate.VALUE:
            before, after = extreme_words(words, kind, base.noun, base.plural, clause.least, self._chance)
            return self._placed(base, before, after, clause)
        ends = self._executor.follow(members, measure.path[:-1])
        between = self._words.between(measure.path[-2], ends)
        before, after = extreme_words(words, kind, between, False, clause.least, self._chance)
        inner = self._placed(NounPhrase(between, definite=True), before, after, clause)
        found = self._conditions.through(
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
        view = self._words.of_graph.view(path[-1])
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
            ordinal = ORDINALS[rank] if chance.random() < 0.7 else endings.get(rank, f"{rank}th")
        number = (
            ""
            if clause.count == 1
            else str(clause.count)
            if chance.random() < 0.5
            else _NUMBERS[clause.count]
            if clause.count < len(_NUMBERS)
            else str(clause.count)
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

    def extreme_group(self, base: NounPhrase, inner: NounPhrase, members: Ids, clause: Extreme) -> NounPhrase:
        """The extreme ones of the groups `base`, by their members `inner`."""
        measure, chance, noun, many = clause.measure, self._chance, base.noun, base.plural
        if measure.aggregate is Aggregate.COUNT and not measure.path:
            much = chance.choice(
                ("fewest", "least")
                if clause.least
                else ("most", "most", "largest number of", "highest number of")
            )
            after = [Modifier(f"with the {much} {inner.bare()}", f"{have(many)} the {much} {inner.bare()}")]
            if len(measure.by) == 1:
                known = NounPhrase(name=f"the {much} {inner.bare()}", plural=True, proper=False)
                view = self._words.of_graph.view(measure.by[0])
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
        if measure.aggregate is Aggregate.COUNT:
            things = plural(self._words.end_noun(measure.path, self._executor.follow(members, measure.path)))
            said = f"the {'fewest' if clause.least else 'most'} different {things} of {inner.text()}"
        else:
            value = varied(self._words.relation_noun(measure.path[-1]), chance)
            said = f"the {degree} {_AGGREGATES[measure.aggregate]} {value} of {inner.text()}"
        return self._placed(base, (), [Modifier(f"with {said}", f"{have(many)} {said}")], clause)

    def numbered_group(self, base: NounPhrase, inner: NounPhrase, condition: Compare) -> NounPhrase:
        """The groups `base` with more, or fewer, than so many members `inner`."""
        measure, noun, many = condition.measure, base.noun, base.plural
        compared = self._conditions.compared(condition, measure)
        found = count_modifiers(inner.bare(), noun, many, False, compared, self._chance)
        if len(measure.by) == 1:
            number = found[0].after.removeprefix("with ")
            known = NounPhrase(name=number, plural=True, proper=False)
            verbs = step_modifiers(
                self._words.of_graph.view(measure.by[0]), known, noun, many, False, self._chance
            )
            found += [modifier for modifier in verbs if modifier.verb]
        return base.modified(self._chance.choice(found))
