"""Chains in the prediction files of published systems."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kgqa.errors import DataError, ParseError, UsageError
from kgqa.graph import GraphBuilder, Name, Triple
from kgqa.validation import ChainResult, check_chains, read_claims

GRAPH = GraphBuilder.of(
    [
        Triple("Kismet", "directed_by", "William Dieterle"),
        Triple("Juarez", "directed_by", "William Dieterle"),
        Triple("Kismet", "in_language", "English"),
        Triple("Kismet", "film.starring", "m.01"),
        Triple("m.01", "film.actor", "Ronald Colman"),
        Triple("m.02", "film.actor", "Marlene Dietrich"),
        Triple("Kismet", "film.starring", "m.02"),
        Name("m.03", "Other"),
    ]
)


def written(folder: Path, *rows: object) -> Path:
    path = folder / "predictions.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def checked(folder: Path, *rows: dict[str, Any]) -> list[ChainResult]:
    return list(check_chains(written(folder, *rows), GRAPH))


def gcr(*outputs: str, **fields: object) -> dict[str, Any]:
    return {"id": "q", "question": "?", "prediction": list(outputs), "ground_truth": ["x"], **fields}


def rog(paths: str, prediction: object = "William Dieterle", **fields: object) -> dict[str, Any]:
    prompt = f"[INST] Answer.\n\nReasoning Paths:\n{paths}\n\nQuestion:\nwho directed Kismet? [/INST]"
    return {"id": "q", "prediction": prediction, "ground_truth": ["x"], "input": prompt, **fields}


def test_paths_of_gcr_are_read_with_and_without_their_marks(tmp_path: Path) -> None:
    path = "Kismet -> directed_by -> William Dieterle"
    results = checked(
        tmp_path,
        gcr(
            f"# Reasoning Path:\n{path}\n# Answer:\nWilliam Dieterle",
            f"# Reasoning Path:\n<PATH> {path} </PATH>\n# Answer:\nanyone",
            "# Reasoning Path:\nKismet -> directed_by -> Nobody\n# Answer:\nNobody",
            "I do not know",
        ),
        gcr(),
        gcr(f"<PATH>{path}</PATH>", id=7, q_entity=["Juarez"]),
        rog(f"# Reasoning Path:\n{path}\n# Answer:\nWilliam Dieterle"),
    )
    assert [(one.line, one.id, one.holds) for one in results] == [
        (1, "q", True),
        (1, "q", True),
        (1, "q", False),
        (1, "q", False),
        (3, "7", False),
        (4, "q", True),
    ]
    assert [one.problems[0].kind for one in results if not one.holds] == [
        "not in the graph",
        "unreadable",
        "no topic entity",
    ]


def test_only_paths_of_gcr_say_the_direction(tmp_path: Path) -> None:
    turned = "William Dieterle -> directed_by -> Kismet"
    results = checked(
        tmp_path, gcr(f"<PATH>{turned}</PATH>"), rog(turned), rog(f"{turned} -> in_language -> German")
    )
    assert [one.holds for one in results] == [False, True, False]
    assert results[1].chain == (Triple("Kismet", "directed_by", "William Dieterle"),)


def test_paths_in_prompts_are_those_of_rog_and_may_be_none(tmp_path: Path) -> None:
    path = "Ronald Colman -> film.actor -> m.01 -> film.starring -> Kismet -> directed_by -> William Dieterle"
    results = checked(
        tmp_path,
        rog(f"{path}\nKismet -> in_language -> English", ["William Dieterle", "x"]),
        rog(""),
        rog("x"),
    )
    assert [(one.line, one.holds) for one in results] == [(1, True), (1, True), (3, False)]


def test_chains_of_tog_are_put_together_hop_by_hop(tmp_path: Path) -> None:
    hops = [
        [[["William Dieterle", "directed_by", "Kismet"], ["William Dieterle", "directed_by", "Juarez"]]],
        [[["Kismet", "film.starring", "UnName_Entity"], ["Kismet", "in_language", "English"]]],
        [[["UnName_Entity", "film.actor", "Marlene Dietrich"]]],
    ]
    row = {"question": "who?", "results": "{x}", "reasoning_chains": hops}
    results = checked(
        tmp_path, row, {**row, "reasoning_chains": []}, {**row, "reasoning_chains": [hops[0][0]]}
    )
    assert [(one.line, one.id, len(one.chain), one.holds) for one in results] == [
        (1, "who?", 1, True),
        (1, "who?", 2, True),
        (1, "who?", 3, True),
        (3, "who?", 1, True),
        (3, "who?", 1, True),
    ]
    assert results[2].chain[1:] == (
        Triple("Kismet", "film.starring", "m.02"),
        Triple("m.02", "film.actor", "Marlene Dietrich"),
    )


def test_files_of_tog_may_be_one_array(tmp_path: Path) -> None:
    path = tmp_path / "ToG_films.json"
    rows = [
        {"question": "a", "results": "{x}", "reasoning_chains": [[[["Kismet", "in_language", "English"]]]]}
    ]
    path.write_text(json.dumps(rows, indent=1), "utf-8")
    assert [one.holds for one in check_chains(path, GRAPH)] == [True]


@pytest.mark.parametrize(
    ("relations", "chain", "problem"),
    [
        (["directed_by"], [("Kismet", "directed_by", "William Dieterle")], ""),
        (
            ["in_language", "film.starring", "film.actor"],
            [],
            "leads nowhere from the topics: in_language -> film.starring",
        ),
        (
            ["film.starring", "film.actor"],
            [("Kismet", "film.starring", "m.02"), ("m.02", "film.actor", "Marlene Dietrich")],
            "",
        ),
        (
            ["directed_by", "directed_by"],
            [("Juarez", "directed_by", "William Dieterle")] * 2,
            "",
        ),
        (["directed_by", "born_in"], [], "directed_by -> born_in; unknown: 'born_in'"),
        ([], [], "has no triples"),
    ],
)
def test_relation_paths_lead_somewhere_in_either_direction(
    tmp_path: Path, relations: list[str], chain: list[tuple[str, str, str]], problem: str
) -> None:
    (result,) = checked(tmp_path, {"id": "q", "prediction": [relations], "q_entity": ["kismet"]})
    assert result.holds is not bool(problem)
    assert problem in result.describe()
    if result.holds:
        ends = {end for triple in result.chain for end in triple[::2]}
        assert [triple.relation for triple in result.chain] == relations
        assert "Kismet" in ends
        assert all(triple in GRAPH for triple in result.chain)
    else:
        assert result.chain == ()


def test_relation_paths_need_topics(tmp_path: Path) -> None:
    row = {"id": "q", "question": "who?", "prediction": [["directed_by"]], "ground_paths": []}
    with pytest.raises(
        UsageError, match=r"predictions.jsonl, line 1: a relation path .*`q_entity` is missing"
    ):
        checked(tmp_path, row)
    (none,) = checked(tmp_path, {**row, "q_entity": []})
    assert [one.kind for one in none.problems] == ["no topic entity"]
    (unknown,) = checked(tmp_path, {**row, "q_entity": ["Nobody"]})
    assert unknown.describe() == "line 1 (q): has no topic entity; unknown: 'Nobody'"


def test_questions_bring_topics_and_graphs(tmp_path: Path) -> None:
    asked = [
        {"id": "z", "question": "unasked", "topic_entities": ["Kismet"], "answers": []},
        {"id": "b", "question": "second", "topic_entities": ["Juarez"], "answers": []},
        {"id": "a", "question": "first", "topic_entities": ["Kismet"], "answers": []},
        {"id": "own", "question": "own", "q_entity": ["A"], "answer": ["B"], "graph": [["A", "r", "B"]]},
    ]
    questions = tmp_path / "questions.jsonl"
    questions.write_text("".join(json.dumps(row) + "\n" for row in asked), "utf-8")
    plan = {"prediction": [["in_language"], ["directed_by"]]}
    file = written(
        tmp_path, {"id": "a", **plan}, {"id": "b", **plan}, {"id": "own", "prediction": [["r"]]},
        {"question": "first", "reasoning_chains": [[[["Juarez", "directed_by", "William Dieterle"]]]]},
    )  # fmt: skip
    results = list(check_chains(file, GRAPH, questions))
    assert [(one.line, one.holds) for one in results] == [
        (1, True), (1, True), (2, False), (2, True), (3, True), (4, False),
    ]  # fmt: skip
    assert [one.kind for one in results[-1].problems] == ["no topic entity"]
    with pytest.raises(UsageError, match="line 4"):
        list(
            check_chains(written(tmp_path, *[{"id": "a", **plan}] * 3, {"id": "c", **plan}), GRAPH, questions)
        )
    own = {"id": "own", "prediction": [["r"]]}
    with pytest.raises(DataError, match=r"questions.jsonl: the chains of 'own' must follow each other"):
        list(check_chains(written(tmp_path, own, {"id": "a", **plan}, own), GRAPH, questions))
    with pytest.raises(DataError, match=r"questions.jsonl: 1 chain is of none of its questions"):
        list(check_chains(written(tmp_path, gcr("<PATH>Kismet</PATH>")), GRAPH, questions))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            {"id": "q", "prediction": "Oslo"},
            "no chains in this prediction: needed are relation paths or texts",
        ),
        ({"id": "q", "prediction": ["Oslo"], "input": "what?"}, "or an 'input' with 'Reasoning Paths:'"),
        ({"id": "q", "prediction": 3}, "'prediction' must be a list, not 3"),
        ({"id": "q", "prediction": [["r"], "s"]}, "'prediction' must be lists of texts, not \"s\""),
        ({"id": "q", "prediction": "x", "input": 3}, "'input' must be a text"),
        ({"id": "q", "prediction": [["r"]], "q_entity": "Oslo"}, "'q_entity' must be a list, not \"Oslo\""),
        ({"question": "q", "reasoning_chains": {}}, "'reasoning_chains' must be a list, not {}"),
        ({"question": "q", "reasoning_chains": ["x"]}, 'must be for each hop a list of triples, not "x"'),
        ({"question": "q", "reasoning_chains": [[3]]}, "must be lists of triples, not 3"),
        ({"question": "q", "reasoning_chains": [[[["a", "b"]]]]}, r"must be \[head, relation, tail\]"),
        ({"results": "x"}, "no chains here"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, row: dict[str, Any], message: str) -> None:
    path = written(tmp_path, gcr("<PATH>a -> r -> b</PATH>"), row)
    with pytest.raises(ParseError, match=rf"predictions\.jsonl, line 2: .*{message}"):
        list(read_claims(path))
