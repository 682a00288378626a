"""Entity linking by name: exact matches first, then normalized ones, similar spellings and meanings."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from rapidfuzz import fuzz

from kgqa.graph import IndexedGraph, NodeKind, degree_of, fold_name
from kgqa.linking.mention import EntityCandidate, MatchKind, Mention
from kgqa.linking.name_index import EmbeddingIndex, SpellingIndex, WordIndex, normalize_name
from kgqa.linking.words import (
    ARTICLES,
    EVERYDAY_WORDS,
    FUNCTION_WORDS,
    only_stop_words,
    word_boundaries,
)
from kgqa.lm import Embed

__all__ = ["NameLinker"]

MAX_NAME_CHARACTERS = 400
"""Characters of a question that are compared with names at a time; longer names are not found."""
MAX_QUESTION_CHARACTERS = 4000
"""Characters of a question that are read; the rest is ignored."""
MIN_PARTIAL = 0.3
"""The least similarity of a partial match to the whole name."""
MIN_MISSPELT = 0.88
"""The least similarity of words to a longer name, where some of the words match a name exactly."""
MAX_MISSPELT_WORDS = 10
"""The most words of such a name."""
_NO_CHARACTERS = re.compile("[\\0\ud800-\udfff]")
"""Characters that no name has and that tries do not accept."""
_HOW: dict[int, MatchKind] = {1: "label", 2: "alias"}


@dataclass(frozen=True)
class NameLinker:
    """Finds labels and aliases of a graph in a question; its fields are its settings.

    One linker serves any number of graphs: the indexes over the names of a graph are kept with the graph.

    1. Exact matches: labels and aliases that stand in the question at word boundaries, after case and
       white space are folded; of overlapping ones the longest.
    2. Misspelt longer names: a run of words from one capital to another that is similar to a longer name
       replaces the exact match inside it ("The Eagle with Two Heds" is not The Eagle). In a question
       without capitals any run of several words is compared, unless a name of several words is exact.
    3. A match of one or two stop words ("what", "the film") counts only where nothing else is found,
       unless the question capitalises it. A function word ("who", "it", "us") that the question does not
       write as a name never counts, nor does an everyday word ("help", "good") in lower case in a question
       with capitals. If the question capitalises any name, then matches in lower case
       of names that the graph capitalises are dropped.
    4. Without an exact match that is capitalised or has several words: names that are equal without
       accents and punctuation, and names that contain the words (not literals: a text is no name).
    5. If there is still nothing: runs of up to `max_words` words are compared with all names by spelling,
       and the whole question with all labels by meaning (with `embed`).

    The candidates of a mention are ordered by kind of match (labels, aliases, then the others), names with
    the same capitals first, then by number of triples, then by identifier.
    """

    embed: Embed | None = None
    """A sentence encoder, of any width."""
    min_spelling_similarity: float = 0.84
    min_meaning_similarity: float = 0.5
    max_words: int = 6
    max_partial_matches: int = 10
    """How many entities whose names merely contain the words are kept as candidates."""

    def link(self, question: str, graph: IndexedGraph) -> list[Mention]:
        """The mentions, the most reliable first, without overlaps; empty if there is none.

        Capitalised ones come first, then those of several words, then the longer, the more similar,
        and those of entities with more triples. A match of stop words is returned alone.
        """
        return _GraphNames(self, graph).link(question)

    def everyday(self, question: str, graph: IndexedGraph) -> list[Mention]:
        """Names of everyday words that the question writes just as the graph does ("a movie"), the longest.

        `link` leaves them out where it finds others. A name of function words only ("it") is none of them.
        """
        return _GraphNames(self, graph).everyday(question)


@dataclass(frozen=True, eq=False)
class _GraphNames:
    """The names of one graph, searched with the settings of a linker."""

    settings: NameLinker
    graph: IndexedGraph

    def link(self, question: str) -> list[Mention]:
        question = _NO_CHARACTERS.sub(" ", question[:MAX_QUESTION_CHARACTERS])
        exact = list(self._exact(question))
        strong = _without_overlap(mention for mention in exact if not mention.stop_words)
        strong = _without_overlap([*self._misspelt(question, strong), *strong])
        if capitalised := [m for m in strong if _is_capitalised(m.text)]:
            same_case = [m for m in strong if m in capitalised or self._has_capitals_of_label(m)]
            return sorted(same_case, key=self._reliability)
        if not any(" " in mention.text for mention in strong):
            loose = list(self._similar_words(question))
            whole = [mention for mention in loose if mention.best.how != "partial"]
            strong = _without_overlap([*strong, *whole]) or _without_overlap(loose)
        found = strong or self._similar_spellings(question) or self._similar_meanings(question)
        return sorted(found or _without_overlap(exact)[:1], key=self._reliability)

    def everyday(self, question: str) -> list[Mention]:
        question = _NO_CHARACTERS.sub(" ", question[:MAX_QUESTION_CHARACTERS])
        return _without_overlap(
            mention
            for mention in self._exact(question)
            if mention.stop_words
            and self._has_capitals_of_label(mention)
            and not FUNCTION_WORDS.issuperset(fold_name(mention.text).split())
        )

    def _reliability(self, mention: Mention) -> tuple[bool, bool, bool, float, int]:
        known = math.log1p(self._degree(self.graph.entity_id(mention.best.entity)))
        size = math.sqrt(mention.end - mention.start)
        likely = mention.best.score * known * size
        single = " " not in mention.text
        return (mention.stop_words, not _is_capitalised(mention.text), single, -likely, mention.start)

    def _has_capitals_of_label(self, mention: Mention) -> bool:
        return self.graph.label(mention.best.entity) == mention.text

    # Exact names -----------------------------------------------------------------------------

    def _exact(self, question: str) -> Iterator[Mention]:
        starts, ends = word_boundaries(question)
        for start in starts:
            later = ends[bisect_left(ends, start + 1) :]
            rest = fold_name(question[start : start + MAX_NAME_CHARACTERS])
            for name in sorted(set(self.graph.names.prefixes(rest))):
                at = bisect_left(later, len(name), key=lambda end: len(fold_name(question[start:end])))
                if at < len(later) and fold_name(question[start : later[at]]) == name:
                    mention = self._named(question, start, later[at], name)
                    if not mention.stop_words or self._may_be_meant(question, mention):
                        yield mention

    def _named(self, question: str, start: int, end: int, name: str) -> Mention:
        text = question[start:end]
        entities = self._entities_named(name, text)
        single = " " not in name
        common = len(name.split()) < 3 and (
            only_stop_words(name)
            or (_is_everyday(name) and (single or not _has_names_in_lower_case(question)))
        )
        stop_words = common and not (
            self._has_acronym(entities[0].entity, text) and not question.isupper()
            if _is_first_word(question, start, end)
            else _is_capitalised(text) and not _is_all_capitalised(question)
        )
        return Mention(text, start, end, entities, stop_words)

    def _has_acronym(self, entity: str, text: str) -> bool:
        """Whether a text in capitals is a name of an entity as it stands."""
        return (
            len(text) > 1
            and text.isupper()
            and text in (self.graph.label(entity), *self.graph.alias_texts(entity))
        )

    def _may_be_meant(self, question: str, mention: Mention) -> bool:
        """Whether a mention of stop words may be a name all the same.

        The whole question may. A function word may behind an article, where no function word can stand
        ("the us"); everyday words may where the question writes names like them.
        """
        text, name = mention.text, fold_name(mention.text)
        if not _is_everyday(name) or text == question.strip(" ?!." if " " in text else None):
            return True
        written = text.islower() and self.graph.label(mention.best.entity) == text
        if name in FUNCTION_WORDS and not (len(name) == 1 and name.isalpha()):
            before = question[: mention.start].split()
            return bool(before) and fold_name(before[-1]) in ARTICLES
        return (len(name) == 1 and written) or (_has_content(question) and (written or question.islower()))

    def _entities_named(self, name: str, text: str) -> tuple[EntityCandidate, ...]:
        """The entities that have a folded name."""
        ranks: dict[int, int] = {}
        for number, rank in self.graph.names[name]:
            ranks[number] = min(rank, ranks.get(number, rank))
        found = sorted(
            (rank, self.graph.labels[number] != text, -self._degree(number), self.graph.entity(number))
            for number, rank in ranks.items()
        )
        return tuple(EntityCandidate(entity, 1.0, _HOW[rank]) for rank, _, _, entity in found)

    def _degree(self, number: int) -> int:
        return degree_of(self.graph, number)

    # Similar names ---------------------------------------------------------------------------

    def _similar_words(self, question: str) -> Iterator[Mention]:
        for start, end in self._runs(question):
            candidates = self._normalized_matches(question[start:end])
            if candidates:
                yield Mention(question[start:end], start, end, candidates)

    def _normalized_matches(self, text: str) -> tuple[EntityCandidate, ...]:
        normalized, folded = normalize_name(text), fold_name(text)
        found: dict[str, tuple[bool, bool, int]] = {}
        for name in WordIndex.of(self.graph).search(text):
            for number, _ in self.graph.names[name]:
                key = (name != folded, normalize_name(name) != normalized, -self._degree(number))
                entity = self.graph.entity(number)
                found[entity] = min(key, found.get(entity, key))
        ranked = sorted(found, key=lambda entity: (found[entity], entity))
        exact = self._entities_named(folded, text) if folded in self.graph.names else ()
        whole = [EntityCandidate(e, 0.99, "normalized") for e in ranked if found[e][:2] == (True, False)]
        parts = (
            EntityCandidate(entity, self._similarity(text, entity), "partial")
            for entity in ranked
            if found[entity][1] and self.graph.kind(entity) is not NodeKind.LITERAL
        )
        return (
            *exact,
            *whole,
            *islice((p for p in parts if p.score >= MIN_PARTIAL), self.settings.max_partial_matches),
        )

    def _similarity(self, text: str, entity: str) -> float:
        return fuzz.ratio(fold_name(text), fold_name(self.graph.label(entity) or entity)) / 100

    def _similar_spellings(self, question: str) -> list[Mention]:
        runs = self._runs(question, ARTICLES)
        return _without_overlap(
            mention
            for start, end in runs
            for mention in self._spelled(question, start, end, self.settings.min_spelling_similarity)
        )

    def _misspelt(self, question: str, exact: Sequence[Mention]) -> Iterator[Mention]:
        """Mentions of longer names that are misspelt, in a question with `exact` matches of others.

        They reach from one capital to another if the question has any; else they have several words,
        and there are none if an exact match has several words.
        """
        runs = list(_capitalised_runs(question))
        if not runs and not any(" " in mention.text for mention in exact):
            runs = [run for run in self._runs(question) if " " in question[slice(*run)]]
        for start, end in runs:
            if not any(mention.start <= start and end <= mention.end for mention in exact):
                yield from self._spelled(question, start, end, MIN_MISSPELT)

    def _runs(self, question: str, openers: Container[str] = ()) -> Iterator[tuple[int, int]]:
        """Runs of words to compare, of three characters or more.

        No run ends with a stop word, or begins with one that is not among `openers`, or is made of everyday
        words that are not written as a name.
        """
        spans = _words(question)
        names_in_lower_case = _has_names_in_lower_case(question)
        for first, (start, first_end) in enumerate(spans):
            word = fold_name(question[start:first_end])
            if only_stop_words(word) and word not in openers:
                continue
            for last_start, end in spans[first : first + self.settings.max_words]:
                if end - start < 3 or only_stop_words(fold_name(question[last_start:end])):
                    continue
                if names_in_lower_case or not _is_everyday(_without_case(question, start, end)):
                    yield start, end

    def _spelled(self, question: str, start: int, end: int, least: float) -> Iterator[Mention]:
        text = question[start:end]
        candidates: dict[str, EntityCandidate] = {}
        for name, similarity in SpellingIndex.of(self.graph).search(text, least):
            for candidate in self._entities_named(name, text):
                candidates.setdefault(
                    candidate.entity, EntityCandidate(candidate.entity, similarity, "spelling")
                )
        if candidates:
            yield Mention(text, start, end, tuple(candidates.values()))

    def _similar_meanings(self, question: str) -> list[Mention]:
        embed = self.settings.embed
        if embed is None or not question.strip():
            return []
        found = EmbeddingIndex.of(self.graph, embed).search(question, self.settings.min_meaning_similarity)
        candidates = tuple(EntityCandidate(entity, cosine, "meaning") for entity, cosine in found)
        return [Mention(question, 0, len(question), candidates)] if candidates else []


def _words(text: str) -> list[tuple[int, int]]:
    """Where the words of a text start and end, punctuation left out."""
    starts, ends = word_boundaries(text)
    return [(start, ends[bisect_left(ends, start + 1)]) for start in starts if text[start].isalnum()]


def _capitalised_runs(question: str) -> Iterator[tuple[int, int]]:
    """Runs of words that begin and end with a capital or a number; one word not where it is the first."""
    spans = [] if question.isupper() else _words(question)
    large = [span for span in spans if not question[span[0]].islower()]
    for first, (start, _) in enumerate(large):
        for _, end in large[first:]:
            text = question[start:end]
            if text.count(" ") >= MAX_MISSPELT_WORDS:
                break
            may_be_name = _is_capitalised(text) and not _is_first_word(question, start, end)
            if may_be_name and not _is_everyday(_without_case(question, start, end)):
                yield start, end


def _is_capitalised(text: str) -> bool:
    return any(word[0].isupper() and len(word) > 1 for word in text.split())


def _is_all_capitalised(question: str) -> bool:
    """Whether all words of a question begin with a capital, where a capital says nothing."""
    return all(word[0].isupper() for word in question.split() if word[0].isalpha())


def _is_everyday(name: str) -> bool:
    """Whether a folded name has only function words and everyday words."""
    return all(word in FUNCTION_WORDS or word in EVERYDAY_WORDS for word in name.split())


def _has_content(question: str) -> bool:
    """Whether a question has other words than function words and everyday words."""
    return not all(_is_everyday(fold_name(question[start:end])) for start, end in _words(question))


def _has_names_in_lower_case(question: str) -> bool:
    """Whether everyday words in lower case may be names: without capitals, in a question about something."""
    return question.islower() and _has_content(question)


def _without_case(question: str, start: int, end: int) -> str:
    """A part of a question with small letters where capitals say nothing, at the start and where all are."""
    text = question[start:end]
    if _is_all_capitalised(question):
        return fold_name(text)
    return text[:1].lower() + text[1:] if not question[:start].strip() else text


def _is_first_word(question: str, start: int, end: int) -> bool:
    """Whether a span is one word at the start of a question, where a capital says nothing."""
    return not question[:start].strip() and len(question[start:end].split()) == 1


def _without_overlap(mentions: Iterable[Mention]) -> list[Mention]:
    """Of mentions that overlap the stronger, the exact, the longer, the more likely, the earlier."""
    kept: list[Mention] = []
    for mention in sorted(mentions, key=_preference):
        if all(mention.end <= other.start or other.end <= mention.start for other in kept):
            kept.append(mention)
    return kept


def _preference(mention: Mention) -> tuple[bool, float, int, int, int]:
    length = mention.end - mention.start
    partial = mention.best.how == "partial"
    similarity = mention.best.score if mention.best.how in ("spelling", "meaning") else 1.0
    return (
        mention.stop_words,
        -similarity * math.sqrt(length),
        partial,
        -len(mention.candidates),
        mention.start,
    )
