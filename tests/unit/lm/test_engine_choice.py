"""Which engine computes a model, and the one line for an engine that cannot."""

from __future__ import annotations

from pathlib import Path

import numpy
import pytest

from kgqa import load_language_model
from kgqa.constraint.engines.tested_version import require_version
from kgqa.errors import ModelError, UsageError


def test_engines_that_do_not_fit_the_model(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match=r"unknown engine 'llama'; use one of auto, transformers, llama\.cpp"
    ):
        load_language_model(engine="llama")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"computes GGUF files, and the shipped model is none"):
        load_language_model(engine="llama.cpp")
    with pytest.raises(UsageError, match=r"not in float16; leave dtype out"):
        load_language_model(tmp_path / "x.gguf", engine="llama.cpp", dtype="float16")
    with pytest.raises(UsageError, match=r"leave cache_bytes out"):
        load_language_model(tmp_path / "x.gguf", engine="llama.cpp", cache_bytes=1000)
    with pytest.raises(ModelError, match=r"cannot be read"):  # by transformers, which can keep the bound
        load_language_model(tmp_path / "x.gguf", cache_bytes=1000)


@pytest.mark.parametrize("tested", ["0", "999", "numpy"])
def test_an_engine_of_another_version_is_one_line_with_the_remedy(tested: str) -> None:
    with pytest.raises(ModelError, match=rf"numpy \S+ is installed, and kgqa was tested with {tested}: pip"):
        require_version("numpy", tested, "kgqa[numpy]")


def test_an_engine_that_is_missing() -> None:
    with pytest.raises(ModelError, match=r"no-such-engine is not installed: pip install 'kgqa\[it\]'"):
        require_version("no-such-engine", "1", "kgqa[it]")


def test_a_later_correction_of_the_tested_version_is_taken() -> None:
    require_version("numpy", numpy.__version__.rpartition(".")[0], "kgqa[numpy]")
