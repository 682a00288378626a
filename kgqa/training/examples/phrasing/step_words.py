"""Steps in words: modifiers, noun phrases and questions for the end that is asked for."""

from __future__ import annotations

import random
from collections.abc import Iterator

from kgqa.training.examples.phrasing.graph_words import is_person
from kgqa.training.examples.phrasing.inflection import gerund, past, plural, third_person
from kgqa.training.examples.phrasing.lexicon import varied
from kgqa.training.examples.phrasing.noun_phrase import Modifier, NounPhrase
from kgqa.training.examples.phrasing.reading import View

__all__ = ["be", "do", "have", "step_modifiers", "step_phrase", "step_questions", "who"]

_PLACES = frozenset(
    [
        "city",
        "country",
        "state",
        "county",
        "region",
        "location",
        "place",
        "town",
        "continent",
        "district",
        "neighborhood",
        "province",
        "village",
        "hometown",
        "headquarters",
        "address",
        "campus",
        "nation",
        "area",
    ]
)
_WHERE = frozenset({"in", "at", "on", "near"})


def be(plural: bool) -> str:
    """The form of "be"."""
    return "are" if plural else "is"


def do(plural: bool) -> str:
    """The form of "do"."""
    return "do" if plural else "does"


def have(plural: bool) -> str:
    """The form of "have"."""
    return "have" if plural else "has"


def who(noun: str) -> str:
    """The relative pronoun of a noun."""
    return "who" if is_person(noun) else "that"


def step_modifiers(
    view: View,
    known: NounPhrase,
    noun: str,
    many: bool,
    negated: bool,
    chance: random.Random,
    literal: bool = False,
) -> list[Modifier]:
    """Ways to say of the asked thing that the step leads to it from `known`: "located in Paris".

    `noun` is what the asked thing is called (singular), `many` its number. `literal` says that the known
    end is a text and no thing.
    """
    found = list(_modifiers(view, known, noun, many, negated, chance, literal))
    if not found:
        for role in view.asked_nouns[:1]:
            named = plural(role) if many else f"the {role}"
            verb = f"{be(many)} {'not ' if negated else ''}{named} of {known.text()}"
            found.append(Modifier(f"{who(noun)} {verb}", verb))
    return found


def _modifiers(
    view: View, known: NounPhrase, noun: str, many: bool, negated: bool, chance: random.Random, literal: bool
) -> Iterator[Modifier]:
    name, not_ = known.text(), " not" if negated else ""
    proper = bool(known.name) and known.proper
    pronoun = who(noun)
    for role in _some(view.known_nouns, chance):
        role = varied(role, chance)
        if proper or not known.plural:
            yield Modifier(f"whose {role} {be(known.plural)}{not_} {name}")
        if negated:
            verb = f"{do(many)} not have {name} as {'their' if many else 'its'} {role}"
            yield Modifier(f"{pronoun} {verb}", verb)
            continue
        yield Modifier(f"with {name} as {role}", f"{have(many)} {name} as {role}")
        if proper:
            yield Modifier(f"with {role} {name}", f"{have(many)} the {role} {name}")
        if (
            not literal
            and view.inverse
            and view.known_nouns
            and not view.asked_nouns
            and not view.asked_verbs
        ):
            yield Modifier(f"of {name}", "")
            if proper and role != noun and not name.lower().endswith(role):
                yield Modifier(
                    f"{chance.choice(('of', 'in', 'at')) if role in _PLACES else 'of'} the {role} {name}"
                )
        if role in _PLACES and proper:
            yield Modifier(
                f"{'from' if is_person(noun) else 'in'} {name}",
                f"{be(many)} {'from' if is_person(noun) else 'in'} {name}",
            )
    for verb in _some(view.known_verbs, chance):
        if negated:
            yield Modifier(f"{'that' if pronoun == 'that' else 'who'} {name} {do(known.plural)} not {verb}")
        else:
            said = past(verb) if view.past else verb if known.plural else third_person(verb)
            yield Modifier(f"{name} {said}" if proper and chance.random() < 0.3 else f"that {name} {said}")
    for verb in _some(view.asked_verbs, chance):
        if negated:
            said = f"{'did' if view.past else do(many)} not {verb} {name}"
        else:
            said = f"{past(verb) if view.past else verb if many else third_person(verb)} {name}"
            if not view.past:
                yield Modifier(f"{gerund(verb)} {name}", said)
        yield Modifier(f"{pronoun} {said}", said)
    for passive in _some(view.known_passives, chance):
        participle, _, preposition = passive.rpartition(" ")
        yield Modifier(f"that {name} {be(known.plural)}{not_} {passive}")
        if participle and preposition != "by":
            yield Modifier(f"{preposition} which {name} {be(known.plural)}{not_} {participle}")
    for passive in _some(view.asked_passives, chance):
        verb = f"{be(many)}{not_} {passive} {name}"
        yield Modifier(f"{not_.strip()} {passive} {name}".strip(), verb)
        yield Modifier(f"{pronoun} {verb}", verb)
    if chance.random() < 0.1 and (view.known_verbs or view.asked_verbs):
        for role in view.asked_nouns[:1]:
            named = plural(role) if many else f"the {role}"
            verb = f"{be(many)}{not_} {named} of {name}"
            yield Modifier(f"{pronoun} {verb}", verb)


