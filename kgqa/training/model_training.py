"""Training of a model for a knowledge graph: from questions, from the graph alone, or from both."""

from __future__ import annotations

import importlib.util
import math
import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgqa.counted import counted
from kgqa.datasets import Question, load_questions
from kgqa.errors import DataError, UsageError, check_path
from kgqa.graph import IndexedGraph, atlas_source, is_atlas, open_graph
from kgqa.lm import LanguageModel
from kgqa.lm.load import PATH_WRITER, check_source, is_path_writer
from kgqa.training.curve import Curve
from kgqa.training.examples.curriculum import Curriculum, curriculum
from kgqa.training.examples.dev_questions import DevQuestions
from kgqa.training.examples.example import Example, graph_of
from kgqa.training.examples.packed_facts import FactPacker
from kgqa.training.record import DataFile, TrainingRecord
from kgqa.training.settings import TrainingSettings

if TYPE_CHECKING:
    from kgqa.training.path_writer.path_writer_training import Trained

__all__ = ["QuestionSource", "TrainingProgress", "TrainingResult", "train"]

QuestionSource = str | Path | Iterable[Question | str | Path]
"""Question files, questions, or one question file."""

_MOST_RERANKER_CHECKPOINT_STEPS = 50
_ROWS_A_PASS = 8  # of other models: gradients of several passes are added up for a larger batch
_LICENSE, _LICENSE_OF_PROGRAMS = "apache-2.0", "cc-by-sa-4.0"
"""Of a trained model; the program writer that ships has learnt from questions with the second one."""
_REMARKS = {
    "writer": "The reranker was left out: the dev questions are answered better without it.",
    "start": "The weights that training started from were kept: they answer the dev questions better.",
}

Dev = Callable[[LanguageModel], float]


@dataclass(frozen=True)
class TrainingProgress:
    """Training steps done (`done` of `total`, the reranker's included), and what is learnt from.

    `examples` counts the examples by source, `skipped` the questions that gave none by reason;
    `dev_questions` is the number of questions that choose the best checkpoint.
    """

    done: int
    total: int
    examples: Mapping[str, int]
    dev_questions: int
    skipped: Mapping[str, int]


@dataclass(frozen=True)
class TrainingResult:
    """The folder of a trained model, for `load_language_model`, and the record of its training.

    `before` and `after` are Hits@1 in percent on the dev questions, of the starting model and of the
    saved one: `None` where it was not measured.
    """

    folder: Path
    record: TrainingRecord
    before: float | None
    after: float | None


def train(
    out: str | Path,
    graph: IndexedGraph | str | Path | None = None,
    questions: QuestionSource = (),
    *,
    dev: QuestionSource = (),
    model: str | Path | None = None,
    settings: TrainingSettings | None = None,
    progress: Callable[[TrainingProgress], None] | None = None,
) -> TrainingResult:
    """Train a model for a graph, and write it to the folder `out` with a record and a model card.

    `graph` is a graph or what `open_graph` takes. Questions have gold paths or answers only; a question
    with a graph of its own (RoG's form) is about that one, all others are about `graph`. New questions
    are made up from the names of relations. `dev` questions choose the best checkpoint; without them
    a tenth of the questions does. `model` is the model to start from: a name or folder, by default the
    model that ships.

    `progress` is called before the first step and after every step. The same call again resumes an
    interrupted training at its last checkpoint, and gives the same weights.

    Raises `UsageError` for settings that do not go together, for a folder that holds a model and for
    a checkpoint of other settings, `DataError` when there is nothing to learn from, a file holds no
    questions, a question has no graph, or a checkpoint cannot be written, `ModelError` for a model that
    cannot be loaded or trained.
    """
    began = time.monotonic()
    folder, settings = check_path(out, "out"), settings or TrainingSettings()
    if model is not None:
        check_source(model, "train")
    if (folder / "config.json").exists():
        raise UsageError(f"{folder} holds a model already; name another folder")
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; name a folder for the model")
    start = _Start.of(model, settings)
    data = _Data.read(graph, questions, dev)
    lessons = curriculum(
        data.graph,
        data.questions,
        data.dev,
        made_up=settings.made_up,
        max_steps=settings.hops,
        dev_limit=settings.dev_limit,
        seed=settings.seed,
        recipe=settings.recipe,
        inverse=settings.both_ways,
    )
    training = _Training(start, settings, data.graph, lessons, folder, progress or (lambda _: None))
    curve, trained = training.run()
    record = training.record(curve, trained, data.files, time.monotonic() - began)
    record.write(folder, drawn=importlib.util.find_spec("matplotlib") is not None)
    return TrainingResult(folder, record, *_dev_scores(curve, trained, start))


