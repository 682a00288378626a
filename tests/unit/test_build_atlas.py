"""The atlas: the shipped files are what its tables give, say what they should, and bad tables are refused."""

from __future__ import annotations

import runpy
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from kgqa.datasets import Question, load_questions
from kgqa.graph import GraphBuilder, IndexedGraph, NodeKind, Triple
from kgqa.graph.readers import read

REPOSITORY = Path(__file__).parents[2]
SCRIPT = REPOSITORY / "scripts" / "build_atlas.py"
SPLITS = ("train", "dev", "test")
RELATION_IRI = "https://kgqa.example/atlas/relation/"

main = runpy.run_path(str(SCRIPT))["main"]

FACTS = """\
# kind: Country
# symmetric: shares border with
label	capital	shares border with	founded #
Norway	Oslo	Sweden	1814
Sweden	Stockholm	Norway
"""
TEMPLATES = """\
path	split	template	kind
capital	train	What is the capital of {a}?	Country
shares border with / capital	test	Name the capitals next to {a}.	Country
"""


def small_atlas(root: Path, facts: str = FACTS, templates: str = TEMPLATES) -> tuple[Path, Path]:
    """A folder with one table of facts and one of templates; the two files."""
    tables = root / "graphs/atlas/source/countries.tsv", root / "data/atlas/source/geography.tsv"
    for path, text in zip(tables, (facts, templates), strict=True):
        path.parent.mkdir(parents=True)
        path.write_text(text, "utf-8")
    return tables


# Building ----------------------------------------------------------------------------------------


def test_the_builder_builds_anywhere_with_nothing_installed(tmp_path: Path) -> None:
    small_atlas(tmp_path)
    build = (
        f"import pathlib, runpy; runpy.run_path({str(SCRIPT)!r})['main']([], pathlib.Path({str(tmp_path)!r}))"
    )
    command = [sys.executable, "-I", "-S", "-c", build]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert main(["--check"], tmp_path) == 0


@pytest.mark.slow
def test_the_shipped_files_are_what_the_builder_builds(tmp_path: Path) -> None:
    command = [sys.executable, "-I", "-S", str(SCRIPT), "--check"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_check_writes_nothing_and_names_each_file_that_differs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small_atlas(tmp_path)
    assert main(["--check"], tmp_path) == 1
    built = [Path("graphs/atlas/atlas.ttl"), *(Path(f"data/atlas/{split}.jsonl") for split in SPLITS)]
    complaints = [f"{path} is not what the tables give: run scripts/build_atlas.py" for path in built]
    assert capsys.readouterr().err.splitlines() == complaints
    assert not any((tmp_path / path).exists() for path in built)

    assert main([], tmp_path) == 0
    assert main(["--check"], tmp_path) == 0
    with (tmp_path / built[2]).open("a", encoding="utf-8") as stream:
        stream.write("\n")
    capsys.readouterr()
    assert main(["--check"], tmp_path) == 1
    assert capsys.readouterr().err.splitlines() == complaints[2:3]


def test_a_small_atlas_gives_the_graph_and_the_questions_of_its_tables(tmp_path: Path) -> None:
    small_atlas(tmp_path)
    assert main([], tmp_path) == 0
    graph = GraphBuilder.of(read(tmp_path / "graphs/atlas/atlas.ttl"))
    assert labeled_facts(graph) == {
        ("Norway", "capital", "Oslo"),
        ("Norway", "shares border with", "Sweden"),
        ("Norway", "founded", "1814"),
        ("Sweden", "capital", "Stockholm"),
        ("Sweden", "shares border with", "Norway"),
    }
    asked = {q.question: q.answers for q in load_questions(tmp_path / "data/atlas/test.jsonl")}
    assert asked == {
        "Name the capitals next to Norway.": ("Stockholm",),
        "Name the capitals next to Sweden.": ("Oslo",),
    }


# Tables that contradict themselves ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "line", "complaint"),
    [
        pytest.param(FACTS + "Norway\n", 6, "second row for 'Norway' in this table", id="row"),
        pytest.param(
            FACTS + "Denmark	Copenhagen; Copenhagen\n", 6, "capital 'Copenhagen' was said at", id="fact"
        ),
        pytest.param(FACTS + "Denmark				Danmark\n", 6, "5 cells for 4 columns", id="cells"),
        pytest.param(FACTS + "	Copenhagen\n", 6, "nothing in the column 'label'", id="label"),
        pytest.param(
            FACTS + "Georgia | country	Tbilisi\nAtlantis	Georgia\n",
            7,
            "'Georgia' is ambiguous: write `Georgia | country`",
            id="ambiguous name",
        ),
        pytest.param(
            FACTS + "Denmark	Copenhagen	Sweden\n",
            6,
            "'Denmark' shares border with 'Sweden', but not the other way round",
            id="one-sided symmetric relation",
        ),
        pytest.param(FACTS + "Monaco	Monaco\n", 6, "'Monaco' is related to itself", id="self-loop"),
    ],
)
def test_what_is_wrong_with_a_table_of_facts_is_said_with_file_and_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], facts: str, line: int, complaint: str
) -> None:
    table, _ = small_atlas(tmp_path, facts=facts)
    assert main([], tmp_path) == 1
    assert capsys.readouterr().err.startswith(f"{table}:{line}: {complaint}")
    assert not (tmp_path / "graphs/atlas/atlas.ttl").exists()


