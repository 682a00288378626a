"""No name can leave its quotation marks."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st
from strategies import names

from kgqa.answer.quoted import quoted, quoted_chain
from kgqa.graph import Chain, GraphBuilder, Hop, Triple, clean_name


@given(st.text() | names())
def test_a_quoted_name_is_one_line_without_special_tokens_or_ids_and_reads_back(name: str) -> None:
    text = quoted(name)
    assert json.loads(text) == clean_name(name)
    assert not set("<[\n\r\u2028\u2029\x85") & set(text)
    assert text.replace("\\\\", "").replace('\\"', "").count('"') == 2


@given(names(), names())
def test_what_names_say_does_not_change_the_structure_of_a_line(start: str, end: str) -> None:
    if start == end:
        return
    graph = GraphBuilder.of([Triple(start, "r", end)])
    line = quoted_chain(graph, Chain(start, (Hop("r", end),)))
    decoder = json.JSONDecoder()
    first, at = decoder.raw_decode(line)
    assert line[at : at + 8] == ' -"r"-> '
    last, over = decoder.raw_decode(line, at + 8)
    shown = [clean_name(graph.label(entity) or "") for entity in (start, end)]
    assert [first, last] == shown
    assert over == len(line)


def test_arrows_follow_the_triples_and_branches_name_where_they_start() -> None:
    graph = GraphBuilder.of([Triple("a", "r", "b"), Triple("c", "s", "a")])
    chain = Chain("a", (Hop("r", "b"), Hop("s", "c", inverse=True)), ("a", "a"))
    assert quoted_chain(graph, chain) == '"a" -"r"-> "b" ; "a" <-"s"- "c"'