@dataclass(frozen=True)
class _Start:
    """The model that a training starts from; `weights` is the folder of a path writer's, or `None`."""

    name: str
    path_writer: bool
    weights: Path | None
    has_reranker: bool
    programs: Path | None = None
    """The folder of the program writer's weights, if the model has one."""

    @classmethod
    def of(cls, model: str | Path | None, settings: TrainingSettings) -> _Start:
        """Raises `UsageError` for settings that do not apply to the model."""
        path_writer = model is None or is_path_writer(model)
        if settings.fresh and model is not None:
            raise UsageError("fresh starts from random weights; leave model out")
        weights = None
        if path_writer and not settings.fresh:
            from kgqa.lm.path_writer.language_model import WEIGHTS

            weights = WEIGHTS if model in (None, PATH_WRITER) else Path(str(model)).expanduser()
        has_reranker, programs = False, None
        if weights is not None:
            from kgqa.lm.path_writer.language_model import PROGRAMS
            from kgqa.lm.path_writer.reranker import RERANKER

            programs = weights / PROGRAMS if (weights / PROGRAMS).is_dir() else None

            has_reranker = (weights / RERANKER).exists()
        settings.check_model(path_writer=path_writer, has_reranker=has_reranker)
        name = str(model or ("random weights" if settings.fresh else PATH_WRITER))
        return cls(name, path_writer, weights, has_reranker, programs)


@dataclass(frozen=True)
class _Data:
    """The graph that questions share, if any, the questions, and the files that all came from."""

    graph: IndexedGraph | None
    questions: list[Question]
    dev: list[Question]
    files: list[DataFile]

    @classmethod
    def read(
        cls, graph: IndexedGraph | str | Path | None, questions: QuestionSource, dev: QuestionSource
    ) -> _Data:
        """Raises what reading raises, and `UsageError` without a graph and questions."""
        files: list[DataFile] = []
        asked = _read_questions(questions, files)
        scored = _read_questions(dev, files)
        if graph is None:
            if not asked:
                raise UsageError("there is nothing to learn from: give a graph, or questions with graphs")
            return cls(None, asked, scored, files)
        opened = graph if isinstance(graph, IndexedGraph) else open_graph(graph)
        return cls(opened, asked, scored, [DataFile(_name(graph), opened.checksum), *files])


def _read_questions(source: QuestionSource, files: list[DataFile]) -> list[Question]:
    """The questions of files, or questions as they are; the files are added to `files`."""
    found: list[Question] = []
    packer = FactPacker()
    if isinstance(source, bytes) or not isinstance(source, (str, Path, Iterable)):
        raise UsageError(f"questions are files or Question objects, not {type(source).__name__}")
    for one in [source] if isinstance(source, str | Path) else source:
        if isinstance(one, Question):
            found.append(one)
        else:
            before = len(found)
            found += (_packed(question, packer) for question in load_questions(one))
            if len(found) == before:
                raise DataError(f"{one}: holds no questions")
            files.append(DataFile.of(one))
    return found


def _packed(question: Question, packer: FactPacker) -> Question:
    """The question with its graph in little memory: a file may hold thousands."""
    if question.graph is None:
        return question
    return replace(question, graph=packer.pack(question.graph))


def _name(graph: IndexedGraph | str | Path) -> str:
    if isinstance(graph, IndexedGraph):
        return "graph"
    return (atlas_source() if is_atlas(graph) else Path(graph)).name


