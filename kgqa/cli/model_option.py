"""What `--model` may name."""

from __future__ import annotations

from pathlib import Path

from kgqa.answer import Calibration
from kgqa.cli.console import errors, status
from kgqa.constraint import GrammarName
from kgqa.evaluation.run_settings import SearchName
from kgqa.lm import LanguageModel, load_language_model
from kgqa.lm.load import PATH_WRITER

__all__ = ["load_calibration", "load_model"]

CALIBRATION = "calibration.json"
"""The file beside a model's weights."""


def load_model(
    name: str | None, grammar: GrammarName, device: str = "auto", dtype: str = "auto"
) -> LanguageModel:
    """The model of this name or folder, the shipped one for None; raises `ModelError`."""
    if name is None and grammar != "relations":
        errors.print(
            f"note: the shipped model was trained to write relations; what it ranks first with "
            f"--grammar {grammar} is a fact, but often not the answer",
            style="dim",
            markup=False,
        )
    with status("loading the model"):
        return load_language_model(name, device=device, dtype=dtype)


def load_calibration(name: str | None, grammar: GrammarName, search: SearchName) -> Calibration | None:
    """The calibration that came with a model, where it holds: for a beam search over relation paths.

    Raises `ModelError` for a damaged one.
    """
    if grammar != "relations" or search != "beam":
        return None
    if name is None or name == PATH_WRITER:
        from kgqa.lm.path_writer.language_model import WEIGHTS

        file = WEIGHTS / CALIBRATION
    else:
        file = Path(name).expanduser() / CALIBRATION
    return Calibration.load(file) if file.is_file() else None
