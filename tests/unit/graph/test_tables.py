"""Tables as people have them: headers, other columns, wide tables, other separators, and what is refused."""

from __future__ import annotations

import gzip
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from kgqa import Columns, open_graph
from kgqa.errors import ParseError, UsageError
from kgqa.graph import Name, RelationName, Triple
from kgqa.graph.readers import SkipReport, read

Write = Callable[[str, str | bytes], Path]

PEOPLE = "person,employer,city\nAnn,Zed Ltd,Oslo\nBob,Acme,Bergen\nCid,Zed Ltd,Oslo\n"
WORKS = [
    Triple("Ann", "employer", "Zed Ltd"),
    Triple("Ann", "city", "Oslo"),
    Triple("Bob", "employer", "Acme"),
    Triple("Bob", "city", "Bergen"),
    Triple("Cid", "employer", "Zed Ltd"),
    Triple("Cid", "city", "Oslo"),
]
TABLE = Columns(table=True, entity_type="")


def triples(path: Path, columns: Columns | None = None, report: SkipReport | None = None) -> list[Triple]:
    return [s for s in read(path, columns=columns, report=report) if isinstance(s, Triple)]


def capitals(count: int) -> str:
    return "".join(f"Land {i},capital,Town {i}\n" for i in range(count))


REFUSED = {
    "a header and few rows": PEOPLE,
    "one row under a header": "person,employer,city\nAnn,Zed Ltd,Oslo\n",
    "no header": "Ann,Zed Ltd,Oslo\nBob,Acme,Bergen\nCid,Initech,Rome\n",
    "a row": "Ann,Zed Ltd,Oslo\n",
    "a second column that repeats": "film,director,year\n"
    + "".join(f"Film {i},Director {i % 3},{1930 + i}\n" for i in range(20)),
    "a second column that repeats in two rows": "film,director,year\nKismet,Will,1944\nJuarez,Will,1939\n",
    "capitals throughout": "Person,Employer,City\n"
    + "".join(f"Person {i},Firm {i % 2},Town {i % 3}\n" for i in range(6)),
    "a column of numbers in the middle": "".join(f"Land {i},{i * 1000},Town {i}\n" for i in range(5)),
    "lower case in many rows": "".join(f"word {i},meaning {i},example {i}\n" for i in range(10)),
    "relation first": "".join(f"isa,thing {i},thing {i // 2}\n" for i in range(20)),
    "decimal commas": "Produkt;Preis;Gewicht\nApfel;1,25;0,18\nBirne;1,40;0,21\nKirsche;12,50;0,01\n",
    "two columns": "country,capital\nFrance,Paris\n",
    "five columns": "a,b,c,d,e\n1,2,3,4,5\n",
}


@pytest.mark.parametrize("name", ["kb.csv", "kb.tsv"])
@pytest.mark.parametrize("case", REFUSED)
def test_a_table_that_is_no_triples_is_refused_with_the_options_that_read_it(
    write: Write, name: str, case: str
) -> None:
    content = REFUSED[case].replace(",", "\t") if name == "kb.tsv" else REFUSED[case]
    path = write(name, content)
    with pytest.raises(ParseError, match=r"--table .* --head --relation --tail") as raised:
        list(read(path, skip_bad=10**6))
    assert raised.value.source == str(path)
    assert len(str(raised.value)) < len(str(path)) + 500


TRIPLES = {
    "one": "Kismet,directed_by,William Dieterle\n",
    "a head with two facts": "Kismet,Directed By,William Dieterle\nKismet,Release Year,1944\n",
    "a relation each, in lower case": "a,born in,b\nc,lives in,d\ne,married to,f\ng,likes,h\n",
    "one relation": capitals(30),
    "one relation with a capital": capitals(30).replace("capital", "Capital"),
    "a star": "".join(f"Zed Ltd,property {i},Value {i}\n" for i in range(30)),
    "a path": "".join(f"Town {i},Road {i},Town {i + 1}\n" for i in range(9)),
    "numbers": "".join(f"Land {i},population,{i * 1000}\n" for i in range(9)),
    "another script": "柏林,位于,德国\n巴黎,首都,法国\n",
    "Wikidata": "".join(f"Q{i},P{i % 5},Q{i * 7}\n" for i in range(20)),
}


