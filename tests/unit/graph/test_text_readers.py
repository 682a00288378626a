"""TSV, CSV, MetaQA and RoG files: what is read, and what is said of broken ones."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st
from strategies import HOSTILE_NAMES

from kgqa.errors import ParseError, UsageError
from kgqa.graph import Triple
from kgqa.graph.readers import FORMATS, SkipReport, detect_format, read, read_rog

Write = Callable[[str, str | bytes], Path]
FACTS = [Triple("Kismet", "directed_by", "William Dieterle"), Triple("Kismet", "release_year", "1944")]


def joined(separator: str) -> str:
    return "".join(separator.join(fact) + "\n" for fact in FACTS)


@pytest.mark.parametrize(
    ("name", "separator"),
    [("kb.tsv", "\t"), ("kb.csv", ","), ("kb.txt", "|"), ("kb.txt", "\t"), ("kb", "|"), ("KB.TSV", "\t")],
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_plain_or_packed_file_is_read_by_name_and_content(
    write: Write, name: str, separator: str, packed: bool
) -> None:
    content = joined(separator).encode()
    path = write(name + ".gz", gzip.compress(content)) if packed else write(name, content)
    assert list(read(path)) == FACTS
    assert list(read(str(path))) == FACTS


def test_gzip_is_told_by_content_not_by_name(write: Write) -> None:
    assert list(read(write("kb.tsv", gzip.compress(joined("\t").encode())))) == FACTS
    assert list(read(write("kb.tsv.gz", joined("\t")))) == FACTS


def test_a_byte_order_mark_and_windows_line_ends_are_no_part_of_names(write: Write) -> None:
    path = write("kb.tsv", b"\xef\xbb\xbf" + joined("\t").replace("\n", "\r\n").encode())
    assert list(read(path)) == FACTS


@given(st.lists(st.sampled_from(HOSTILE_NAMES), min_size=2, max_size=2))
def test_names_come_through_tsv_as_they_are(
    tmp_path_factory: pytest.TempPathFactory, ends: list[str]
) -> None:
    head, tail = ends
    if any("\n" in name or "\t" in name or name.isspace() for name in ends) or tail.endswith("\r"):
        reject()
    path = tmp_path_factory.mktemp("hostile") / "kb.tsv"
    path.write_bytes(f"{head}\tr\t{tail}\n".encode())
    assert list(read(path)) == [Triple(head, "r", tail)]


def test_quotes_hashes_and_stray_spaces_are_part_of_a_tsv_name(write: Write) -> None:
    path = write("kb.tsv", '"Weird Al" Yankovic\tr\t#1 Fan\n\n# a\tr\t b \n')
    assert list(read(path)) == [Triple('"Weird Al" Yankovic', "r", "#1 Fan"), Triple("# a", "r", " b ")]


def test_csv_quotes_hold_commas_quotes_and_line_ends(write: Write) -> None:
    path = write("kb.csv", '"Paris, Texas",r,"a ""b"""\n"two\nlines",r,c\n')
    assert list(read(path)) == [Triple("Paris, Texas", "r", 'a "b"'), Triple("two\nlines", "r", "c")]


@pytest.mark.parametrize("header", ["head,relation,tail", "Subject,Predicate,Object"])
def test_a_csv_header_is_no_fact(write: Write, header: str) -> None:
    assert list(read(write("kb.csv", header + "\n" + joined(",")))) == FACTS


def test_a_csv_header_may_name_other_columns_in_another_order(write: Write) -> None:
    path = write("kb.csv", "weight,tail,relation,head\n0.5,b,r,a\n")
    assert list(read(path)) == [Triple("a", "r", "b")]


