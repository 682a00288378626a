"""Questions for one of some named things: "which is longer, the Rhine or the Danube?"."""

from __future__ import annotations

from kgqa.graph import ValueKind
from kgqa.program import Aggregate, Extreme, Named
from kgqa.training.examples.phrasing.asked_program import AskedProgram
from kgqa.training.examples.phrasing.drawn_words import Unworded
from kgqa.training.examples.phrasing.graph_words import is_person
from kgqa.training.examples.phrasing.inflection import plural
from kgqa.training.examples.phrasing.lexicon import varied
from kgqa.training.examples.phrasing.measure_words import measure_words
from kgqa.training.examples.phrasing.noun_phrase import listed_names
from kgqa.training.examples.phrasing.step_words import have
from kgqa.training.examples.phrasing.value_words import counted_noun, extreme_words, year_like

__all__ = ["ChoiceQuestion"]


class ChoiceQuestion(AskedProgram):
    """Asks which of some named things comes first."""

    def text(self, extreme: Extreme) -> str:
        """The question."""
        start = self.program.start
        assert isinstance(start, Named)
        names = [self.sets.words.name(nodes) for nodes in start.groups]
        self.chance.shuffle(names)
        noun = self.sets.words.noun(self.sets.sets[0])
        listed, both = listed_names(tuple(names), "or"), listed_names(tuple(names), "and")
        measure, kind = extreme.measure, self.words.kind(extreme.measure.path)
        who = (
            "who"
            if noun and is_person(noun)
            else f"which {noun}"
            if noun and self.chance.random() < 0.5
            else "which"
        )
        if measure.aggregate is Aggregate.COUNT:
            ends = self.words.executor.follow(self.sets.sets[0], measure.path)
            things = plural(self.sets.words.end_noun(measure.path, ends))
            verbs = [f"{have(False)} {'fewer' if extreme.least else 'more'} {things}"]
        else:
            words = self.sets.words.relation_noun(measure.path[-1])
            dated = kind is ValueKind.DATE or year_like(words, kind)
            found = measure_words(words, ValueKind.DATE if dated else kind)
            adjectives = found.less if extreme.least else found.more
            verbs = [f"is {adjective}" for adjective in adjectives]
            _, after = extreme_words(words, kind, noun, False, extreme.least, self.chance)
            verbs += [modifier.verb for modifier in after if modifier.verb]
            if not dated:
                counted = counted_noun(words, found)
                if counted:
                    verbs.append(f"has {'fewer' if extreme.least else 'more'} {counted}")
                else:
                    degree = self.chance.choice(
                        ("lower", "smaller") if extreme.least else ("higher", "larger", "greater")
                    )
                    verbs.append(f"has the {degree} {varied(words, self.chance)}")
        if not verbs:
            raise Unworded("a comparison")
        verb = self.chance.choice(verbs)
        return self.chance.choice(
            (
                f"{who} {verb}, {listed}",
                f"{who} {verb}: {listed}",
                f"which of {both} {verb}",
                f"between {both}, {who} {verb}",
            )
        )
