"""Training of the program writer, from questions with programs to a folder that loads."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from kgqa.constraint import CachingTokenizer
from kgqa.graph import IndexedGraph
from kgqa.lm.path_writer.modeling import PathWriter, encoder_folder, load_encoder
from kgqa.lm.path_writer.precision import fast_dtype
from kgqa.lm.path_writer.question_text import load_tokenizer
from kgqa.lm.path_writer.reranker import RERANKER
from kgqa.lm.path_writer.word_pieces import word_piece_tokenizer
from kgqa.training.curve import Curve
from kgqa.training.examples.program_example import ProgramExample
from kgqa.training.programs.encoded_programs import EncodedProgram, EncodedPrograms, encode_program
from kgqa.training.programs.program_trainer import ProgramTrainer

__all__ = ["ProgramWriterTraining", "encode_examples"]


@dataclass(frozen=True)
class ProgramWriterTraining:
    """Trains a program writer that starts from the weights in the folder `start`.

    Its reranker, if there is one, is copied as it is.
    """

    trainer: ProgramTrainer
    start: Path

    def train(
        self,
        examples: Sequence[ProgramExample],
        graph: IndexedGraph,
        folder: Path,
        checkpoint: Path,
        progress: Callable[[int], None] = lambda _: None,
    ) -> Curve:
        """Train on examples about one graph, and save what a model folder has in `programs`.

        Resumes an interrupted training at its checkpoint, which is left where it is: with the last one,
        the same call again takes no step. With fewer than two examples the weights are copied as they are.
        Raises `ModelError` for a start that does not load, and as `ProgramTrainer.train`.
        """
        folder.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(self.trainer.seed)
        writer = PathWriter.load(self.start)
        writer.attach_encoder(load_encoder(writer.config, fast_dtype()))
        encoded = EncodedPrograms.of(encode_examples(examples, graph, encoder_folder(writer.config)), writer)
        curve = Curve()
        if len(encoded.examples) > 1:
            shares = dict.fromkeys({example.source for example in encoded.examples}, 1.0)
            curve = self.trainer.train(writer, encoded, shares, checkpoint, progress=progress)
        writer.save(folder, bits=8)
        if (self.start / RERANKER).is_file():
            shutil.copyfile(self.start / RERANKER, folder / RERANKER)
        return curve


def encode_examples(
    examples: Iterable[ProgramExample], graph: IndexedGraph, encoder: Path
) -> list[EncodedProgram | None]:
    """Examples about one graph as pieces; `None` for one that the grammar does not lead to."""
    pieces = load_tokenizer(encoder)
    tokenizer = CachingTokenizer(word_piece_tokenizer(encoder))
    return [
        encode_program(example.source, example.question, (), example.program, graph, tokenizer, pieces)
        for example in examples
    ]
