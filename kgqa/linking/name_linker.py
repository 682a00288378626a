"""Topic entities by name: exact names first, then looser ones, close spellings, near meanings."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from rapidfuzz import fuzz

from kgqa.graph import IndexedGraph, fold_name
from kgqa.linking.loose_names import LooseNames, loosen
from kgqa.linking.meaning import Embed, NearestNames
from kgqa.linking.mention import Candidate, How, Mention
from kgqa.linking.spelling import CloseSpellings
from kgqa.linking.word import ARTICLES, is_common, word_boundaries

__all__ = ["NameLinker"]

LONGEST_NAME = 400
"""Characters of a question that are compared with names at a time; longer names are not found."""
LONGEST_QUESTION = 4000
"""Characters of a question that are looked at."""
LEAST_PART = 0.3
"""How like a name must be to the words that it merely holds."""
LEAST_MISSPELT = 0.88
"""How like a name of several words must be to words of which some are a name of their own."""
LONGEST_MISSPELT = 10
"""Words of such a name."""
_NO_CHARACTERS = re.compile("[\\0\ud800-\udfff]")
"""No name holds them, and tries cannot be asked for them."""
_HOW: dict[int, How] = {1: "label", 2: "alias"}


@dataclass(frozen=True, eq=False)
class NameLinker:
    """Finds names of the graph in a question.

    First the labels and aliases that stand in the question at word boundaries, case and space
    folded; of overlapping ones the longest. Words from a capital to a capital that nearly spell a longer
    name count as that one ("The Eagle with Two Heds" names more than The Eagle), and so do several words
    of a question without capitals that has no exact name of several words. A name of one or two common
    words ("what", "the film") is weak and counts where nothing better is found, unless the question
    capitalises it; where it capitalises any name, names that it spells smaller than the graph does are
    left out. Without an exact name of several words or with a capital, names that differ in accents and
    punctuation and names that hold the words are looked for too; where there is still nothing, runs of up
    to `words` words are compared with all names by spelling, and the question with all labels by meaning
    (with `embed`).

    A mention's candidates come in this order: exact labels, aliases, then the looser the later;
    then those spelled with the same capitals, with more triples, by identifier.
    `spelling_likeness` and `meaning_likeness` (0 to 1) say how near a name must come.
    """

    graph: IndexedGraph
    embed: Embed | None = None
    spelling_likeness: float = 0.84
    meaning_likeness: float = 0.5
    words: int = 6
    parts: int = 10
    """How many entities whose names merely hold the words are kept as candidates."""

    def link(self, question: str) -> list[Mention]:
        """The mentions, the surest first, none overlapping another; empty when there is none.

        Capitalised ones come first, then those of several words, then the longer, the more alike,
        and those that the graph says more about. A weak one comes alone.
        """
        question = _NO_CHARACTERS.sub(" ", question[:LONGEST_QUESTION])
        exact = list(self._exact(question))
        strong = _without_overlap(mention for mention in exact if not mention.weak)
        strong = _without_overlap([*self._misspelt(question, strong), *strong])
        if capitalised := [m for m in strong if _is_capitalised(m.text)]:
            same_case = [m for m in strong if m in capitalised or self._is_spelled_so(m)]
            return sorted(same_case, key=self._sureness)
        if not any(" " in mention.text for mention in strong):
            loose = list(self._loose(question))
            whole = [mention for mention in loose if mention.best.how != "part"]
            strong = _without_overlap([*strong, *whole]) or _without_overlap(loose)
        found = strong or self._close(question) or self._near(question)
        return sorted(found or _without_overlap(exact)[:1], key=self._sureness)

    def _sureness(self, mention: Mention) -> tuple[bool, bool, bool, float, int]:
        known = math.log1p(self._degree(self.graph.entity_id(mention.best.entity)))
        size = math.sqrt(mention.end - mention.start)
        likely = mention.best.score * known * size
        single = " " not in mention.text
        return (mention.weak, not _is_capitalised(mention.text), single, -likely, mention.start)

    def _is_spelled_so(self, mention: Mention) -> bool:
        return self.graph.label(mention.best.entity) == mention.text

    # Exact names -----------------------------------------------------------------------------

    def _exact(self, question: str) -> Iterator[Mention]:
        starts, ends = word_boundaries(question)
        for start in starts:
            later = ends[bisect_left(ends, start + 1) :]
            rest = fold_name(question[start : start + LONGEST_NAME])
            for name in sorted(set(self.graph.names.prefixes(rest))):
                at = bisect_left(later, len(name), key=lambda end: len(fold_name(question[start:end])))
                if at < len(later) and fold_name(question[start : later[at]]) == name:
                    yield self._named(question, start, later[at], name)

    def _named(self, question: str, start: int, end: int, name: str) -> Mention:
        text = question[start:end]
        standing_out = _is_capitalised(text) and not (
            question.isupper() or _is_first_word(question, start, end)
        )
        weak = is_common(name) and len(name.split()) < 3 and not standing_out
        return Mention(text, start, end, self._bearers(name, text), weak)

    def _bearers(self, name: str, text: str) -> tuple[Candidate, ...]:
        """The entities that have a folded name."""
        ranks: dict[int, int] = {}
        for number, rank in self.graph.names[name]:
            ranks[number] = min(rank, ranks.get(number, rank))
        found = sorted(
            (rank, self.graph.labels[number] != text, -self._degree(number), self.graph.entity(number))
            for number, rank in ranks.items()
        )
        return tuple(Candidate(entity, 1.0, _HOW[rank]) for rank, _, _, entity in found)

    def _degree(self, number: int) -> int:
        offsets = (self.graph.outward.offsets, self.graph.inward.offsets)
        return sum(int(offset[number + 1] - offset[number]) for offset in offsets)

    # Looser names ----------------------------------------------------------------------------

    @cached_property
    def _loose_names(self) -> LooseNames:
        return LooseNames.of(self.graph)

    @cached_property
    def _spellings(self) -> CloseSpellings:
        return CloseSpellings.of(self.graph)

    @cached_property
    def _meanings(self) -> NearestNames | None:
        return NearestNames(self.graph, self.embed) if self.embed else None

    def _loose(self, question: str) -> Iterator[Mention]:
        for start, end in self._runs(question):
            candidates = self._loosely_named(question[start:end])
            if candidates:
                yield Mention(question[start:end], start, end, candidates)

    def _loosely_named(self, text: str) -> tuple[Candidate, ...]:
        loose, folded = loosen(text), fold_name(text)
        found: dict[str, tuple[bool, bool, int]] = {}
        for name in self._loose_names.search(text):
            for number, _ in self.graph.names[name]:
                key = (name != folded, loosen(name) != loose, -self._degree(number))
                entity = self.graph.entity(number)
                found[entity] = min(key, found.get(entity, key))
        ranked = sorted(found, key=lambda entity: (found[entity], entity))
        exact = self._bearers(folded, text) if folded in self.graph.names else ()
        whole = [Candidate(e, 0.99, "loose") for e in ranked if found[e][:2] == (True, False)]
        parts = (Candidate(e, self._likeness(text, e), "part") for e in ranked if found[e][1])
        return (*exact, *whole, *islice((p for p in parts if p.score >= LEAST_PART), self.parts))

    def _likeness(self, text: str, entity: str) -> float:
        return fuzz.ratio(fold_name(text), fold_name(self.graph.label(entity) or entity)) / 100

    def _close(self, question: str) -> list[Mention]:
        runs = self._runs(question, ARTICLES)
        return _without_overlap(
            mention
            for start, end in runs
            for mention in self._spelled(question, start, end, self.spelling_likeness)
        )

    def _misspelt(self, question: str, exact: Sequence[Mention]) -> Iterator[Mention]:
        """Names that the question nearly spells, though it spells others exactly.

        From capital to capital if it has any; else names of several words, where none is exact.
        """
        runs = list(_capitalised_runs(question))
        if not runs and not any(" " in mention.text for mention in exact):
            runs = [run for run in self._runs(question) if " " in question[slice(*run)]]
        for start, end in runs:
            if not any(mention.start <= start and end <= mention.end for mention in exact):
                yield from self._spelled(question, start, end, LEAST_MISSPELT)

    def _runs(self, question: str, openers: Container[str] = ()) -> Iterator[tuple[int, int]]:
        """Runs of words to compare, of three characters or more.

        None ends with a common word, or begins with one that is not among `openers`.
        """
        spans = _words(question)
        for first, (start, first_end) in enumerate(spans):
            word = fold_name(question[start:first_end])
            if is_common(word) and word not in openers:
                continue
            for last_start, end in spans[first : first + self.words]:
                if end - start >= 3 and not is_common(fold_name(question[last_start:end])):
                    yield start, end

    def _spelled(self, question: str, start: int, end: int, least: float) -> Iterator[Mention]:
        text = question[start:end]
        candidates: dict[str, Candidate] = {}
        for name, likeness in self._spellings.search(text, least):
            for candidate in self._bearers(name, text):
                candidates.setdefault(candidate.entity, Candidate(candidate.entity, likeness, "spelling"))
        if candidates:
            yield Mention(text, start, end, tuple(candidates.values()))

    def _near(self, question: str) -> list[Mention]:
        found = self._meanings.search(question, self.meaning_likeness) if self._meanings else []
        candidates = tuple(Candidate(entity, cosine, "meaning") for entity, cosine in found)
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
            few = text.count(" ") < LONGEST_MISSPELT
            if few and _is_capitalised(text) and not _is_first_word(question, start, end):
                yield start, end


def _is_capitalised(text: str) -> bool:
    return any(word[0].isupper() and len(word) > 1 for word in text.split())


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
    partial = mention.best.how == "part"
    likeness = mention.best.score if mention.best.how in ("spelling", "meaning") else 1.0
    return (mention.weak, -likeness * math.sqrt(length), partial, -len(mention.candidates), mention.start)
