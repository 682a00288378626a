"""Questions that compare sets: in both months, in one only, never, more often than another."""

from __future__ import annotations

from datetime import date

from kgqa.graph import Value
from kgqa.program import (
    Aggregate,
    Combine,
    Comparator,
    Compare,
    Constant,
    Count,
    Extreme,
    Follow,
    InClass,
    Instances,
    Join,
    Keep,
    Measure,
    Program,
)
from scripts.logs.draft import Draft
from scripts.logs.drawing import Drawing, when
from scripts.logs.log import Happening
from scripts.logs.scope import Scope, scope_around, single_month, single_year
from scripts.logs.wording import Given, Wording, plural

__all__ = ["SetsAsked"]


class SetsAsked(Drawing):
    """Drafts of such questions; each method is a pattern, `None` where it does not fit."""

    def in_both(self) -> Draft | None:
        return self._two_scopes(Join.AND)

    def in_one_only(self) -> Draft | None:
        return self._two_scopes(Join.BUT_NOT)

    def _two_scopes(self, join: Join) -> Draft | None:
        asked = self.asked()
        some, other = self.happening(), self.happening()
        if self.chance.random() < 0.7:
            one, two = single_month(some.day, self.chance), single_month(other.day, self.chance)
        else:
            one, two = single_year(some.day.year, self.chance), single_year(other.day.year, self.chance)
        if one.low == two.low:
            return None
        w = self.wording
        s, which = w.subject([]), w.which_of_many(asked)
        nouns = w.noun([], many=True)
        counted = self.chance.random() < 0.12
        if counted:
            which = f"how many {plural(w.kind(asked))}"
        a, b = one.period, two.period
        if asked.name == self.event.agent:
            doing = w.verb("past", [])
        else:
            doing = f"did {s} {w.verb('base', [], asked)}"
        if join is Join.AND:
            question = self.pick(
                f"{which} {doing} in both {a} and {b}",
                f"{which} {doing} in both {a} and {b}",
                f"{which} {doing} in {a} and also in {b}",
                f"{which} {doing} in {a} as well as in {b}",
                f"{which} appear both in the {nouns} of {a} and in those of {b}",
                f"both in {a} and in {b}, {which} {doing}",
            )
        else:
            question = self.pick(
                f"{which} {doing} in {a} but not in {b}",
                f"{which} {doing} in {a} but not in {b}",
                f"{which} {doing} in {a} and not in {b}",
                f"{which} {doing} in {a}, leaving out those of {b}",
                f"{which} {doing} in {a} except for those in {b}",
            )
        program = self._scoped(asked.name, one)
        inner = self._scoped(asked.name, two)
        final = Count() if counted else None
        return Draft(
            question, program=Program(program.start, (*program.clauses, Combine(join, inner)), final)
        )

    def _scoped(self, name: str, scope: Scope | None, given: tuple[Given, ...] = ()) -> Program:
        events = self.schema.events(given, scope)
        return Program(events.start, (*events.clauses, Follow(self.schema.step(name))))

    def not_since(self) -> Draft | None:
        """What the events had, but not in a scope."""
        asked = self.asked()
        scope = scope_around(self.happening().day, self.chance)
        w = self.wording
        s, which, time = w.subject([]), w.which_of_many(asked), when(scope)
        if asked.name == self.event.agent:
            question = self.pick(
                f"{which} {w.verb('past', [])} but did not {w.verb('base', [])} {time}",
                f"{which} have {w.verb('participle', [])} but not {time}",
            )
        else:
            done, base = w.verb("participle", [], asked), w.verb("base", [], asked)
            question = self.pick(
                f"{which} {w.have(s)} {s} {done} that {s} did not {base} {time}",
                f"{which} {w.have(s)} {s} {done} but not {time}",
                f"{which} did {s} {base}, but not {time}",
                f"{which} that {s} {w.verb('past', [], asked)} did {s} not {base} {time}",
            )
        events = self._scoped(asked.name, None)
        inner = self._scoped(asked.name, scope)
        return Draft(question, program=Program(events.start, (*events.clauses, Combine(Join.BUT_NOT, inner))))

    def with_one_not_other(self) -> Draft | None:
        free = [one for one in self.event.attributes if not one.textual and one.name != self.event.agent]
        if len(free) < 2:
            return None
        asked, other = self.chance.sample(free, 2)
        found = {value for one in self.part.happenings for value in one.values.get(other.name, ())}
        if len(found) < 2:
            return None
        a, b = self.chance.sample(sorted(found), 2)
        w = self.wording
        given = (Given(other, (a,)),)
        which, s = w.which_of_many(asked), w.subject([])
        link = "" if other.object else w.preposition(other)
        both = self.chance.random() < 0.35
        base = w.verb("base", given, asked)
        if both:
            question = self.pick(
                f"{which} did {s} {base} and also {link} {b}",
                f"{which} did {s} {base} as well as {link} {b}",
            )
        else:
            question = self.pick(
                f"{which} did {s} {base} but not {link} {b}",
                f"{which} did {s} {base} and never {link} {b}",
                f"{which} {w.have(s)} {s} {w.verb('participle', given, asked)} but not {link} {b}",
            )
        program = self._scoped(asked.name, None, given)
        inner = self._scoped(asked.name, None, (Given(other, (b,)),))
        join = Join.AND if both else Join.BUT_NOT
        return Draft(question, program=Program(program.start, (*program.clauses, Combine(join, inner))))

    def at_least(self) -> Draft | None:
        """What at least so many events have."""
        asked = self.asked()
        about = self.happening()
        given = self.given(about, self.chance.choice([0, 0, 1]), asked)
        scope = self.scope(about, 0.6)
        w = self.wording
        s, time, which = w.subject(given), when(scope), w.which_of_many(asked)
        limit = self.chance.choice([2, 3, 4, 5, 6, 10])
        more = self.chance.random() < 0.4
        words = (
            f"more than {limit} times"
            if more
            else self.pick(f"at least {limit} times", f"{limit} times or more")
        )
        if asked.name == self.event.agent:
            question = f"{which} {w.verb('past', given)} {words} {time}"
        else:
            nouns = w.noun(given, many=True)
            question = self.pick(
                f"{which} did {s} {w.verb('base', given, asked)} {words} {time}",
                f"{which} {w.have(s)} {s} {w.verb('participle', given, asked)} {words} {time}",
                f"which {plural(w.kind(asked))} had {words.replace(' times', '')} {nouns} {time}",
            )
        measure = Measure((), Aggregate.COUNT, (self.schema.step(asked.name),))
        comparator = Comparator.ABOVE if more else Comparator.AT_LEAST
        keep = Keep(Compare(measure, comparator, Constant(Value.number(limit))))
        return Draft(question, given, scope, (keep,))

    def more_often_than(self) -> Draft | None:
        """What more events have than have another one."""
        asked = self.asked()
        about = self.happening()
        if asked.textual or asked.name not in about.values:
            return None
        rival = about.values[asked.name][0]
        scope = self.scope(about, 0.6)
        w = self.wording
        s, time, which = w.subject([]), when(scope), w.which_of_many(asked)
        if asked.name == self.event.agent:
            question = f"{which} {w.verb('past', [])} more often than {rival} {time}"
        else:
            question = self.pick(
                f"{which} did {s} {w.verb('base', [], asked)} more often than {rival} {time}",
                f"{which} {w.have(s)} {s} {w.verb('participle', [], asked)} more often than {rival} {time}",
            )
        measure = Measure((), Aggregate.COUNT, (self.schema.step(asked.name),))
        keep = Keep(Compare(measure, Comparator.ABOVE, self.schema.own_value(rival)))
        return Draft(question, (), scope, (keep,))

    def never(self) -> Draft | None:
        """The members of a class that no event has, in all or in a scope."""
        asked = self.asked()
        about = self.happening()
        if asked.textual or asked.name not in about.values:
            return None
        kind = self.wording.log.kinds[about.values[asked.name][0]]
        scope = self.scope(about, 0.5)
        w = self.wording
        s, time = w.subject([]), when(scope)
        many = plural(kind)
        if asked.name == self.event.agent:
            question = self.pick(
                f"which {many} did not {w.verb('base', [])} {time}",
                f"which {many} have never {w.verb('participle', [])} {time}",
            )
        else:
            question = self.pick(
                f"which {many} did {s} not {w.verb('base', [], asked)} {time}",
                f"which {many} {w.have(s)} {s} never {w.verb('participle', [], asked)} {time}",
                f"which {many} had no {w.noun([], many=False)} {time}",
            )
        start = Instances(self.schema.named(kind))
        return Draft(question, program=self.schema.without(start, asked.name, scope))

    def only_class(self) -> Draft | None:
        """What of a class the events have most often."""
        asked = next((one for one in self.event.attributes if one.values.startswith("*")), None)
        about = self.happening()
        if asked is None:
            return None
        kind = self.wording.log.kinds[about.values[asked.name][0]]
        w = self.wording
        s = w.subject([])
        measure = Measure((self.schema.step(asked.name)._replace(inverse=True),), Aggregate.COUNT)
        question = self.pick(
            f"which {kind} did {s} {w.verb('base', [], asked)} most often",
            f"what {kind} did {s} {w.verb('base', [], asked)} the most",
            f"what {kind} do {s} {w.verb('base', [], asked)} the most often",
            f"which {kind} shows up in the most {w.noun([], many=True)}",
            f"what is {w.possessive(s)} most frequent {kind}",
        )
        start = Instances(self.schema.named(kind))
        return Draft(question, program=Program(start, (Extreme(measure),)))

    def same_day(self) -> Draft | None:
        """What other events had on the day of some events."""
        other = self.chance.choice(self.wording.log.parts)
        days: dict[date, list[Happening]] = {}
        for one in other.happenings:
            days.setdefault(one.day, []).append(one)
        both = [one for one in self.part.happenings if one.day in days]
        if other is self.part or not both:
            return None
        about = self.chance.choice(both)
        given = self.given(about, 1)
        if any(one.attribute.textual or len(one.values) > 1 for one in given):
            return None
        drawing = Drawing(Wording(self.wording.log, other, self.chance), self.schema.of(other))
        asked = drawing.asked()
        if asked.name == drawing.event.agent or any(one.attribute.name == self.event.agent for one in given):
            return None
        w, v = self.wording, drawing.wording
        s = w.subject([])
        which, base = v.which_of_many(asked), v.verb("base", [], asked)
        past, noun = w.verb("past", given), w.noun(given, many=False)
        question = self.pick(
            f"{which} did {s} {base} on the day that {s} {past}",
            f"{which} did {s} {base} on the day {s} {past}",
            f"{which} did {s} {base} on the same day that {s} {past}",
            f"{which} did {s} {base} on the day of the {noun}",
            f"on the day when {s} {past}, {which} did {s} {base}",
            f"what did {s} {base} on the day that {s} {past}"
            if asked.object
            else f"{which} did {s} {base} the day {s} {past}",
        )
        events = self.schema.events(given, None)
        clauses = (
            Follow(self.schema.step("date")),
            Follow(drawing.schema.step("date")._replace(inverse=True)),
            Keep(InClass(drawing.schema.nodes)),
            Follow(drawing.schema.step(asked.name)),
        )
        return Draft(question, program=Program(events.start, (*events.clauses, *clauses)))
