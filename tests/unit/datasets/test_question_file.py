"""Question files: what they say is kept, and what is wrong with them is said with its line."""

from __future__ import annotations

import gzip
import json
import tempfile
from pathlib import Path
from typing import Any

import networkx
import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from property_examples import examples

from kgqa.datasets import Question, load_questions, read_json_lines
from kgqa.datasets.question_file import fewest_hops
from kgqa.errors import ParseError, StatementError, UsageError
from kgqa.graph import Triple

GOOD: dict[str, Any] = {"id": "q1", "question": "who?", "topic_entities": ["a"], "answers": ["b"]}


def written(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def test_every_field_is_kept_the_known_ones_typed_the_others_as_they_are(tmp_path: Path) -> None:
    row = {
        **GOOD,
        "hops": 2,
        "gold_relation_path": ["~r", "s"],
        "gold_paths": [[["a", "r", "b"], ["b", "s", "c"]]],
        "qtype": {"kind": "x"},
    }
    (question,) = load_questions(written(tmp_path / "q.jsonl", row))
    assert question == Question(
        "q1",
        "who?",
        ("a",),
        ("b",),
        2,
        ("~r", "s"),
        ((Triple("a", "r", "b"), Triple("b", "s", "c")),),
    )
    assert question.extras == {"qtype": {"kind": "x"}}
    assert question.graph is None


def test_a_rog_record_brings_its_own_graph(tmp_path: Path) -> None:
    row = {
        "id": "1",
        "question": "q",
        "answer": ["b"],
        "q_entity": ["a"],
        "a_entity": [],
        "graph": [["a", "r", "b"]],
    }
    (question,) = load_questions(written(tmp_path / "q.jsonl", row))
    assert question.graph == (Triple("a", "r", "b"),)
    assert (question.topic_entities, question.answers) == (("a",), ("b",))


def test_rog_parquet_and_rog_lines_are_the_same_questions(tmp_path: Path) -> None:
    table, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    rows = [
        {
            "id": str(at),
            "question": "q",
            "answer": ["b"],
            "q_entity": ["a"],
            "a_entity": [],
            "graph": [["a", "r", "b"]],
        }
        for at in range(3)
    ]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    columns["a_entity"] = [["b"]] * 3  # an empty list has no type in a table
    parquet.write_table(table.table(columns), tmp_path / "q.parquet")
    from_lines = list(load_questions(written(tmp_path / "q.jsonl", *rows)))
    assert list(load_questions(tmp_path / "q.parquet")) == from_lines


NODES = st.sampled_from("abcdef")
GRAPHS = st.lists(st.builds(Triple, NODES, st.sampled_from("rs"), NODES), max_size=8)


@given(GRAPHS, st.lists(NODES, max_size=2), st.lists(NODES, max_size=2), st.integers(1, 6))
def test_the_hops_of_a_question_are_the_shortest_path_in_its_own_graph(
    graph: list[Triple], topics: list[str], answers: list[str], most: int
) -> None:
    drawn = networkx.Graph([(head, tail) for head, _, tail in graph])
    lengths = [
        networkx.shortest_path_length(drawn, topic, answer)
        for topic in topics
        for answer in set(answers) - set(topics)
        if {topic, answer} <= set(drawn) and networkx.has_path(drawn, topic, answer)
    ]
    expected = min(lengths, default=None)
    assert fewest_hops(graph, topics, answers, most) == (
        None if expected is None or expected > most else expected
    )


def test_the_hops_of_rogs_form_are_computed_and_kept_where_the_file_has_them(tmp_path: Path) -> None:
    row = {
        "id": "q",
        "question": "?",
        "q_entity": ["a"],
        "answer": ["c"],
        "graph": [["a", "r", "b"], ["c", "r", "b"]],
    }
    rows = [row, {**row, "id": "said", "hops": 3}, {**row, "id": "far", "answer": ["z"]}]
    assert [q.hops for q in load_questions(written(tmp_path / "q.jsonl", *rows))] == [2, 3, None]


def test_blank_lines_a_byte_order_mark_and_gzip_under_any_name_are_fine(tmp_path: Path) -> None:
    text = "\ufeff" + json.dumps(GOOD) + "\r\n\r\n  \n" + json.dumps({**GOOD, "id": "q2"})
    path = tmp_path / "questions"
    path.write_bytes(gzip.compress(text.encode()))
    assert [q.id for q in load_questions(path)] == ["q1", "q2"]


def test_whole_numbers_are_ids(tmp_path: Path) -> None:
    rows = [{**GOOD, "id": 7}, {"id": 8, "question": "q", "q_entity": ["a"], "answer": ["b"], "graph": []}]
    assert [q.id for q in load_questions(written(tmp_path / "q.jsonl", *rows))] == ["7", "8"]


def test_what_follows_an_array_is_not_left_out_in_silence(tmp_path: Path) -> None:
    path = tmp_path / "two.json"
    array = json.dumps([GOOD])
    for behind, line in ((f"\n\n[{json.dumps({**GOOD, 'id': 'q2'})}]", 3), (" x", 1)):
        path.write_text(array + behind, "utf-8")
        with pytest.raises(ParseError, match=f"line {line}: something follows the array"):
            list(load_questions(path))
    path.write_text(array + " \n\n", "utf-8")
    assert len(list(load_questions(path))) == 1
    path.write_text(f'{{"questions": {array}, "version": 1}}', "utf-8")
    assert len(list(load_questions(path))) == 1


def without(field: str) -> dict[str, Any]:
    return {name: value for name, value in GOOD.items() if name != field}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (without("id"), "'id' is missing"),
        (without("question"), "'question' is missing"),
        (without("topic_entities"), "'topic_entities' is missing"),
        (without("answers"), "'answers' is missing"),
        ({**GOOD, "id": True}, "'id' must be a text that is not empty, not true"),
        ({**GOOD, "id": None}, "'id' must be a text that is not empty, not null"),
        ({**GOOD, "answers": "7"}, "'answers' must be a list, not \"7\""),
        ({**GOOD, "graph": [["a", "r", "b"]]}, "'graph' must be the name of a graph (a list of triples"),
        ({**GOOD, "question": " "}, "'question' must be a text that is not empty"),
        ({**GOOD, "answers": "b"}, "'answers' must be a list"),
        ({**GOOD, "answers": [1]}, "'answers' must be a list of texts"),
        ({**GOOD, "topic_entities": {"a": 1}}, "'topic_entities' must be a list"),
        ({**GOOD, "hops": "two"}, "'hops' must be a whole number"),
        ({**GOOD, "hops": True}, "'hops' must be a whole number"),
        ({**GOOD, "gold_paths": [[["a", "r"]]]}, "[head, relation, tail]"),
        ({**GOOD, "gold_paths": ["ab"]}, "lists of triples"),
        ({"id": "1", "question": "q", "q_entity": ["a"], "answer": ["b"]}, "'graph' is missing"),
        ([1, 2], "a JSON object is needed, not list"),
        ("text", "a JSON object is needed, not str"),
        (None, "a JSON object is needed, not NoneType"),
        ({**GOOD, "id": "q0"}, "the id 'q0' came before, on line 1"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(tmp_path: Path, row: object, reason: str) -> None:
    path = written(tmp_path / "q.jsonl", {**GOOD, "id": "q0"}, row)
    with pytest.raises(ParseError) as caught:
        list(load_questions(path))
    assert caught.value.line == 2
    assert str(path) in str(caught.value)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


LINE = json.dumps(GOOD).encode() + b"\n"


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        (LINE + b'{"id": ', 2, "not JSON (Expecting value, column 8)"),
        (LINE + b'{"id": "\xff"}\n', 2, "not UTF-8"),
        (LINE + b'{"id": "\\ud800"}\n', 2, "half a surrogate"),
        (LINE + b"[" * 100_000 + b"\n", 2, "JSON"),
        (gzip.compress(LINE * 2, mtime=0)[:-12], 1, "truncated"),
        (gzip.compress(LINE, mtime=0)[:10] + b"garbage that is no deflate stream", 1, "damaged gzip"),
    ],
)
def test_a_damaged_file_is_refused_at_the_line(tmp_path: Path, data: bytes, line: int, reason: str) -> None:
    path = tmp_path / "q.jsonl"
    path.write_bytes(data)
    with pytest.raises(ParseError) as caught:
        list(read_json_lines(path))
    assert reason in caught.value.reason
    assert caught.value.line >= line


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.jsonl", tmp_path):
        with pytest.raises(ParseError):
            list(load_questions(path))


