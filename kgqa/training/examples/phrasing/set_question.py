"""Questions for the members of a set."""

from __future__ import annotations

from kgqa.graph import ValueKind
from kgqa.program import Extreme, Follow
from kgqa.training.examples.phrasing.asked_program import AskedProgram
from kgqa.training.examples.phrasing.graph_words import is_person
from kgqa.training.examples.phrasing.lexicon import varied
from kgqa.training.examples.phrasing.measure_words import measure_words
from kgqa.training.examples.phrasing.noun_phrase import NounPhrase
from kgqa.training.examples.phrasing.predicate import singular_verb
from kgqa.training.examples.phrasing.step_words import be, do, step_questions
from kgqa.training.examples.phrasing.value_words import counted_noun

__all__ = ["SetQuestion"]

_LIST = (
    "list {}", "show {}", "show me {}", "find {}", "give me {}", "give {}", "name {}", "return {}",
    "tell me {}", "find me {}", "get {}", "can you list {}", "display {}", "i want to see {}",
    "please list {}",
)  # fmt: skip
_KEYWORDS = 0.08
"""The share of requests that are keywords only."""


class SetQuestion(AskedProgram):
    """Asks for the members of the last set of a program."""

    def text(self) -> str:
        """The question."""
        chance, clauses = self.chance, self.program.clauses
        last = clauses[-1] if clauses else None
        many = self._many()
        if isinstance(last, Follow):
            known = self.sets.phrase(len(clauses) - 1)
            asked = self._followed(last, known, many)
            if asked and chance.random() < 0.6:
                return chance.choice(asked)
        phrase = self.sets.phrase(many=many)
        if chance.random() < _KEYWORDS:
            return phrase.bare()
        return self._asked(phrase)

    def _many(self) -> bool:
        """Whether the question is in the plural: mostly where there are several answers."""
        last = self.program.clauses[-1] if self.program.clauses else None
        if isinstance(last, Extreme):
            return last.count > 1
        sure = 0.9 if len(self.members) > 1 else 0.25
        return self.chance.random() < sure

    def _followed(self, last: Follow, known: NounPhrase, many: bool) -> list[str]:
        """Direct questions for what the last step leads to."""
        kind = self.words.kind((last.step,))
        view = self.words.view(last.step)
        if kind in (ValueKind.NUMBER, ValueKind.DATE) and not last.step.inverse:
            measure = measure_words(view.words, kind)
            asked = [how.replace("{x}", known.text()).replace("{r}", view.words) for how in measure.how]
            if known.plural:
                asked = []
            said = varied(self.sets.words.relation_noun(last.step), self.chance)
            if kind is ValueKind.NUMBER and (counted := counted_noun(said, measure)) and not measure.have:
                asked.append(f"how many {counted} {do(known.plural)} {known.text()} have")
            return asked
        noun = self.sets.words.noun(self.members) if kind is ValueKind.NONE else ""
        if not noun and last.step.inverse and view.kind:
            noun = view.kind
        return step_questions(view, known, noun, many, self.chance)

    def _asked(self, phrase: NounPhrase) -> str:
        """A question or request for what a noun phrase says."""
        chance, many = self.chance, phrase.plural
        verb = phrase.after[-1].verb if phrase.after else ""
        draw = chance.random()
        if verb and draw < 0.4 and not phrase.owner:
            subject = phrase.bare(last=False)
            word = chance.choice(("which", "which", "what"))
            if (
                is_person(phrase.noun)
                and len(phrase.after) == 1
                and not phrase.before
                and chance.random() < 0.2
            ):
                return f"who {singular_verb(verb) if many else verb}"
            return f"{word} {subject} {verb}"
        named = self._names(phrase)
        if draw < 0.65:
            word = "who" if phrase.person and named is None else "what"
            text = named or phrase.text()
            number = many if named is None else named.startswith("the names")
            if many and named is None and not phrase.definite:
                text = f"the {text}"
            return f"{word} {be(number)} {text}"
        text = named or phrase.text()
        if named is None and many:
            text = (
                chance.choice(("all ", "the ", "", "all the ", "")) + phrase.bare()
                if not phrase.owner and not phrase.before
                else phrase.text()
            )
        return chance.choice(_LIST).format(text)

    def _names(self, phrase: NounPhrase) -> str | None:
        """ "the names of" something, where that cannot be taken for a relation."""
        if self.chance.random() > 0.35 or phrase.owner:
            return None
        if not self.words.class_noun(self.members):
            return None
        steps = self.words.executor.steps.onward(self.members[:20])
        if any("name" in self.words.view(step).words.split() for step in steps if not step.inverse):
            return None
        filler = self.chance.choice(("", "", "all ", "the ", "different ")) if phrase.plural else ""
        if phrase.definite and not filler.startswith("all"):
            return f"the name{'s' if phrase.plural else ''} of {phrase.text()}"
        named = f"{filler}{phrase.bare()}" if phrase.plural else phrase.text()
        return f"the name{'s' if phrase.plural else ''} of {named}"
