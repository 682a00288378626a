"""Questions that are answered by yes or no."""

from __future__ import annotations

from dataclasses import replace

from kgqa.program import Instances, Is, Test
from kgqa.training.examples.phrasing.asked_program import AskedProgram
from kgqa.training.examples.phrasing.drawn_words import Unworded
from kgqa.training.examples.phrasing.predicate import inverted

__all__ = ["YesNoQuestion"]


class YesNoQuestion(AskedProgram):
    """Asks whether a condition holds for some member of the last set."""

    def text(self, final: Test) -> str:
        """The question."""
        condition, chance = final.condition, self.chance
        phrase = self.sets.phrase()
        if isinstance(condition, Is) and not condition.path:
            name = self.sets.words.name(condition.nodes)
            if not phrase.plural:
                return f"is {name} {phrase.text()}"
            verb = phrase.after[-1].verb if phrase.after else ""
            if len(phrase.after) == 1 and verb.startswith("are ") and chance.random() < 0.5:
                return f"is {name} {verb.removeprefix('are ')}"
            return f"is {name} {chance.choice(('one of', 'among'))} {replace(phrase, definite=True).text()}"
        if isinstance(self.program.start, Instances) and not phrase.after:
            modifier = self.sets.conditions.modifier(
                condition, self.members, phrase.noun, True, final.negated
            )
            return f"are there {chance.choice(('any ', ''))}{phrase.bare()} {modifier.after}"
        noun = phrase.noun or self.sets.words.noun(self.members)
        options = [
            m.verb
            for m in self.sets.conditions.modifiers(
                condition, self.members, noun, phrase.plural, final.negated
            )
            if m.verb
        ]
        if not options:
            raise Unworded("a test")
        return inverted(chance.choice(options), phrase.text(), phrase.plural)
