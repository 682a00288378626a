"""Variants of programs use what the question names."""

from __future__ import annotations

import pytest
from given_programs import text_of, written

from kgqa.answer import NamedVariants
from kgqa.graph import GraphBuilder
from kgqa.lm import MockLanguageModel

ROWS = (
    ("Dawn", "novel", "Ann", "300", "9"),
    ("Dusk", "novel", "Bob", "100", "8"),
    ("Moss", "crime", "Ann", "200", "7"),
    ("Reed", "crime", "Cid", "250", "6"),
)
GRAPH = GraphBuilder.of(
    (name, relation, cell)
    for name, *cells in ROWS
    for relation, cell in zip(("type", "genre", "author", "pages", "price"), ("book", *cells), strict=True)
)


def added(question: str, topics: list[str], *texts: str) -> set[tuple[str, float]]:
    given = written(GRAPH, question, *texts)
    found = NamedVariants(MockLanguageModel().tokenizer).rank(question, topics, given, GRAPH)
    assert found[: len(given)] == given
    return {(text_of(hypothesis, GRAPH), hypothesis.score) for hypothesis in found[len(given) :]}


@pytest.mark.parametrize(
    ("question", "topics", "text", "variant"),
    [
        (
            "Which novels are not by Ann?",
            ["novel", "Ann"],
            "all book | where not -> author is Ann",
            "all book | where not -> author is Ann | where -> genre is novel",
        ),
        (
            "Which book is not by Ann or Bob?",
            ["Ann", "Bob"],
            "all book | where not -> author is Ann",
            "all book | where not -> author is Ann | where not -> author is Bob",
        ),
        (
            "What is the longest book by Ann?",
            ["Ann"],
            "all book | most -> pages",
            "all book | where -> author is Ann | most -> pages",
        ),
        ("Which book is the longest?", [], "all book | most -> price", "all book | most -> pages"),
        ("How many pages has Dawn?", ["Dawn"], "Dawn -> price", "Dawn -> pages"),
        (
            "Which book has fewer than 240 pages?",
            [],
            "all book | where by -> genre count below 240",
            "all book | where -> pages below 240",
        ),
    ],
)
def test_what_the_question_names_is_used(question: str, topics: list[str], text: str, variant: str) -> None:
    assert added(question, topics, text) == {(variant, -3.0)}


@pytest.mark.parametrize(
    ("question", "topics", "text"),
    [
        ("Which novels are by Ann?", ["novel", "Ann"], "novel <- genre | where -> author is Ann"),
        ("Is Dawn by Ann, or by Bob?", ["Dawn", "Ann", "Bob"], "Dawn -> author | test is Bob"),
        ("Which book has most pages?", [], "all book | most -> pages"),
        ("Which are not by Zed?", ["Zed"], "all book | most -> pages"),
    ],
)
def test_nothing_is_added_where_all_is_used_or_nothing_fits(
    question: str, topics: list[str], text: str
) -> None:
    assert added(question, topics, text) == set()


def test_of_many_names_not_all_combinations_are_tried() -> None:
    names = ["Ann", "Bob", "Cid", "Dan", "Eve", "Fay", "Gus", "Hal"]
    books = [(f"B{number}", relation, name) for number in range(9) for name in names for relation in "abc"]
    graph = GraphBuilder.of([*books, *((f"B{number}", "type", "book") for number in range(9))])
    question = f"Which books are by {', '.join(names)}?"
    given = written(graph, question, "all book")
    found = NamedVariants(MockLanguageModel().tokenizer).rank(question, names, given, graph)  # of 65,535
    assert len(given) < len(found) < 30


FLOWS = GraphBuilder.of(
    [
        *((river, "type", "river") for river in ("Danube", "Inn", "Elbe")),
        *(("Danube", "crosses", land) for land in ("Austria", "Hungary", "Serbia")),
        *((river, "crosses", "Austria") for river in ("Inn", "Elbe")),
        *((river, "length", length) for river, length in (("Danube", "2850"), ("Inn", "517"))),
    ]
)


