"""The file beside a model's weights that turns its scores into a confidence."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, runtime_checkable

from kgqa.constraint import GrammarName

__all__ = ["CALIBRATION", "FromFolder", "calibration_file"]

CALIBRATION = "calibration.json"
"""The file in the folder of a model."""


@runtime_checkable
class FromFolder(Protocol):
    """A language model that knows which folder it was loaded from."""

    @property
    def folder(self) -> Path | None:
        """The folder of its weights; `None` for a model from the hub or from memory."""
        ...


def calibration_file(model: object, grammar: GrammarName) -> Path | None:
    """The file that `kgqa.answer.Calibration.load` reads for a model; `None` where there is none.

    It is `calibration.json` in the model's folder, for programs in its folder `programs`; the shipped model
    has both. They hold for what they were fitted to: the grammars `"relations"` and `"programs"`, decoded by
    beam search. There is none for any other grammar.
    """
    if grammar not in ("relations", "programs"):
        return None
    folder = model.folder if isinstance(model, FromFolder) else None
    if folder is None:
        return None
    file = (folder / "programs" if grammar == "programs" else folder) / CALIBRATION
    return file if file.is_file() else None
