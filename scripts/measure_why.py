"""How often `kgqa why` names the stage at which a planted failure was planted.

Questions of the atlas and, with a data folder, of MetaQA that are answered rightly are made to fail in eleven
ways: the graph, a setting, the search or a judge is changed. Whether a chain was decoded at all is looked up
in the hypotheses. Prints a line for each wrong diagnosis and writes eval/results/why.md.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that a clone needs no installation

from kgqa.answer import Answer, GraphVote
from kgqa.constraint import Without
from kgqa.datasets import Question, load_questions
from kgqa.decode import BeamSearch, Hypothesis
from kgqa.diagnosis import Cause, Diagnosis, Explainer
from kgqa.errors import KgqaError
from kgqa.finders import ModelFinder
from kgqa.graph import (
    GraphBuilder,
    IndexedGraph,
    Name,
    Node,
    RelationName,
    Triple,
    fold_name,
    open_graph,
)
from kgqa.lm import load_language_model
from kgqa.pipeline import Answerer, Query

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "eval" / "results" / "why.md"
NONSENSE = "Vrqzolk"
TRIES = 100
"""Questions that are tried for a failure, before those of another graph are."""


@dataclass(frozen=True)
class Asked:
    """A question that is answered rightly, by a relation path from its only topic."""

    question: Question
    topic: str
    answers: tuple[str, ...]
    best: Hypothesis
    answerer: Answerer

    @property
    def graph(self) -> IndexedGraph:
        return self.answerer.graph

    @property
    def relations(self) -> list[str]:
        return [hop.relation for hop in self.best.chain.hops]


@dataclass(frozen=True)
class Planted:
    """An answerer that fails, how the question is asked of it, and what is expected."""

    answerer: Answerer
    expected: tuple[str, ...]
    causes: tuple[Cause, ...]
    topics: tuple[str, ...] = ()


@dataclass(frozen=True)
class Disturbed:
    """A judge that takes 40 nats from the hypotheses of one text."""

    tokens: tuple[int, ...]

    def prepare(self, question: str, topics: Sequence[str]) -> None:
        """Nothing is batched."""

    def rank(
        self, _question: str, _topics: Sequence[str], hypotheses: Sequence[Hypothesis], _graph: IndexedGraph
    ) -> list[Hypothesis]:
        found = [h.rescored(h.score - 40.0 * (h.tokens == self.tokens)) for h in hypotheses]
        return sorted(found, key=lambda h: h.rank)


@dataclass(frozen=True)
class Backwards:
    """An aggregator that puts the last entity of the best answer in front."""

    keeps_ranking = False
    votes_on = "chains"

    def aggregate(self, question: str, hypotheses: Sequence[Hypothesis], graph: IndexedGraph) -> Answer:
        answer = GraphVote().aggregate(question, hypotheses, graph)
        return replace(answer, entities=answer.entities[::-1])


def edited(
    graph: IndexedGraph,
    renamed: Mapping[str, str] | None = None,
    gone: frozenset[Triple] = frozenset(),
    relations: Mapping[str, str] | None = None,
) -> IndexedGraph:
    """A graph with other names of some entities and relations, and without some facts."""
    renamed, relations = renamed or {}, relations or {}

    def statements() -> Iterator[Triple | Name | Node | RelationName]:
        for number in range(graph.entity_count):
            entity = graph.entity(number)
            yield Node(entity, graph.kind(entity))
            if (label := renamed.get(entity) or graph.label(entity)) is not None:
                yield Name(entity, label)
            if entity not in renamed:
                yield from (Name(entity, alias, alias=True) for alias in graph.alias_texts(entity))
        for relation in map(graph.relation, range(graph.relation_count)):
            yield RelationName(relation, relations.get(relation) or graph.relation_label(relation))
        yield from (triple for triple in graph if triple not in gone)

    return GraphBuilder.of(statements())


def topic_renamed(asked: Asked, _chance: random.Random) -> Planted:
    """The graph calls the topic by a name that the question does not use."""
    graph = _opaque(asked.graph, {asked.topic: NONSENSE})
    return Planted(asked.answerer.over(graph), asked.answers, (Cause.TOPIC,))


def topic_ambiguous(asked: Asked, chance: random.Random) -> Planted:
    """Another entity with facts of the same relation has the name of the topic."""
    graph, hop = asked.graph, asked.best.chain.hops[0]
    facts = list(graph.match(relation=hop.relation))
    others = [fact.tail if hop.inverse else fact.head for fact in facts]
    other = chance.choice([one for one in others if one != asked.topic])
    graph = _opaque(graph, {other: graph.label(asked.topic) or ""})
    return Planted(asked.answerer.over(graph), asked.answers, (Cause.TOPIC,))


def fact_removed(asked: Asked, _chance: random.Random) -> Planted:
    """The graph lacks the last facts of all chains to the answers."""
    gone = {one.triples[-1] for end in asked.best.ends for one in asked.best.chains(end)}
    return Planted(
        asked.answerer.over(edited(asked.graph, gone=frozenset(gone))), asked.answers, (Cause.NO_CHAIN,)
    )


def answer_renamed(asked: Asked, _chance: random.Random) -> Planted:
    """The graph calls the answers otherwise."""
    names = {entity: f"{NONSENSE} {n}" for n, entity in enumerate(asked.best.ends)}
    return Planted(asked.answerer.over(_opaque(asked.graph, names)), asked.answers, (Cause.UNKNOWN,))


def relation_renamed(asked: Asked, _chance: random.Random) -> Planted:
    """The relations of the path have codes for names."""
    names = {relation: f"P{57 + n}" for n, relation in enumerate(asked.relations)}
    graph = edited(asked.graph, relations=names)
    return Planted(asked.answerer.over(graph), asked.answers, (Cause.NOT_DECODED, Cause.RANKED_LOW))


def beam_narrowed(asked: Asked, _chance: random.Random) -> Planted:
    """The search keeps one beam."""
    finder = replace(_finder(asked), decoder=BeamSearch(1))
    return Planted(
        replace(asked.answerer, finder=finder), asked.answers, (Cause.NOT_DECODED, Cause.RANKED_LOW)
    )


def judge_disturbed(asked: Asked, _chance: random.Random) -> Planted:
    """A judge puts the right path behind the others."""
    finder = _finder(asked)
    rankers = (*finder.rankers_for(asked.answerer.space), Disturbed(asked.best.tokens))
    answerer = replace(asked.answerer, finder=replace(finder, rankers=rankers))
    return Planted(answerer, asked.answers, (Cause.RANKED_LOW,))


def relation_filtered(asked: Asked, _chance: random.Random) -> Planted:
    """A filter leaves out the last relation."""
    keeps_out = Without(relations={asked.relations[-1]})
    return Planted(replace(asked.answerer, filters=(keeps_out,)), asked.answers, (Cause.FILTERED,))


def hops_too_few(asked: Asked, _chance: random.Random) -> Planted:
    """Chains may have one hop fewer than the right one, or no inverse step."""
    few = len(asked.relations) - 1
    changed = {"hops": few} if few else {"inverse": False}
    return Planted(replace(asked.answerer, **changed), asked.answers, (Cause.FILTERED,))


def unsure(asked: Asked, _chance: random.Random) -> Planted:
    """The bound of the confidence is higher than any confidence."""
    return Planted(replace(asked.answerer, min_confidence=0.9999), asked.answers, (Cause.CONFIDENCE,))


def order_reversed(asked: Asked, _chance: random.Random) -> Planted:
    """The aggregator puts another entity of the right path in front."""
    last = list(GraphVote().aggregate(asked.question.question, [asked.best], asked.graph).entities)[-1]
    expected = tuple(name for name in asked.answers if name != asked.graph.label(last.entity))
    return Planted(replace(asked.answerer, aggregator=Backwards()), expected, (Cause.NOT_FIRST,))


PLANTS: tuple[Callable[[Asked, random.Random], Planted], ...] = (
    topic_renamed,
    topic_ambiguous,
    fact_removed,
    answer_renamed,
    relation_renamed,
    beam_narrowed,
    judge_disturbed,
    relation_filtered,
    hops_too_few,
    unsure,
    order_reversed,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?", help="folder with MetaQA")
    parser.add_argument("--each", type=int, default=5, help="failures of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--part", default="test", help="part of the atlas' questions")
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    model = load_language_model()
    pools = [
        (
            Answerer(open_graph("atlas"), model),
            _questions([ROOT / f"data/atlas/{arguments.part}.jsonl"], chance),
        )
    ]
    if arguments.data is not None:
        files = [arguments.data / f"metaqa/questions_{n}hop.jsonl.gz" for n in (1, 2, 3)]
        graph = open_graph(arguments.data / "metaqa/kb.tsv.gz")
        pools.append((Answerer(graph, model), _questions(files, chance)))
    rows = []
    for plant in PLANTS:
        right = wrong = 0
        for at in range(arguments.each):
            turns = [*pools[at % len(pools) :], *pools[: at % len(pools)]]
            tried = (
                _failures(plant, answerer, islice(questions, TRIES), chance) for answerer, questions in turns
            )
            failure = next(chain.from_iterable(tried), None)
            if failure is None:
                continue
            asked, planted, found = failure
            right += found.cause in planted.causes
            if found.cause not in planted.causes:
                wrong += 1
                print(f"{plant.__name__}: {asked.question.question}\n{found.describe()}\n", flush=True)
        rows.append((plant, right, right + wrong))
        print(f"{plant.__name__}: {right} of {right + wrong}", flush=True)
    _write(rows, arguments.seed)


def _failures(
    plant: Callable[[Asked, random.Random], Planted],
    answerer: Answerer,
    questions: Iterator[Question],
    chance: random.Random,
) -> Iterator[tuple[Asked, Planted, Diagnosis]]:
    """Questions that are right before and wrong after something was planted, with their diagnoses."""
    for question in questions:
        asked = _answered(answerer, question)
        if asked is None or (plant is order_reversed and len(asked.answers) < 2):
            continue
        planted = plant(asked, chance)
        try:
            first = planted.answerer.answer(question.question, planted.topics).names[:1]
        except KgqaError:
            first = ()
        if plant is answer_renamed and any(map(planted.answerer.graph.find, planted.expected)):
            continue  # others have such a name
        if {fold_name(name) for name in first} & {fold_name(name) for name in planted.expected}:
            continue  # answered all the same
        yield (
            asked,
            planted,
            Explainer(planted.answerer).explain(question.question, planted.topics, planted.expected),
        )


def _answered(answerer: Answerer, question: Question) -> Asked | None:
    """The question with its best hypothesis, if that gives the gold answers from one topic in the text."""
    (outcome,) = answerer.run([Query(question.question)])
    if outcome.error is not None or len(outcome.topics) != 1 or not outcome.unwrap():
        return None
    best = outcome.hypotheses[0]
    names = {fold_name(answerer.graph.label(end) or end) for end in best.ends}
    if names != {fold_name(name) for name in question.answers}:
        return None
    return Asked(question, outcome.topics[0], tuple(question.answers), best, answerer)


def _opaque(graph: IndexedGraph, renamed: Mapping[str, str]) -> IndexedGraph:
    """The graph with other names, where identifiers that are names are replaced too."""
    ids = {
        old: f"id:{n}" for n, old in enumerate(renamed) if old in graph.find(old) and graph.label(old) == old
    }
    if not ids:
        return edited(graph, renamed)
    statements: list[Triple | Name] = [
        Triple(ids.get(head, head), relation, ids.get(tail, tail)) for head, relation, tail in graph
    ]
    statements += [Name(ids.get(old, old), new) for old, new in renamed.items()]
    return GraphBuilder.of(statements)


def _finder(asked: Asked) -> ModelFinder:
    finder = asked.answerer.hypothesis_finder
    assert isinstance(finder, ModelFinder)
    return finder


def _questions(files: Sequence[Path], chance: random.Random) -> Iterator[Question]:
    found = [question for file in files for question in load_questions(file)]
    chance.shuffle(found)
    return iter(found)


def _write(rows: Sequence[tuple[Callable[..., Planted], int, int]], seed: int) -> None:
    lines = [
        "# Stages that `kgqa why` names",
        "",
        "Failures planted in questions that are answered rightly; right is the stage that was disturbed.",
    ]
    lines += [
        f"Made by `scripts/measure_why.py DATA --seed {seed}`.",
        "",
        "| planted | failures | right |",
        "|---|---:|---:|",
    ]
    for plant, right, count in rows:
        said = (plant.__doc__ or "").rstrip(".")
        lines.append(f"| {said[:1].lower()}{said[1:]} | {count} | {right} |")
    lines.append(f"| all | {sum(n for _, _, n in rows)} | {sum(right for _, right, _ in rows)} |")
    RESULTS.write_text("\n".join(lines) + "\n", "utf-8")
    print("\n".join(lines[-3:]))


if __name__ == "__main__":
    main()
