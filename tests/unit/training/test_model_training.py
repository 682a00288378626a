"""`train` from Python: graphs, questions and question files in, a folder and its scores out."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from unit.training.test_curriculum import OWN

from kgqa.datasets import Question
from kgqa.errors import DataError, UsageError
from kgqa.graph import GraphBuilder, Triple, save_index
from kgqa.lm import load_language_model
from kgqa.training import TrainingProgress, TrainingResult, TrainingSettings, train

torch.set_num_threads(1)  # more wait for each other where the machine is busy

FILMS = GraphBuilder.of(
    Triple(film, relation, f"{name} {number}")
    for number, film in enumerate(("Kismet", "Juarez", "Fog", "Boxing", "Island", "Zodiac"))
    for relation, name in (("directed_by", "Director"), ("in_language", "Language"))
)
QUICK = TrainingSettings(
    made_up=20,
    steps=2,
    batch_size=4,
    checkpoint_every=1,
    dev_limit=2,
    reranker_steps=1,
    program_steps=2,
    hops=2,
)


def rog_file(folder: Path, questions: list[Question]) -> Path:
    """The questions in a file in RoG's form."""
    rows = [
        {
            "id": q.id,
            "question": q.question,
            "q_entity": q.topic_entities,
            "answer": q.answers,
            "graph": q.graph,
        }
        for q in questions
    ]
    file = folder / "rog.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return file


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[TrainingResult, list[TrainingProgress]]:
    """What training on the films gives, and what was heard of it."""
    heard: list[TrainingProgress] = []
    folder = tmp_path_factory.mktemp("trained") / "model"
    return train(folder, FILMS, settings=QUICK, progress=heard.append), heard


def test_a_graph_gives_a_model_with_scores_before_and_after(
    trained: tuple[TrainingResult, list[TrainingProgress]],
) -> None:
    result, heard = trained
    assert result.folder.name == "model"
    assert result.before is not None
    assert result.after is not None
    assert result.after >= result.before
    assert result.record.data[0] == ("graph", FILMS.checksum)
    assert heard[0].examples == {"made-up": 18}
    assert heard[0].dev_questions == 2
    assert [progress.done for progress in heard][:1] == [0]
    assert (heard[-1].done, heard[-1].total) == (5, 5)
    assert (result.folder / "programs" / "reranker.safetensors").is_file()
    load_language_model(result.folder)


def test_a_model_that_writes_programs_has_the_license_of_what_its_program_writer_learnt_from(
    trained: tuple[TrainingResult, list[TrainingProgress]], tmp_path: Path
) -> None:
    card = (trained[0].folder / "README.md").read_text("utf-8")
    assert card.splitlines()[1] == "license: cc-by-sa-4.0"
    fresh = TrainingSettings(made_up=20, steps=1, batch_size=4, dev_limit=2, fresh=True, hops=2)
    assert train(tmp_path / "fresh", FILMS, settings=fresh).record.license == "apache-2.0"


def test_folders_and_files_may_be_texts_and_give_the_same_weights(
    trained: tuple[TrainingResult, list[TrainingProgress]], tmp_path: Path
) -> None:
    save_index(FILMS, tmp_path / "films")
    by_name = train(str(tmp_path / "a"), str(tmp_path / "films"), settings=QUICK)
    assert by_name.record.data[0].name == "films"
    for file in ("model.safetensors", "reranker.safetensors"):
        first, second = (load_file(one.folder / file) for one in (by_name, trained[0]))
        assert all(torch.equal(weight, second[name]) for name, weight in first.items())


class Killed(Exception):
    """What interrupts a training."""


def test_a_training_that_is_interrupted_in_any_part_is_resumed_and_gives_the_same_weights(
    trained: tuple[TrainingResult, list[TrainingProgress]], tmp_path: Path
) -> None:
    """Its steps: two of programs, two of the path writer, one of the reranker."""
    folder = tmp_path / "model"
    for step in (2, 4, 5):
        heard: list[int] = []

        def killed(progress: TrainingProgress, step: int = step, heard: list[int] = heard) -> None:
            heard.append(progress.done)
            if progress.done == step:
                raise Killed

        with pytest.raises(Killed):
            train(folder, FILMS, settings=QUICK, progress=killed)
        assert heard[1] == {2: 0, 4: 1, 5: 2}[step]  # after the 0 of every start
        assert not (folder / "config.json").exists()
    train(folder, FILMS, settings=QUICK)
    assert not list(folder.rglob("*checkpoint*"))
    for file in ("model.safetensors", "reranker.safetensors", "programs/model.safetensors"):
        again, whole = load_file(folder / file), load_file(trained[0].folder / file)
        assert all(torch.equal(weight, whole[name]) for name, weight in again.items())
    with pytest.raises(UsageError, match="holds a model already"):
        train(folder, FILMS, settings=QUICK)


def test_questions_with_graphs_of_their_own_need_no_other(tmp_path: Path) -> None:
    file = rog_file(tmp_path, OWN)
    result = train(tmp_path / "model", questions=str(file), dev=OWN, settings=QUICK)
    assert [source.name for source in result.record.data] == ["rog.jsonl"]
    assert result.record.sources["answers"] == 3
    assert result.before is not None


def test_without_any_graph_nothing_is_trained_on_a_default_one(tmp_path: Path) -> None:
    plain = Question("q1", "what is the capital of Kenya", ("Kenya",), ("Nairobi",))
    with pytest.raises(UsageError, match="nothing to learn from: give a graph"):
        train(tmp_path / "model", settings=QUICK)
    with pytest.raises(DataError, match="capital of Kenya' has no graph of its own, and no graph is given"):
        train(tmp_path / "model", questions=[plain], settings=QUICK)
    assert not (tmp_path / "model").exists()


def test_a_file_without_questions_and_a_file_for_a_folder_are_refused(tmp_path: Path) -> None:
    empty = tmp_path / "none.jsonl"
    empty.touch()
    with pytest.raises(DataError, match=r"none\.jsonl: holds no questions"):
        train(tmp_path / "model", FILMS, settings=QUICK, questions=empty)
    with pytest.raises(DataError, match=r"none\.jsonl: holds no questions"):
        train(tmp_path / "model", FILMS, settings=QUICK, dev=empty)
    with pytest.raises(UsageError, match=r"none\.jsonl is a file; name a folder"):
        train(empty, FILMS, settings=QUICK)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("steps", 0),
        ("batch_size", 0),
        ("made_up", -1),
        ("keep", 1.5),
        ("keep", float("nan")),
        ("learning_rate", 0.0),
        ("learning_rate", float("nan")),
        ("reranker_steps", -1),
        ("hops", 0),
        ("lora", 0),
        ("neftune", -1.0),
        ("checkpoint_every", 0),
        ("dev_limit", -1),
        ("lora_dropout", 1.5),
    ],
)
def test_settings_out_of_range_are_named(name: str, value: float) -> None:
    with pytest.raises(UsageError, match=f"^{name}: must be "):
        TrainingSettings(**{name: value})  # type: ignore[arg-type]


def test_every_setting_has_a_help_text() -> None:
    assert all(one.metadata["help"] for one in fields(TrainingSettings))
