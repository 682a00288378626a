"""A constraint whose tokens are whole steps and entities, for models that choose from a menu."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint.grammars.grammar import Grammar, NameChoices, Node
from kgqa.constraint.grammars.path_grammar import PathGrammar
from kgqa.constraint.grammars.relation_grammar import RelationGrammar
from kgqa.constraint.protocol import Constraint
from kgqa.constraint.tables.reach import Reach
from kgqa.counted import counted
from kgqa.errors import ConstraintError, NoChainError, UsageError, check_count, check_names
from kgqa.graph import Chain

__all__ = ["StepGrammar", "StepWalk"]

StepGrammar = Literal["relations", "path"]
"""Relation paths, or paths that name every entity on their way."""
_GRAMMARS: dict[StepGrammar, Callable[[Reach, tuple[int, ...], int, bool], Grammar]] = {
    "relations": RelationGrammar,
    "path": PathGrammar,
}


class StepWalk(Constraint):
    """A `Constraint` over steps and entities instead of text tokens; it needs no tokenizer.

    Token `s` below `step_count` is step `s` of `StepTexts`; `step_count + e` is entity number `e`,
    which stands at the start of a path and after each step that reaches it. Its chains are those of
    a `Walk`.
    """

    def __init__(self, reach: Reach, topics: Sequence[str], grammar: Grammar) -> None:
        check_names(topics, "topics")
        self.graph = reach.graph
        self._reach = reach
        self._topics = tuple(dict.fromkeys(topics))
        self._grammar = grammar
        self._allowed = lru_cache(maxsize=512)(self._find_allowed)

    @classmethod
    def over(
        cls,
        reach: Reach,
        topics: Sequence[str],
        grammar: StepGrammar = "relations",
        hops: int = 3,
        allow_return: bool = False,
    ) -> Self:
        """The chains of 1 to `hops` hops from `topics` (identifiers).

        Raises `UnknownEntityError` for an unknown topic, `NoChainError` when no chain leads from any,
        `UsageError` for fewer than one hop or another grammar.
        """
        check_names(topics, "topics")
        check_count(hops, "hops")
        if grammar not in _GRAMMARS:
            raise UsageError(f"grammar must be one of {', '.join(_GRAMMARS)}, not {grammar!r}")
        numbers = tuple(dict.fromkeys(reach.graph.entity_id(topic) for topic in topics))
        walk = cls(reach, topics, _GRAMMARS[grammar](reach, numbers, hops, allow_return))
        if not len(walk.allowed(walk.start)):
            listed = ", ".join(map(repr, topics)) or "no topic at all"
            raise NoChainError(f"there is no chain of at most {counted(hops, 'hop')} from {listed}")
        return walk

    @property
    def topics(self) -> tuple[str, ...]:
        """The entities that chains may start from."""
        return self._topics

    @property
    def start(self) -> Node:
        """The state before the first token."""
        return self._grammar.root

    @property
    def step_count(self) -> int:
        """The number of steps; tokens from here on are entities."""
        return self._reach.steps.count

    def allowed(self, state: Node) -> NDArray[np.int32]:
        """The tokens that may follow; see `Constraint.allowed`."""
        return self._allowed(state)

    def advance(self, state: Node, token: int) -> Node:
        """The state after one more token; see `Constraint.advance`."""
        allowed = self.allowed(state)
        at = int(allowed.searchsorted(token))
        if at == len(allowed) or allowed[at] != token:
            raise ConstraintError(f"token {token} is not allowed here; see Constraint.allowed")
        if token < self.step_count:
            return self._grammar.after_step(state, token)
        entity = token - self.step_count
        opened = (opening.node for opening in self._grammar.openings(state) if opening.entity == entity)
        return next(opened, None) or self._grammar.after_name(state, entity)

    def accepts(self, state: Node) -> bool:
        """Whether the text may end here."""
        return self._grammar.accepts(state)

    def ends(self, state: Node) -> Mapping[str, int]:
        """The entities that the chains end at; see `Constraint.ends`."""
        self._refuse_unfinished(state)
        found = self._grammar.ends(state).items()
        return dict(sorted((self.graph.entity(number), count) for number, count in found))

    def chains(self, state: Node, end: str | None = None) -> Iterator[Chain]:
        """The chains of an accepted state; see `Constraint.chains`."""
        self._refuse_unfinished(state)
        return self._grammar.chains(state, None if end is None else self.graph.entity_id(end))

    def step(self, token: int) -> tuple[str, bool] | None:
        """The text of a step's relation, and whether it is inverse; `None` for an entity."""
        if token >= self.step_count:
            return None
        return self._reach.steps.texts[token >> 1].strip(), bool(token & 1)

    def entity(self, token: int) -> str:
        """The entity of a token of at least `step_count`."""
        return self.graph.entity(token - self.step_count)

    def takes(self, entity: str, step: int) -> bool:
        """Whether an entity has a step."""
        return self._reach.takes(self.graph.entity_id(entity), step)

    def _find_allowed(self, state: Node) -> NDArray[np.int32]:
        names = self._grammar.names(state)
        entities = [opening.entity for opening in self._grammar.openings(state)]
        numbers = np.concatenate(
            [np.array(entities, dtype=np.int64), () if names is None else self._listed(names)]
        )
        found = np.concatenate([self._grammar.steps(state), numbers + self.step_count])
        allowed = np.unique(found).astype(np.int32)
        allowed.flags.writeable = False  # it is cached
        return allowed

    def _listed(self, names: NameChoices) -> NDArray[np.int64]:
        group, without, entities = names.named
        if group >= 0:
            rows = self._reach.rows
            entities = rows.targets[rows.starts[group] : rows.silent[group]]
        return np.setdiff1d(entities, without).astype(np.int64)

    def _refuse_unfinished(self, state: Node) -> None:
        if not self.accepts(state):
            raise ConstraintError("the text is no complete chain yet; see Constraint.accepts")
