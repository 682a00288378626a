"""What `--model` may name."""

from __future__ import annotations

from kgqa.answer import Calibration
from kgqa.cli.console import errors, status
from kgqa.constraint import GrammarName
from kgqa.decode import DecoderName
from kgqa.lm import LanguageModel, NumberFormat, calibration_of, load_language_model

__all__ = ["load_calibration", "load_model"]


def load_model(
    name: str | None, grammar: GrammarName, device: str = "auto", dtype: NumberFormat = "auto"
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


def load_calibration(model: LanguageModel, grammar: GrammarName, search: DecoderName) -> Calibration | None:
    """The calibration that came with a model, where it holds: for a beam search over relation paths.

    Raises `ModelError` for a damaged one.
    """
    found = calibration_of(model, grammar, search)
    return None if found is None else Calibration(**found)
