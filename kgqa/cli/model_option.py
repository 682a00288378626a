"""What `--model` may name."""

from __future__ import annotations

from kgqa.cli.console import errors, status
from kgqa.constraint import GrammarName
from kgqa.lm import LanguageModel, load_language_model

__all__ = ["load_model"]


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