@dataclass(frozen=True)
class _Training:
    """One training: where it starts, what it learns from, where the model goes."""

    start: _Start
    settings: TrainingSettings
    graph: IndexedGraph | None
    lessons: Curriculum
    folder: Path
    progress: Callable[[TrainingProgress], None]

    @property
    def resolved(self) -> dict[str, Any]:
        """The settings, all defaults filled in."""
        return self.settings.resolved(path_writer=self.start.path_writer)

    def run(self) -> tuple[Curve, Trained | None]:
        """Train and save the model; its curve, and all that is known of a path writer's training.

        Programs come first: a folder with the path writer's `config.json` holds a whole model.
        """
        self._report(0)
        s = self.settings
        questions = DevQuestions(
            self.graph,
            self.lessons.dev,
            s.written,
            s.hops,
            inverse=s.both_ways,
            prompt=s.recipe,
            speak_identifiers=s.recipe == "gcr",
        )
        dev = questions.hits_at_1 if self.lessons.dev else None
        if self.start.path_writer:
            checkpoint = self.folder / "programs-checkpoint.pt"
            self._train_programs(checkpoint)
            trained = self._train_path_writer(dev)
            checkpoint.unlink(missing_ok=True)
            return trained.writer, trained
        return self._fine_tune(dev), None

    def _report(self, done: int) -> None:
        total = self._program_steps + self.settings.steps
        if self.start.has_reranker:
            total += self.resolved["reranker_steps"]
        lessons = self.lessons
        self.progress(TrainingProgress(done, total, lessons.sources, len(lessons.dev), lessons.skipped))

    def _train_path_writer(self, dev: Dev | None) -> Trained:
        from kgqa.training.path_writer.path_writer_training import PathWriterTraining
        from kgqa.training.path_writer.trainer import Trainer
        from kgqa.training.reranker.reranker_training import RerankerTraining, RerankerTuning

        s, reranker_steps = self.settings, self.resolved["reranker_steps"]
        trainer = Trainer(
            s.steps,
            s.batch_size,
            self.resolved["learning_rate"],
            warmup=max(1, min(200, s.steps // 10)),
            checkpoint_every=s.checkpoint_every,
            keep=s.keep,
            seed=s.seed,
        )
        reranking = RerankerTraining(
            reranker_steps,
            warmup=max(1, reranker_steps // 10),
            checkpoint_every=min(s.checkpoint_every, _MOST_RERANKER_CHECKPOINT_STEPS),
            seed=s.seed,
        )
        training = PathWriterTraining(
            trainer,
            self.lessons.shares,
            self.start.weights,
            uncertain=("answers",),
            tuning=RerankerTuning(self.graph, reranking, hops=s.hops) if reranker_steps else None,
        )
        before = self._program_steps
        return training.train(
            self.lessons.examples, self.folder, dev, lambda step: self._report(before + step)
        )

    @property
    def _program_steps(self) -> int:
        """Steps of the program writer; 0 where it stays as it is."""
        if self.start.programs is None or self.graph is None or not self.settings.made_up:
            return 0
        return int(self.resolved["program_steps"])

    def _train_programs(self, checkpoint: Path) -> None:
        """Train the program writer on questions made up from the graph, or keep it as it is."""
        from kgqa.lm.path_writer.language_model import PROGRAMS
        from kgqa.training.programs.programs_of_graph import train_programs

        if self.start.programs is None:
            return
        into = self.folder / PROGRAMS
        if self.graph is None or not self._program_steps:
            shutil.copytree(self.start.programs, into, dirs_exist_ok=True)
            return
        train_programs(self.start.programs, self.graph, into, checkpoint, self.settings, self._report)

    def _fine_tune(self, dev: Dev | None) -> Curve:
        from kgqa.training.fine_tuning.fine_tuning import FineTuning
        from kgqa.training.fine_tuning.gcr_texts import gcr_texts
        from kgqa.training.fine_tuning.lora import Lora
        from kgqa.training.fine_tuning.training_text import TrainingText, training_texts

        s = self.settings
        rows = math.gcd(s.batch_size, _ROWS_A_PASS)
        tuning = FineTuning(
            s.steps,
            rows,
            gradient_accumulation=s.batch_size // rows,
            learning_rate=self.resolved["learning_rate"],
            lora=Lora(s.lora, dropout=s.lora_dropout, initialiser=s.lora_init) if s.lora else None,
            neftune=s.neftune,
            path_tokens=s.path_tokens or s.recipe == "gcr",
            seed=s.seed,
            device=s.device,
            dtype=s.dtype,
            checkpoint_every=s.checkpoint_every,
        )

        def texts_of(number: int, example: Example) -> list[TrainingText]:
            graph = graph_of(example, self.graph)
            if s.recipe == "gcr":
                return gcr_texts(graph, example, s.seed + number)
            return training_texts(graph, example, s.grammar, s.seed + number)

        often = {source: self.lessons.shares[source] / n for source, n in self.lessons.sources.items()}
        texts = [
            replace(text, weight=text.weight * often[example.source])
            for number, example in enumerate(self.lessons.examples)
            for text in texts_of(number, example)
        ]
        tuned = tuning.train(
            self.start.name, texts, self.folder, dev=dev, progress=lambda step, _: self._report(step)
        )
        return Curve(tuned.losses, tuned.scores)

    def record(
        self, curve: Curve, trained: Trained | None, files: list[DataFile], seconds: float
    ) -> TrainingRecord:
        """What was trained, on what, and what came of it."""
        s = self.settings
        return TrainingRecord(
            title="A model for one graph",
            about=f"Writes chains of a knowledge graph for kgqa. Trained by kgqa from {self.start.name}.",
            method=(
                f"{counted(s.steps, 'step')} of {counted(s.batch_size, 'example')} in "
                f"{seconds / 60:.1f} minutes, seed {s.seed}. "
                "Made-up questions put random walks of the graph into words; composed ones put a description "
                "in place of a question's topic. The dev questions were not learnt from; they chose the "
                "checkpoint."
            ),
            base=self.start.name,
            settings=self.resolved,
            data=files,
            sources=self.lessons.sources,
            shares=self.lessons.shares,
            curve=curve,
            reranker=trained.reranker if trained else None,
            remark=_REMARKS.get(trained.kept, "") if trained else "",
            seconds=seconds,
            license=_LICENSE if self.start.programs is None else _LICENSE_OF_PROGRAMS,
        )


def _dev_scores(curve: Curve, trained: Trained | None, start: _Start) -> tuple[float | None, float | None]:
    """The dev scores of the starting model and of the saved one."""
    if trained and trained.scores:
        return trained.scores["start"], trained.scores[trained.kept]
    if curve.best is None:
        return None, None
    return curve.dev_scores[0][1] if start.path_writer else None, curve.best[1]