@examples(60)
@given(st.lists(st.tuples(st.text(min_size=1).filter(str.strip), st.lists(st.text())), max_size=4))
def test_any_text_survives_the_file(rows: list[tuple[str, list[str]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        objects = [
            {"id": str(at), "question": q, "topic_entities": n, "answers": n}
            for at, (q, n) in enumerate(rows)
        ]
        questions = list(load_questions(written(Path(folder) / "q", *objects)))
    assert [(q.question, list(q.answers)) for q in questions] == rows


def test_plain_tuples_are_triples_of_a_question_and_anything_else_is_refused() -> None:
    fact = ("Kismet", "directed_by", "William Dieterle")
    question = Question("1", "who?", gold_paths=((fact,),), graph=[fact])  # type: ignore[arg-type, list-item]
    assert question == Question("1", "who?", gold_paths=((Triple(*fact),),), graph=(Triple(*fact),))
    for wrong in ("abc", [["a", "r", "b"]], [("a", "r")], [("a", "r", 1)], [None]):
        with pytest.raises(StatementError, match="a triple is"):
            Question("1", "who?", gold_paths=(wrong,))  # type: ignore[arg-type]


def test_texts_numbers_and_lists_of_data_frames_are_what_they_say_and_nothing_else_is_taken() -> None:
    question = Question("1", "who?", numpy.array(["a"]), ["b"], numpy.int64(2))  # type: ignore[arg-type]
    assert question == Question("1", "who?", ("a",), ("b",), 2)
    assert json.dumps([question.hops, question.topic_entities]) == '[2, ["a"]]'
    bad: list[tuple[dict[str, Any], str]] = [
        ({"id": 1}, "id must be a text, not 1"),
        ({"question": None}, "question must be a text, not None"),
        ({"hops": "2"}, "hops must be a whole number"),
        ({"answers": None}, "answers must be a sequence of names"),
        ({"graph_name": 3}, "graph_name must be a text"),
        ({"graph": {"a": "b"}}, "graph must be a sequence of triples, not dict"),
    ]
    for fields, message in bad:
        with pytest.raises(UsageError, match=message):
            Question(**{"id": "1", "question": "who?", **fields})
