"""The operator questions about the atlas: as built, apart from each other, and right by their queries."""

from __future__ import annotations

import json
import re
import runpy
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, QueryBoolean, QuerySolutions, RdfFormat, Store

from kgqa.datasets import CATALOGUE, DataFolders, Question, load_questions, set_status

REPOSITORY = Path(__file__).parents[2]
FOLDER = REPOSITORY / "data" / "atlas"
PARTS = ("train", "dev", "test")
LABEL = NamedNode("http://www.w3.org/2000/01/rdf-schema#label")

main = runpy.run_path(str(REPOSITORY / "scripts" / "build_operator_questions.py"))["main"]


@pytest.fixture(scope="module")
def atlas() -> Store:
    store = Store()
    store.load(path=REPOSITORY / "graphs/atlas/atlas.ttl", format=RdfFormat.TURTLE)
    return store


@pytest.fixture(scope="module")
def questions() -> dict[str, list[Question]]:
    return {part: list(load_questions(FOLDER / f"operators_{part}.jsonl")) for part in PARTS}


def everything(questions: dict[str, list[Question]]) -> list[Question]:
    return [question for part in PARTS for question in questions[part]]


def label(store: Store, identifier: str) -> str:
    (quad,) = store.quads_for_pattern(NamedNode(identifier), LABEL, None)
    assert isinstance(quad.object, Literal)
    return quad.object.value


# As built ----------------------------------------------------------------------------------------


