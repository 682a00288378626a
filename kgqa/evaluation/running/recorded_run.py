"""The settings and records of a run, read from its folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kgqa.config_file import read_json_object
from kgqa.errors import DataError
from kgqa.evaluation.record import Record
from kgqa.evaluation.record_file import MANIFEST, read_records, records_of
from kgqa.evaluation.running.run_settings import RunSettings
from kgqa.pipeline.settings_table import SettingError

__all__ = ["recorded_run"]


def recorded_run(folder: str | Path) -> tuple[RunSettings, dict[str, Record]]:
    """What a run was made with, and its records by id. The address of an LLM is not recorded.

    Raises `DataError` for a folder without a run, and for a run that was made from Python, which has no
    settings.
    """
    folder = Path(folder)
    describes = read_json_object(folder / MANIFEST).get("describes")
    about = describes.get("about") if isinstance(describes, Mapping) else None
    if not isinstance(about, Mapping) or "dataset" not in about:
        raise DataError(f"{folder / MANIFEST}: has no settings: the run was not made by kgqa eval")
    values = {key: value for key, value in about.items() if key != "workers"}
    if values.get("model") == "shipped":
        del values["model"]
    try:
        return RunSettings.of(values), read_records(records_of(folder))
    except SettingError as error:
        raise DataError(f"{folder / MANIFEST}: made with settings of another version: {error}") from error