@pytest.mark.parametrize(
    ("template", "complaint"),
    [
        pytest.param(
            "capital / mayor	train	Who governs the capital of {a}?",
            "no fact has the relation mayor",
            id="unknown relation",
        ),
        pytest.param(
            "capital	dev	capital of {a.lower}",
            "the split is 'dev'; a path has one of train, dev, test",
            id="path in two splits",
        ),
        pytest.param("~capital	exam	Where is {a}?", "the split is 'exam'", id="unknown split"),
        pytest.param("~capital	train	Where is {b}?", "1 topics in the path, ['b'] in", id="topic"),
        pytest.param("~capital	train	Where is {a}?	River", "no topic gives 1 to 30", id="no topic"),
    ],
)
def test_what_is_wrong_with_a_template_is_said_with_file_and_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], template: str, complaint: str
) -> None:
    _, table = small_atlas(tmp_path, templates=f"{TEMPLATES}{template}\n")
    assert main([], tmp_path) == 1
    assert capsys.readouterr().err.startswith(f"{table}:4: {complaint}")


def test_all_contradictions_are_told_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table, _ = small_atlas(tmp_path, facts=FACTS + "Norway\nMonaco	Monaco\n")
    assert main([], tmp_path) == 1
    found = [line.split(": ")[0] for line in capsys.readouterr().err.splitlines()]
    assert found == [f"{table}:6", f"{table}:7"]


# What is shipped, as kgqa reads it ---------------------------------------------------------------


@pytest.fixture(scope="module")
def atlas() -> IndexedGraph:
    return GraphBuilder.of(read(REPOSITORY / "graphs/atlas/atlas.ttl"))


@pytest.fixture(scope="module")
def questions() -> dict[str, list[Question]]:
    folder = REPOSITORY / "data/atlas"
    return {split: list(load_questions(folder / f"{split}.jsonl")) for split in SPLITS}


def labeled(graph: IndexedGraph, triple: Triple) -> Triple:
    """The triple with labels in place of identifiers."""
    head, tail = graph.label(triple.head), graph.label(triple.tail)
    assert head
    assert tail
    return Triple(head, graph.relation_label(triple.relation), tail)


def labeled_facts(graph: IndexedGraph) -> set[Triple]:
    """The facts by label, without the types that Turtle says as triples too."""
    return {labeled(graph, triple) for triple in graph if triple.relation.startswith(RELATION_IRI)}


def relation_paths(question: Question) -> tuple[tuple[str, ...], ...]:
    """The question's relation paths, one for each topic."""
    if question.gold_relation_path is not None:
        return (question.gold_relation_path,)
    several = question.extras["gold_relation_paths"]
    assert isinstance(several, list)
    return tuple(tuple(path) for path in several)


def walks(graph: IndexedGraph, topic: str, path: Sequence[str]) -> Iterator[tuple[str, tuple[Triple, ...]]]:
    """Every end of a relation path from a topic that it does not come back to, with the chain, labeled."""
    named = [entity for entity in graph.find(topic) if graph.label(entity) == topic]
    (start,) = (entity for entity in named if graph.kind(entity) is NodeKind.RESOURCE)
    ways: list[tuple[str, tuple[Triple, ...]]] = [(start, ())]
    for step in path:
        ways = [
            (hop.entity, (*chain, labeled(graph, triple)))
            for entity, chain in ways
            for hop in graph.hops(entity)
            if hop.entity != start and hop.inverse == step.startswith("~")
            if graph.relation_label(hop.relation) == step.removeprefix("~")
            for triple in [
                Triple(*((hop.entity, hop.relation, entity) if hop.inverse else (entity, *hop[:2])))
            ]
        ]
    return iter(ways)


def test_the_atlas_has_at_least_4000_facts_over_40_relations(atlas: IndexedGraph) -> None:
    facts = labeled_facts(atlas)
    assert len(facts) >= 4_000
    assert len({fact.relation for fact in facts}) >= 40


def test_there_are_at_least_600_questions_of_one_to_three_hops_in_every_split(
    questions: dict[str, list[Question]],
) -> None:
    assert sum(map(len, questions.values())) >= 600
    for split, asked in questions.items():
        assert {question.hops for question in asked} == {1, 2, 3}, split
        assert all(question.hops == max(map(len, relation_paths(question))) for question in asked), split


def test_no_two_questions_have_one_id(questions: dict[str, list[Question]]) -> None:
    identities = [question.id for asked in questions.values() for question in asked]
    assert len(set(identities)) == len(identities)


def test_no_relation_path_is_in_two_splits(questions: dict[str, list[Question]]) -> None:
    splits = defaultdict(set)
    for split, asked in questions.items():
        for question in asked:
            splits[tuple(sorted(relation_paths(question)))].add(split)
    assert {paths: found for paths, found in splits.items() if len(found) > 1} == {}


@pytest.mark.parametrize("split", SPLITS)
def test_every_gold_chain_is_in_the_graph_by_label(
    atlas: IndexedGraph, questions: dict[str, list[Question]], split: str
) -> None:
    facts = labeled_facts(atlas)
    for question in questions[split]:
        assert question.gold_paths, question.id
        assert {triple for chain in question.gold_paths for triple in chain} <= facts, question.id


@pytest.mark.parametrize("split", SPLITS)
def test_the_relation_paths_reach_every_answer_and_no_other_by_the_gold_chains_and_no_others(
    atlas: IndexedGraph, questions: dict[str, list[Question]], split: str
) -> None:
    for question in questions[split]:
        sides = [
            list(walks(atlas, topic, path))
            for topic, path in zip(question.topic_entities, relation_paths(question), strict=True)
        ]
        reached = set.intersection(*({end for end, _ in side} for side in sides))
        chains = [chain for side in sides for end, chain in side if end in reached]
        assert {atlas.label(entity) for entity in reached} == set(question.answers), question.id
        assert sorted(chains) == sorted(question.gold_paths), question.id
