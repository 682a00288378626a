"""Runs as prediction files of published systems: what is read back is what was there."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.report.made_runs import record

from kgqa.answer import LlmReport
from kgqa.errors import UsageError
from kgqa.evaluation import Record, read_predictions
from kgqa.evaluation.written import Written
from kgqa.graph import GraphBuilder, Name, Triple
from kgqa.report import PREDICTION_FORMS, PredictionForm, prediction_rows, write_predictions
from kgqa.validation import check_chains, read_claims

FORMS = st.sampled_from(PREDICTION_FORMS)
NAMES = st.sampled_from(
    ["Kismet", "Oslo", "Zoë Bell", "R.E.M.", "2001: A Space Odyssey", "-> x", "m.0x1", "Bo"]
)
RELATIONS = st.sampled_from(["directed_by", "film.actor.film", "in_language"])


def row(form: PredictionForm, one: Record, **given_: Any) -> dict[str, Any]:
    (found,) = prediction_rows(form, [one], **given_)
    return found


def branching() -> Record:
    chain = (("Kismet", "directed_by", "Bo"), ("Kismet", "release_year", "1944"))
    return record(chains=(chain,), answers=("Bo",), entities=("Bo",))


def test_each_form_has_the_fields_of_its_system() -> None:
    one = record(
        answers=("William Dieterle", "Bo"), entities=("William Dieterle", "Bo"), vote_shares=(0.9, 0.1)
    )
    path = "Kismet -> film.film.direction -> m.0x1 -> directed_by -> William Dieterle"
    start = {"id": "q1", "question": "who directed Kismet?"}
    gold = {"ground_truth": ["William Dieterle"]}
    assert row("rog", one) == {
        **start,
        "prediction": "William Dieterle\nBo",
        **gold,
        "input": f"Reasoning Paths:\n{path}\n\nQuestion:\nwho directed Kismet?",
    }
    assert row("rog-paths", one) == {
        **start,
        "q_entity": ["Kismet"],
        "prediction": [["film.film.direction", "directed_by"]],
        "ground_paths": [],
    }
    assert row("gcr", one) == {
        **start,
        "prediction": [f"# Reasoning Path:\n{path}\n# Answer:\nWilliam Dieterle"],
        **gold,
        "ground_truth_paths": [],
    }
    assert row("subgraphrag", one) == {**start, "prediction": "ans: William Dieterle\nans: Bo", **gold}
    assert row("tog", one) == {
        "question": "who directed Kismet?",
        "results": "{William Dieterle}",
        "reasoning_chains": [
            [[["Kismet", "film.film.direction", "m.0x1"]]],
            [[["m.0x1", "directed_by", "William Dieterle"]]],
        ],
    }


def test_names_are_those_of_the_graph_and_gold_paths_those_of_the_question() -> None:
    graph = GraphBuilder.of([Triple("Q1", "P57", "Q2"), Name("Q1", "Kismet"), Name("Q2", "William Dieterle")])
    one = record(chains=((("Q1", "P57", "Q2"),),), entities=("Q2",))
    assert (
        row("gcr", one, graph=graph)["prediction"][0].splitlines()[1] == "Kismet -> P57 -> William Dieterle"
    )
    assert row("gcr", one)["prediction"][0].splitlines()[1] == "Q1 -> P57 -> William Dieterle"
    gold = {"q1": ((Triple("Kismet", "director", "Bo"), Triple("Juarez", "director", "Bo")),)}
    assert row("gcr", one, gold_paths=gold)["ground_truth_paths"] == [
        "Kismet -> director -> Bo <- director <- Juarez"
    ]
    assert row("rog-paths", one, gold_paths=gold)["ground_paths"] == [["director", "director"]]
    turned = {"q1": ((Triple("william dieterle", "director of", "Kismet"),),)}
    assert row("gcr", one, gold_paths=turned)["ground_truth_paths"] == [
        "Kismet <- director of <- william dieterle"
    ]


def test_a_chain_that_branches_is_a_path_for_each_triple_and_has_no_relation_path() -> None:
    shown = row("rog", branching())["input"].split("\n\n")[0]
    assert shown == "Reasoning Paths:\nKismet -> directed_by -> Bo\nKismet -> release_year -> 1944"
    assert row("rog-paths", branching())["prediction"] == []


def test_what_models_wrote_goes_before_what_was_made_of_it() -> None:
    written = Written("", "A -> r -> B", (("A", "r", "B"),), True, -1.0, "a B")
    lost = Written("", "A -> s -> C", (("A", "s", "C"),), False, -2.0, "C")
    one = record(written=(written, lost), llm_report=LlmReport("m", ("Bo",), reply="The answer is {Bo}."))
    assert row("gcr", one)["prediction"] == [
        "# Reasoning Path:\nA -> r -> B\n# Answer:\na B",
        "# Reasoning Path:\nA -> s -> C\n# Answer:\nC",
    ]
    assert row("rog-paths", one)["prediction"] == [["r"]]
    said = row("rog", one, replies=True)["prediction"], row("tog", one, replies=True)["results"]
    assert said == ("The answer is {Bo}.",) * 2
    own = row("rog", one)["prediction"], row("tog", one)["results"]
    assert own == ("William Dieterle", "{William Dieterle}")


def test_no_answer_is_wrong_for_the_script_of_tog_too() -> None:
    none = record(answers=(), entities=(), vote_shares=(), chains=(), proves=())
    assert row("tog", none)["results"] == "{NULL}"
    assert row("rog", none)["prediction"] == row("subgraphrag", none)["prediction"] == ""
    with pytest.raises(UsageError, match=r"form is one of rog, rog-paths, .*, not 'csv'"):
        row(cast(PredictionForm, "csv"), none)


@st.composite
def walks(draw: st.DrawFn) -> tuple[str, tuple[tuple[str, str, str], ...], str]:
    """A walk with its start and its end."""
    names = draw(st.lists(NAMES, min_size=2, max_size=4, unique=True))
    steps = []
    for source, target in pairwise(names):
        relation = draw(RELATIONS)
        steps.append((source, relation, target) if draw(st.booleans()) else (target, relation, source))
    return names[0], tuple(steps), names[-1]


@st.composite
def records(draw: st.DrawFn) -> Record:
    found = draw(st.lists(walks(), min_size=1, max_size=3, unique=True))
    answers = tuple(dict.fromkeys(end for _, _, end in found))
    return record(
        chains=tuple(chain for _, chain, _ in found),
        proves=tuple(answers.index(end) for _, _, end in found),
        answers=answers,
        entities=answers,
        vote_shares=(0.5,) * len(answers),
        topic_entities=tuple(dict.fromkeys(start for start, _, _ in found)),
        gold=tuple(draw(st.lists(NAMES, min_size=1, max_size=2, unique=True))),
    )


@given(FORMS, records())
def test_answers_and_facts_are_read_back(form: PredictionForm, one: Record) -> None:
    facts = {Triple(*triple) for chain in one.chains for triple in chain}
    graph = GraphBuilder.of(sorted(facts))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "predictions.jsonl"
        write_predictions(path, form, [one], graph)
        if form != "rog-paths":
            (back,) = read_predictions(path)
            assert set(back.answers) == set(one.answers[:1] if form == "tog" else one.answers)
            assert back.answers[0] == one.answers[one.proves[0]]
        if form != "subgraphrag":
            claims = list(read_claims(path))
            results = list(check_chains(path, graph))
            assert all(result.holds for result in results), [str(result) for result in results]
    if form == "rog-paths":
        plans = [tuple(relation for _, relation, _ in chain) for chain in one.chains]
        assert [claim.relations for claim in claims] == list(dict.fromkeys(plans))
    elif form == "gcr":
        assert [result.chain for result in results] == list(one.chains)
    elif form != "subgraphrag":
        said = {frozenset(triple) for result in results for triple in result.chain}
        assert said == set(map(frozenset, facts))  # in one direction or the other


def test_lines_stay_lines_whatever_names_hold(tmp_path: Path) -> None:
    one = record(
        answers=("New\nYork", "a\u2028b"), entities=("Q1", "Q2"), vote_shares=(0.5, 0.5), chains=(), proves=()
    )
    path = tmp_path / "p.jsonl"
    write_predictions(path, "rog", [one])
    assert json.loads(path.read_text("utf-8"))["prediction"] == "New York\na b"
