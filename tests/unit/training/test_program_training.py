"""Training of the program writer: the mean with the starting weights, resumption, a graph alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor
from unit.training.test_program_synthesis import company
from unit.training.tiny_writer import tiny_writer

from kgqa.lm.path_writer.configuration import PathWriterConfig
from kgqa.lm.path_writer.language_model import PROGRAMS, WEIGHTS
from kgqa.lm.path_writer.modeling import PathWriter, encoder_folder
from kgqa.training import TrainingSettings
from kgqa.training.examples.program_synthesis import synthetic_programs
from kgqa.training.programs.encoded_programs import EncodedPrograms
from kgqa.training.programs.program_trainer import ProgramTrainer
from kgqa.training.programs.program_writer_training import encode_examples
from kgqa.training.programs.programs_of_graph import train_programs

SHORT = ProgramTrainer(4, 4, warmup=1, checkpoint_every=2)
SHARES = {"made-up programs": 1.0}


@pytest.fixture(scope="module")
def encoded() -> EncodedPrograms:
    graph = company()
    examples = list(synthetic_programs(graph, 20, 0))
    pieces = encode_examples(examples, graph, encoder_folder(PathWriterConfig()))
    return EncodedPrograms.of(pieces, tiny_writer())


def weights(writer: PathWriter) -> dict[str, Tensor]:
    return {name: weight.clone() for name, weight in writer.state_dict().items()}


def trained(trainer: ProgramTrainer, encoded: EncodedPrograms, place: Path) -> dict[str, Tensor]:
    writer = tiny_writer()
    trainer.train(writer, encoded, SHARES, place)
    return weights(writer)


def test_what_a_training_keeps_is_the_share_of_the_starting_weights_in_the_mean(
    encoded: EncodedPrograms, tmp_path: Path
) -> None:
    start = weights(tiny_writer())
    whole = trained(SHORT, encoded, tmp_path / "whole.pt")
    mean = trained(replace(SHORT, keep=0.25), encoded, tmp_path / "mean.pt")
    assert any(not torch.equal(whole[name], start[name]) for name in start)
    for name in start:
        assert torch.allclose(mean[name], 0.25 * start[name] + 0.75 * whole[name], atol=1e-6), name


def test_a_killed_training_of_programs_is_resumed_and_ends_in_the_same_mean(
    encoded: EncodedPrograms, tmp_path: Path
) -> None:
    class Killed(Exception):
        pass

    def killed(step: int) -> None:
        if step == 3:
            raise Killed

    trainer = replace(SHORT, keep=0.5)
    with pytest.raises(Killed):
        trainer.train(tiny_writer(), encoded, SHARES, tmp_path / "cut.pt", progress=killed)
    resumed = tiny_writer()
    heard: list[int] = []
    trainer.train(resumed, encoded, SHARES, tmp_path / "cut.pt", progress=heard.append)
    assert heard == [2, 3, 4]
    whole = trained(trainer, encoded, tmp_path / "whole.pt")
    assert all(torch.equal(weight, whole[name]) for name, weight in weights(resumed).items())


def test_a_graph_alone_moves_the_program_writer_by_what_is_not_kept(tmp_path: Path) -> None:
    """All kept, the shipped weights are saved, in eight bits again; nothing kept, others."""
    start = weights(PathWriter.load(WEIGHTS / PROGRAMS))
    moved: dict[float, float] = {}
    for keep in (0.0, 1.0):
        settings = TrainingSettings(made_up=8, batch_size=4, program_steps=2, program_keep=keep)
        folder = tmp_path / str(keep)
        train_programs(WEIGHTS / PROGRAMS, company(), folder, tmp_path / f"{keep}.pt", settings)
        saved = weights(PathWriter.load(folder))
        moved[keep] = sum(float((saved[name] - start[name]).abs().sum()) for name in start)
        assert (folder / "reranker.safetensors").is_file()
    assert moved[1.0] < moved[0.0] / 10


def test_half_of_the_program_writer_is_kept_where_nothing_is_said() -> None:
    assert TrainingSettings().resolved(path_writer=True)["program_keep"] == 0.5
    assert TrainingSettings(program_keep=0.0).resolved(path_writer=True)["program_keep"] == 0.0
    assert TrainingSettings().resolved(path_writer=False)["program_keep"] == 0.0
