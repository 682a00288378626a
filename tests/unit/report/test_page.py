"""The page: whatever the records say, it is HTML of our own tags, loads nothing, and says what is so."""

from __future__ import annotations

import csv
import dataclasses
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from property_examples import examples
from unit.report.made_runs import HOSTILE, MANIFEST, TEXTS, hostile_records, record, said, wrong
from unit.report.page_reader import PageReader

from kgqa.chat import Usage
from kgqa.evaluation import Record
from kgqa.graph import GraphBuilder, Name, Triple
from kgqa.pipeline import Timings
from kgqa.report import RunFolder, Summary, as_csv, as_html, as_markdown

TAGS = {
    *("html", "head", "meta", "link", "title", "style", "body", "header", "main", "section", "article"),
    *(
        "h1",
        "h2",
        "h3",
        "p",
        "br",
        "small",
        "details",
        "summary",
        "dl",
        "dt",
        "dd",
        "div",
        "span",
        "ul",
        "li",
    ),
    *("i", "bdi", "figure", "figcaption", "table", "thead", "tbody", "tr", "th", "td"),
    *("svg", "defs", "marker", "path", "rect", "circle", "text", "g"),
}
ATTRIBUTES = {
    *("lang", "charset", "name", "content", "http-equiv", "rel", "href", "id", "class", "style", "title"),
    *(
        "role",
        "aria-label",
        "aria-labelledby",
        "aria-hidden",
        "scope",
        "width",
        "height",
        "viewbox",
        "d",
        "x",
    ),
    *("y", "rx", "r", "cx", "cy", "text-anchor", "transform", "opacity", "marker-end", "orient", "refx"),
    *("refy", "markerwidth", "markerheight"),
}


def page_of(records: Sequence[Record], manifest: dict[str, Any] | None = None) -> str:
    run = RunFolder(Path("runs/films"), {**MANIFEST, "n": len(records), **(manifest or {})}, tuple(records))
    return as_html(Summary.of(run))


def check_is_ours(page: str) -> PageReader:
    """Only our tags and attributes, nested as they should be, and nothing that would be loaded."""
    read = PageReader(page)
    assert not read.problems
    assert read.tags <= TAGS
    assert {name for name, _ in read.attributes} <= ATTRIBUTES
    assert {value for name, value in read.attributes if name == "href"} <= {"data:,"}
    styles = [value for name, value in read.attributes if name == "style"]
    assert not any("url" in style for style in styles)
    assert not re.search(r"url\((?!#head)|@import", page)
    return read


@examples(60, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(hostile_records(), max_size=8, unique_by=lambda each: each.id),
    st.dictionaries(TEXTS, st.none() | TEXTS | st.lists(TEXTS, max_size=2), max_size=3),
)
def test_no_text_of_a_record_or_manifest_becomes_a_tag(records: list[Record], values: dict[str, Any]) -> None:
    published = [{"method": str(values), "values": dict.fromkeys(values, 1.5)}]
    manifest = {**values, "title": next(iter(values), ""), "published": published}
    read = check_is_ours(page_of(records, manifest))
    shown = "".join(read.texts) + "".join(value for _, value in read.attributes)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", shown)


@examples(40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(hostile_records(), max_size=6, unique_by=lambda each: each.id))
def test_markdown_and_csv_keep_their_rows_whatever_the_records_say(records: list[Record]) -> None:
    summary = Summary.of(RunFolder(Path("films"), {**MANIFEST, "title": "<b>|\n| x"}, tuple(records)))
    text, table = as_markdown(summary), as_csv(summary)
    assert text.startswith("# \\<b\\>\\| \\| x\n")
    assert "<" not in re.sub(r"\\.", "", text)
    assert (
        len({len(re.sub(r"\\.", "", line).split("|")) for line in text.splitlines() if line[:1] == "|"}) <= 2
    )
    assert len({len(row) for row in csv.reader(io.StringIO(table))}) == 1


def test_every_hostile_text_is_shown_as_text_where_a_label_stands() -> None:
    for text in HOSTILE:
        chain = ((text or "a", text, "b" + text),)
        page = page_of(
            [wrong("q", question=text, answers=("b" + text,), entities=("b" + text,), chains=(chain,))]
        )
        read = check_is_ours(page)
        visible = " ".join("".join(text.split()) for text in read.texts)
        if text.isprintable() and 0 < len(text) < 25:
            assert "".join(text.split()) in visible


