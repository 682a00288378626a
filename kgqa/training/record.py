"""The record of a training, and the model card made of it."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

from kgqa.counted import counted
from kgqa.training.curve import Curve

__all__ = ["DataFile", "TrainingRecord", "versions"]

_PACKAGES = ("kgqa", "torch", "transformers", "peft", "accelerate", "numpy")

_CARD = """---
license: {license}
language: en
base_model: {base}
tags: [knowledge-graph, question-answering, constrained-decoding]
---

# {title}

{about}

## Trained on

{data}{sources}

{method}

## Scores

{scores}
"""


class DataFile(NamedTuple):
    """A file or graph that was learnt from, by name and SHA-256 (of a graph: its checksum)."""

    name: str
    sha256: str

    @classmethod
    def of(cls, path: str | Path) -> DataFile:
        """The file at a path."""
        path = Path(path)
        with path.open("rb") as stream:
            return cls(path.name, hashlib.file_digest(stream, "sha256").hexdigest())


def versions() -> dict[str, str]:
    """The versions of what computes, by package; those that are installed."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


@dataclass(frozen=True)
class TrainingRecord:
    """Settings, data, versions, losses and scores of one training.

    `about` and `method` are paragraphs of the model card. `sources` counts the examples of each
    source, `shares` says how often each was drawn, `scores` are (set, part, questions, Hits@1 in
    percent) of the saved model. `reranker` is the reranker's curve, where there is one; `remark` says which
    of the two was saved, where it is not both.
    """

    title: str
    about: str
    method: str
    base: str
    settings: Mapping[str, Any]
    data: Sequence[DataFile]
    sources: Mapping[str, int]
    shares: Mapping[str, float]
    curve: Curve
    seconds: float
    scores: Sequence[tuple[str, str, int, float]] = ()
    reranker: Curve | None = None
    remark: str = ""
    license: str = "apache-2.0"
    versions: Mapping[str, str] = field(default_factory=versions)

    def write(self, folder: str | Path, *, drawn: bool = True) -> None:
        """Write `training.json`, the model card `README.md` and (`drawn`) the picture `curve.png`."""
        folder = Path(folder)
        record = {**asdict(self), "data": [file._asdict() for file in self.data]}
        text = json.dumps(record, indent=1, ensure_ascii=False)
        (folder / "training.json").write_text(text + "\n", encoding="utf-8")
        (folder / "README.md").write_text(self.card(), encoding="utf-8")
        if drawn:
            self.curve.draw(folder / "curve.png")

    def card(self) -> str:
        """The model card."""
        total = sum(self.shares.get(name, 0.0) for name in self.sources) or 1.0
        sources = "\n".join(
            f"- {name}: {counted(n, 'example')}, "
            f"{100 * self.shares.get(name, 0.0) / total:.0f} % of the draws"
            for name, n in sorted(self.sources.items())
        )
        data = "".join(f"- {file.name}, SHA-256 {file.sha256[:16]}…\n" for file in self.data)
        return _CARD.format(
            license=self.license,
            base=self.base,
            title=self.title,
            about=self.about,
            data=data,
            sources=sources,
            method=self.method,
            scores=self._scores(),
        )

    def outcome(self) -> list[str]:
        """The scores on the dev questions, in sentences."""
        said = []
        for what, curve in (
            ("Hits@1 on the dev questions", self.curve),
            ("Hits@1 with the reranker, which was trained after that", self.reranker),
        ):
            if curve and curve.best:
                (_, before), (step, best) = curve.dev_scores[0], curve.best
                after = f"{best:.1f} % after step {step}" if step else "no better afterwards"
                said.append(f"{what}: {before:.1f} % before, {after}.")
        return [*said, self.remark] if self.remark else said

    def _scores(self) -> str:
        parts = self.outcome()
        if self.scores:
            rows = "\n".join(f"| {s} | {part} | {n:,} | {hits:.1f} |" for s, part, n, hits in self.scores)
            parts.append(f"| set | part | questions | Hits@1 |\n|---|---|---|---|\n{rows}")
        return "\n\n".join(parts) or "No score was measured."