def of_rivers(question: str, topics: list[str], text: str) -> set[str]:
    given = written(FLOWS, question, text)
    found = NamedVariants(MockLanguageModel().tokenizer).rank(question, topics, given, FLOWS)
    return {text_of(hypothesis, FLOWS) for hypothesis in found[1:]}


def test_members_take_the_place_of_groups_that_are_counted() -> None:
    more = "Which rivers cross more than two lands?"
    assert of_rivers(more, [], "all river | where by -> crosses count above 2") == {
        "all river | where count -> crosses above 2"
    }
    assert "all river | most count -> crosses" in of_rivers(
        "Which river crosses most lands?", [], "all river | by -> crosses most count"
    )


def test_in_a_table_members_and_groups_are_exchanged() -> None:
    asked, lands, rivers = (
        "How many {}?",
        "all river | by -> crosses each count",
        "all river | each count -> crosses",
    )
    assert rivers in of_rivers(asked.format("lands does each river cross"), [], lands)
    assert lands in of_rivers(asked.format("rivers has each land"), [], rivers)


def test_what_is_asked_of_each_is_given_for_each() -> None:
    asked = "What is the {} of each river?"
    for text, table in (
        ("all river | average -> length", "all river | each average -> length"),
        ("all river -> length", "all river | each -> length"),
        ("all river -> crosses | count", "all river | each count -> crosses"),
        ("all river -> crosses | count", "all river | by -> crosses each count"),
    ):
        assert table in of_rivers(asked.format("length"), [], text)
        assert not any("each" in text for text in of_rivers("What is the length of the rivers?", [], text))
    assert not any(
        "each -> crosses" in text for text in of_rivers(asked.format("land"), [], "all river -> crosses")
    )


def test_two_steps_lead_to_a_name_where_one_does_not() -> None:
    rows = [
        ("Ann", "doctor", "Bob"),
        ("Cid", "doctor", "Dan"),
        ("Bob", "ward", "Heart"),
        ("Dan", "ward", "Bone"),
    ]
    towns = [("Ann", "town", "Bern"), ("Cid", "town", "Bern")]
    graph = GraphBuilder.of([*rows, *towns])
    question = "Which patients in Heart are from Bern?"
    found = NamedVariants(MockLanguageModel().tokenizer).rank(
        question, ["Heart", "Bern"], written(graph, question, "Bern <- town"), graph
    )
    assert "Bern <- town | where -> doctor -> ward is Heart" in [text_of(one, graph) for one in found]


def test_the_class_that_is_asked_for_is_started_from() -> None:
    bands = [("Sun", "type", "band"), ("Sea", "type", "band")]
    towns = [
        ("Sun", "town", "Rome"),
        ("Sea", "town", "Bern"),
        ("Sea", "town", "Oslo"),
        ("Sun", "members", "4"),
    ]
    albums = [(album, "type", "album") for album in ("One", "Two")]
    by = [("One", "band", "Sun"), ("Two", "band", "Sea"), ("Two", "sold", "9"), ("One", "sold", "7")]
    graph = GraphBuilder.of([*bands, *towns, *albums, *by])

    def variants(question: str, text: str) -> list[str]:
        found = NamedVariants(MockLanguageModel().tokenizer).rank(
            question, [], written(graph, question, text), graph
        )
        return [text_of(one, graph) for one in found[1:]]

    for of_albums, of_bands in (
        ("all album | most count -> band -> town", "all band | most count -> town"),
        ("all album | without -> band -> members", "all band | without -> members"),
        ("all album | where -> band -> members above 3", "all band | where -> members above 3"),
        ("all album | where -> band -> town is Rome", "all band | where -> town is Rome"),
    ):
        assert of_bands in variants("Which band has over 3 members or is in Rome?", of_albums)
        assert of_bands not in variants("Which album has over 3 members or is in Rome?", of_albums)
    assert "all band" not in " ".join(variants("Which band is it?", "all album | most -> sold"))


