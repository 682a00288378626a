"""The questions: templates filled with cases, as the question files hold them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import cycle, islice
from typing import NamedTuple

from scripts.atlas.cases import MOST_ANSWERS, Case, cases
from scripts.atlas.graph import Atlas
from scripts.atlas.tables import AtlasError
from scripts.atlas.templates import SPLITS, Side, Template


class Mention(NamedTuple):
    """A topic as a template writes it: `{a}` with its article, `{a.name}` without, `{a.lower}` as typed."""

    name: str
    article: str

    def __format__(self, specification: str) -> str:
        return f"{self.article} {self.name}" if self.article else self.name

    @property
    def lower(self) -> str:
        return self.name.lower()


def question_records(atlas: Atlas, templates: list[Template]) -> dict[str, list[dict[str, object]]]:
    """The questions of every split, numbered, in the order of the templates."""
    supply: dict[tuple[Side, ...], Iterator[Case]] = {}
    records: dict[str, list[dict[str, object]]] = {split: [] for split in SPLITS}
    for template in templates:
        if template.sides not in supply:
            supply[template.sides] = cycle(cases(atlas, template.sides, random.Random(str(template.sides))))
        # Where the topics run short, a template meets the same one again; it then asks only once.
        chosen = dict.fromkeys(islice(supply[template.sides], template.questions))
        if not chosen:
            raise AtlasError(f"{template.origin}: no topic gives 1 to {MOST_ANSWERS} answers")
        for case in chosen:
            split_records = records[template.split]
            identity = f"atlas-{template.split}-{len(split_records) + 1}"
            split_records.append({"id": identity, **question_record(atlas, template, case)})
    return records


def question_record(atlas: Atlas, template: Template, case: Case) -> dict[str, object]:
    """One question as it is written to the file, without its id."""
    mentions = [Mention(topic.label, "the" if topic in atlas.with_article else "") for topic in case.topics]
    paths = [[str(step) for step in side.path] for side in template.sides]
    chains = [chain for side in case.gold_paths for chain in side]
    return {
        "question": template.text.format(**dict(zip("ab", mentions, strict=False))),
        "topic_entities": [topic.label for topic in case.topics],
        "answers": sorted({answer.label for answer in case.answers}),
        **({"gold_relation_path": paths[0]} if len(paths) == 1 else {"gold_relation_paths": paths}),
        "gold_paths": [
            [[fact.head.label, fact.relation, fact.tail.label] for fact in chain] for chain in chains
        ],
        "hops": max(map(len, paths)),
    }
