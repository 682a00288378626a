"""Training of a program writer from a graph alone, as `kgqa train` does it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kgqa.graph import IndexedGraph
from kgqa.training.curve import Curve
from kgqa.training.examples.program_synthesis import synthetic_programs
from kgqa.training.programs.program_trainer import ProgramTrainer
from kgqa.training.programs.program_writer_training import ProgramWriterTraining
from kgqa.training.settings import TrainingSettings

__all__ = ["train_programs"]

_RATE = 3e-4


def train_programs(
    start: Path,
    graph: IndexedGraph,
    folder: Path,
    checkpoint: Path,
    settings: TrainingSettings,
    progress: Callable[[int], None] = lambda _: None,
) -> Curve:
    """Train the program writer in `start` on questions made up from a graph, and save it to `folder`.

    What is saved is the mean of the starting and the trained weights, by `settings.program_keep`: the trained
    ones know the graph, but have learnt the phrasing of made-up questions by heart at the cost of people's.
    Resumes and raises as `ProgramWriterTraining.train`.
    """
    resolved = settings.resolved(path_writer=True)
    steps = resolved["program_steps"]
    trainer = ProgramTrainer(
        steps,
        settings.batch_size,
        _RATE,
        warmup=max(1, steps // 10),
        checkpoint_every=settings.checkpoint_every,
        keep=resolved["program_keep"],
        seed=settings.seed,
    )
    examples = list(synthetic_programs(graph, settings.made_up, settings.seed, hops=settings.hops))
    return ProgramWriterTraining(trainer, start).train(examples, graph, folder, checkpoint, progress)
