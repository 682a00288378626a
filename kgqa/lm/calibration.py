"""The calibration numbers that are stored beside a model's weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, runtime_checkable

from kgqa.config_file import read_json_object
from kgqa.constraint import GrammarName
from kgqa.errors import ModelError, ParseError

__all__ = ["CALIBRATION", "FromFolder", "calibration_of"]

CALIBRATION = "calibration.json"
"""The file in the folder of a model."""

_COEFFICIENTS = {"bias", "score", "lead"}
_MORE = {"odds", "backed_odds", "margin"}
"""Numbers that a calibration may do without."""


@runtime_checkable
class FromFolder(Protocol):
    """A language model that knows which folder it was loaded from."""

    @property
    def folder(self) -> Path | None:
        """The folder of its weights; `None` for a model from the hub or from memory."""
        ...


def calibration_of(model: object, grammar: GrammarName, decoder: str) -> Mapping[str, float] | None:
    """The coefficients (bias, score, lead, ...) that turn a model's scores into a confidence.

    They are read from `calibration.json` in the model's folder, for programs in its folder `programs`; the
    shipped model has both. They hold for what they were fitted to: the grammars `"relations"` and
    `"programs"` decoded by `"beam"`. `None` for any other grammar or decoder, and for a model without that
    file. Raises `ModelError` for a damaged file.
    """
    if grammar not in ("relations", "programs") or decoder != "beam":
        return None
    folder = model.folder if isinstance(model, FromFolder) else None
    if folder is not None and grammar == "programs":
        folder = folder / "programs"
    file = None if folder is None else folder / CALIBRATION
    return _read(file) if file is not None and file.is_file() else None


def _read(file: Path) -> dict[str, float]:
    try:
        values = {str(name): float(value) for name, value in read_json_object(file).items()}
        complete = _COEFFICIENTS <= values.keys() <= _COEFFICIENTS | _MORE
        if not complete or not all(map(math.isfinite, values.values())):
            raise ValueError(f"it needs the numbers {', '.join(sorted(_COEFFICIENTS))}")
    except (ParseError, ValueError, TypeError) as error:
        raise ModelError(f"{file} holds no calibration ({error}); delete it, or calibrate again") from error
    return values
