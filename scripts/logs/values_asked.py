"""Questions for counts, dates, numbers, and yes or no."""

from __future__ import annotations

from kgqa.graph import Value
from kgqa.program import (
    Aggregate,
    Comparator,
    Compare,
    Constant,
    Count,
    Each,
    Extreme,
    Final,
    Follow,
    Is,
    Keep,
    Measure,
    Summary,
    Test,
)
from kgqa.program.text import ORDINALS
from kgqa.training.examples.phrasing.inflection import article
from scripts.logs.draft import Draft
from scripts.logs.drawing import Drawing, when
from scripts.logs.wording import Given, plural

__all__ = ["ValuesAsked"]


class ValuesAsked(Drawing):
    """Drafts of questions for values; each method is a pattern, `None` where it does not fit."""

    def count(self) -> Draft | None:
        about = self.happening()
        given = self.given(about, self.few())
        scope = self.scope(about, 0.75)
        time = when(scope)
        w = self.wording
        s = w.subject(given)
        if self.says_noun():
            nouns = w.noun(given, many=True)
            question = self.pick(
                f"how many {nouns} were there {time}",
                f"how many {nouns} are there {time}",
                f"how many {nouns} {time} are on record",
                f"what is the number of {nouns} {time}",
                f"count the {nouns} {time}",
                f"give me the number of {nouns} {time}",
                f"{time} how many {nouns} were there",
                f"how many {nouns} took place {time}",
            )
        else:
            did = f"did {s} {w.verb('base', given)}"
            question = self.pick(
                f"how many times {did} {time}",
                f"how many times {did} {time}",
                f"how often {did} {time}",
                f"how often {did} in total {time}",
                f"how many times {w.have(s)} {s} {w.verb('participle', given)} {time}",
                f"how many times {w.have(s)} {s} {w.verb('participle', given)} in total {time}",
                f"how often {w.have(s)} {s} {w.verb('participle', given)} {time}",
                f"on how many occasions {did} {time}",
                f"{time}, how often {did}" if time else f"how frequently {did}",
                f"count how often {s} {w.verb('past', given)} {time}",
                f"what is the number of times {s} {w.verb('past', given)} {time}",
                f"how many times {did} {time or self.pick('so far', 'altogether', 'in all these years')}",
            )
        return Draft(question, given, scope, final=Count())

    def last_date(self) -> Draft | None:
        return self._extreme_date(last=True)

    def first_date(self) -> Draft | None:
        return self._extreme_date(last=False)

    def _extreme_date(self, last: bool) -> Draft | None:
        about = self.happening()
        given = self.given(about, max(self.few(), 1 if self.chance.random() < 0.85 else 0))
        scope = self.scope(about, 0.12)
        time = when(scope)
        w = self.wording
        s = w.subject(given)
        word = "last" if last else "first"
        base, past = w.verb("base", given), w.verb("past", given)
        if self.says_noun(0.25):
            noun = w.noun(given, many=False)
            other = self.pick("latest", "most recent", "last") if last else self.pick("earliest", "first")
            question = self.pick(
                f"when was the {other} {noun} {time}",
                f"what was the date of the {other} {noun} {time}",
                f"when did the {other} {noun} take place {time}",
                f"on which day was the {other} {noun} {time}",
                f"when was {w.possessive(w.log.subject)} {other} {noun} {time}",
            )
        else:
            recently = "most recently" if last else "for the first time"
            question = self.pick(
                f"when did {s} {word} {base} {time}",
                f"when did {s} {word} {base} {time}",
                f"when was the {word} time {s} {past} {time}",
                f"when was the {word} time that {s} {past} {time}",
                f"when did {s} {base} {recently} {time}",
                f"when did {s} {base} {word} {time}",
                f"what was the {word} day on which {s} {past} {time}",
                f"on what date did {s} {word} {base} {time}",
                f"the {word} time {s} {past} {time}, when was that",
            )
        aggregate = Aggregate.HIGHEST if last else Aggregate.LOWEST
        return Draft(question, given, scope, final=Summary(aggregate, (self.schema.step("date"),)))

    def nth_date(self) -> Draft | None:
        about = self.happening()
        given = self.given(about, self.chance.choice([0, 0, 1]))
        scope = self.scope(about, 0.7)
        place = self.chance.choice([2, 2, 2, 3, 3, 4, 5])
        w = self.wording
        s = w.subject(given)
        time, nth = self.of(scope), ORDINALS[place]
        noun = w.noun([one for one in given if one.attribute.name != self.event.agent], many=False)
        question = self.pick(
            f"when was {w.possessive(s)} {nth} {noun} {time}",
            f"on what date was {w.possessive(s)} {nth} {noun} {time}",
            f"when did {s} {w.verb('base', given)} for the {nth} time {time}",
            f"{time} when did {s} {w.verb('base', given)} for the {nth} time",
        )
        date = self.schema.step("date")
        return Draft(
            question, given, scope, (Extreme(Measure((date,)), least=True, rank=place), Follow(date))
        )

    def yes_no(self) -> Draft | None:
        about, other = self.happening(), self.happening()
        given = self.given(about, self.chance.choice([1, 2, 2, 2, 3]))
        scope = self.scope(about, 0.3 if len(given) > 1 else 0.6)
        w = self.wording
        if self.chance.random() < 0.55:  # what did not happen, most often
            if scope is not None:
                scope = self.scope(other, 1)
            else:
                *kept, changed = given
                values = other.values.get(changed.attribute.name)
                if not values:
                    return None
                given = (*kept, Given(changed.attribute, values[:1]))
        if any(len(one.values) > 1 for one in given) or (scope is None and not given):
            return None
        s, time = w.subject(given), when(scope)
        if self.says_noun(0.25):
            nouns = w.noun(given, many=True)
            question = self.pick(
                f"were there any {nouns} {time}",
                f"was there ever {article(w.noun(given, many=False))} {time}",
                f"was there {article(w.noun(given, many=False))} {time}",
                f"is there any record of {article(w.noun(given, many=False))} {time}",
            )
        else:
            base = w.verb("base", given)
            question = self.pick(
                f"did {s} ever {base} {time}",
                f"did {s} ever {base} {time}",
                f"did {s} {base} {time}",
                f"{w.have(s)} {s} ever {w.verb('participle', given)} {time}",
                f"is it true that {s} {w.verb('past', given)} {time}",
                f"was there a time when {s} {w.verb('past', given)} {time}",
            )
        final: Final
        if scope is not None:
            return Draft(question, given, final=Test(scope.compare(self.schema.date)))
        ordered = sorted(given, key=lambda one: question.find(one.words))
        if len(ordered) > 1 and ordered[0].attribute.textual:
            return None
        tested = ordered.pop()
        final = Test(Is((self.schema.step(tested.attribute.name),), self.schema.named(tested.values[0])))
        return Draft(question, tuple(ordered), final=final)

    def more_often(self) -> Draft | None:
        """Whether the events with one are more than those with another."""
        asked = self.asked()
        about, other = self.happening(), self.happening()
        if asked.name not in about.values or asked.name not in other.values or asked.textual:
            return None
        one, two = about.values[asked.name][0], other.values[asked.name][0]
        if one == two:
            return None
        w = self.wording
        scope = self.scope(about, 0.75)
        time = when(scope)
        first = Given(asked, (one,))
        s = w.subject([first])
        if asked.name == self.event.agent:
            base = w.verb("base", [])
            question = self.pick(
                f"did {one} {base} more often than {two} {time}",
                f"has {one} {w.verb('participle', [])} more often than {two} {time}",
                f"{time}, did {one} {base} more often than {two}",
            )
        else:
            base = w.verb("base", [first])
            link = "" if asked.object else w.preposition(asked)
            nouns = w.noun([], many=True)
            question = self.pick(
                f"did {s} {base} more often than {link} {two} {time}",
                f"did {s} {base} more often than {two} {time}",
                f"did {s} {base} more times than {two} {time}",
                f"{w.have(s)} {s} {w.verb('participle', [first])} more often than {link} {two} {time}",
                f"were there more {nouns} {asked.phrases[0].format(one)} than {link or 'with'} {two} {time}"
                if asked.phrases
                else f"did {s} {base} more frequently than {two} {time}",
            )
        measure = Measure((), Aggregate.COUNT, (self.schema.step(asked.name),))
        more = Keep(Compare(measure, Comparator.ABOVE, self.schema.own_value(two)))
        draft = Draft(question, (), scope, (more,), Test(Is((), self.schema.named(one))))
        if not self.schema.is_empty(draft):
            return draft
        # nothing is above the second: is it below the first?
        fewer = Keep(Compare(measure, Comparator.BELOW, self.schema.own_value(one)))
        return Draft(question, (), scope, (fewer,), Test(Is((), self.schema.named(two))))

    def sum_or_mean(self) -> Draft | None:
        number = self.number()
        if number is None:
            return None
        about = self.happening()
        given = self.given(about, self.few())
        scope = self.scope(about, 0.6)
        w = self.wording
        s, time, unit = w.subject(given), when(scope), number.unit
        aggregate = self.chance.choice(
            [
                Aggregate.TOTAL,
                Aggregate.TOTAL,
                Aggregate.AVERAGE,
                Aggregate.AVERAGE,
                Aggregate.HIGHEST,
                Aggregate.LOWEST,
            ]
        )
        word = {
            Aggregate.TOTAL: self.pick("total", "combined", "overall"),
            Aggregate.AVERAGE: self.pick("average", "mean", "typical"),
            Aggregate.HIGHEST: self.pick("highest", "greatest", "maximum"),
            Aggregate.LOWEST: self.pick("lowest", "smallest", "minimum"),
        }[aggregate]
        name = number.name if self.chance.random() < 0.4 else self.part.relations[number.name]
        nouns = w.noun(given, many=True)
        options = [
            f"what is the {word} {name} of the {nouns} {time}",
            f"what was the {word} {name} of {nouns} {time}",
            f"give me the {word} {name} for {nouns} {time}",
        ]
        if aggregate is Aggregate.TOTAL:
            options += [
                f"how many {unit} in total did the {nouns} {time} come to",
                f"how many {unit} do the {nouns} {time} add up to",
            ]
            if number.duration:
                gerund = w.verb("gerund", given)
                options += [
                    f"how many {unit} did {s} spend {gerund} {time}",
                    f"how many {unit} did {s} spend {gerund} altogether {time}",
                    f"how much time did {s} spend {gerund} {time}",
                ]
        elif aggregate is Aggregate.AVERAGE:
            options.append(f"how many {unit} did the {nouns} {time} have on average")
            if number.duration:
                options += [
                    f"how long did {s} {w.verb('base', given)} on average {time}",
                    f"how many {unit} on average did {s} spend {w.verb('gerund', given)} {time}",
                    f"how long were the {nouns} {time} on average",
                ]
        return Draft(
            self.chance.choice(options),
            given,
            scope,
            final=Summary(aggregate, (self.schema.step(number.name),)),
        )

    def count_above(self) -> Draft | None:
        number = self.number()
        if number is None:
            return None
        about = self.happening()
        given = self.given(about, self.chance.choice([0, 1, 1]))
        scope = self.scope(about, 0.4)
        limit = self.threshold(number)
        nouns, time, unit = self.wording.noun(given, many=True), self.of(scope), number.unit
        more = self.chance.random() < 0.6
        if number.duration:
            question = self.pick(
                f"how many {nouns} {time} took {'more' if more else 'less'} than {limit} {unit}",
                f"how many {nouns} {time} lasted {'longer' if more else 'less'} than {limit} {unit}",
                f"count the {nouns} {time} of {'over' if more else 'under'} {limit} {unit}",
            )
        else:
            question = self.pick(
                f"how many {nouns} {time} had {'more' if more else 'fewer'} than {limit} {unit}",
                f"how many {nouns} {time} were {'above' if more else 'below'} {limit} {unit}",
                f"how many {nouns} {time} have a {number.name} {'over' if more else 'under'} {limit}",
            )
        comparator = Comparator.ABOVE if more else Comparator.BELOW
        value = Constant(Value.number(limit))
        keep = Keep(Compare(Measure((self.schema.step(number.name),)), comparator, value))
        return Draft(question, given, scope, (keep,), Count())

    def longest_date(self) -> Draft | None:
        number = self.number()
        if number is None:
            return None
        about = self.happening()
        given = self.given(about, self.chance.choice([0, 1, 1]))
        scope = self.scope(about, 0.4)
        noun, time = self.wording.noun(given, many=False), self.of(scope)
        least = self.chance.random() < 0.3
        name = self.part.relations[number.name]
        if number.duration:
            question = self.pick(
                f"when was the {'shortest' if least else 'longest'} {noun} {time}",
                f"on which day was the {'shortest' if least else 'longest'} {noun} {time}",
            )
        else:
            question = self.pick(
                f"when was the {noun} with the {'lowest' if least else 'highest'} {name} {time}",
                f"on which day was the {noun} {time} with the {'least' if least else 'most'} {number.unit}",
            )
        extreme = Extreme(Measure((self.schema.step(number.name),)), least)
        return Draft(question, given, scope, (extreme, Follow(self.schema.step("date"))))

    def each(self) -> Draft | None:
        asked = self.asked()
        about = self.happening()
        given = self.given(about, self.chance.choice([0, 0, 1]), asked)
        scope = self.scope(about, 0.5)
        nouns, time, kind = self.wording.noun(given, many=True), when(scope), self.wording.kind(asked)
        question = self.pick(
            f"how many {nouns} were there {time} for each {kind}",
            f"for each {kind}, how many {nouns} were there {time}",
            f"number of {nouns} per {kind} {time}",
            f"count the {nouns} {time} by {kind}",
        )
        by = (self.schema.step(asked.name),)
        return Draft(question, given, scope, final=Each(Measure((), Aggregate.COUNT, by)))

    def different(self) -> Draft | None:
        """How many different values of an attribute there were."""
        asked = self.asked()
        about = self.happening()
        given = self.given(about, self.chance.choice([0, 1, 1, 2]), asked)
        scope = self.scope(about, 0.6)
        w = self.wording
        s, time, kinds = w.subject(given), when(scope), plural(w.kind(asked))
        if asked.name == self.event.agent:
            question = self.pick(
                f"how many different {kinds} {w.verb('past', given)} {time}",
                f"how many {kinds} {w.verb('past', given)} {time}",
            )
        else:
            question = self.pick(
                f"how many different {kinds} did {s} {w.verb('base', given, asked)} {time}",
                f"how many {kinds} did {s} {w.verb('base', given, asked)} {time}",
                f"how many distinct {kinds} are there in the {w.noun(given, many=True)} {time}",
                f"how many different {kinds} {w.have(s)} {s} {w.verb('participle', given, asked)} {time}",
            )
        return Draft(question, given, scope, (Follow(self.schema.step(asked.name)),), Count())