@pytest.mark.parametrize("case", TRIPLES)
def test_triples_of_many_kinds_are_no_table(write: Write, case: str) -> None:
    report = SkipReport()
    lines = TRIPLES[case].splitlines()
    assert triples(write("kb.csv", TRIPLES[case]), report=report) == [Triple(*x.split(",")) for x in lines]
    assert report.notes == []


def test_a_table_gives_a_fact_for_each_cell(write: Write) -> None:
    assert triples(write("kb.csv", PEOPLE), TABLE) == WORKS
    assert triples(write("kb.tsv", PEOPLE.replace(",", "\t")), TABLE) == WORKS
    by_city = triples(write("kb.csv", PEOPLE), Columns(head="city", table=True, entity_type=""))
    assert by_city[:2] == [Triple("Oslo", "person", "Ann"), Triple("Oslo", "employer", "Zed Ltd")]
    assert triples(write("kb.csv", PEOPLE), Columns(head=3, table=True, entity_type="")) == by_city


@pytest.mark.parametrize(
    ("name", "header", "entity_type", "expected"),
    [
        ("kb.csv", "person", None, "person"),
        ("film stars.csv.gz", "Name", None, "film stars"),
        ("stars.csv", "id", "star", "star"),
        ("stars.csv", "person", "", None),
    ],
)
def test_what_the_entities_of_a_table_are_is_a_fact_of_each(
    write: Write, name: str, header: str, entity_type: str | None, expected: str | None
) -> None:
    content = f"{header},city\nAnn,Oslo\n\nBob,\n".encode()
    path = write(name, gzip.compress(content) if name.endswith(".gz") else content)
    report = SkipReport()
    found = triples(path, Columns(table=True, entity_type=entity_type), report)
    assert {t.head for t in found if t == Triple(t.head, "type", expected or "")} == (
        {"Ann", "Bob"} if expected else set()
    )
    assert Triple("Ann", "city", "Oslo") in found
    said = f"{path}: each row is of the type {expected!r} (--type says otherwise)"
    assert report.notes == ([said] if entity_type is None else [])