def test_the_shipped_files_are_what_the_templates_give(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0
    assert capsys.readouterr().err == ""


def test_they_are_a_data_set_with_a_name_of_its_own(questions: dict[str, list[Question]]) -> None:
    status = set_status(CATALOGUE["atlas-operators"], DataFolders.of(), check=True)
    assert {part: file.error for part, file in status.files.items()} == dict.fromkeys(PARTS)
    assert {part: file.read for part, file in status.files.items()} == {
        part: len(questions[part]) for part in PARTS
    }


def test_there_are_at_least_300_questions_and_every_operator_is_in_every_part(
    questions: dict[str, list[Question]],
) -> None:
    assert len(everything(questions)) >= 300
    for part, asked in questions.items():
        counts = Counter(operator for question in asked for operator in question.operators)
        assert len(counts) == 14
        assert min(counts.values()) >= 3, part
        assert len({question.answer_type for question in asked}) == 4, part


def test_the_wordings_are_many() -> None:
    tables = [path.read_text("utf-8").splitlines()[1:] for path in FOLDER.glob("source/operators/*.tsv")]
    wordings = {
        wording.strip() for lines in tables for line in lines for wording in line.split("\t")[5].split("||")
    }
    assert len(wordings) >= 450
    assert len({wording.split()[0] for wording in wordings}) >= 20


# Apart from each other ---------------------------------------------------------------------------


def test_no_question_is_asked_twice_or_in_two_parts_with_the_questions_about_paths_among_them(
    questions: dict[str, list[Question]],
) -> None:
    parts = defaultdict(set)
    for part in PARTS:
        for question in (*questions[part], *load_questions(FOLDER / f"{part}.jsonl")):
            parts[" ".join(re.findall(r"\w+", question.question.casefold()))].add(part)
    assert {text: found for text, found in parts.items() if len(found) > 1} == {}
    texts = Counter(question.question.casefold() for question in everything(questions))
    assert max(texts.values()) == 1


def test_no_query_is_in_two_parts(questions: dict[str, list[Question]]) -> None:
    parts = defaultdict(set)
    for part, asked in questions.items():
        for question in asked:
            parts[str(question.extras["gold_sparql"])].add(part)
    assert {query: found for query, found in parts.items() if len(found) > 1} == {}


def test_no_two_questions_have_one_id(questions: dict[str, list[Question]]) -> None:
    identities = Counter(question.id for question in everything(questions))
    assert max(identities.values()) == 1


# Right -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", PARTS)
def test_the_gold_query_gives_the_gold_answers(
    atlas: Store, questions: dict[str, list[Question]], part: str
) -> None:
    for question in questions[part]:
        result = atlas.query(str(question.extras["gold_sparql"]))
        if isinstance(result, QueryBoolean):
            assert question.answers == ("yes" if result else "no",), question.id
            assert question.answer_type == "boolean"
            continue
        assert isinstance(result, QuerySolutions)
        found = [solution[0] for solution in result]
        if question.answer_type == "entity":
            identifiers = sorted(str(getattr(term, "value", "")) for term in found)
            assert identifiers == sorted(question.answer_ids), question.id
            assert {label(atlas, one) for one in identifiers} == set(question.answers), question.id
            continue
        values = {str(getattr(term, "value", "")) for term in found}
        assert not question.answer_ids
        if question.answer_type == "number":
            (value,), (answer,) = values, question.answers
            assert float(answer) == pytest.approx(float(value), abs=0.005), question.id
        else:
            assert values == set(question.answers), question.id


@pytest.mark.parametrize("part", PARTS)
def test_topics_are_entities_that_the_question_names_and_the_query_uses(
    atlas: Store, questions: dict[str, list[Question]], part: str
) -> None:
    for question in questions[part]:
        for topic, identifier in zip(question.topic_entities, question.topic_ids, strict=True):
            assert label(atlas, identifier) == topic
            assert topic.casefold() in question.question.casefold(), question.id
            assert identifier.removeprefix("https://kgqa.example/atlas/") in str(
                question.extras["gold_sparql"]
            )


def test_numbers_of_a_filter_stand_in_the_question(questions: dict[str, list[Question]]) -> None:
    words = {"million": 1_000_000, "a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
    words |= {"eight": 8, "nine": 9, "ten": 10}
    for question in everything(questions):
        query = str(question.extras["gold_sparql"])
        numbers = {float(number) for number in re.findall(r"(?:[<>=] |r:\w+ )(\d+)\b", query)}
        tokens = question.question.casefold().replace(",", "").rstrip("?.").split()
        said = {float(token) for token in tokens if re.fullmatch(r"\d+(\.\d+)?", token)}
        said |= {float(words[token]) for token in tokens if token in words}
        said |= {number * 1_000_000 for number in said if "million" in tokens}
        assert numbers <= said, question.id


KNOWN = {
    "How many countries does the Danube pass through?": {"10"},
    "Which country of Africa has the largest population?": {"Nigeria"},
    "Which countries border France but not Germany?": {
        "Andorra", "Brazil", "Italy", "Monaco", "Spain", "Suriname",
    },
    "What films did Christopher Nolan make after 2010?": {"Interstellar", "Oppenheimer"},
    "Is Paris the capital of France?": {"yes"},
    "What is the second longest river of Africa?": {"Congo River"},
    "Is the Nile or the Danube the longer river?": {"Nile"},
    "Which country has the most neighbours?": {"China", "Russia"},
    "Which continent has the most countries?": {"Africa"},
    "What is the number of countries in South America?": {"12"},
    "How many members are in the G7?": {"7"},
    "How many mountains are higher than 8,000 metres?": {"14"},
    "What are the five most populous countries?": {
        "China", "India", "Indonesia", "Pakistan", "United States",
    },
    "Who won both the Nobel Prize in Physics and the Nobel Prize in Chemistry?": {"Marie Curie"},
    "Which US states border the most other states?": {"Missouri", "Tennessee"},
    "Which river flows through the most countries?": {"Danube"},
    "Is Istanbul where Turkey has its capital?": {"no"},
    "Which planets have no moon?": {"Mercury", "Venus"},
    "Which US states border no other state?": {"Alaska", "Hawaii"},
    "Which highest point among the neighbours of Kenya is the highest?": {"Mount Kilimanjaro"},
}  # fmt: skip


def test_answers_that_everybody_knows_are_the_gold_answers(questions: dict[str, list[Question]]) -> None:
    gold = {question.question: set(question.answers) for question in everything(questions)}
    assert {text: gold.get(text) for text in KNOWN} == KNOWN


# Templates that are wrong ------------------------------------------------------------------------

HEADER = "split\toperators\tanswer\tform\tpattern\twordings\tfillings\n"
ROW = "train\tcount\tnumber\tcount\t{a} r:borders ?x\tHow many borders has {a}?\tNorway\n"


def small_atlas(folder: Path, rows: str) -> None:
    """An atlas of two countries, with templates in one table."""
    texts = {
        "graphs/atlas/source/countries.tsv": (
            "# kind: Country\nlabel\tborders\tarea #\nNorway\tSweden\t5\nSweden\t\t5\n"
        ),
        "data/atlas/source/operators/all.tsv": HEADER + rows,
        "data/atlas/source/paths.tsv": "path\tsplit\ttemplate\tkind\n",
    }
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    assert runpy.run_path(str(REPOSITORY / "scripts" / "build_atlas.py"))["main"]([], folder) == 0


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ("exam" + ROW[5:], ":2: the split is 'exam'"),
        (ROW.replace("\tcount\tnumber", "\tsum up\tnumber"), ":2: unknown operators: sum up"),
        (ROW.replace("number", "list"), ":2: the answer is 'list'"),
        (ROW.replace("Norway", "Atlantis"), ":2: the atlas has no 'Atlantis'"),
        (ROW.replace("Norway", "Norway / 3"), ":2: 'Norway / 3' fills 2 of a"),
        (
            ROW.replace("number", "entity"),
            ":2: the answers to 'How many borders has Norway?' are of type number",
        ),
        (ROW.replace("\tcount\t{a}", "\tlist\t{a}").replace("borders ?x", "nothing ?x"), ":2: 0 answers to"),
        (ROW + ROW, ":3: 'How many borders has Norway?' is asked at"),
        (ROW + ROW.replace("How", "So how").replace("train", "dev"), ":3: the query of 'So how many"),
        (ROW.replace("\tcount\t{a}", "\tmost of all\t{a}"), ":2: unknown form 'most of all'"),
        (ROW.replace("?x", "?x }"), ":2: the query of 'How many borders has Norway?' is no SPARQL: "),
        (
            "train\tordinal\tentity\tmost 1\t?x r:area ?v\tWhich country is largest?\n",
            ":2: a tie at a place that 'Which country is largest?' asks for",
        ),
    ],
)
def test_what_is_wrong_with_a_template_is_said_with_file_and_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rows: str, complaint: str
) -> None:
    small_atlas(tmp_path, rows)
    capsys.readouterr()
    assert main([], tmp_path) == 1
    table = tmp_path / "data/atlas/source/operators/all.tsv"
    assert capsys.readouterr().err.startswith(f"{table}{complaint}")


def test_a_check_names_the_file_that_differs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small_atlas(tmp_path, ROW + ROW.replace("Norway", "Sweden").replace("train", "dev"))
    assert main([], tmp_path) == 0
    assert main(["--check"], tmp_path) == 0
    changed = tmp_path / "data/atlas/operators_dev.jsonl"
    lines = changed.read_text("utf-8").splitlines(keepends=True)
    wrong = json.dumps(json.loads(lines[-1]) | {"answers": ["7"]}) + "\n"
    changed.write_text("".join([*lines[:-1], wrong]), "utf-8")
    capsys.readouterr()
    assert main(["--check"], tmp_path) == 1
    assert capsys.readouterr().err.startswith("data/atlas/operators_dev.jsonl is not what the templates give")
