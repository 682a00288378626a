"""A language model that is not asked what it was asked before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kgqa.diff.model_memory import ModelMemory, PromptMemory
from kgqa.errors import NotRememberedError
from kgqa.lm import (
    Distributions,
    Embeds,
    LanguageModel,
    PathReading,
    ProgramReading,
    ProgramRelevance,
    RanksPrograms,
    Relevance,
    Request,
    Reranks,
    ScoresChoices,
    Text,
    renormalised,
)
from kgqa.lm.calibration import FromFolder

__all__ = ["RememberingModel"]


@dataclass(frozen=True, eq=False)
class _Known(Distributions):
    """Distributions of which only the tokens that the constraint allows are known."""

    texts: Sequence[Text]
    memory: PromptMemory

    def __len__(self) -> int:
        return len(self.texts)

    def of_each(self, tokens: Sequence[NDArray[np.int32]]) -> list[NDArray[np.float64]]:
        """See `Distributions.of_each`."""
        return [self.of(at, some) for at, some in enumerate(tokens)]

    def of(self, text: int, tokens: NDArray[np.int32]) -> NDArray[np.float64]:
        """See `Distributions.of`."""
        found = self.memory.find(self.texts[text], tokens)
        if found is None:
            raise NotRememberedError("tokens that were not among the choices of the request")
        return found


class RememberingModel:
    """Gives what `memory` knows and asks `model` for the rest, which is known from then on.

    A model that is asked also says how probable the other tokens are that any question had as options, so
    that an option which is new at a place is often known there already.

    While it is `closed`, the model is not asked: what is not known raises `NotRememberedError`, and `missed`
    counts it. So whoever works with it knows afterwards whether anything would have been asked. Scores are
    known of the tokens that the constraint allows after a text (`Request.choices`), and of the end.
    """

    def __init__(self, model: LanguageModel, memory: ModelMemory) -> None:
        self.model = model
        self.memory = memory
        self.is_closed = False
        self.missed = 0
        self.tokenizer = model.tokenizer

    @staticmethod
    def of(model: LanguageModel, memory: ModelMemory) -> RememberingModel:
        """The same with sentence embeddings, if the model has them."""
        kind = _Embedding if isinstance(model, Embeds) else RememberingModel
        return kind(model, memory)

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Ask the model nothing in this context."""
        self.is_closed = True
        try:
            yield
        finally:
            self.is_closed = False

    @property
    def fingerprint(self) -> str:
        """That of the model."""
        return str(getattr(self.model, "fingerprint", type(self.model).__qualname__))

    @property
    def folder(self) -> Path | None:
        """That of the model."""
        return self.model.folder if isinstance(self.model, FromFolder) else None

    @property
    def writes_programs(self) -> bool:
        """Whether the model does."""
        return bool(getattr(self.model, "writes_programs", True))

    def score(self, requests: Sequence[Request]) -> list[Distributions]:
        """See `LanguageModel.score`."""
        asked: list[Request] = []
        found: list[tuple[Request, PromptMemory]] = []
        for request in requests:
            memory = self.memory.of_prompt(request.prompt)
            found.append((request, memory))
            choices = self._with_end(request)
            if not self.is_closed:
                self.memory.offer(choices)
            new = [at for at, text in enumerate(request.texts) if memory.find(text, choices[at]) is None]
            if new:
                asked.append(
                    Request(request.prompt, [request.texts[at] for at in new], [choices[at] for at in new])
                )
        if asked:
            self._miss("texts that were not scored")
            for request, said in zip(asked, self.model.score(asked), strict=True):
                memory = self.memory.of_prompt(request.prompt)
                each = self._with_options(request.choices or ())
                for text, some, values in zip(request.texts, each, said.of_each(each), strict=True):
                    memory.add(text, some, values)
        empty = np.empty((0, self.tokenizer.vocabulary_size), dtype=np.float32)
        return [_Known(empty, request.texts, memory) for request, memory in found]

    def score_choices(
        self, requests: Sequence[Request], choices: Sequence[Sequence[NDArray[np.int32]]]
    ) -> list[list[NDArray[np.float64]]]:
        """See `ScoresChoices`."""
        memories = [self.memory.of_prompt(request.prompt) for request in requests]
        asked: list[Request] = []
        wanted: list[list[NDArray[np.int32]]] = []
        for request, each, memory in zip(requests, choices, memories, strict=True):
            pairs = enumerate(zip(request.texts, each, strict=True))
            new = [at for at, (text, some) in pairs if memory.find_chosen(text, some) is None]
            if new:
                allowed = None if request.choices is None else [request.choices[at] for at in new]
                asked.append(Request(request.prompt, [request.texts[at] for at in new], allowed))
                wanted.append([each[at] for at in new])
                if not self.is_closed:
                    self.memory.offer(wanted[-1])
        if asked:
            self._miss("choices that were not scored")
            wanted = [self._with_options(each) for each in wanted]
            for request, each, said in zip(asked, wanted, self._choice_scores(asked, wanted), strict=True):
                memory = self.memory.of_prompt(request.prompt)
                for text, some, values in zip(request.texts, each, said, strict=True):
                    memory.add_chosen(text, some, values)
        return [
            [_known(memory.find_chosen(text, some)) for text, some in zip(request.texts, each, strict=True)]
            for request, each, memory in zip(requests, choices, memories, strict=True)
        ]

    @property
    def relevance(self) -> Relevance | None:
        """The model's reranker; see `Reranks`."""
        return self._relevance if isinstance(self.model, Reranks) and self.model.relevance else None

    @property
    def program_relevance(self) -> ProgramRelevance | None:
        """The model's reranker of programs; see `RanksPrograms`."""
        has_one = isinstance(self.model, RanksPrograms) and self.model.program_relevance is not None
        return self._program_relevance if has_one else None

    def _relevance(
        self, question: str, topics: Sequence[str], paths: Sequence[PathReading]
    ) -> NDArray[np.float32]:
        key = ("relevance", question, tuple(topics), tuple(paths))
        found = self.memory.value(key)
        if found is None:
            self._miss("paths that were not read")
            assert isinstance(self.model, Reranks)
            assert self.model.relevance is not None
            found = self.model.relevance(question, topics, paths)
            self.memory.keep(key, found)
        return found

    def _program_relevance(self, question: str, programs: Sequence[ProgramReading]) -> NDArray[np.float32]:
        key = ("program relevance", question, tuple(programs))
        found = self.memory.value(key)
        if found is None:
            self._miss("programs that were not read")
            assert isinstance(self.model, RanksPrograms)
            assert self.model.program_relevance is not None
            found = self.model.program_relevance(question, programs)
            self.memory.keep(key, found)
        return found

    def _with_end(self, request: Request) -> list[NDArray[np.int32]]:
        """What may follow each text, and the end, which a text may always have."""
        if request.choices is None:
            raise NotRememberedError("a request that does not say what the constraint allows")
        end = np.array([self.tokenizer.end_id], dtype=np.int32)
        return [np.union1d(some, end).astype(np.int32) for some in request.choices]

    def _with_options(self, choices: Sequence[NDArray[np.int32]]) -> list[NDArray[np.int32]]:
        """Choices with all other options that are scored at the same time."""
        options = self.memory.options
        return [np.union1d(some, options).astype(np.int32) for some in choices]

    def _choice_scores(
        self, requests: Sequence[Request], choices: Sequence[Sequence[NDArray[np.int32]]]
    ) -> list[list[NDArray[np.float64]]]:
        if isinstance(self.model, ScoresChoices):
            return self.model.score_choices(requests, choices)
        said = zip(self.model.score(requests), choices, strict=True)
        return [renormalised(follows.of_each(some)) for follows, some in said]

    def _miss(self, what: str) -> None:
        if self.is_closed:
            self.missed += 1
            raise NotRememberedError(what)


def _known(found: NDArray[np.float64] | None) -> NDArray[np.float64]:
    assert found is not None
    return found


class _Embedding(RememberingModel):
    """With sentence embeddings."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See `Embeds`."""
        new = [text for text in dict.fromkeys(texts) if self.memory.value(("vector", text)) is None]
        if new:
            self._miss("texts that have no vector yet")
            assert isinstance(self.model, Embeds)
            for text, vector in zip(new, self.model.embed(new), strict=True):
                self.memory.keep(("vector", text), vector)
        return np.array([self.memory.value(("vector", text)) for text in texts], dtype=np.float32)