def test_the_three_columns_are_named_or_numbered(write: Write) -> None:
    path = write("kb.csv", "since,who,how,whom\n1990,Ann,knows,Bob\n1991,Bob,likes,Cid\n")
    expected = [Triple("Ann", "knows", "Bob"), Triple("Bob", "likes", "Cid")]
    assert triples(path, Columns("who", "how", "whom")) == expected
    report = SkipReport()
    assert triples(path, Columns(2, 3, 4, header=True), report) == expected
    assert report.notes == []
    assert triples(path, Columns("2", "3", "4"), report) == expected
    assert "(since, who, how, whom) is taken for column names" in report.notes[0]
    assert len(triples(path, Columns(2, 3, 4, header=False))) == 3
    first = write("kb.csv", "IsA,dog,animal\nIsA,cat,animal\n")
    assert triples(first, Columns(relation=1)) == [
        Triple("dog", "IsA", "animal"),
        Triple("cat", "IsA", "animal"),
    ]


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        (Columns(head="nobody"), "no column 'nobody'; it has person, employer, city"),
        (Columns(head=4), "no column 4"),
        (Columns(head="city", relation="city"), "three different columns"),
        (Columns(head="nobody", table=True), "no column 'nobody'"),
        (Columns(head=0, table=True), "no column 0"),
    ],
)
def test_a_column_that_is_not_there_is_named(write: Write, columns: Columns, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        triples(write("kb.csv", PEOPLE), columns)


def test_columns_that_contradict_each_other_are_refused() -> None:
    for wrong in (
        {"table": True, "relation": 2},
        {"table": True, "header": False},
        {"entity_type": "person"},
        {"table": True, "entity_type": 3},
        {"separator": "::"},
        {"separator": '"'},
        {"split": ""},
        {"head": True},
        {"head": 1.5},
    ):
        with pytest.raises(UsageError):
            Columns(**wrong)


def test_files_without_columns_have_none_to_name(write: Write) -> None:
    with pytest.raises(UsageError, match="have no columns"):
        triples(write("kb.nt", ""), TABLE)


@pytest.mark.parametrize(
    "header",
    [
        "start,type,end",
        "entity,attribute,value",
        "h,r,t",
        "Item,Property,Value",
        "Entity1,Relation,Entity2",
        "from,relationship,to",
        "subject_id,predicate,object_id",
    ],
)
def test_a_header_with_less_usual_names_is_recognised_and_said(write: Write, header: str) -> None:
    report = SkipReport()
    path = write("kb.csv", f"{header}\n{capitals(2)}")
    assert triples(path, report=report) == [
        Triple("Land 0", "capital", "Town 0"),
        Triple("Land 1", "capital", "Town 1"),
    ]
    assert report.notes == [
        f"{path}: columns read as head, relation, tail: {', '.join(header.split(','))} "
        "(--head --relation --tail)"
    ]


def test_a_header_that_is_asked_for_is_no_fact(write: Write) -> None:
    path = write("kb.csv", f"film,rel,who\n{capitals(5)}")
    assert len(triples(path, Columns(header=True))) == 5
    assert len(triples(write("kb.csv", f"head,relation,tail\n{capitals(5)}"), Columns(header=False))) == 6


def test_a_first_row_that_may_be_a_header_is_said_to_be_read_as_a_fact(write: Write) -> None:
    report = SkipReport()
    path = write("kb.csv", f"Film,Rel,Who\n{capitals(5)}")
    assert len(triples(path, report=report)) == 6
    assert report.notes == [
        f"{path}: the first row (Film, Rel, Who) is read as a fact (--header if it is none)"
    ]


def test_a_header_over_numbered_columns_is_recognised_by_the_values_below(write: Write) -> None:
    report = SkipReport()
    content = "land,what,how many\n" + "".join(f"Land {i},population,{i}\n" for i in range(5))
    path = write("kb.csv", content)
    assert len(triples(path, Columns(1, 2, 3), report)) == 5
    assert "is taken for column names (--no-header)" in report.notes[0]
    assert len(triples(path, Columns(1, 2, 3, header=False))) == 6


CONCEPTS = ["/r/IsA\t/c/en/ice_cream/n\t/c/en/food", "/r/AtLocation\t/c/en/ice_cream/n\t/c/en/shop"]


@pytest.mark.parametrize("form", ["three", "five"])
@pytest.mark.parametrize("name", ["assertions.csv", "assertions.tsv"])
def test_conceptnet_is_read_with_its_names(write: Write, form: str, name: str) -> None:
    lines = CONCEPTS
    if form == "five":
        lines = [f'/a/[{x.replace(chr(9), ",")}]\t{x}\t{{"dataset": "/d/x", "weight": 1.0}}' for x in lines]
    report = SkipReport()
    found = list(read(write(name, "\n".join(lines) + "\n"), report=report))
    assert found == [
        Triple("/c/en/ice_cream/n", "/r/IsA", "/c/en/food"),
        Name("/c/en/ice_cream/n", "ice cream"),
        RelationName("/r/IsA", "is a"),
        Name("/c/en/food", "food"),
        Triple("/c/en/ice_cream/n", "/r/AtLocation", "/c/en/shop"),
        RelationName("/r/AtLocation", "at location"),
        Name("/c/en/shop", "shop"),
    ]
    assert any("ConceptNet" in note for note in report.notes)


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_another_separator_in_a_csv_file_is_found_and_said(write: Write, separator: str) -> None:
    report = SkipReport()
    path = write("kb.csv", PEOPLE.replace(",", separator))
    assert triples(path, TABLE, report) == WORKS
    assert report.notes == [f"{path}: its columns are separated by {separator!r} (--separator)"]
    given = SkipReport()
    assert triples(path, Columns(table=True, separator=separator, entity_type=""), given) == WORKS
    assert given.notes == []


def test_a_separator_that_the_first_line_names_is_taken(write: Write) -> None:
    report = SkipReport()
    path = write("kb.csv", f"sep=;\r\n{PEOPLE.replace(',', ';')}")
    assert triples(path, TABLE, report) == WORKS
    assert triples(path, Columns(table=True, separator=";", entity_type=""), report) == WORKS
    assert report.notes == []
    assert (
        triples(write("kb.csv", f"sep=;\n{PEOPLE}"), Columns(table=True, separator=",", entity_type=""))
        == WORKS
    )
    assert triples(write("kb.csv", 'sep="\n'), Columns(header=False), SkipReport(limit=1)) == []
    report = SkipReport(limit=1)
    assert triples(write("kb.csv", "sep=;\n;r;b\na;r;c\n"), report=report) == [Triple("a", "r", "c")]
    assert [skip.line for skip in report] == [2]


def test_decimal_commas_and_semicolons_in_cells_do_not_hide_the_separator(write: Write) -> None:
    assert triples(write("kb.csv", "city;area\nBern;51,6\nBasel;23,8\n"), TABLE)[0] == Triple(
        "Bern", "area", "51,6"
    )
    assert triples(write("kb.csv", "a,r,b;c\na,s,d;e\n")) == [
        Triple("a", "r", "b;c"),
        Triple("a", "s", "d;e"),
    ]


def test_several_values_in_a_cell_are_split(write: Write) -> None:
    path = write("kb.csv", 'film,cast\nKismet,"Colman; Dietrich ;"\nJuarez,Muni\n')
    assert triples(path, Columns(table=True, split=";", entity_type="")) == [
        Triple("Kismet", "cast", "Colman"),
        Triple("Kismet", "cast", "Dietrich"),
        Triple("Juarez", "cast", "Muni"),
    ]
    path = write("kb.csv", "Kismet,cast,Colman|Dietrich\n")
    assert len(triples(path, Columns(split="|"))) == 2


def test_empty_cells_are_no_facts_and_empty_rows_no_entities(write: Write) -> None:
    path = write("kb.csv", "name,born,died,\nAnn,1944,, \n,,,\nBob, ,2001,\n")
    assert triples(path, TABLE) == [Triple("Ann", "born", "1944"), Triple("Bob", "died", "2001")]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("Bob,1950", "2 fields instead of 3"),
        ("Bob,1950,Rome,x", "4 fields instead of 3"),
        (",1950,Rome", "the head is empty"),
    ],
)
def test_a_ragged_row_is_named_with_its_line_and_can_be_skipped(write: Write, row: str, reason: str) -> None:
    path = write("kb.csv", f'name,born,city\n"Ann\nMarie",1944,Oslo\n{row}\nCid,1960,Bern\n')
    with pytest.raises(ParseError, match=reason) as raised:
        triples(path, TABLE)
    assert raised.value.line == 4
    report = SkipReport(limit=1)
    assert [t.head for t in triples(path, TABLE, report)] == ["Ann\nMarie", "Ann\nMarie", "Cid", "Cid"]


