"""What to tell about a build: the counts, and what a person should look at."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict

from scripts.atlas.graph import Atlas
from scripts.atlas.templates import SPLITS, Template


def spelling_notes(atlas: Atlas) -> list[str]:
    """Entities that may be one entity spelled in two ways, for a person to look at."""
    by_spelling = defaultdict(set)
    for entity in atlas.kinds:
        by_spelling[plain_spelling(entity.label)].add(entity.label)
    alias_of = {alias: entity.label for entity, aliases in sorted(atlas.aliases.items()) for alias in aliases}
    notes = [
        f"spelled alike: {', '.join(sorted(labels))}" for labels in by_spelling.values() if len(labels) > 1
    ]
    without_row = {entity.label for entity in atlas.kinds if entity not in atlas.aliases}
    notes += [
        f"{label!r} is an entity without a row, and an alias of {alias_of[label]!r}"
        for label in without_row & alias_of.keys()
    ]
    return sorted(notes)


def plain_spelling(label: str) -> str:
    """The label without case, accents, punctuation and article."""
    decomposed = unicodedata.normalize("NFKD", label.casefold())
    letters = "".join(character for character in decomposed if character.isalnum() or character == " ")
    return letters.removeprefix("the ").replace(" ", "")


def untrained_relations(templates: list[Template]) -> list[str]:
    """Relations that questions of another split need and no training question shows."""
    relations: dict[str, set[str]] = {split: set() for split in SPLITS}
    for template in templates:
        relations[template.split].update(step.relation for side in template.sides for step in side.path)
    unseen = (relations["dev"] | relations["test"]) - relations["train"]
    return [f"no training question needs {relation!r}, others do" for relation in sorted(unseen)]


def graph_counts(atlas: Atlas) -> list[str]:
    """The size of the graph, a line a count."""
    kinds = Counter(kind for kinds in atlas.kinds.values() for kind in sorted(kinds))
    return [
        f"facts      {len(atlas.origins)}",
        f"entities   {len(atlas.kinds)}, {sum(not kinds for kinds in atlas.kinds.values())} without a kind",
        f"kinds      {len(kinds)}: " + ", ".join(f"{kind} {count}" for kind, count in kinds.most_common()),
        f"relations  {len(atlas.relations)}",
        f"aliases    {sum(map(len, atlas.aliases.values()))}",
    ]


def question_counts(records: dict[str, list[dict[str, object]]]) -> list[str]:
    """The number of questions of every split, by hops and topics."""
    lines = []
    for split, questions in records.items():
        hops = sorted(Counter(question["hops"] for question in questions).items(), key=str)
        by_hops = ", ".join(f"{count} of {number} hops" for number, count in hops)
        two_topics = sum("gold_relation_paths" in question for question in questions)
        lines.append(f"{split:<10} {len(questions)} questions: {by_hops}; {two_topics} with two topics")
    return lines
