"""Any cross-encoder of the sentence-transformers library as a `Relevance`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgqa.errors import ModelError, UsageError, check_path
from kgqa.graph import clean_name, relation_words
from kgqa.lm.encoders.text_encoder import architectures, load_part, well_formed
from kgqa.lm.protocol import PathReading, Relevance

__all__ = ["PathReranker", "load_reranker", "path_text"]

_WITH_SCORES = ("ForSequenceClassification", "ForCausalLM", "ForConditionalGeneration")


def load_reranker(source: str | Path | object, *, device: str = "auto", batch_size: int = 32) -> Relevance:
    """Load a cross-encoder that scores how well relation paths answer a question.

    `source` is a folder, a name on the hub, or a `sentence_transformers.CrossEncoder` that is loaded
    already; it gives one score for a pair of texts. It reads the question and `path_text`. Its scores
    are its logits, that is, nats for a model trained with a logistic loss. Only safetensors are read,
    and no code that comes with a model is run. `device` is `"auto"` (a GPU if there is one) or a device
    name of torch.

    Raises `UsageError` for a source of another type and `ModelError` for what cannot be loaded or
    gives several scores for a pair.
    """
    if isinstance(source, str | Path):
        check_path(source, "source")
        model = load_part("CrossEncoder", source, device)
        name = str(source)
        kinds = architectures(model)
        if kinds and not any(kind.endswith(_WITH_SCORES) for kind in kinds):
            raise ModelError(
                f"{name} ({', '.join(kinds)}) has no trained scores for pairs of texts, so it is not a "
                "cross-encoder; load_encoder loads sentence encoders"
            )
    elif callable(getattr(source, "predict", None)):
        model, name = source, type(source).__name__
    else:
        raise UsageError(
            "a reranker is a folder, a name or a CrossEncoder with its method predict, got "
            f"{type(source).__name__}"
        )
    labels = getattr(model, "num_labels", 1)
    if labels != 1:
        raise ModelError(f"{name} gives {labels} scores for a pair of texts; use a cross-encoder with one")
    return PathReranker(model, name, batch_size)


def path_text(topics: Sequence[str], path: PathReading) -> str:
    """A relation path as a cross-encoder reads it: topics, relations with their direction, ends.

    >>> from kgqa.graph import RelationStep
    >>> steps = RelationStep("film.directed_by"), RelationStep("directed_by", inverse=True)
    >>> path_text(["Kismet"], PathReading(steps, ("Salome",)))
    'Kismet -> directed by <- directed by: Salome'
    """
    words = [", ".join(map(clean_name, topics))]
    words += [f"{'<-' if step.inverse else '->'} {relation_words(step.relation)[0]}" for step in path.steps]
    ends = f": {', '.join(map(clean_name, path.ends))}" if path.ends else ""
    return " ".join(filter(None, words)) + ends


class PathReranker:
    """The scores of a `CrossEncoder` for pairs of a question and a path; `name` is for messages."""

    def __init__(self, model: Any, name: str = "the reranker", batch_size: int = 32) -> None:
        self.name = name
        self._model = model
        self._batch_size = batch_size

    @cached_property
    def fingerprint(self) -> str:
        """The same for two rerankers with the same weights."""
        from kgqa.lm.weights_fingerprint import weights_fingerprint

        return weights_fingerprint(self._model)

    def __repr__(self) -> str:
        return f"PathReranker({self.name!r})"

    def __call__(
        self, question: str, topics: Sequence[str], paths: Sequence[PathReading]
    ) -> NDArray[np.float32]:
        """A score for each path, rounded to 0.01 nats: the rest depends on the batch. *Shape:* (paths,).

        Raises `ModelError` for a model that gives no finite numbers.
        """
        if not paths:
            return np.zeros(0, dtype=np.float32)
        import torch

        pairs = [(well_formed(question), well_formed(path_text(topics, path))) for path in paths]
        given = self._model.predict(
            pairs,
            batch_size=self._batch_size,
            show_progress_bar=False,
            activation_fn=torch.nn.Identity(),
            convert_to_numpy=True,
        )
        scores: NDArray[np.float32] = np.asarray(given, dtype=np.float32)
        if scores.shape != (len(paths),):
            raise ModelError(f"{self.name} gives scores of shape {scores.shape} for {len(paths)} pairs")
        if not np.isfinite(scores).all():
            raise ModelError(f"{self.name} gives no numbers (NaN or infinity); are its weights damaged?")
        rounded: NDArray[np.float32] = scores.round(2)
        return rounded
