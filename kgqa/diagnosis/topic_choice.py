"""The topics of a question, and what else they might have been."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kgqa.diagnosis.diagnosis import LinkedMention
from kgqa.graph import IndexedGraph
from kgqa.linking import Linker, Mention, NameLinker, SpellingIndex

__all__ = ["TopicChoice"]

_SIMILAR = 0.7
"""The least similarity of the spelling of what else a name might be."""
_MOST = 8
"""Other candidates that are looked at, for all topics together."""
_SURE = ("label", "alias", "normalized", "given")


@dataclass(frozen=True)
class TopicChoice:
    """Mentions with the entities that were taken for them, and others."""

    question: str
    links: tuple[LinkedMention, ...]

    @classmethod
    def of(cls, question: str, given: Sequence[str], linker: Linker, graph: IndexedGraph) -> TopicChoice:
        """What `given` names, or the question names, might be."""
        if given:
            return cls(question, tuple(_of_name(name, graph) for name in given))
        found = [_of_mention(mention) for mention in linker.link(question, graph)]
        texts = {link.text for link in found}
        loose = (
            replace(linker, min_spelling_similarity=_SIMILAR) if isinstance(linker, NameLinker) else linker
        )
        more = (m for m in loose.link(question, graph) if m.text not in texts)
        unlinked = (LinkedMention(m.text, (), _entities(m), m.best.how) for m in more)
        return cls(question, (*found, *unlinked))

    @property
    def others(self) -> tuple[str, ...]:
        """Entities that are no topics and might have been, the likeliest first."""
        chosen = {entity for link in self.links for entity in link.entities}
        found = dict.fromkeys(entity for link in self.links for entity in link.others)
        return tuple(entity for entity in found if entity not in chosen)[:_MOST]

    @property
    def is_weak(self) -> bool:
        """Whether no entity has just the name that the question uses.

        A name of everyday words may be none, and one with a capital before or behind it may be a part of a
        longer name ("Lucas" in "Jon Lucas").
        """
        return not any(self._is_sure(link) for link in self.links)

    def _is_sure(self, link: LinkedMention) -> bool:
        if not link.entities or link.how not in _SURE:
            return False
        before, found, after = self.question.partition(link.text)
        words = (*before.split()[1:][-1:], *after.split()[:1])  # the first of a question has a capital anyway
        return link.how == "given" or not found or not any(word[0].isupper() for word in words)


def _of_mention(mention: Mention) -> LinkedMention:
    chosen = mention.best_entities
    others = tuple(entity for entity in _entities(mention) if entity not in chosen)
    how = "everyday words" if mention.stop_words else mention.best.how
    return LinkedMention(mention.text, chosen, others[:_MOST], how)


def _of_name(name: str, graph: IndexedGraph) -> LinkedMention:
    matches = graph.find_ranked(name)
    chosen = [match.entity for match in matches if match.rank == matches[0].rank]
    alike = (one for text, _ in SpellingIndex.of(graph).search(name, _SIMILAR) for one in graph.find(text))
    others = dict.fromkeys((*(match.entity for match in matches), *alike))
    found = tuple(entity for entity in others if entity not in chosen)[:_MOST]
    return LinkedMention(name, tuple(chosen), found, "given")


def _entities(mention: Mention) -> tuple[str, ...]:
    return tuple(candidate.entity for candidate in mention.candidates)
