"""Programs as questions."""

from __future__ import annotations

import random
import re
from dataclasses import replace

from kgqa.graph import IndexedGraph, ValueKind
from kgqa.program import (
    Aggregate,
    Count,
    Each,
    Extreme,
    Follow,
    Instances,
    Is,
    Measure,
    Named,
    Program,
    Summary,
    Test,
)
from kgqa.training.examples.phrasing.drawn_words import Unworded
from kgqa.training.examples.phrasing.graph_words import GraphWords, is_person
from kgqa.training.examples.phrasing.inflection import plural
from kgqa.training.examples.phrasing.lexicon import varied
from kgqa.training.examples.phrasing.measure_words import measure_words
from kgqa.training.examples.phrasing.noun_phrase import NounPhrase, listed_names
from kgqa.training.examples.phrasing.set_phrases import SetPhrases
from kgqa.training.examples.phrasing.step_words import be, do, have, step_questions
from kgqa.training.examples.phrasing.value_words import counted_noun, extreme_words, year_like

__all__ = ["Unworded", "worded"]

_LIST = (
    "list {}", "show {}", "show me {}", "find {}", "give me {}", "give {}", "name {}", "return {}",
    "tell me {}", "find me {}", "get {}", "can you list {}", "display {}", "i want to see {}",
    "please list {}",
)  # fmt: skip
_COUNT_LIST = (
    "what is the number of {}", "count {}", "what is the total number of {}", "give the number of {}",
    "find the number of {}", "return the number of {}", "number of {}", "tell me the number of {}",
    "show the number of {}", "what is the count of {}", "find how many {} there are",
    "how many {} are there", "how many {} do we have", "how many {} are in the database",
    "show the count of {}", "give me the total number of {}",
)  # fmt: skip
_VALUE_LIST = (
    "what is {}",
    "what is {}",
    "find {}",
    "give {}",
    "show {}",
    "tell me {}",
    "return {}",
    "compute {}",
    "{}",
    "calculate {}",
)
_SUMMARIES = {
    Aggregate.AVERAGE: ("average", "mean", "average"),
    Aggregate.TOTAL: ("total", "combined", "overall", "sum of the"),
    Aggregate.HIGHEST: ("highest", "maximum", "largest", "max"),
    Aggregate.LOWEST: ("lowest", "minimum", "smallest", "min"),
}
_LOWER, _KEYWORDS, _NO_MARK = 0.2, 0.08, 0.35


def worded(program: Program, graph: IndexedGraph, chance: random.Random) -> str:
    """A question for a program, in words drawn at random. Raises `Unworded` where there are none."""
    return _polished(_Question(program, graph, chance).text(), chance)


def _polished(text: str, chance: random.Random) -> str:
    text = re.sub(r"\s+", " ", text).strip()
    asks = re.match(
        r"(?:what|which|who|whom|whose|where|when|how|is|are|was|were|does|do|did|(?:in|on|by) wh\w+)\b",
        text,
        re.I,
    )
    if chance.random() < _LOWER:
        text = text.lower()
    elif chance.random() < 0.7:
        text = text[0].upper() + text[1:]
    if chance.random() >= _NO_MARK:
        text += "?" if asks else "."
    return text


