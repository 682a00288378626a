"""Fields of settings, and the limits of their values."""

from __future__ import annotations

import math
from dataclasses import MISSING, field, fields, is_dataclass
from typing import Any

from kgqa.pipeline.settings_table import SettingError

__all__ = ["check_limits", "setting"]


def setting(
    default: Any = None,
    help: str = "",
    *,
    flag: str | None = None,
    metavar: str | None = None,
    minimum: float | None = None,
    maximum: float | None = None,
    shown: bool = True,
) -> Any:
    """A field with what an option of the command line needs; `shown` False: it has no option.

    Numbers outside `minimum` and `maximum` (both included) are refused by `check_limits`.
    """
    limits = {"minimum": minimum, "maximum": maximum}
    return field(
        default=default, metadata={"help": help, "flag": flag, "metavar": metavar, "shown": shown, **limits}
    )


def check_limits(settings: Any, prefix: str = "") -> None:
    """Raise `SettingError` for a number that is out of its field's limits or no number, and an empty name."""
    for one in fields(settings):
        value, key = getattr(settings, one.name), f"{prefix}{one.name}"
        if is_dataclass(value):
            check_limits(value, f"{key}.")
        elif value == "" and one.default in (None, MISSING):
            raise SettingError(key, "must not be empty")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            low, high = one.metadata.get("minimum"), one.metadata.get("maximum")
            if math.isnan(value) or (low is not None and value < low):
                needed = "a number" if low is None else f"{low} or more"
                raise SettingError(key, f"must be {needed}, not {value}")
            if high is not None and value > high:
                raise SettingError(key, f"must be {high} or less, not {value}")