def test_an_empty_run_has_a_page_that_says_so() -> None:
    read = check_is_ours(page_of([]))
    assert "No question has a record: there is nothing to score." in "\n".join(read.texts)


def test_a_run_that_is_not_finished_says_how_much_is_missing() -> None:
    run = RunFolder(Path("films"), {**MANIFEST, "n": 1500}, (record(),))
    assert "1,499 of its questions have no record yet" in as_html(Summary.of(run))
    assert "1,499 of its" not in as_html(Summary.of(dataclasses.replace(run, manifest={**MANIFEST, "n": 1})))


def test_the_page_is_the_same_whatever_the_order_of_the_records() -> None:
    records = [record(f"q{n}", seconds=0.01 * n) for n in range(5)] + [wrong(f"w{n}") for n in range(15)]
    assert page_of(records) == page_of(records[::-1])


def test_published_scores_stand_apart_and_are_not_comparable_unless_they_say_so() -> None:
    published = [
        {"method": "RoG", "source": "ICLR 2024", "values": {"Hits@1": 85.7}, "note": "whole Freebase"},
        {"method": "Twin", "values": {"F1": 70}, "comparable": True},
        {"method": "Nothing", "values": {"F1": "many"}},
    ]
    text = " ".join(check_is_ours(page_of([record()], {"published": published})).texts)
    assert "no: whole Freebase" in text
    assert "Hits@1 85.7" in text
    assert text.count("Published by others") == 1
    assert "Nothing" not in text
    assert "Published by others" not in page_of([record()])


def test_what_a_language_model_took_is_summed_over_the_run() -> None:
    both = [
        said("gpt", ("Cher",), ("Cher",), "conflicts", Usage(2, 0, 1000, 10, 0.25)),
        said("gpt", (), None, None, Usage(1, 1, 234, 5, 0.25)),
    ]
    page = page_of([record(f"q{n}", llm_report=each) for n, each in enumerate(both)] + [record("q9")])
    text = " ".join("".join(check_is_ours(page).texts).split())
    assert "requests (answered from a cache)3 (1)" in text.replace(" 3 (1)", "3 (1)")
    assert "1,234, 15" in text
    assert "0.5000" in text
    assert "conflicts with the graph's" in text


def test_kinds_stages_and_passes_are_shown_where_records_have_them() -> None:
    counted: dict[str, Any] = {"timings": Timings(link=0.01, decode=0.03), "passes": 3, "tokens": 40}
    records = [
        dataclasses.replace(record(f"q{n}"), **counted, kind=kind, gold_rank=rank)
        for n, (kind, rank) in enumerate([("conjunction", 7), ("composition", None)])
    ]
    text = " ".join("".join(check_is_ours(page_of(records)).texts).split())
    assert "conjunction" in text
    assert "3.0 passes over 40 tokens" in text
    assert "gold chain at rank 7" in text
    assert "By rank of the gold chain" in text
    assert re.search(r"decode ?30 ms ?30 ms ?75\.0", text)
    assert not re.search("passes over|gold chain", page_of([record()]))


def test_a_graph_knows_the_names_of_what_chains_hold() -> None:
    graph = GraphBuilder.of([Name("x:Q1", "Kismet"), Triple("x:Q1", "x:P57", "x:Q2")])
    held = wrong(
        "q",
        topic_entities=("Kismet",),
        answers=("x:Q2",),
        entities=("x:Q2",),
        chains=((("x:Q1", "x:P57", "x:Q2"),),),
    )
    run = RunFolder(Path("films"), MANIFEST, (held,))
    assert "<title>Kismet</title>" in as_html(Summary.of(run, graph))
    assert "<title>Kismet</title>" not in as_html(Summary.of(run))


@pytest.mark.parametrize("count", [2_000, pytest.param(15_000, marks=pytest.mark.slow)])
def test_a_run_of_many_questions_has_a_small_page(count: int) -> None:
    records = [
        (record if n % 3 else wrong)(f"q{n}", seconds=0.001 * (n % 700 + 1), f1=n % 997 / 997)
        for n in range(count)
    ]
    assert len(page_of(records)) < 150_000
