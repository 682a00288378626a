"""Data sets by name: what is here is what it is said to be, and what is not is named."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import tomllib
from pathlib import Path

import pytest
from conftest import REPOSITORY

from kgqa.datasets import (
    CATALOGUE,
    DataFolders,
    HubFiles,
    KnownSet,
    Portion,
    SourceFile,
    data_folders,
    known_set,
)
from kgqa.datasets.local_files import adopt
from kgqa.errors import DataError, UsageError

LINES: list[dict[str, object]] = [
    {"id": f"q{n}", "question": "?", "topic_entities": ["a"], "answers": ["b"]} for n in range(12)
]


def written(path: Path, lines: list[dict[str, object]]) -> SourceFile:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = gzip.compress("".join(json.dumps(line) + "\n" for line in lines).encode())
    path.write_bytes(content)
    return SourceFile(path.name, len(content), hashlib.sha256(content).hexdigest())


def one_set(source: SourceFile | HubFiles, count: int | None = 12, last: str = "q11") -> KnownSet:
    portions = {"test": Portion(source, count, ("q0", "q9", last))}
    return KnownSet("small", "a small set", portions, "test", "none", "here")  # type: ignore[arg-type]


def test_the_questions_of_a_known_file_are_read(tmp_path: Path) -> None:
    source = written(tmp_path / "q.jsonl.gz", LINES)
    found = list(one_set(source).questions(DataFolders.of(tmp_path)))
    assert [question.id for question in found] == [line["id"] for line in LINES]


def test_another_file_of_the_same_name_is_an_error_before_any_question(tmp_path: Path) -> None:
    source = written(tmp_path / "q.jsonl.gz", LINES)
    path = tmp_path / "q.jsonl.gz"
    content = path.read_bytes()
    for other in (content + b"\0", content[:-1] + bytes([content[-1] ^ 1])):
        path.write_bytes(other)
        with pytest.raises(DataError, match="is another file"):
            next(one_set(source).questions(DataFolders.of(tmp_path)))
    path.unlink()
    with pytest.raises(DataError, match=r"is in none of .*set KGQA_DATA"):
        next(one_set(source).questions(DataFolders.of(tmp_path)))


def test_the_atlas_questions_are_found_where_a_wheel_installs_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_folders, "ROOT", tmp_path / "site-packages")
    monkeypatch.setattr("sys.prefix", str(tmp_path / "env"))
    monkeypatch.setenv("KGQA_DATA", str(tmp_path))
    with pytest.raises(DataError, match=r"atlas/test\.jsonl is in none of"):
        next(CATALOGUE["atlas"].questions(DataFolders.of(), "test"))
    for target, patterns in tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["tool"][
        "setuptools"
    ]["data-files"].items():
        for file in (file for pattern in patterns for file in REPOSITORY.glob(pattern)):
            (tmp_path / "env" / target).mkdir(parents=True, exist_ok=True)
            shutil.copy(file, tmp_path / "env" / target)
    for part in ("train", "dev", "test"):
        assert sum(1 for _ in CATALOGUE["atlas"].questions(DataFolders.of(), part)) > 200


def test_a_damaged_list_of_checksums_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "hub" / "owner" / "set"
    source = written(folder / "data" / "test-0.jsonl.gz", LINES)
    known = one_set(HubFiles("owner/set", "data/test-*"))
    for damage in ("{", "[]", '{"data/test-0.jsonl.gz": 3}', '{"data/test-0.jsonl.gz": {"bytes": []}}'):
        (folder / "checksums.json").write_text(damage)
        with pytest.raises(DataError, match=r"checksums\.json: is damaged"):
            next(known.questions(DataFolders.of(tmp_path)))
    good = {"data/test-0.jsonl.gz": {"bytes": source.size, "sha256": source.sha256}}
    (folder / "checksums.json").write_text(json.dumps(good))
    assert len(list(known.questions(DataFolders.of(str(tmp_path))))) == 12


def test_other_counts_and_other_records_are_told(tmp_path: Path) -> None:
    source = written(tmp_path / "q.jsonl.gz", LINES)
    folders = DataFolders.of(tmp_path)
    with pytest.raises(DataError, match="12 questions, not 13"):
        list(one_set(source, 13, "q12").questions(folders))
    with pytest.raises(DataError, match="question 12 has the id 'q11', not 'last'"):
        list(one_set(source, 12, "last").questions(folders))
    swapped = [*LINES[:9], LINES[10], LINES[9], LINES[11]]
    with pytest.raises(DataError, match="question 10 has the id 'q10', not 'q9'"):
        list(one_set(written(tmp_path / "q.jsonl.gz", swapped)).questions(folders))


def test_the_library_has_no_data_folder_but_the_one_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shared" / "data").mkdir(parents=True)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.delenv("KGQA_DATA", raising=False)
    assert not [place for place in DataFolders.of().places if "shared" in place.parts]
    monkeypatch.setenv("KGQA_DATA", "../shared/data")
    assert DataFolders.of().places[0] == tmp_path / "shared" / "data"


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nowhere: no such folder"):
        DataFolders.of(tmp_path / "nowhere")


def test_names_and_parts_that_are_none_are_told_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean metaqa-2hop"):
        known_set("metaqa-2hops")
    with pytest.raises(UsageError, match="no part dev; it has test"):
        CATALOGUE["webqsp-rog-18"].portion("dev")


def test_the_atlas_ships_and_is_whole() -> None:
    for part, portion in CATALOGUE["atlas"].portions.items():
        found = list(CATALOGUE["atlas"].questions(DataFolders((REPOSITORY / "data",)), part))
        assert len(found) == portion.count


@pytest.mark.data
@pytest.mark.parametrize("name", ["metaqa-1hop", "pathquestion-3hop", "webqsp", "webqsp-rog-18"])
def test_the_benchmark_data_is_what_it_is_said_to_be(name: str, data_folder: Path) -> None:
    known = CATALOGUE[name]
    for part, portion in known.portions.items():
        found = sum(1 for _ in known.questions(DataFolders.of(data_folder), part))
        assert found == portion.count
    if known.graph:
        assert DataFolders.of(data_folder).find(known.graph).is_file()


@pytest.mark.data
def test_the_parts_of_an_undivided_set_are_disjoint_and_make_the_whole(data_folder: Path) -> None:
    known, folders = CATALOGUE["metaqa-1hop"], DataFolders.of(data_folder)
    parts = [[q.id for q in known.questions(folders, part)] for part in ("train", "dev", "test")]
    assert sorted(id_ for part in parts for id_ in part) == sorted(q.id for q in known.questions(folders))
    assert all(parts)
    first = next(known.questions(folders))
    assert (first.kind, first.hops) == (first.extras["qtype"], 1)


def test_a_file_that_lies_elsewhere_is_adopted_if_it_is_of_the_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KGQA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("KGQA_DATA", str(tmp_path / "none"))
    source = written(tmp_path / "elsewhere" / "q.jsonl.gz", LINES)
    known = one_set(SourceFile("small/questions.jsonl.gz", source.size, source.sha256))
    with pytest.raises(DataError):
        list(known.questions(DataFolders.of()))
    renamed = (tmp_path / "elsewhere" / "q.jsonl.gz").rename(tmp_path / "elsewhere" / "mine.gz")
    assert adopt(known, None, renamed) == "small/questions.jsonl.gz"
    assert len(list(known.questions(DataFolders.of()))) == 12
    other = tmp_path / "other.gz"
    other.write_bytes(b"x")
    with pytest.raises(DataError, match="is not a file of small"):
        adopt(known, None, other)
    with pytest.raises(UsageError, match="no such file"):
        adopt(known, None, tmp_path / "nothing")


def test_a_file_of_the_hub_is_adopted_if_its_questions_have_graphs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KGQA_CACHE", str(tmp_path / "cache"))
    rows = [
        {"id": f"q{n}", "question": "?", "q_entity": ["a"], "answer": ["b"], "graph": [["a", "r", "b"]]}
        for n in range(12)
    ]
    first, second = tmp_path / "rows-0.jsonl.gz", tmp_path / "rows-1.jsonl.gz"
    written(first, rows[:5])  # type: ignore[arg-type]
    written(second, rows[5:])  # type: ignore[arg-type]
    known = one_set(HubFiles("owner/name", "data/test-*"))
    for file in (first, second):
        assert adopt(known, "test", file).startswith("hub/owner/name/data/test-rows-")
    assert [q.id for q in known.questions(DataFolders.of(tmp_path))] == [row["id"] for row in rows]
    written(tmp_path / "plain.jsonl.gz", LINES)
    with pytest.raises(DataError, match="no questions with graphs"):
        adopt(known, "test", tmp_path / "plain.jsonl.gz")


def test_an_empty_file_is_none_of_the_hub(tmp_path: Path) -> None:
    (tmp_path / "test-0.jsonl").write_text("\n")
    with pytest.raises(DataError, match="holds no questions with graphs"):
        adopt(one_set(HubFiles("owner/set", "data/test-*")), "test", str(tmp_path / "test-0.jsonl"))
