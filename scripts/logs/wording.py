"""English for events: verbs with their objects, nouns with what belongs to them, question words."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from kgqa.training.examples.phrasing import inflection
from scripts.logs.log import EventLog, LoggedEvents
from scripts.logs.tables import Attribute

__all__ = ["Given", "Wording", "plural"]

_UNCOUNTABLE = ("screen time", "shopping")


@dataclass(frozen=True)
class Given:
    """What a question gives of an event: values of one attribute, most often one."""

    attribute: Attribute
    values: tuple[str, ...]

    @property
    def words(self) -> str:
        return " and ".join(self.values)


class Wording:
    """Words for the events of one kind of one log; every call draws anew."""

    def __init__(self, log: EventLog, part: LoggedEvents, chance: random.Random) -> None:
        self.log = log
        self.part = part
        self.event = part.event
        self.chance = chance

    # Subjects ----------------------------------------------------------------------------------------

    def subject(self, given: Sequence[Given]) -> str:
        """Who does it: whom the question gives as the agent, else who keeps the log."""
        for one in given:
            if one.attribute.name == self.event.agent:
                return one.words
        return self.log.subject

    def have(self, subject: str) -> str:
        return "have" if subject in ("I", "we", "you", "they") or " and " in subject else "has"

    def possessive(self, subject: str) -> str:
        return {"I": "my", "we": "our", "you": "your", "they": "their"}.get(subject, f"{subject}'s")

    # Phrases -----------------------------------------------------------------------------------------

    def verb(self, form: str, given: Sequence[Given], asked: Attribute | None = None) -> str:
        """A verb in a form with what is given; without what is asked for, but for its preposition."""
        main = next((one for one in given if one.attribute.object), None)
        if main is not None:
            text = re.sub(
                r"\{\w+\}", lambda _: main.words, getattr(self.chance.choice(self.event.slotted), form)
            )
        elif asked is not None and asked.object:
            text = re.sub(r" ?\{\w+\}", "", getattr(self.chance.choice(self.event.slotted), form))
        else:
            text = getattr(self.chance.choice(self.event.bare), form)
        if asked is not None and not asked.object and asked.name != self.event.agent:
            text += f" {self.preposition(asked)}"
        rest = [one for one in given if not one.attribute.object and one.attribute.name != self.event.agent]
        return " ".join([text, *self._phrases(rest, of_verb=True)]).strip()

    def noun(self, given: Sequence[Given], many: bool) -> str:
        """The name of the events with what is given."""
        name = self.part.kind if self.chance.random() < 0.6 else self.chance.choice(self.event.classes)
        return " ".join([plural(name) if many else name, *self._phrases(given)])

    def _phrases(self, given: Sequence[Given], of_verb: bool = False) -> list[str]:
        found = []
        for one in given:
            phrases = one.attribute.phrases or ("of {}",)
            if of_verb:
                phrases = tuple(text for text in phrases if not text.startswith("that ")) or phrases
            phrase = self.chance.choice(phrases)
            found.append(phrase.format(one.words))
        self.chance.shuffle(found)
        return found

    def preposition(self, asked: Attribute) -> str:
        """What stays behind where a phrase's noun is asked for."""
        ends = [phrase[:-3] for phrase in asked.phrases if phrase.endswith(" {}")]
        return re.sub(r" (?:the|a|an|a new)$", "", ends[0]) if ends else ""

    # Questions ---------------------------------------------------------------------------------------

    def kind(self, asked: Attribute) -> str:
        """What the values of an attribute are."""
        return self.chance.choice(asked.kinds or (asked.name,))

    def which(self, asked: Attribute) -> str:
        """The question word for an attribute."""
        if asked.person and self.chance.random() < 0.65:
            return "who"
        return f"{self.chance.choice(['which', 'which', 'what'])} {self.kind(asked)}"

    def which_of_many(self, asked: Attribute) -> str:
        """The question word for several."""
        if asked.person and self.chance.random() < 0.3:
            return "who"
        if asked.things and self.chance.random() < 0.5:
            return f"which {self.chance.choice(asked.things)}"
        return f"{self.chance.choice(['which', 'which', 'what'])} {plural(self.kind(asked))}"


def plural(name: str) -> str:
    """The plural of a noun of a log, whose head may end in "-ing" ("team meeting").

    >>> plural("meal at home"), plural("team meeting"), plural("person"), plural("shopping")
    ('meals at home', 'team meetings', 'people', 'shopping')
    """
    head, *rest = re.split(r"(?= at | of | on | in | seen)", name, maxsplit=1)
    if head in _UNCOUNTABLE:
        return name
    *before, last = head.split(" ")
    return " ".join((*before, inflection.plural(last))) + "".join(rest)
