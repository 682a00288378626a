"""What decides a run is compared, what describes it is said and kept."""

from __future__ import annotations

import dataclasses
import inspect
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from judging_model import JudgingModel

from kgqa.answer.direction.relation_sides import RelationSides
from kgqa.constraint import GrammarName
from kgqa.datasets import Question
from kgqa.errors import UsageError
from kgqa.evaluation.running import provenance
from kgqa.evaluation.running.manifest import Manifest, questions_checksum
from kgqa.evaluation.running.provenance import DECODING, SOURCE, Provenance, code_fingerprint
from kgqa.finders import ChainSpace, ModelFinder
from kgqa.graph import GraphBuilder
from kgqa.linking import NameLinker
from kgqa.program import Executor

DESCRIBES = {"versions": {"torch": "1", "numpy": "2"}, "commit": "abc", "started": "now", "batch_size": 8}
MANIFEST = Manifest("q", 3, "g", False, {"model": "m", "search": {"beams": 3}}, DESCRIBES)


def told(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "run.json").read_text("utf-8"))
    return found


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("questions", "other", "other questions"),
        ("n", 4, r"other n \(3, now 4"),
        ("graph", "h", r"other graph \(g, now h"),
        ("link", True, "other link"),
        ("settings", {"model": "n", "search": {"beams": 3}}, "model='m', now model='n'"),
        ("settings", {"model": "m", "search": {"beams": 4}}, r"search\.beams=3, now search\.beams=4"),
        ("settings", {"model": "m", "search": {"beams": 3}, "seed": 1}, "seed=None, now seed=1"),
    ],
)
def test_whatever_decides_the_records_is_refused_when_it_differs(
    tmp_path: Path, field: str, value: object, message: str
) -> None:
    assert MANIFEST.claim(tmp_path) == []
    before = told(tmp_path)
    with pytest.raises(UsageError, match=message):
        dataclasses.replace(MANIFEST, **{field: value}).claim(tmp_path)  # type: ignore[arg-type]
    assert told(tmp_path) == before


def test_what_describes_a_run_is_said_and_kept_when_it_differs_from_the_last_time(tmp_path: Path) -> None:
    MANIFEST.claim(tmp_path)
    later = {**DESCRIBES, "started": "later"}
    assert dataclasses.replace(MANIFEST, describes=later).claim(tmp_path) == []
    assert told(tmp_path)["resumed"] == []
    other = {"versions": {"torch": "2", "numpy": "2"}, "commit": None, "started": "later", "batch_size": 8}
    changed = dataclasses.replace(MANIFEST, describes=other)
    assert changed.claim(tmp_path) == ["commit was abc, is None", "torch was 1, is 2"]
    assert told(tmp_path)["resumed"] == [other]
    assert changed.claim(tmp_path) == []
    assert MANIFEST.claim(tmp_path) == ["commit was None, is abc", "torch was 2, is 1"]
    assert told(tmp_path)["describes"] == DESCRIBES
    assert len(told(tmp_path)["resumed"]) == 2


@pytest.mark.parametrize("damage", [{"resumed": 3}, {"describes": []}, {"format": "x"}, {"version": 1}])
def test_a_manifest_of_something_else_is_refused(tmp_path: Path, damage: dict[str, object]) -> None:
    MANIFEST.claim(tmp_path)
    (tmp_path / "run.json").write_text(json.dumps(told(tmp_path) | damage))
    with pytest.raises(UsageError, match="choose another folder"):
        MANIFEST.claim(tmp_path)


@given(st.sampled_from([f.name for f in dataclasses.fields(Question)]))
def test_every_field_that_a_record_shows_or_is_scored_by_is_in_the_checksum(field: str) -> None:
    question = Question("1", "?", ("a",), ("b",), 2, ("r",), (), None, {"qtype": "x", "other": 1})
    values: dict[str, object] = {
        "hops": 3,
        "gold_relation_path": ("s",),
        "gold_paths": ((("a", "r", "b"),),),
        "graph": (("a", "r", "b"),),
        "extras": {"qtype": "y"},
        "topic_entities": ("c",),
        "answers": ("c",),
        "answer_type": "number",
        "operators": ("count",),
        "topic_ids": ("i",),
        "answer_ids": ("i",),
        "answer_aliases": (("c",),),
    }
    other = dataclasses.replace(question, **{field: values.get(field, "2")})  # type: ignore[arg-type]
    assert questions_checksum([question])[1] != questions_checksum([other])[1]
    unused = dataclasses.replace(question, extras={"qtype": "x", "other": 2})
    assert questions_checksum([question])[1] == questions_checksum([unused])[1]


def test_provenance_names_what_there_is() -> None:
    here = Provenance.here()
    assert {"python", "kgqa", "torch", "transformers", "numpy"} <= here.versions.keys()
    assert here.processor
    assert here.threads >= 1
    assert here.commit is None or len(here.commit) == 40
    assert code_fingerprint("graph") != code_fingerprint("decode") != code_fingerprint()


def test_stages_are_kept_for_the_code_of_all_that_ranks_and_links() -> None:
    graph = GraphBuilder.of([("Kismet", "directed_by", "William Dieterle")])
    finder = ModelFinder(JudgingModel())
    grammars: tuple[GrammarName, ...] = ("relations", "programs")
    ranking = {type(one) for name in grammars for one in finder.rankers_for(ChainSpace(graph, name))}
    assert len(ranking) == 14
    deciding: list[type] = [*ranking, ModelFinder, NameLinker, Executor, RelationSides]
    for file in (Path(inspect.getfile(kind)) for kind in deciding):
        assert any(file.is_relative_to(SOURCE / part) for part in DECODING), file


def test_a_table_of_words_is_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provenance, "SOURCE", tmp_path)
    (tmp_path / "words.toml").write_text('doing = ["own"]', "utf-8")
    before = code_fingerprint.__wrapped__(".")
    (tmp_path / "words.toml").write_text('doing = ["have"]', "utf-8")
    assert code_fingerprint.__wrapped__(".") != before
