"""Names of entities, held until it is known which of them is best."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import islice

from kgqa.graph.name import clean_name
from kgqa.graph.readers.names.name_relations import NameRelations
from kgqa.graph.readers.rdf_term import Term
from kgqa.graph.statement import Name, Node, NodeKind, RelationName, Statement

__all__ = ["ANY_LANGUAGE", "HeldNames"]

MOST_NAMES = 200_000
"""So many names are held; then those of the entities that were named first are given out."""
ANY_LANGUAGE = "mul"
"""The language of names that are the same in all languages, in Wikidata."""

_Rank = tuple[bool, int, str, int, str]
"""Whether a name is an alias, how far its language is from those wanted; language, relation and text."""


class HeldNames:
    """The names of entities and relations, in the order of how good they are.

    The label in the first of `languages` that there is comes first, then one without a language, then any
    other; of labels in one language, that of the first relation in `relations`. A file may name an entity in
    several places: all its names are compared as long as not more than `MOST_NAMES` names are between them.
    """

    def __init__(self, languages: Sequence[str], relations: NameRelations) -> None:
        self._languages = [language.lower() for language in languages]
        self._relations = relations.ranks
        self._names: dict[str, list[_Rank]] = {}
        self._kinds: dict[str, NodeKind] = {}
        self._count = 0
        self.of_relations: dict[str, str] = {}
        """The best name of each relation that was given out."""

    def add(self, entity: Term, relation: str, text: Term) -> None:
        """Hold a name of an entity, which a relation says."""
        alias, place = self._relations[relation]
        tag = text.language.lower()
        distance = self._distance(tag)
        rank = (alias, distance, "" if tag == ANY_LANGUAGE else tag, place, text.text)
        self._names.setdefault(entity.identifier, []).append(rank)
        if entity.kind is not NodeKind.RESOURCE:
            self._kinds[entity.identifier] = entity.kind
        self._count += 1

    @property
    def are_many(self) -> bool:
        """Whether some names have to be given out."""
        return self._count > MOST_NAMES

    def give_out(self, relations: Collection[str], *, everything: bool = False) -> Iterator[Statement]:
        """The names of the entities that were named first, or all; `relations` are those seen so far."""
        count = len(self._names) if everything else len(self._names) // 2 + 1
        for entity in list(islice(self._names, count)):
            names = self._names.pop(entity)
            self._count -= len(names)
            texts = [rank[-1] for rank in sorted(names)]
            if entity in relations:
                if label := next(filter(clean_name, texts), ""):
                    self.of_relations[entity] = label
                    yield RelationName(entity, label)
                continue
            if entity in self._kinds:
                yield Node(entity, self._kinds.pop(entity))
            for place, text in enumerate(texts):
                yield Name(entity, text, alias=place > 0)

    def _distance(self, tag: str) -> int:
        for place, wanted in enumerate(self._languages):
            if tag == wanted or tag.startswith(wanted + "-"):
                return place
        return len(self._languages) + bool(tag and tag != ANY_LANGUAGE)
