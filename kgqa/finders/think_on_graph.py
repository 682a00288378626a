"""Hypotheses from an LLM that scores relations and entities: Think-on-Graph."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from kgqa.answer import LlmReport
from kgqa.constraint import Constraint, State, StepWalk
from kgqa.decode import Hypothesis
from kgqa.errors import UsageError, check_count
from kgqa.finders.protocol import Found
from kgqa.finders.scored_choice import ScoredChoice
from kgqa.finders.walking_finder import WalkingFinder
from kgqa.graph import clean_name

__all__ = ["UNNAMED", "ThinkOnGraph"]

UNNAMED = "UnName_Entity"
"""How ToG calls a node without a name."""


@dataclass(frozen=True)
class _Path:
    """A path so far: the constraint's state, tokens, log-score, the names of its triples, where it is.

    `back` is the step that would undo its last one.
    """

    state: State
    tokens: tuple[int, ...] = ()
    score: float = 0.0
    triples: tuple[tuple[str, str, str], ...] = ()
    here: str = UNNAMED
    back: int = -1


@dataclass(frozen=True)
class ThinkOnGraph(WalkingFinder):
    """Lets an LLM explore a graph as in "Think-on-Graph" (ToG, ICLR 2024).

    At each hop the LLM scores the relations of every entity where a path stands, of which the `width` best
    are kept, then the entities that each of them leads to; of `many` entities or more, `sampled` are drawn.
    A path's hop is worth the product of both scores. The `width` best paths with a score above 0 are kept.
    Then the LLM is asked whether the facts so far are enough; if not, the walk goes on. The hypotheses are
    all paths that were kept, at every hop.

    What differs: steps come from the constraint, so none is taken that is a dead end, and hops are counted
    over nodes without a name too; a single relation or entity is not asked about; replies are read more
    leniently (`relation_scores`).

    The score of a hypothesis is the logarithm of the product of its scores. Raises `UsageError` for settings
    out of range, and for chains that name no entities.

    >>> from kgqa import Answerer, GraphBuilder, Triple
    >>> from kgqa.chat import MockChatModel
    >>> facts = [Triple("Kismet", "directed_by", "William Dieterle"), Triple("Kismet", "in", "English")]
    >>> chat = MockChatModel(["1. {directed_by (Score: 1.0)}: it says who.", "{Yes}. It says so."])
    >>> answerer = Answerer(GraphBuilder.of(facts), ThinkOnGraph(chat), grammar="path")
    >>> answerer.answer("Who directed Kismet?").entities[0].entity
    'William Dieterle'
    """

    width: int = 3
    reply_tokens: int = 256
    many: int = 20
    sampled: int = 5
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("width", "reply_tokens", "many", "sampled"):
            check_count(getattr(self, name), name)

    def _walk(self, question: str, walk: StepWalk, constraint: Constraint) -> Found:
        """The paths that were kept at every hop, the best first."""
        asked = ScoredChoice(self.chat, question, self.width, self.reply_tokens)
        draw = random.Random(f"{self.seed} {question}")
        paths = list(_openings(walk, constraint))
        found: list[Hypothesis] = []
        while paths:
            grown = [one for path in paths for one in self._onward(asked, walk, constraint, path, draw)]
            best = sorted(grown, key=lambda one: (-one[0], one[1].tokens))[: self.width]
            paths = [path for worth, path in best if worth > 0]
            ends = (path for path in paths if constraint.accepts(path.state))
            found += [Hypothesis(path.tokens, path.score, path.state, constraint) for path in ends]
            facts = list(dict.fromkeys(triple for path in paths for triple in path.triples))
            if facts and any(len(constraint.allowed(path.state)) for path in paths) and asked.enough(facts):
                break
        ranked = sorted(dict.fromkeys(found), key=lambda hypothesis: hypothesis.rank)
        return Found(ranked, llm_report=LlmReport(self.chat.name, usage=asked.usage))

    def _onward(
        self, asked: ScoredChoice, walk: StepWalk, constraint: Constraint, path: _Path, draw: random.Random
    ) -> Iterator[tuple[float, _Path]]:
        """The paths that are one hop longer, each with what the hop is worth."""
        steps = [token for token in constraint.allowed(path.state).tolist() if token < walk.step_count]
        names: dict[str, int] = {}
        for step in steps:
            if step != path.back:
                names.setdefault(_relation(walk, step), step)  # along its triple first, as in ToG
        if not names:
            return
        scores = dict.fromkeys(names, 1.0) if len(names) == 1 else asked.relations(path.here, sorted(names))
        for name, score in scores.items():
            step = names[name]
            state = constraint.advance(path.state, step)
            reached = list(self._reached(walk, constraint, path, step, state, draw))
            shown = [one.here for one in reached]
            alike = len(shown) == 1 or set(shown) == {UNNAMED}
            shares = [1 / len(shown)] * len(shown) if alike else asked.entities(name, shown)
            for one, share in zip(reached, shares, strict=True):
                worth = score * share
                yield worth, _worth(one, worth)

    def _reached(
        self,
        walk: StepWalk,
        constraint: Constraint,
        path: _Path,
        step: int,
        state: State,
        draw: random.Random,
    ) -> Iterator[_Path]:
        """The paths behind a step, one for each entity, and one for all nodes without a name."""
        tokens = constraint.allowed(state).tolist()
        entities = [token for token in tokens if token >= walk.step_count]
        if len(entities) >= self.many:
            entities = sorted(draw.sample(entities, min(self.sampled, len(entities))))
        text, inverse = walk.step(step) or ("", False)
        for token in entities:
            name = _name(walk, token)
            triple = (name, text, path.here) if inverse else (path.here, text, name)
            yield _Path(
                constraint.advance(state, token),
                (*path.tokens, step, token),
                path.score,
                (*path.triples, triple),
                name,
                step ^ 1,
            )
        if any(token < walk.step_count for token in tokens):
            triple = (UNNAMED, text, path.here) if inverse else (path.here, text, UNNAMED)
            yield _Path(state, (*path.tokens, step), path.score, (*path.triples, triple), UNNAMED, step ^ 1)


def _openings(walk: StepWalk, constraint: Constraint) -> Iterator[_Path]:
    """The topics."""
    for token in constraint.allowed(constraint.start).tolist():
        if token < walk.step_count:
            raise UsageError("grammar: scores of entities need chains that name them; choose path")
        yield _Path(constraint.advance(constraint.start, token), (token,), here=_name(walk, token))


def _worth(path: _Path, worth: float) -> _Path:
    """The path with the score of its last hop."""
    gained = math.log(worth) if worth > 0 else -math.inf
    return replace(path, score=path.score + gained)


def _relation(walk: StepWalk, step: int) -> str:
    found = walk.step(step)
    return "" if found is None else found[0]


def _name(walk: StepWalk, token: int) -> str:
    entity = walk.entity(token)
    return clean_name(walk.graph.label(entity) or entity)
