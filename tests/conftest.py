"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The benchmark data; for tests marked `data`."""
    folder = Path(os.environ.get("KGQA_DATA") or REPOSITORY.parent / "shared" / "data")
    if not (folder / "metaqa" / "kb.tsv.gz").is_file():
        pytest.skip(f"no benchmark data in {folder}; set KGQA_DATA to the folder that holds metaqa/")
    return folder