def test_what_a_question_begins_with_to_except_it_is_excepted() -> None:
    graph = GraphBuilder.of([("Sun", "tour", town) for town in ("Rome", "Bern")] + [("Sea", "tour", "Rome")])
    start, meant = "Rome <- tour | where not is Sun", "Sun -> tour | where not is Rome"
    for question, is_meant in (
        ("Other than Rome, where did Sun tour?", True),
        ("Besides Rome, where did Sun tour?", True),
        ("Other than Sun, who toured in Rome?", False),
    ):
        found = NamedVariants(MockLanguageModel().tokenizer).rank(
            question, ["Rome", "Sun"], written(graph, question, start), graph
        )
        assert (meant in [text_of(one, graph) for one in found]) == is_meant


def test_the_winner_takes_the_place_of_a_test_where_there_is_a_choice() -> None:
    names, test = ["Danube", "Inn"], "Danube | test -> length below that of Inn"
    winner = "Danube or Inn | least -> length"
    assert winner in of_rivers("Is the Danube or the Inn shorter?", names, test)
    assert winner not in of_rivers("Is the Danube shorter than the Inn?", names, test)


def test_the_sides_of_an_exception_are_exchanged_where_the_question_excepts_the_other() -> None:
    names = ["Danube", "Inn"]
    wrong = "Inn -> crosses | but not ( Danube -> crosses )"
    right = "Danube -> crosses | but not ( Inn -> crosses )"
    flows = {"Danube": ("Serbia", "Austria"), "Inn": ("Swiss", "Austria")}
    elbe = GraphBuilder.of([(river, "crosses", land) for river, lands in flows.items() for land in lands])
    for question, expected in (("Danube, but not Inn?", {right}), ("Inn, but not Danube?", set())):
        given = written(elbe, question, wrong)
        found = NamedVariants(MockLanguageModel().tokenizer).rank(question, names, given, elbe)
        assert {text_of(one, elbe) for one in found} & {right} == expected


def test_a_step_leads_on_to_what_the_noun_names() -> None:
    graph = GraphBuilder.of(
        [
            *((land, "continent", "Europe") for land in ("France", "Spain")),
            *(("France", "capital", "Paris"), ("Spain", "capital", "Madrid")),
            *((place, "population", size) for place, size in (("France", "68"), ("Spain", "49"))),
            *((place, "population", size) for place, size in (("Paris", "2"), ("Madrid", "3"))),
        ]
    )
    question, text = "Which capital of Europe is largest?", "Europe <- continent | most -> population"
    given = written(graph, question, text)
    found = NamedVariants(MockLanguageModel().tokenizer).rank(question, ["Europe"], given, graph)
    assert "Europe <- continent -> capital | most -> population" in {text_of(one, graph) for one in found}
    given = written(
        graph, "Which capital of Europe, 49?", "Europe <- continent | where -> population equals 49"
    )
    found = NamedVariants(MockLanguageModel().tokenizer).rank(
        "Which capital of Europe?", ["Europe"], given, graph
    )
    assert [text_of(one, graph) for one in found[1:]] == [
        "Europe <- continent | where -> population equals 49 | -> capital"
    ]


def test_what_is_tested_for_is_not_tested() -> None:
    question, text = "Did Ann write Dawn?", "Dawn or Ann | test -> author is Ann"
    assert added(question, ["Ann", "Dawn"], text) == {("Dawn | test -> author is Ann", -3.0)}


def test_a_superlative_by_a_relation_that_the_question_names_is_tried() -> None:
    for question in ("Which river is the longest in length?", "Which river comes first in length?"):
        assert "all river | most -> length" in of_rivers(question, [], "all river")
    assert of_rivers("Which river has a length?", [], "all river") == set()


def test_a_name_behind_a_negation_is_left_out_where_the_program_negates_nothing() -> None:
    assert ("all book | where not -> author is Ann", -3.0) in added(
        "Which books are none of Ann?", ["Ann"], "all book"
    )