def test_a_value_under_no_name_is_a_bad_line(write: Write) -> None:
    with pytest.raises(ParseError, match="line 3: a value in column 3, which has no name"):
        triples(write("kb.csv", "name,born,\nAnn,1944,\nBob,1950,x\n"), TABLE)


def test_a_byte_order_mark_and_windows_line_ends_are_no_part_of_a_table(write: Write) -> None:
    content = b"\xef\xbb\xbf" + PEOPLE.replace("\n", "\r\n").encode()
    assert triples(write("kb.csv", content), TABLE) == WORKS
    assert triples(write("kb.csv", content), Columns(head="person", table=True, entity_type="")) == WORKS


def test_another_encoding_is_refused_with_the_line(write: Write) -> None:
    with pytest.raises(ParseError, match="line 2: not UTF-8"):
        triples(write("kb.csv", "name,city\nAnn,Malmö\n".encode("latin-1")), TABLE)
    with pytest.raises(ParseError, match=r"line 1: not UTF-8 \(it is UTF-16\)"):
        triples(write("kb.csv", "name,city\nAnn,Malmö\n".encode("utf-16")), TABLE)


def test_a_ragged_or_damaged_first_row_leaves_the_others_as_they_are(write: Write) -> None:
    report = SkipReport(limit=1)
    assert triples(write("kb.csv", '"a"x,r,b\nc,r,d\n'), report=report) == [Triple("c", "r", "d")]
    assert [skip.line for skip in report] == [1]


def test_a_graph_is_opened_with_its_columns_and_read_anew_for_others(
    write: Write, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path, cache = write("kb.csv", PEOPLE.replace(",", ";")), tmp_path / "cache"
    with pytest.raises(ParseError, match="--table"):
        open_graph(path, cache=cache)
    with caplog.at_level(logging.WARNING, logger="kgqa"):
        graph = open_graph(path, cache=cache, columns=TABLE)
    assert set(graph) == set(WORKS)
    said = f"{path}: its columns are separated by ';' (--separator)"
    assert graph.facts_about["notes"] == [said]
    assert [record.getMessage() for record in caplog.records] == [f"note: {said}"]
    other = open_graph(path, cache=cache, columns=Columns(head="city", table=True, entity_type=""))
    assert set(other) != set(graph)
    assert set(open_graph(path, use_cache=False, columns=TABLE)) == set(graph)
    with pytest.raises(UsageError, match="columns are of graph files"):
        open_graph(cache, columns=TABLE)