@pytest.mark.parametrize(
    ("name", "bad", "reason"),
    [
        ("kb.tsv", "a\tb", "2 fields"),
        ("kb.tsv", "a\tr\tb\tc", "4 fields"),
        ("kb.tsv", "a r b", "1 field"),
        ("kb.tsv", "\tr\tb", "head is empty"),
        ("kb.tsv", " \tr\tb", "head is empty"),
        ("kb.tsv", "a\t\tb", "relation is empty"),
        ("kb.tsv", "a\t\x1b\tb", "relation is empty"),
        ("kb.tsv", "a\tr\t", "tail is empty"),
        ("kb.tsv", "a\0\tr\tb", "NUL"),
        ("kb.csv", "a,b", "2 fields"),
        ("kb.csv", '"a"x,r,b', "CSV"),
        ("kb.txt", "a|r|b|c", "4 fields"),
    ],
)
def test_a_bad_line_is_named_with_its_number_and_can_be_skipped(
    write: Write, name: str, bad: str, reason: str
) -> None:
    separator = {"kb.tsv": "\t", "kb.csv": ",", "kb.txt": "|"}[name]
    path = write(name, joined(separator) + "\n" + bad + "\n" + joined(separator))
    with pytest.raises(ParseError, match=reason) as raised:
        list(read(path))
    assert (raised.value.source, raised.value.line) == (str(path), 4)
    report = SkipReport(limit=1)
    assert list(read(path, report=report)) == FACTS * 2
    assert [(skip.source, skip.line) for skip in report] == [(str(path), 4)]
    assert reason in str(report.skips[0])


def test_skipping_stops_at_the_limit_which_counts_over_files(write: Write) -> None:
    one, other = write("1.tsv", "x\na\tr\tb\n"), write("2.tsv", "y\nz\n")
    report = SkipReport(limit=2)
    assert list(read(one, report=report)) == [Triple("a", "r", "b")]
    with pytest.raises(ParseError, match="bad line number 3, at most 2") as raised:
        list(read(other, report=report))
    assert raised.value.line == 2
    assert len(report) == 2


def test_skip_bad_works_without_a_report(write: Write) -> None:
    assert list(read(write("kb.tsv", "x\n" + joined("\t")), skip_bad=1)) == FACTS


def test_an_empty_file_has_no_facts(write: Write) -> None:
    assert list(read(write("kb.tsv", ""))) == []