def step_phrase(
    view: View, known: NounPhrase, noun: str, many: bool, chance: random.Random, forced: bool = False
) -> NounPhrase | None:
    """A noun phrase for what the step leads to from `known`: "the capital of France", "rivers in Texas".

    `noun` is the class of these things or empty; with `forced`, it is the head of the phrase.
    """
    role = varied(chance.choice(view.asked_nouns), chance) if view.asked_nouns else ""
    modifiers = step_modifiers(view, known, noun or role, many, False, chance)
    plain = not (
        view.known_nouns or view.known_verbs or view.asked_verbs or view.known_passives or view.asked_passives
    )
    by_role = bool(role) and not forced and (plain or not noun or chance.random() < 0.6)
    if by_role:
        if known.name and known.proper and chance.random() < 0.3:
            return NounPhrase(role, many, owner=f"{known.name}'s", definite=True, person=is_person(role))
        return NounPhrase(
            role,
            many,
            after=(Modifier(f"of {known.text()}"),),
            definite=True,
            person=is_person(role),
            simple=known.simple,
        )
    if not modifiers:
        return None
    head = noun or (view.kind if view.inverse else "") or _unknown(view, chance)
    simple = bool(known.name)
    return NounPhrase(
        head, many, after=(chance.choice(modifiers),), definite=True, person=is_person(head), simple=simple
    )


def step_questions(view: View, known: NounPhrase, noun: str, many: bool, chance: random.Random) -> list[str]:
    """Whole questions for what the step leads to from `known`: "where is the Louvre located"."""
    name, number = known.text(), known.plural
    things = (plural(noun) if many else noun) if noun else ""
    which = f"{chance.choice(('which', 'what'))} {things}" if things else ""
    whom = "who" if is_person(noun) else which or "what"
    found = []
    for verb in _some(view.asked_verbs, chance):
        said = past(verb) if view.past else third_person(verb)
        agreed = past(verb) if view.past else verb if many else third_person(verb)
        found.append(
            f"{which} {agreed} {name}"
            if which and chance.random() < 0.6
            else f"{'who' if whom == 'who' else 'what'} {said} {name}"
        )
    for verb in _some(view.known_verbs, chance):
        helper = "did" if view.past else do(number)
        found.append(f"{whom if chance.random() < 0.7 or not which else which} {helper} {name} {verb}")
    found += [
        f"{which or 'what'} {be(many and bool(which))} {passive} {name}"
        for passive in _some(view.asked_passives, chance)
    ]
    for passive in _some(view.known_passives, chance):
        participle, _, preposition = passive.rpartition(" ")
        said = ("was" if not number else "were") if view.past else be(number)
        found.append(f"{whom} {said} {name} {passive}")
        if preposition in _WHERE and participle:
            found.append(f"where {said} {name} {participle}")
        elif passive in _WHERE:
            found.append(f"where {said} {name}")
        elif preposition == "by" and participle:
            found.append(f"by whom {said} {name} {participle}")
    for role in _some(view.asked_nouns, chance):
        role = varied(role, chance)
        person = is_person(role)
        named = plural(role) if many else role
        found.append(f"{'who' if person else 'what'} {be(many)} the {named} of {name}")
        if known.name:
            found.append(f"{'who' if person else 'what'} {be(many)} {name}'s {named}")
            found.append(f"{chance.choice(('what', 'which'))} {named} {do(number)} {name} have")
            found.append(f"{name} {role}")
    if not found or chance.random() < 0.3:
        for role in _some(view.known_nouns, chance):
            role = varied(role, chance)
            found.append(f"{which or 'what'} {have(many) if which else 'has'} {name} as {role}")
            found.append(f"whose {role} {be(number)} {name}")
            if which and known.name:
                found.append(f"which {things} {have(many)} {role} {name}")
    return found


def _unknown(view: View, chance: random.Random) -> str:
    """A noun for things without a class."""
    verbs = (*view.asked_verbs, *view.asked_passives)
    if verbs and view.past and not view.inverse:
        return "person"
    return chance.choice(("thing", "one", "entity", "item", "thing"))


def _some(words: tuple[str, ...], chance: random.Random) -> list[str]:
    """At most two of some words, so that relations with many verbs do not speak in verbs only."""
    return list(words) if len(words) < 3 else chance.sample(words, 2)
