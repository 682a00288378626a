"""Questions for numbers: counts, sums, averages, tables of them."""

from __future__ import annotations

from dataclasses import replace

from kgqa.graph import ValueKind
from kgqa.program import Aggregate, Follow, Measure, Summary
from kgqa.training.examples.phrasing.asked_program import AskedProgram
from kgqa.training.examples.phrasing.drawn_words import Unworded
from kgqa.training.examples.phrasing.inflection import plural
from kgqa.training.examples.phrasing.lexicon import varied
from kgqa.training.examples.phrasing.measure_words import measure_words
from kgqa.training.examples.phrasing.noun_phrase import NounPhrase
from kgqa.training.examples.phrasing.step_words import do
from kgqa.training.examples.phrasing.value_words import counted_noun

__all__ = ["ValueQuestion"]

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


class ValueQuestion(AskedProgram):
    """Asks for a number, or for one of each member or group."""

    def count(self) -> str:
        """How many members there are."""
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

    def summary(self, final: Summary) -> str:
        """What the values of the members come to."""
        aggregate = final.aggregate
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

    def each(self, measure: Measure) -> str:
        """What the measure of each member or group is."""
        chance, executor = self.chance, self.words.executor
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
