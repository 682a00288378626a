"""Questions are read as the authors of benchmarks publish them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from property_examples import examples

from kgqa.datasets import Question, load_questions, read_json_objects
from kgqa.errors import ParseError

WEBQSP: dict[str, Any] = {
    "QuestionId": "WebQTest-0",
    "RawQuestion": "what does jamaican people speak?",
    "ProcessedQuestion": "what does jamaican people speak",
    "Parses": [
        {
            "TopicEntityName": "Jamaica",
            "TopicEntityMid": "m.03_r3",
            "InferentialChain": ["location.country.languages_spoken"],
            "Answers": [
                {"AnswerType": "Entity", "AnswerArgument": "m.01428y", "EntityName": "Jamaican English"},
                {"AnswerType": "Entity", "AnswerArgument": "m.04ygk0", "EntityName": None},
            ],
        },
        {
            "TopicEntityName": "Jamaica",
            "TopicEntityMid": "m.03_r3",
            "Answers": [
                {"AnswerType": "Entity", "AnswerArgument": "m.01428y", "EntityName": "Jamaican English"}
            ],
        },
    ],
}
CWQ: dict[str, Any] = {
    "ID": "WebQTrn-1_abc",
    "question": "which man played in the band of Rihanna?",
    "compositionality_type": "composition",
    "sparql": "SELECT ?x WHERE { FILTER (?x != ns:m.06mt91) ns:m.06mt91 ns:music.artist.label ?x }",
    "answers": [
        {"answer_id": "m.0k8z", "answer": "Apple", "aliases": ["Apple Inc.", "Apple Computer"]},
        {"answer_id": "m.01", "answer": None, "aliases": []},
    ],
}
GRAILQA: dict[str, Any] = {
    "qid": 2102902009000,
    "question": "how many asteroids did w. f. find",
    "function": "count",
    "answer": [{"answer_type": "Value", "answer_argument": "12"}],
    "graph_query": {
        "nodes": [
            {"node_type": "class", "id": "astronomy.asteroid", "friendly_name": "Asteroid"},
            {"node_type": "entity", "id": "m.07xyz", "friendly_name": "W. F."},
        ]
    },
    "level": "zero-shot",
}
QALD: dict[str, Any] = {
    "id": 99,
    "question": [
        {"language": "de", "string": "In welcher Zeitzone?"},
        {"language": "en", "string": "Which zone?"},
    ],
    "query": {"sparql": "SELECT ..."},
    "answers": [
        {
            "head": {"vars": ["uri"]},
            "results": {"bindings": [{"uri": {"type": "uri", "value": "http://dbpedia.org/resource/UTC"}}]},
        }
    ],
}
TOG: dict[str, Any] = {
    "question": "where is it",
    "answers": ["Oslo", "Oslo"],
    "topic_entity": {"m.0abc": "Norway"},
}


def one(folder: Path, value: object, name: str = "questions.json") -> Question:
    (folder / name).write_text(json.dumps(value, indent=1), "utf-8")
    (found,) = load_questions(folder / name)
    return found


def test_webqsp_answers_are_those_of_all_parses(tmp_path: Path) -> None:
    found = one(tmp_path, {"Version": "1.0", "Questions": [WEBQSP]})
    assert found == Question(
        "WebQTest-0",
        "what does jamaican people speak?",
        ("Jamaica",),
        ("Jamaican English", "m.04ygk0"),
        topic_ids=("m.03_r3",),
        answer_ids=("m.01428y", "m.04ygk0"),
    )
    assert "Parses" in found.extras


def test_cwq_topics_are_in_the_query_and_answers_have_aliases(tmp_path: Path) -> None:
    found = one(tmp_path, [CWQ])
    assert found == Question(
        "WebQTrn-1_abc",
        "which man played in the band of Rihanna?",
        ("m.06mt91",),
        ("Apple", "m.01"),
        topic_ids=("m.06mt91",),
        answer_ids=("m.0k8z", "m.01"),
        answer_aliases=(("Apple Inc.", "Apple Computer"), ()),
    )


def test_cwq_of_tog_names_its_topics(tmp_path: Path) -> None:
    row = {**CWQ, "topic_entity": {"m.06mt91": "Rihanna"}, "answer": "Apple"}
    del row["answers"]
    found = one(tmp_path, [row])
    assert (found.topic_entities, found.topic_ids) == (("Rihanna",), ("m.06mt91",))
    assert (found.answers, found.answer_ids) == (("Apple",), ())


def test_grailqa_values_are_compared_by_what_they_say(tmp_path: Path) -> None:
    found = one(tmp_path, [GRAILQA])
    assert found == Question(
        "2102902009000",
        "how many asteroids did w. f. find",
        ("W. F.",),
        ("12",),
        topic_ids=("m.07xyz",),
        answer_type="number",
        operators=("count",),
    )
    assert found.extras["level"] == "zero-shot"
    named = [{"answer_type": "Entity", "answer_argument": "m.1", "entity_name": "X"}]
    found = one(tmp_path, [{**GRAILQA, "answer": named, "function": "argmax"}])
    assert (found.answers, found.answer_ids, found.operators) == (("X",), ("m.1",), ("superlative",))


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([{"boolean": False}], ("boolean", ("no",))),
        (
            [
                {
                    "results": {
                        "bindings": [
                            {
                                "c": {
                                    "type": "literal",
                                    "value": "7",
                                    "datatype": "http://www.w3.org/2001/XMLSchema#integer",
                                }
                            }
                        ]
                    }
                }
            ],
            ("number", ("7",)),
        ),
        (
            [{"results": {"bindings": [{"c": {"type": "literal", "value": "1999-01-02"}}]}}],
            ("literal", ("1999-01-02",)),
        ),
        ([{"head": {"vars": ["uri"]}, "results": {"bindings": []}}], ("entity", ())),
    ],
)
def test_qald_answers_have_types(
    tmp_path: Path, answers: object, expected: tuple[str, tuple[str, ...]]
) -> None:
    found = one(tmp_path, {"dataset": {"id": "qald"}, "questions": [{**QALD, "answers": answers}]})
    assert (found.answer_type, found.answers) == expected


def test_qald_is_read_in_english_and_leaves_topics_to_the_linker(tmp_path: Path) -> None:
    found = one(tmp_path, {"dataset": {"id": "qald"}, "questions": [QALD]})
    assert (found.id, found.question, found.topic_entities) == ("99", "Which zone?", ())
    assert found.answer_ids == ("http://dbpedia.org/resource/UTC",)
    german = one(tmp_path, {"questions": [{**QALD, "question": QALD["question"][:1]}]})
    assert german.question == "In welcher Zeitzone?"


def test_tog_questions_without_an_id_have_their_place(tmp_path: Path) -> None:
    (tmp_path / "q.json").write_text(json.dumps([TOG, {**TOG, "id": "x"}]))
    first, second = load_questions(tmp_path / "q.json")
    assert (first.id, second.id, first.answers) == ("1", "x", ("Oslo",))
    assert (first.topic_entities, first.topic_ids) == (("Norway",), ("m.0abc",))


def test_metaqa_has_its_topic_in_brackets(tmp_path: Path) -> None:
    folder = tmp_path / "2-hop" / "vanilla"
    folder.mkdir(parents=True)
    (folder / "qa_dev.txt").write_text("who wrote films of [Joe Dante]\tA|B|A\n\nwhat of [X]\tC\n")
    first, second = load_questions(folder / "qa_dev.txt")
    assert first == Question("2-hop-qa_dev-1", "who wrote films of Joe Dante", ("Joe Dante",), ("A", "B"), 2)
    assert second.id == "2-hop-qa_dev-3"
    for bad in ("who directed Kismet\tX", "who directed [Kismet]", "who directed [Kismet]\t|"):
        (tmp_path / "qa.txt").write_text(f"who [a]\tb\n{bad}\n")
        with pytest.raises(ParseError, match=r"qa\.txt, line 2"):
            list(load_questions(tmp_path / "qa.txt"))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([{**WEBQSP, "Parses": [{"Answers": 3}]}], "'Answers' must be a list"),
        ([{**WEBQSP, "Parses": [3]}], "'Parses' must be a list of objects"),
        ([{**CWQ, "answers": [{"answer_id": 3}]}], "'answer_id' must be a text"),
        ([{**CWQ, "answers": [{"answer_id": "m.1", "aliases": [3]}]}], "'aliases' must be a list of texts"),
        ([{**GRAILQA, "graph_query": []}], "'graph_query' must be an object"),
        ([{"qid": 1, "question": "x"}], "'answer' is missing"),
        ([{**QALD, "question": []}], "'question' must be a list with a text"),
        ([{**QALD, "answers": [{"results": 4}]}], "'results' must be an object"),
        ([{**TOG, "topic_entity": {"m.1": 4}}], "'m.1' must be a text"),
        ([GRAILQA, GRAILQA], "came before"),
        ([3], "a JSON object is needed"),
    ],
)
def test_what_is_not_of_the_form_is_named(tmp_path: Path, value: object, message: str) -> None:
    (tmp_path / "q.json").write_text(json.dumps(value, indent=1))
    with pytest.raises(ParseError, match=message):
        list(load_questions(tmp_path / "q.json"))


rows = st.lists(
    st.dictionaries(st.sampled_from(["id", "questions of", "x", 'a"b']), st.text(max_size=5)), max_size=4
)


@given(rows, st.sampled_from([None, 1]), st.booleans())
@examples(60)
def test_an_array_has_the_objects_of_its_lines(
    tmp_path_factory: pytest.TempPathFactory, values: list[dict[str, str]], indent: int | None, held: bool
) -> None:
    path = tmp_path_factory.mktemp("json") / "x.json"
    document: object = {"about": {"id": "x"}, "questions": values} if held else values
    path.write_text(json.dumps(document, indent=indent), "utf-8")
    found = list(read_json_objects(path))
    assert [record for _, record in found] == values
    lines = path.read_text("utf-8").split("\n")
    assert all("{" in lines[line - 1] for line, _ in found)
    path.write_text("".join(json.dumps(value) + "\n" for value in values), "utf-8")
    assert [record for _, record in read_json_objects(path)] == values


def test_a_question_with_a_list_of_questions_is_a_line_like_others(tmp_path: Path) -> None:
    row = {"id": "1", "question": "a", "questions": [{"id": "2"}]}
    (tmp_path / "q.jsonl").write_text(json.dumps(row) + "\n")
    assert list(read_json_objects(tmp_path / "q.jsonl")) == [(1, row)]
