"""Chains from files against a graph: what holds, what does not, and what is near it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgqa.constraint import NameLookup
from kgqa.errors import DataError, ParseError, UsageError
from kgqa.graph import GraphBuilder, IndexedGraph, Name, RelationName, Triple
from kgqa.program import parse_program, prove
from kgqa.validation import ChainResult, Claim, Nearest, check_chains, check_claim, other_graph

FACTS = [
    Triple("Kismet", "directed_by", "William Dieterle"),
    Triple("Kismet", "in_language", "English"),
    Triple("Kismet", "has_genre", "Fantasy"),
    Triple("Fox -> Hound", "directed_by", "Ann <- Bob"),
    Triple("m.01", "film.actor", "Ronald Colman"),
    Triple("Kismet", "film.starring", "m.01"),
    Triple("Kismet", "film.starring", "m.02"),
    Triple("m.02", "film.actor", "Marlene Dietrich"),
]
GRAPH = GraphBuilder.of(FACTS)


def checked(tmp_path: Path, *lines: object, graph: IndexedGraph = GRAPH) -> list[ChainResult]:
    """The results for a file with these lines: texts as they are, anything else as JSON."""
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    path = tmp_path / "chains"
    path.write_text(text, "utf-8")
    return list(check_chains(path, graph))


def test_records_questions_and_single_chains_are_read(tmp_path: Path) -> None:
    fact = ["Kismet", "directed_by", "William Dieterle"]
    results = checked(
        tmp_path,
        {
            "id": "r",
            "topic_entities": ["kismet"],
            "answers": ["William Dieterle", "English"],
            "chains": [[fact], [["Kismet", "in_language", "English"]], [fact]],
            "proves": [0, 1, 1],
        },
        {"id": "q", "topic_entities": ["Kismet"], "answers": ["William Dieterle"], "gold_paths": [[fact]]},
        {"chain": [fact]},
        {"id": "none", "chains": [], "answers": [], "topic_entities": ["Kismet"]},
    )
    assert [(r.line, r.id, r.holds) for r in results] == [
        (1, "r", True),
        (1, "r", True),
        (1, "r", False),
        (2, "q", True),
        (3, "", True),
    ]
    assert [problem.kind for problem in results[2].problems] == ["no answer"]


@pytest.mark.parametrize(
    ("path", "holds"),
    [
        ("Kismet -> directed_by -> William Dieterle", True),
        ("  kismet -> DIRECTED_BY -> william  dieterle ", True),
        ("English <- in_language <- Kismet -> has_genre -> Fantasy", True),
        ("Fox -> Hound -> directed_by -> Ann <- Bob", True),
        ("Ann <- Bob <- directed_by <- Fox -> Hound", True),
        ("Kismet -> film.starring -> -> film.actor -> Ronald Colman", True),
        ("Marlene Dietrich <- film.actor <- <- film.starring <- Kismet", True),
        ("Kismet -> film.starring -> -> film.actor -> English", False),
        ("Kismet -> directed_by -> English", False),
        ("William Dieterle -> directed_by -> Kismet", False),
        ("Kismet -> directed_by <- William Dieterle", False),
        ("Kismet", False),
        ("Kismet -> directed_by", False),
        ("-> -> -> ->", False),
        ("\x1b[31m -> \u202e -> \u0000", False),
    ],
)
def test_paths_written_as_text_are_read_in_every_way_that_the_graph_allows(
    tmp_path: Path, path: str, holds: bool
) -> None:
    (result,) = checked(tmp_path, path)
    assert result.holds is holds, result.describe()
    assert result.describe().isprintable()


@pytest.mark.parametrize(
    ("triple", "near", "way", "unknown"),
    [
        (("William Dieterle", "directed_by", "Kismet"), FACTS[0], "other direction", ()),
        (("Kismt", "directed_by", "William Dieterle"), FACTS[0], "other spelling", ("Kismt",)),
        (("Kismet", "directd_by", "William Dieterle"), FACTS[0], "other spelling", ("directd_by",)),
        (("Kismet", "directed_by", "Wiliam Dietrle"), FACTS[0], "other spelling", ("Wiliam Dietrle",)),
        (("Kismet", "has_genre", "English"), FACTS[1], "other relation", ()),
        (("Kismet", "has_genre", "Fox -> Hound"), FACTS[2], "other tail", ()),
    ],
)
def test_for_a_missing_fact_the_nearest_is_named(
    tmp_path: Path, triple: tuple[str, str, str], near: Triple, way: str, unknown: tuple[str, ...]
) -> None:
    (result,) = checked(tmp_path, {"chain": [triple]})
    (problem,) = result.problems
    assert (problem.kind, problem.position, problem.triple) == ("not in the graph", 0, triple)
    assert problem.unknown == unknown
    assert (problem.nearest[0].triple, problem.nearest[0].way) == (near, way)
    assert repr(near.relation) in result.describe()


def test_every_flaw_of_a_chain_is_told_with_its_triple(tmp_path: Path) -> None:
    chain = [FACTS[1], ("Kismet", "has_genre", "Comedy"), FACTS[3]]
    (result,) = checked(tmp_path, {"chain": chain, "topic_entities": ["Nobody"], "answers": ["English"]})
    assert [(p.kind, p.position) for p in result.problems] == [
        ("no topic entity", 0),
        ("not in the graph", 1),
        ("not connected", 2),
        ("no answer", 2),
    ]


def test_labels_are_understood_and_of_equal_ones_that_which_holds(tmp_path: Path) -> None:
    graph = GraphBuilder.of(
        [
            Name("q1", "Georgia"),
            Name("q2", "Georgia"),
            Name("q3", "Tbilisi"),
            Name("q4", "Capital of Georgia"),
            RelationName("p1", "capital city"),
            RelationName("p2", "named for"),
            Triple("q2", "p1", "q3"),
            Triple("q3", "p2", "q4"),
        ]
    )
    results = checked(
        tmp_path,
        "Georgia -> capital city -> Tbilisi -> named for -> Capital of Georgia",
        "q2 -> p1 -> q3",
        "q1 -> p1 -> q3",
        graph=graph,
    )
    assert [result.holds for result in results] == [True, True, False]
    assert results[0].chain == (Triple("q2", "p1", "q3"), Triple("q3", "p2", "q4"))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ({"id": "x"}, "no chains here"),
        ({"chain": "abc"}, "'chain' must be lists"),
        ({"chains": [[["a", "b"]]]}, "'chains' must be lists"),
        ({"chains": [[["a", "b", 1]]]}, "'chains' must be lists"),
        ({"chain": [], "topic_entities": "a"}, "'topic_entities' must be a list"),
        ({"chains": [[]], "answers": ["a"], "proves": [1]}, "'proves' must number"),
        ({"chains": [[]], "answers": ["a"], "proves": []}, "one number for each chain"),
        ("{not json}", "not JSON"),
        ("[]", "object is needed"),
    ],
)
def test_lines_that_hold_no_chains_are_refused_with_their_number(
    tmp_path: Path, line: object, reason: str
) -> None:
    with pytest.raises(ParseError) as caught:
        checked(tmp_path, {"chain": [FACTS[0]]}, line)
    assert caught.value.line == 2
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    ("name", "content"), [("a.txt", ""), ("a.txt", "\n \n"), ("a.jsonl", ""), ("a.json", "[]")]
)
def test_a_file_without_any_line_is_refused(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(DataError, match=f"{name}: holds no chains"):
        list(check_chains(tmp_path / name, GRAPH))
    (tmp_path / "b.jsonl").write_text('{"id": "nothing was found", "chains": []}\n', "utf-8")
    assert list(check_chains(tmp_path / "b.jsonl", GRAPH)) == []


def test_an_empty_chain_and_an_empty_graph_are_told_not_fatal(tmp_path: Path) -> None:
    (result,) = checked(tmp_path, {"chain": []})
    assert [problem.kind for problem in result.problems] == ["empty"]
    (result,) = checked(tmp_path, "a -> b -> c", graph=GraphBuilder.of([]))
    assert not result.holds


names = st.text(st.sampled_from("ab ->< |"), min_size=1, max_size=8).filter(lambda n: bool(n.strip()))


@given(st.lists(st.tuples(names, names, names), min_size=1, max_size=4))
def test_every_path_of_a_graph_with_hostile_names_holds_in_text_and_in_triples(
    facts: list[tuple[str, str, str]],
) -> None:
    graph = GraphBuilder.of(Triple(*fact) for fact in facts)
    nearest = Nearest(NameLookup(graph))
    for head, relation, tail in facts:
        assert check_claim(
            Claim(1, (Triple(head, relation, tail),), topics=(head,), answers=(tail,)), nearest
        ).holds
        assert check_claim(Claim(1, text=f"{head} -> {relation} -> {tail}"), nearest).holds
        assert check_claim(Claim(1, text=f"{tail} <- {relation} <- {head}"), nearest).holds


@given(st.text(max_size=60))
def test_any_text_gets_a_result_of_one_printable_line(text: str) -> None:
    assert check_claim(Claim(1, text=text), Nearest(NameLookup(GRAPH))).describe().isprintable()


def test_a_chain_is_checked_against_the_graph_that_its_question_brings(tmp_path: Path) -> None:
    file = tmp_path / "q.jsonl"
    own = {"q_entity": ["a"], "answers": ["b"], "chain": [["a", "r", "b"]], "graph": [["a", "r", "b"]]}
    other = {**own, "graph": [["a", "s", "b"]]}
    file.write_text("".join(json.dumps(row) + "\n" for row in (own, other, own)))
    assert [result.holds for result in check_chains(str(file))] == [True, False, True]
    file.write_text(json.dumps({**own, "graph": [["", "r", "b"]]}))
    with pytest.raises(ParseError, match=r"line 1: the question's own graph cannot be built"):
        list(check_chains(file))
    file.write_text(json.dumps({"chain": [["a", "r", "b"]]}))
    with pytest.raises(UsageError, match=r"line 1: the chain brings no graph"):
        list(check_chains(file))


def test_records_made_with_another_graph_are_told(tmp_path: Path) -> None:
    graph, another = GraphBuilder.of([Triple("a", "r", "b")]), GraphBuilder.of([Triple("a", "r", "c")])
    file = tmp_path / "records.jsonl"
    assert other_graph(file, graph) is None
    for damage in ("{", "[]", '{"graph": 3}', "[" * 100_000):
        (tmp_path / "run.json").write_text(damage)
        assert other_graph(file, graph) is None
    (tmp_path / "run.json").write_text(json.dumps({"graph": graph.checksum}))
    assert other_graph(file, graph) is None
    assert other_graph(file, another) == graph.checksum


def test_programs_are_checked_with_their_answers_and_proofs(tmp_path: Path) -> None:
    count = "Kismet -> directed_by | count"
    proof = prove(parse_program(count, GRAPH), GRAPH).to_dict()
    wrong = {**proof, "result": {"kind": "value", "value": {"kind": "number", "low": 2, "high": 2}}}
    genre = {"id": "g", "program": "Kismet -> has_genre", "answers": ["fantasy"]}
    results = checked(
        tmp_path,
        {"program": count, "answers": ["1"], "proof": proof},
        {"proof": proof},
        {"program": count, "answers": ["2"]},
        {"program": count, "proof": wrong},
        {"program": "Kismet -> in_language | count", "proof": proof},
        {"program": "Kismet -> directd_by | count"},
        genre,
        {**genre, "answers": ["Horror"]},
        {"program": "Kismet | test -> in_language is English", "answers": ["yes"]},
        {"program": "Kismet | test -> in_language is English", "answers": ["No"]},
        {**genre, "chains": [[["Kismet", "has_genre", "Fantasy"]]]},
    )
    said = [result.describe() for result in results]
    assert [result.line for result in results if result.holds] == [1, 2, 7, 9, 11, 11]
    assert said[2] == "line 3: has other answers than stated: it is 1"
    assert said[3].endswith("has a wrong proof: result: the result has the value 1, not 2")
    assert "has a wrong proof: it is the proof of another program" in said[4]
    assert "is no program of the graph" in said[5]
    assert "near: 'directed_by'" in said[5]
    assert said[7] == "line 8 (g): has other answers than stated: 'Horror' is not among the 1"
    assert said[9].endswith("it is yes")


def test_lines_of_text_may_be_programs(tmp_path: Path) -> None:
    results = checked(
        tmp_path,
        "Kismet -> directed_by -> William Dieterle\n",
        "Kismet -> in_language | cuont\n",
        "Kismet -> film.starring -> film.actor | count\n",
        "Kismet -> directed_by | cuont\n",
    )
    assert [result.holds for result in results] == [True, False, True, False]
    assert "is no program of the graph" in str(results[1])


def test_a_program_or_a_proof_of_another_type_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ParseError, match=r"line 1: 'program' must be the text of a program, not '3'"):
        checked(tmp_path, {"program": 3})
    with pytest.raises(ParseError, match=r"'proof' must be the JSON form of a proof"):
        checked(tmp_path, {"proof": []})
    (result,) = checked(tmp_path, {"proof": {"form": 3}})
    assert "no JSON form of a program" in str(result)