@pytest.mark.parametrize("name", ["kb.tsv.gz", "kb.csv.gz", "kb.jsonl.gz", "kb.nt.gz", "kb.ttl.gz", "kb.gz"])
def test_a_gzip_file_that_is_cut_off_or_damaged_is_named(write: Write, name: str) -> None:
    lines = "".join(f"entity {i}\tr\t{i * 7919 % 1000}\n" for i in range(20_000)).encode()
    if name == "kb.nt.gz":
        lines = "".join(
            f"<http://e/{i}> <http://e/r> <http://e/{i * 7919 % 1000}> .\n" for i in range(9000)
        ).encode()
    if name in ("kb.csv.gz", "kb.jsonl.gz"):
        lines = lines.replace(b"\t", b",") if "csv" in name else b"\n" * 200_000
    packed = gzip.compress(lines)
    crc = bytearray(packed)
    crc[-8] ^= 1
    for content in (packed[: len(packed) // 2], packed[:-1], bytes(crc), packed[:5]):
        path = write(name, content)
        with pytest.raises(ParseError, match="gzip") as raised:
            list(read(path, skip_bad=10**9))
        assert raised.value.source == str(path)


def test_the_line_where_a_gzip_file_breaks_off_is_named(write: Write) -> None:
    path = write("kb.tsv.gz", gzip.compress(b"a\tr\tb\n" * 10)[:-9])
    with pytest.raises(ParseError) as raised:
        list(read(path))
    assert raised.value.line >= 1


@pytest.mark.parametrize("form", ["tsv", "csv", "metaqa", "ntriples", "turtle", "rdfxml", "rog"])
def test_a_byte_that_is_no_utf_8_is_named_with_its_line(write: Write, form: str) -> None:
    path = write("kb", b"\n\n\xff\n")
    with pytest.raises(ParseError) as raised:
        list(read(path, form))
    assert raised.value.source == str(path)
    if form not in ("rdfxml",):
        assert raised.value.line == 3


@pytest.mark.parametrize("form", FORMATS)
def test_a_missing_file_and_a_folder_are_parse_errors_in_every_format(tmp_path: Path, form: str) -> None:
    for path in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(ParseError) as raised:
            list(read(path, form))
        assert raised.value.source == str(path)


def test_an_unknown_format_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"'xlsx'.*tsv.*rog"):
        read("kb.xlsx", "xlsx")


@pytest.mark.parametrize("content", ["hello world\n", "", "a b c\nd e f\n", "<html>\n"])
def test_a_file_that_tells_no_format_is_refused_with_those_there_are(write: Write, content: str) -> None:
    with pytest.raises(UsageError, match=r"cannot detect its format.*tsv"):
        detect_format(write("kb.dat", content))


# RoG -----------------------------------------------------------------------------------------------

RECORD: dict[str, Any] = {
    "id": "WebQTest-0",
    "question": "what does jamaican people speak",
    "answer": ["Jamaican English"],
    "q_entity": ["Jamaica"],
    "a_entity": ["Jamaican English"],
    "graph": [["Jamaica", "location.country.languages_spoken", "Jamaican English"], ["Jamaica", "r", "m.0x"]],
}


def test_a_rog_record_is_read_with_all_its_fields(write: Write) -> None:
    path = write("rog.jsonl.gz", gzip.compress((json.dumps(RECORD) + "\n\n").encode()))
    (record,) = read_rog(path)
    assert (record.id, record.question) == (RECORD["id"], RECORD["question"])
    assert record.answer == record.a_entity == ("Jamaican English",)
    assert record.q_entity == ("Jamaica",)
    assert record.graph == tuple(Triple(*triple) for triple in RECORD["graph"])


def test_the_graphs_of_a_rog_file_are_merged(write: Write) -> None:
    second = {**RECORD, "graph": [["Jamaica", "r", "m.0y"]]}
    path = write("rog.jsonl", json.dumps(RECORD) + "\n" + json.dumps(second) + "\n")
    assert [triple.tail for triple in read(path) if isinstance(triple, Triple)] == [
        "Jamaican English",
        "m.0x",
        "m.0y",
    ]


@pytest.mark.parametrize("field", RECORD)
def test_a_rog_record_without_a_field_is_named(write: Write, field: str) -> None:
    broken = {key: value for key, value in RECORD.items() if key != field}
    path = write("rog.jsonl", json.dumps(RECORD) + "\n" + json.dumps(broken) + "\n")
    with pytest.raises(ParseError, match=field) as raised:
        list(read_rog(path))
    assert raised.value.line == 2


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": 7}, "'id' is 7"),
        ({"answer": "Jamaican English"}, "list of texts"),
        ({"q_entity": [None]}, "'q_entity' is None"),
        ({"graph": "a r b"}, "no list of triples"),
        ({"graph": [["a", "r"]]}, "triple 1"),
        ({"graph": [["a", "r", "b"], ["a", "r", 3]]}, "triple 2"),
        ({"graph": ["arb"]}, "triple 1"),
        ({"graph": [["a", "", "b"]]}, "relation is empty"),
        ({"graph": [["a", "r", ""]]}, "tail is empty"),
        ({"graph": [["a", "r", "\ud800"]]}, "surrogate"),
        ({"graph": [["a", "r", "\0"]]}, "NUL"),
    ],
)
def test_a_rog_record_with_something_else_in_it_is_named(
    write: Write, change: dict[str, object], reason: str
) -> None:
    path = write("rog.jsonl", json.dumps({**RECORD, **change}) + "\n")
    with pytest.raises(ParseError, match=reason) as raised:
        list(read_rog(path))
    assert raised.value.line == 1


def test_an_empty_part_costs_a_triple_and_not_the_record(write: Write) -> None:
    broken = {**RECORD, "graph": [["a", "r", "b"], ["", "r", "b"]]}
    report = SkipReport(limit=1)
    (record,) = read_rog(write("rog.jsonl", json.dumps(broken)), report)
    assert record.graph == (Triple("a", "r", "b"),)
    assert "triple 2" in report.skips[0].reason


@pytest.mark.parametrize("line", ["{", "[]", "7", "[" * 100_000, '{"id": NaN'])
def test_a_line_that_is_no_json_object_is_named(write: Write, line: str) -> None:
    path = write("rog.jsonl", "\n" + line + "\n")
    with pytest.raises(ParseError, match="JSON") as raised:
        list(read_rog(path))
    assert raised.value.line == 2
