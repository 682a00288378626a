"""Caches on disk, as wrappers of a linker and of a finder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, reduce
from pathlib import Path
from typing import Any, cast

from kgqa.answer import Answer, Calibration
from kgqa.constraint import Constraint
from kgqa.decode import Hypothesis
from kgqa.errors import ConstraintError, KgqaError
from kgqa.finders import ChainSpace, Finder, Found, LinkedQuestion
from kgqa.graph import IndexedGraph
from kgqa.linking import EntityCandidate, Linker, Mention
from kgqa.lm import Relevance
from kgqa.pipeline.description import described
from kgqa.pipeline.stage_cache import StageCache, digest

__all__ = ["CachedFinder", "CachedLinker", "restore", "store"]


@dataclass(frozen=True, eq=False)
class CachedLinker:
    """A `Linker` whose mentions are kept on disk, by graph and question."""

    linker: Linker
    folder: Path
    code: str = ""

    def link(self, question: str, graph: IndexedGraph) -> list[Mention]:
        """The mentions; see `Linker.link`. Raises `CacheError` where the folder cannot be used."""
        key = digest([graph.checksum, question])
        if (kept := _mentions(self._cache.get(key))) is not None:
            return kept
        found = self.linker.link(question, graph)
        self._cache.put(key, {"mentions": [asdict(mention) for mention in found]})
        return found

    def describe(self) -> object:
        """That of the linker: a cache decides nothing."""
        return described(self.linker)

    @cached_property
    def _cache(self) -> StageCache:
        return StageCache(self.folder, "linked", {"linker": described(self.linker), "code": self.code})


@dataclass(frozen=True, eq=False)
class CachedFinder(Finder):
    """A `Finder` whose hypotheses are kept on disk, by graph, kind of chains and question.

    A batch of questions is taken from the cache as a whole or not at all, because the last digits of a score
    may depend on the other questions of the batch.
    """

    finder: Finder
    folder: Path
    code: str = ""

    def find(self, questions: Sequence[LinkedQuestion], space: ChainSpace) -> list[Found | KgqaError]:
        """What was found before, else what the finder finds now. Raises `CacheError`."""
        cache, keys = self._cache, self._keys(questions, space)
        kept = [self._restored(cache.get(key), one, space) for key, one in zip(keys, questions, strict=True)]
        whole = [one for one in kept if one is not None]
        if len(whole) == len(kept):
            return list(whole)
        found = self.finder.find(questions, space)
        for key, one in zip(keys, found, strict=True):
            if isinstance(one, Found):
                cache.put(key, _stored(one))
            else:
                cache.put(key, {"error": type(one).__name__})
        return found

    def count_kept(self, questions: Sequence[LinkedQuestion], space: ChainSpace) -> int:
        """How many of these questions, found together, are in the cache."""
        return sum(key in self._cache for key in self._keys(questions, space))

    def constraint(self, question: LinkedQuestion, space: ChainSpace) -> Constraint:
        """That of the finder."""
        return self.finder.constraint(question, space)

    def texts(self, hypotheses: Sequence[Hypothesis], space: ChainSpace) -> list[str]:
        """Those of the finder."""
        return self.finder.texts(hypotheses, space)

    @property
    def writes_programs(self) -> bool:
        """Whether the finder does."""
        return self.finder.writes_programs

    def calibration(self, space: ChainSpace) -> Calibration | None:
        """That of the finder."""
        return self.finder.calibration(space)

    def confidence_limit(
        self, question: LinkedQuestion, answer: Answer, hypotheses: Sequence[Hypothesis], space: ChainSpace
    ) -> float:
        """That of the finder."""
        return self.finder.confidence_limit(question, answer, hypotheses, space)

    def similarity(self, question: LinkedQuestion, answer: Answer, space: ChainSpace) -> float | None:
        """That of the finder."""
        return self.finder.similarity(question, answer, space)

    def relevance(self, space: ChainSpace) -> Relevance | None:
        """That of the finder."""
        return self.finder.relevance(space)

    def describe(self) -> object:
        """That of the finder: a cache decides nothing."""
        return described(self.finder)

    def _keys(self, questions: Sequence[LinkedQuestion], space: ChainSpace) -> list[str]:
        chains = (space.grammar, space.hops, space.inverse, space.allow_return, described(space.filters))
        asked = (
            [one.question, list(one.topics), *([] if one.mentioned is None else [repr(one.mentioned)])]
            for one in questions
        )
        together = digest([space.graph.checksum, *chains, *asked])
        return [digest([together, at]) for at in range(len(questions))]

    def _restored(
        self, kept: Mapping[str, object] | None, question: LinkedQuestion, space: ChainSpace
    ) -> Found | KgqaError | None:
        """What was found before; `None` where nothing was kept, or where it does not fit."""
        match kept:
            case {"error": str()}:
                try:
                    self.finder.constraint(question, space)
                except KgqaError as error:
                    return error
                return None
            case {
                "hypotheses": [*hypotheses],
                "seconds": int() | float() as seconds,
                "passes": int(passes),
                "tokens": int(tokens),
            }:
                try:
                    constraint = self.finder.constraint(question, space)
                    found = [restore(one, constraint) for one in hypotheses]
                except (ValueError, ConstraintError):
                    return None
                return Found(found, float(seconds), passes, tokens)
        return None

    @cached_property
    def _cache(self) -> StageCache:
        return StageCache(self.folder, "found", {"finder": described(self.finder), "code": self.code})


def _stored(found: Found) -> dict[str, object]:
    return {
        "hypotheses": [store(hypothesis) for hypothesis in found.hypotheses],
        "seconds": found.seconds,
        "passes": found.passes,
        "tokens": found.tokens,
    }


def _mentions(kept: Mapping[str, Any] | None) -> list[Mention] | None:
    """The mentions that were kept; `None` where none can be read."""
    match kept:
        case {"mentions": [*mentions]}:
            try:
                return [
                    Mention(**{**one, "candidates": tuple(EntityCandidate(**c) for c in one["candidates"])})
                    for one in mentions
                ]
            except (TypeError, KeyError):
                return None
    return None


def store(hypothesis: Hypothesis) -> list[object]:
    """Tokens, log-probability, score, `proven`, logarithm of the weight, `exact`.

    Chains and ends are not among them: they follow from the tokens and are as many as the graph has.
    """
    h = hypothesis
    return [list(h.tokens), h.log_probability, h.score, h.proven, h.log_weight, h.exact]


def restore(value: object, constraint: Constraint) -> Hypothesis:
    """The hypothesis that `store` wrote, to the last bit, over the constraint it was found in.

    Raises `ConstraintError` for tokens that the constraint has no text of, `ValueError` for anything
    that `store` did not write.
    """
    match value:
        case [
            [*_] as ids,
            int() | float() as log_probability,
            int() | float() as score,
            bool(proven),
            int() | float() as weight,
            bool(exact),
        ] if all(type(token) is int for token in ids):
            tokens = cast("list[int]", ids)
            state = reduce(constraint.advance, tokens, constraint.start)
            if not constraint.accepts(state):
                raise ConstraintError(f"the tokens {tokens} are no whole text")
            return Hypothesis(tuple(tokens), log_probability, state, constraint, score, proven, weight, exact)
    raise ValueError(f"no hypothesis: {str(value)[:80]}")