class _Question:
    def __init__(self, program: Program, graph: IndexedGraph, chance: random.Random) -> None:
        self.program = program
        self.words = GraphWords.of(graph)
        self.chance = chance
        self.sets = SetPhrases(self.words, program.start, program.clauses, chance)
        self.members = self.sets.sets[-1]

    def text(self) -> str:
        match self.program.final:
            case None:
                return self._of_set()
            case Count():
                return self._counting()
            case Summary(aggregate, path):
                return self._summary(aggregate, Summary(aggregate, path))
            case Test():
                return self._test(self.program.final)
            case Each(measure):
                return self._each(measure)

    # Sets ----------------------------------------------------------------------------------------

    def _of_set(self) -> str:
        chance, clauses = self.chance, self.program.clauses
        last = clauses[-1] if clauses else None
        start = self.program.start
        if (
            isinstance(start, Named)
            and len(start.groups) > 1
            and len(clauses) == 1
            and isinstance(last, Extreme)
        ):
            return self._choice(last)
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
                return f"who {_singular_verb(verb) if many else verb}"
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

    # Values --------------------------------------------------------------------------------------

    def _counting(self) -> str:
        chance, clauses = self.chance, self.program.clauses
        last = clauses[-1] if clauses else None
        if isinstance(last, Follow) and chance.random() < 0.5:
            known = self.sets.phrase(len(clauses) - 1)
            if asked := self._counted_step(last, known):
                return asked
        phrase = replace(self.sets.phrase(many=True), definite=False)
        verb = phrase.after[-1].verb if phrase.after else ""
        if verb and not phrase.owner and chance.random() < 0.5:
            return f"how many {phrase.bare(last=False)} {verb}"
        filler = chance.choice(("", "", "", "", "different ", "distinct ")) if not phrase.owner else ""
        text = chance.choice(_COUNT_LIST)
        body = filler + phrase.bare()
        said = sum(len(modifier.after.split()) for modifier in phrase.after)
        while said > (0 if "we have" in text or "database" in text else 3) and "how many" in text:
            text = chance.choice(_COUNT_LIST)
        if phrase.owner and "how many" in text:
            text = "what is the number of {}"
        return text.format(body)

    def _counted_step(self, last: Follow, known: NounPhrase) -> str:
        view = self.words.view(last.step)
        kind = self.words.kind((last.step,))
        noun = self.sets.words.noun(self.members) if kind is ValueKind.NONE else ""
        chance = self.chance
        options = [
            f"how many {plural(varied(role, chance))} {do(known.plural)} {known.text()} have"
            for role in view.asked_nouns[:2]
        ]
        if view.known_verbs and (noun or view.asked_nouns):
            things = plural(noun or view.asked_nouns[0])
            helper = "did" if view.past else do(known.plural)
            options.append(f"how many {things} {helper} {known.text()} {view.known_verbs[0]}")
        return chance.choice(options) if options else ""

    def _summary(self, aggregate: Aggregate, final: Summary) -> str:
        chance = self.chance
        phrase = self.sets.phrase()
        said = varied(self.sets.words.relation_noun(final.path[-1]), chance)
        if len(final.path) > 1:
            ends = self.words.executor.follow(self.members, final.path[:-1])
            if self.words.graph.named[ends].any():
                between = plural(self.sets.words.end_noun(final.path[:-1], ends))
                said = f"{said} of the {between}"
        word = chance.choice(_SUMMARIES[aggregate])
        kind = self.words.kind(final.path)
        if kind is ValueKind.DATE:
            word = chance.choice(
                ("latest", "most recent", "last") if aggregate is Aggregate.HIGHEST else ("earliest", "first")
            )
        subject = phrase.text()
        if phrase.plural and not phrase.definite:
            subject = chance.choice(("all ", "", "the ", "", "all the ")) + phrase.bare()
        link = chance.choice(("of", "of", "of", "for", "across" if phrase.plural else "of"))
        text = f"the {word} {said} {link} {subject}"
        if chance.random() < 0.15:
            text = f"{word} {said} {link} {subject}"
        counted = counted_noun(said, measure_words(said, kind)) if kind is ValueKind.NUMBER else ""
        if aggregate is Aggregate.TOTAL and counted and chance.random() < 0.4 and phrase.plural:
            together = chance.choice(("in total", "altogether", "combined"))
            return f"how many {counted} do {subject} have {together}"
        return chance.choice(_VALUE_LIST).format(text)

    def _each(self, measure: Measure) -> str:
        chance = self.chance
        executor, final = self.words.executor, self.program.final
        assert isinstance(final, Each)
        if not measure.by:
            subject = self.sets.phrase(many=False)
            if measure.aggregate is Aggregate.COUNT:
                ends = executor.follow(self.members, measure.path)
                things = plural(self.sets.words.end_noun(measure.path, ends))
                return chance.choice(
                    (
                        f"how many {things} does each {subject.bare()} have",
                        f"for each {subject.bare()}, how many {things} are there",
                        f"number of {things} for each {subject.bare()}",
                    )
                )
            value = varied(self.sets.words.relation_noun(measure.path[-1]), chance)
            return chance.choice(
                (f"the {value} of each {subject.bare()}", f"show the {value} for each {subject.bare()}")
            )
        groups = executor.follow(self.members, measure.by)
        group = self.sets.words.end_noun(measure.by, groups)
        subject = self.sets.phrase(many=True)
        if measure.aggregate is Aggregate.COUNT and not measure.path:
            return chance.choice(
                (
                    f"how many {subject.bare()} are there for each {group}",
                    f"for each {group}, how many {subject.bare()} are there",
                    f"number of {subject.bare()} by {group}",
                    f"show the number of {subject.bare()} for each {group}",
                    f"count the {subject.bare()} per {group}",
                )
            )
        if measure.aggregate is Aggregate.COUNT:
            raise Unworded("ends of groups")
        value = varied(self.sets.words.relation_noun(measure.path[-1]), chance)
        said = f"{chance.choice(_SUMMARIES[measure.aggregate])} {value}"
        return chance.choice(
            (
                f"what is the {said} of {subject.bare()} for each {group}",
                f"{said} of {subject.bare()} by {group}",
                f"for each {group}, show the {said} of the {subject.bare()}",
            )
        )

    # Choices and tests ---------------------------------------------------------------------------

    def _choice(self, extreme: Extreme) -> str:
        """Which of some named things comes first."""
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

    def _test(self, final: Test) -> str:
        condition, chance = final.condition, self.chance
        phrase = self.sets.phrase()
        if isinstance(condition, Is) and not condition.path:
            name = self.sets.words.name(condition.nodes)
            if not phrase.plural:
                return f"is {name} {phrase.text()}"
            verb = phrase.after[-1].verb if phrase.after else ""
            if (
                verb
                and phrase.after
                and len(phrase.after) == 1
                and verb.startswith("are ")
                and chance.random() < 0.5
            ):
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
        return _inverted(chance.choice(options), phrase.text(), phrase.plural)


def _inverted(verb: str, subject: str, many: bool) -> str:
    """A predicate as a question: "flows through Austria" becomes "does the Danube flow through Austria"."""
    first, _, rest = verb.partition(" ")
    if first in ("is", "are", "was", "were", "does", "do", "did"):
        return f"{first} {subject} {rest}"
    if first in ("has", "have"):
        return f"{do(many)} {subject} have {rest}"
    base = first if many else _infinitive(first)
    if base is None:
        raise Unworded("a verb")
    return f"{do(many)} {subject} {base} {rest}"


def _infinitive(verb: str) -> str | None:
    if verb.endswith("ies"):
        return verb[:-3] + "y"
    if re.search(r"(?:ss|x|z|ch|sh|o)es$", verb):
        return verb[:-2]
    return verb[:-1] if verb.endswith("s") else None


def _singular_verb(verb: str) -> str:
    first, _, rest = verb.partition(" ")
    from kgqa.training.examples.phrasing.inflection import third_person

    if first in ("are", "have", "do", "were"):
        first = {"are": "is", "have": "has", "do": "does", "were": "was"}[first]
        return f"{first} {rest}".replace(" their ", " its ") if rest else first
    if first in ("did",) or first.endswith("ed"):
        return verb
    return f"{third_person(first)} {rest}".strip()
