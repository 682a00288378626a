"""Whether `kgqa diff` finds exactly the answers that an edit changes, and how few questions it asks for that.

Edits of the atlas or of MetaQA are drawn at random: facts are added, removed and changed, entities renamed,
made ambiguous, added and removed, a relation renamed; most of them near facts that prove answers, so that
answers change. Each edited graph is asked every question by a full run, and that is compared with what the
diff finds.
Writes a table a graph into eval/results/diff.md.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that a clone needs no installation

from kgqa.datasets import Question, load_questions
from kgqa.datasets import part as part_of
from kgqa.diff import AnswerDiff, GivenAnswer, GraphDiff, ModelMemory
from kgqa.graph import (
    GraphBuilder,
    IndexedGraph,
    Name,
    Node,
    NodeKind,
    RelationName,
    Statement,
    Triple,
    add_facts,
    open_graph,
    remove_facts,
    save_index,
)
from kgqa.lm import load_language_model
from kgqa.pipeline import Answerer, Query
from kgqa.pipeline.settings import ASK_MIN_CONFIDENCE

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "eval" / "results" / "diff.md"
ROWS = ROOT / "eval" / "results" / "diff.json"
BATCH = 8


@dataclass(frozen=True)
class Edit:
    """What is done to a graph: facts and names are added, facts removed, identifiers or labels replaced."""

    added: tuple[Statement, ...] = ()
    removed: frozenset[Triple] = frozenset()
    entities: dict[str, str] = field(default_factory=dict)
    relations: dict[str, str] = field(default_factory=dict)
    is_small: bool = True


@dataclass(frozen=True, eq=False)
class Source:
    """A graph to edit, with facts that prove answers to its questions; `labels`: it has labels."""

    graph: IndexedGraph
    facts: list[Triple]
    near: list[Triple]
    labels: bool

    def entity(self, chance: random.Random) -> str:
        """A resource near answers."""
        ends = [end for fact in self.near for end in (fact.head, fact.tail)]
        named = [one for one in ends if self.graph.kind(one) is NodeKind.RESOURCE and self.graph.label(one)]
        return chance.choice(named)


def add_near(source: Source, chance: random.Random) -> Edit:
    """One fact added to an entity of a proof."""
    fact = chance.choice(source.near)
    same = [other.tail for other in source.facts if other.relation == fact.relation]
    return Edit((Triple(fact.head, fact.relation, chance.choice(same)),))


def add_anywhere(source: Source, chance: random.Random) -> Edit:
    """Five facts added between entities that have such facts."""
    added = []
    for one in chance.sample(source.facts, 5):
        same = [other.tail for other in source.facts if other.relation == one.relation]
        added.append(Triple(one.head, one.relation, chance.choice(same)))
    return Edit(tuple(added))


def add_strange(source: Source, chance: random.Random) -> Edit:
    """One fact added between entities that have no such facts."""
    one, other = chance.choice(source.facts), chance.choice(source.facts)
    return Edit((Triple(one.head, chance.choice(source.near).relation, other.tail),))


def remove(source: Source, chance: random.Random) -> Edit:
    """A fact of a proof removed, and four anywhere."""
    return Edit(removed=frozenset([chance.choice(source.near), *chance.sample(source.facts, 4)]))


def change_tail(source: Source, chance: random.Random) -> Edit:
    """Another tail for a fact of a proof."""
    fact = chance.choice(source.near)
    same = [other.tail for other in source.facts if other.relation == fact.relation]
    return Edit((Triple(fact.head, fact.relation, chance.choice(same)),), frozenset([fact]))


def rename_entity(source: Source, chance: random.Random) -> Edit:
    """An entity of a proof renamed."""
    entity = source.entity(chance)
    return Edit(entities={entity: f"{source.graph.label(entity)} the Second"})


def add_namesake(source: Source, chance: random.Random) -> Edit:
    """A new entity of the name of one of a proof."""
    entity, other = source.entity(chance), chance.choice(source.facts)
    name = source.graph.label(entity) or entity
    return Edit((Triple("new:1", other.relation, other.tail), Name("new:1", name)))


def add_alias(source: Source, chance: random.Random) -> Edit:
    """An alias that is the name of another entity."""
    entity, other = source.entity(chance), source.entity(chance)
    return Edit((Name(entity, source.graph.label(other) or other, alias=True),))


def add_entity(source: Source, chance: random.Random) -> Edit:
    """A new entity with the facts of another one."""
    entity = source.entity(chance)
    copied = [Triple("new:2", one.relation, one.tail) for one in source.facts if one.head == entity]
    copied += [Triple(one.head, one.relation, "new:2") for one in source.facts if one.tail == entity][:3]
    return Edit((*copied, Name("new:2", "Zebulon Quince")))


def rename_relation(source: Source, chance: random.Random) -> Edit:
    """A relation renamed."""
    relation = chance.choice(source.near).relation
    return Edit(relations={relation: f"{source.graph.relation_label(relation)} indeed"}, is_small=False)


KINDS: tuple[Callable[[Source, random.Random], Edit], ...] = (
    add_near,
    add_anywhere,
    add_strange,
    remove,
    change_tail,
    rename_entity,
    add_namesake,
    add_alias,
    add_entity,
    rename_relation,
)


def _said(kind: Callable[[Source, random.Random], Edit]) -> str:
    text = (kind.__doc__ or "").rstrip(".")
    return text[:1].lower() + text[1:]


def rebuilt(source: Source, edit: Edit) -> IndexedGraph:
    """The edited graph, built anew."""
    graph = source.graph
    swap = {} if source.labels else edit.entities
    steps = {} if source.labels else edit.relations

    def statements() -> Iterator[Statement]:
        for number in range(graph.entity_count):
            entity = graph.entity(number)
            own = swap.get(entity, entity)
            yield Node(own, graph.kind(entity))
            label = edit.entities.get(entity) or graph.label(entity)
            if label is not None:
                yield Name(own, label)
            yield from (Name(own, alias, alias=True) for alias in graph.alias_texts(entity))
        for relation in map(graph.relation, range(graph.relation_count)):
            label = edit.relations.get(relation) or graph.relation_label(relation)
            yield RelationName(steps.get(relation, relation), label)
        for head, relation, tail in graph:
            if (head, relation, tail) not in edit.removed:
                yield Triple(swap.get(head, head), steps.get(relation, relation), swap.get(tail, tail))
        yield from edit.added

    return GraphBuilder.of(statements())


def updated(index: Path, folder: Path, edit: Edit) -> IndexedGraph:
    """The edited graph, as an update of an index."""
    shutil.copytree(index, folder)
    add_facts(folder, edit.added)
    remove_facts(folder, edit.removed)
    return open_graph(folder)


def query(question: Question) -> Query:
    """How a question is asked: of the atlas, about half without topics, which the linker then finds."""
    named = question.id.startswith("metaqa") or sum(question.id.encode()) % 2
    return Query(question.question, (question.topic_ids or question.topic_entities) if named else ())


def full_run(answerer: Answerer, questions: Sequence[Question]) -> list[Any]:
    """The answers of asking everything."""
    queries = list(map(query, questions))
    return [GivenAnswer.of(outcome, answerer.graph).said for outcome in answerer.run(queries, BATCH)]


def near_facts(answerer: Answerer, questions: Sequence[Question]) -> list[Triple]:
    """Facts that prove answers."""
    queries = list(map(query, questions))
    answers = [GivenAnswer.of(outcome, answerer.graph) for outcome in answerer.run(queries, BATCH)]
    return sorted({fact for answer in answers for fact in answer.facts[:5]})


def measure(name: str, data: Path | None, count: int, edits: int, seed: int) -> list[dict[str, Any]]:
    """A row for each edit of a graph."""
    chance = random.Random(seed)
    if name == "metaqa":
        assert data is not None
        graph = open_graph(data / "metaqa/kb.tsv.gz")
        files = [data / f"metaqa/questions_{hops}hop.jsonl.gz" for hops in (1, 2, 3)]
    else:
        graph = open_graph("atlas")
        files = [ROOT / "data/atlas/dev.jsonl", ROOT / "data/atlas/operators_dev.jsonl"]
    pools = [list(load_questions(file)) for file in files]
    if name == "metaqa":
        pools = [[one for one in pool if part_of(one.id) == "dev"] for pool in pools]
    share = count // len(pools)
    questions = [one for pool in pools for one in chance.sample(pool, min(share, len(pool)))]
    model = load_language_model()

    def answerer(over: IndexedGraph) -> Answerer:
        return Answerer(over, model, "auto", min_confidence=ASK_MIN_CONFIDENCE)

    old = answerer(graph)
    full_run(old, questions[:BATCH])
    before = full_run(old, questions)
    source = Source(graph, list(graph), near_facts(old, questions), name == "atlas")
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        save_index(graph, work / "index")
        AnswerDiff.of(old, old, questions, ModelMemory(work / "said.sqlite"), batch_size=BATCH, query=query)
        for at in range(edits):
            kind = KINDS[at % len(KINDS)]
            edit = kind(source, chance)
            as_update = at // len(KINDS) % 2 == 1 and not edit.entities and not edit.relations
            made = updated(work / "index", work / f"{at}", edit) if as_update else rebuilt(source, edit)
            new = answerer(made)
            full_run(new, questions[:1])  # opens the tables of the graph
            shutil.copy(work / "said.sqlite", work / f"{at}.sqlite")
            memory = ModelMemory(work / f"{at}.sqlite")
            began = time.perf_counter()
            graphs = GraphDiff.of(graph, made)
            compared = time.perf_counter()
            found = AnswerDiff.of(old, new, questions, memory, batch_size=BATCH, query=query, graphs=graphs)
            ended = time.perf_counter()
            now = full_run(new, questions)
            whole = time.perf_counter() - ended
            changed = {one.id for one, a, b in zip(questions, before, now, strict=True) if a != b}
            given = {one.question.id for one in found.changes if one.is_changed}
            rows.append(
                {
                    "graph": name,
                    "edit": _said(kind) + " (update)" * as_update,
                    "small": edit.is_small,
                    "facts": [len(graphs.added), len(graphs.removed)],
                    "questions": len(questions),
                    "asked_old": found.asked_old,
                    "asked": found.asked_new,
                    "changed": len(changed),
                    "found": len(given),
                    "missed": sorted(changed - given),
                    "false": sorted(given - changed),
                    "seconds": [round(one, 2) for one in (compared - began, ended - compared, whole)],
                }
            )
            print(json.dumps(rows[-1]), flush=True)
            shutil.rmtree(work / f"{at}", ignore_errors=True)
    return rows


def write(rows: Sequence[dict[str, Any]]) -> None:
    """The page with a table for each graph."""
    lines = [
        "# Answers that `kgqa diff` finds changed",
        "",
        "Random edits, most of them near facts that prove answers. *Changed*: questions whose answers differ",
        "between full runs over both graphs; *found*: those that `kgqa diff` names; *asked*: those that it",
        "asked of the new graph. Ten kinds of edits in turn; those of the second turn update the index where",
        "they can, all others build it anew. MetaQA's questions are from its development part, a third each",
        "of one, two and three hops, with their topics. The atlas' are half from `data/atlas/dev.jsonl`",
        "(paths) and half from `data/atlas/operators_dev.jsonl` (operators); about half of them are asked",
        "without their topics, which are then found in the text.",
    ]
    for name in dict.fromkeys(row["graph"] for row in rows):
        lines += _section(name, [row for row in rows if row["graph"] == name])
    RESULTS.write_text("\n".join(lines) + "\n", "utf-8")


def _section(name: str, rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    count = rows[0]["questions"]
    yield from ("", f"## {name}, {count} questions, {len(rows)} edits", "")
    yield from (f"Made by `{rows[0]['command']}`.", "")
    yield "| edit | facts + | facts - | changed | found | missed | false | asked |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|"
    for row in rows:
        facts = f"{row['facts'][0]:,} | {row['facts'][1]:,}"
        wrong = f"{len(row['missed'])} | {len(row['false'])}"
        yield f"| {row['edit']} | {facts} | {row['changed']} | {row['found']} | {wrong} | {row['asked']} |"
    small = [row for row in rows if row["small"]]
    asked, most = sum(row["asked"] for row in small), max(row["asked"] for row in small)
    changed = sum(row["changed"] for row in rows)
    missed, others = (sum(len(row[part]) for row in rows) for part in ("missed", "false"))
    seconds = [sum(row["seconds"][part] for row in rows) / len(rows) for part in range(3)]
    yield from (
        "",
        f"All: {changed} changed answers, {missed} missed, {others} false. Of small edits (all but a renamed",
        f"relation), {100 * asked / (count * len(small)):.1f} % of the questions were asked, at most "
        f"{100 * most / count:.1f} %.",
        f"Comparing the graphs took {seconds[0]:.2f} s, the questions of both graphs {seconds[1]:.1f} s,",
        f"a full run over the new graph alone {seconds[2]:.1f} s (means, on two busy cores).",
        "What the model said of the old graph was kept before that.",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?", help="folder with MetaQA")
    parser.add_argument("--graph", choices=("atlas", "metaqa"), help="only this graph")
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--edits", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    names = [arguments.graph] if arguments.graph else ["atlas", *(["metaqa"] if arguments.data else [])]
    known = json.loads(ROWS.read_text("utf-8")) if ROWS.is_file() else []
    rows = [row for row in known if row["graph"] not in names]
    for name in names:
        new = measure(name, arguments.data, arguments.questions, arguments.edits, arguments.seed)
        size = f"--questions {arguments.questions} --edits {arguments.edits} --seed {arguments.seed}"
        rows += [{**row, "command": f"scripts/measure_diff.py DATA --graph {name} {size}"} for row in new]
    rows.sort(key=lambda row: str(row["graph"]))
    ROWS.write_text(json.dumps(rows, indent=0) + "\n", "utf-8")
    write(rows)


if __name__ == "__main__":
    main()
