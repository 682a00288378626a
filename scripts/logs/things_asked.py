"""Questions for entities: lists, the most frequent, the last, the second, the longest."""

from __future__ import annotations

from kgqa.program import Aggregate, Extreme, Follow, Measure
from kgqa.program.text import ORDINALS
from scripts.logs.draft import Draft
from scripts.logs.drawing import Drawing, when
from scripts.logs.scope import scope_around, single_year
from scripts.logs.wording import plural

__all__ = ["ThingsAsked"]

_NUMBERS = {2: "two", 3: "three", 4: "four", 5: "five"}


class ThingsAsked(Drawing):
    """Drafts of questions for entities; each method is a pattern, `None` where it does not fit."""

    def listing(self) -> Draft | None:
        asked = self.asked()
        about = self.happening()
        given = self.given(about, self.chance.choice([0, 1, 1, 2, 2]), asked)
        scope = self.scope(about, 0.65 if given else 1)
        w = self.wording
        s, time = w.subject(given), when(scope)
        if asked.name == self.event.agent:
            past = w.verb("past", given)
            question = self.pick(
                f"{w.which_of_many(asked)} {past} {time}",
                f"list all {plural(w.kind(asked))} who {past} {time}",
                f"name everyone who {past} {time}",
            )
            return Draft(question, given, scope, (Follow(self.schema.step(asked.name)),))
        # someone who took part may be spoken of as the one who did it
        others = [one for one in given if one.attribute.person and not one.attribute.object]
        told = given
        if others and self.wording.log.owner and self.chance.random() < 0.4:
            s, told = others[0].words, tuple(one for one in given if one is not others[0])
        texts = [one for one in told if one.attribute.textual]
        kinds = plural(w.kind(asked))
        if asked.things and self.chance.random() < 0.6:
            kinds = self.chance.choice(asked.things)
        if texts and self.chance.random() < 0.4:
            kinds = f"{texts[0].words} {kinds}"
            told = tuple(one for one in told if one is not texts[0])
        sites = [one for one in told if one.attribute.place and not one.attribute.object]
        if sites and self.chance.random() < 0.3:
            kinds = f"{kinds} {sites[0].attribute.phrases[0].format(sites[0].words)}"
            told = tuple(one for one in told if one is not sites[0])
        base, past = w.verb("base", told, asked), w.verb("past", told, asked)
        question = self.pick(
            f"{w.which_of_many(asked)} did {s} {base} {time}"
            if told == given
            else f"which {kinds} did {s} {base} {time}",
            f"which {kinds} did {s} {base} {time}",
            f"list all {kinds} that {s} {past} {time}",
            f"list all the {kinds} that {s} {past} {time}",
            f"name the {kinds} {s} {past} {time}",
            f"{'who' if asked.person else 'where' if asked.place and not texts else f'which {kinds}'} "
            f"did {s} {w.verb('base', told, None if asked.place and not asked.person else asked)} {time}"
            if told == given
            else f"which {kinds} did {s} {base} {time}",
            f"what {kinds} {w.have(s)} {s} {w.verb('participle', told, asked)} {time}",
            f"what did {s} {base} {time}"
            if asked.object and not asked.person and told == given
            else f"what {kinds} did {s} {base} {time}",
        )
        return Draft(question, given, scope, (Follow(self.schema.step(asked.name)),))

    def most_often(self) -> Draft | None:
        asked = self.asked()
        about = self.happening()
        given = self.given(about, self.chance.choice([0, 0, 1, 1, 2]), asked)
        scope = self.scope(about, 0.7)
        w = self.wording
        s, time = w.subject(given), when(scope)
        which, kind = w.which(asked), w.kind(asked)
        least = self.chance.random() < 0.12
        count = self.chance.choice([2, 3, 4, 5]) if self.chance.random() < 0.07 and not least else 1
        most = self.pick("least often", "the least often") if least else self._most()
        if count > 1:
            which = f"which {_NUMBERS[count]} {plural(kind)}"
        if asked.name == self.event.agent:
            question = self.pick(
                f"{which} {w.verb('past', given)} {most} {time}",
                f"{which} {w.verb('past', given)} {time} {most}",
                f"{which} {w.have('it')} {w.verb('participle', given)} {most} {time}",
            )
        elif self.says_noun(0.3) and not least and count == 1:
            nouns = w.noun(given, many=True)
            question = self.pick(
                f"which {kind} had the most {nouns} {time}",
                f"what was the most common {kind} of the {nouns} {time}",
                f"which {kind} comes up most often in the {nouns} {time}",
                f"what was {w.possessive(s)} most frequent {kind} {time}"
                if not given
                else f"what is the most frequent {kind} among the {nouns} {time}",
                f"what is the {kind} with the largest number of {nouns} {time}",
            )
        else:
            base = w.verb("base", given, asked)
            bare = asked.place and count == 1 and not asked.object
            question = self.pick(
                f"{which} did {s} {base} {most} {time}",
                f"{which} did {s} {base} {time} {most}",
                f"{which} did {s} {base} {most} {time}",
                f"{which} do {s} {base} {most}"
                if not time and s in ("I", "we", "you", "they")
                else f"{time}, {which} did {s} {base} {most}",
                f"{which} {w.have(s)} {s} {w.verb('participle', given, asked)} {most} {time}",
                f"{'where' if bare else which} did {s} {w.verb('base', given, None if bare else asked)} "
                f"{most} {time}",
            )
        measure = Measure((), Aggregate.COUNT, (self.schema.step(asked.name),))
        return Draft(question, given, scope, (Extreme(measure, least, 1, count),))

    def _most(self) -> str:
        """The words for "most often"; of talks, "the most" is said of their length."""
        options = ["most often", "the most often", "most frequently"]
        return self.pick(*options) if self.event.talk else self.pick(*options, "the most", "the most")

    def most_in_total(self) -> Draft | None:
        number = self.number()
        asked = self.asked()
        if number is None:
            return None
        about = self.happening()
        given = self.given(about, self.chance.choice([0, 0, 1]), asked)
        scope = self.scope(about, 0.6)
        w = self.wording
        s, time = w.subject(given), when(scope)
        which, kind = w.which(asked), w.kind(asked)
        aggregate, word = Aggregate.TOTAL, self.pick("total", "combined")
        if self.chance.random() < 0.4:
            aggregate, word = Aggregate.AVERAGE, "average"
        nouns, name = w.noun(given, many=True), self.part.relations[number.name]
        options = [
            f"which {kind} had the highest {word} {name} of {nouns} {time}",
            f"what {kind} has the greatest {word} {name} in the {nouns} {time}",
            f"which {kind} has the highest {word} {number.name} {time}",
        ]
        agent = asked.name == self.event.agent
        if aggregate is Aggregate.TOTAL and number.duration:
            if agent:
                options += [f"{which} spent the most {number.unit} {w.verb('gerund', given)} {time}"]
            else:
                options += [
                    f"{which} did {s} spend the most time {w.verb('gerund', given, asked)} {time}",
                    f"{which} did {s} spend the most {number.unit} {w.verb('gerund', given, asked)} {time}",
                    f"{which} did {s} {w.verb('base', given, asked)} the longest {time}",
                ]
            if self.event.talk and not agent and self.chance.random() < 0.7:
                base = w.verb("base", given, asked)
                options = [
                    f"{which} did {s} {base} the most {time}",
                    f"{which} did {s} {base} {time} the most",
                ]
        measure = Measure((self.schema.step(number.name),), aggregate, (self.schema.step(asked.name),))
        return Draft(self.chance.choice(options), given, scope, (Extreme(measure),))

    def last_thing(self) -> Draft | None:
        asked = self.asked()
        about = self.happening()
        given = self.given(about, self.chance.choice([0, 1, 1]), asked)
        scope = self.scope(about, 0.3)
        w = self.wording
        s, time, which, kind = w.subject(given), when(scope), w.which(asked), w.kind(asked)
        first = self.chance.random() < 0.4
        word = "first" if first else "last"
        recent = "first" if first else self.pick("latest", "most recent", "last")
        if asked.name == self.event.agent:
            question = self.pick(
                f"{which} {w.verb('past', given)} {word} {time}",
                f"{which} was the {word} to {w.verb('base', given)} {time}",
            )
        else:
            base = w.verb("base", given, asked)
            noun = w.noun(given, many=False)
            question = self.pick(
                f"{which} did {s} {word} {base} {time}",
                f"{which} did {s} {base} {word} {time}",
                f"{which} was {w.possessive(s)} {recent} {noun} {w.preposition(asked)} {time}",
                f"what was the {kind} of the {recent} {noun} {time}",
                f"{'where' if asked.place else which} did {s} "
                f"{w.verb('base', given, None if asked.place and not asked.object else asked)} {word} {time}",
            )
        step = Follow(self.schema.step(asked.name))
        extreme = Extreme(Measure((self.schema.step("date"),)), least=first)
        return Draft(question, given, scope, (extreme, step))

    def nth_thing(self) -> Draft | None:
        asked = self.asked()
        about = self.happening()
        given = self.given(about, self.chance.choice([0, 0, 0, 1]), asked)
        scope = (
            scope_around(about.day, self.chance)
            if self.chance.random() < 0.3
            else single_year(about.day.year, self.chance)
        )
        place = self.chance.choice([2, 2, 2, 3, 3, 4, 5])
        w = self.wording
        s, time, which, kind = w.subject(given), self.of(scope), w.which(asked), w.kind(asked)
        nth = ORDINALS[place]
        last = self.chance.random() < 0.15
        if last:
            nth = "second to last" if place == 2 else f"{nth} last"
        noun = w.noun([], many=False)
        if asked.name == self.event.agent:
            question = f"{which} did the {nth} {noun} {time}"
        else:
            its = w.possessive(s)
            on = self.pick("on", "at", "in", "for", "during")
            base = w.verb("base", given, asked)
            bare = w.verb("base", given, None if asked.place and not asked.object else asked)
            question = self.pick(
                f"{'where' if asked.place else which} did {s} {bare} {on} {its} {nth} {noun} {time}",
                f"{which} did {s} {base} {on} {its} {nth} {noun} {time}",
                f"{which} was {its} {nth} {noun} {time} {w.preposition(asked)}",
                f"what was the {kind} of {its} {nth} {noun} {time}",
                f"{which} did {s} {base} on the {nth} occasion {time}",
            )
        extreme = Extreme(Measure((self.schema.step("date"),)), least=not last, rank=place)
        return Draft(question, given, scope, (extreme, Follow(self.schema.step(asked.name))))

    def longest_thing(self) -> Draft | None:
        number = self.number()
        asked = self.asked()
        if number is None:
            return None
        about = self.happening()
        given = self.given(about, self.chance.choice([0, 0, 1]), asked)
        scope = self.scope(about, 0.5)
        noun, time, which = self.wording.noun(given, many=False), self.of(scope), self.wording.which(asked)
        kind, least = self.wording.kind(asked), self.chance.random() < 0.3
        name = self.part.relations[number.name]
        end = self.wording.preposition(asked)
        if number.duration:
            word = "shortest" if least else "longest"
            question = self.pick(
                f"{which} was the {word} {noun} {time} {end}",
                f"what was the {kind} of the {word} {noun} {time}",
            )
        else:
            word = "lowest" if least else "highest"
            question = self.pick(
                f"{which} was the {noun} with the {word} {name} {time} {end}",
                f"which {kind} had the {noun} with the {word} {name} {time}",
                f"what was the {kind} of the {noun} {time} with the {word} {name}",
            )
        extreme = Extreme(Measure((self.schema.step(number.name),)), least)
        return Draft(question, given, scope, (extreme, Follow(self.schema.step(asked.name))))
