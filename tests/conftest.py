"""What all tests share."""

from __future__ import annotations

import atexit
import gc
import os
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from _pytest.doctest import DoctestModule
from hypothesis import settings
from property_examples import DEFAULT_EXAMPLES

from kgqa.cache_folder import cache_folder
from kgqa.cache_memory import collect_garbage_less
from scripts.smollm2 import INSTALL, find_smollm2

# One test process a core: threads of several models only get into each other's way (up to 40 times slower).
os.environ.setdefault("OMP_NUM_THREADS", "1")

USER_CACHE = cache_folder()

# Modules and thousands of tests are no garbage; to look through them takes a tenth of the time.
collect_garbage_less()

# What commands keep for later runs is not kept after the tests, and not taken from before them.
_SERVERS: list[Any] = []
_CACHE = tempfile.TemporaryDirectory(prefix="kgqa-tests-")
os.environ["KGQA_CACHE"] = _CACHE.name
atexit.register(_CACHE.cleanup)

# No test is timed, and what is checked before a change lands is the same every time.
settings.register_profile(
    "kgqa",
    deadline=None,
    derandomize="CI" in os.environ,
    print_blob=True,
    max_examples=DEFAULT_EXAMPLES,
)
settings.load_profile("kgqa")

REPOSITORY = Path(__file__).parents[1]


@pytest.hookimpl(wrapper=True)
def pytest_collect_file() -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Look for doctests under `kgqa` only: there are none here, and each module would be collected twice."""
    return [one for one in (yield) if not isinstance(one, DoctestModule)]


DATA = Path(os.environ.get("KGQA_DATA") or REPOSITORY.parent / "shared" / "data")


def pytest_collection_finish() -> None:
    """Look no more through what lasts as long as the process."""
    gc.freeze()


@pytest.fixture(scope="session")
def data_if_any() -> Path | None:
    """The benchmark data, for tests that use more of it where it is there."""
    return DATA if (DATA / "metaqa" / "kb.tsv.gz").is_file() else None


@pytest.fixture(scope="session")
def data_folder(data_if_any: Path | None) -> Path:
    """The benchmark data; for tests marked `data`."""
    if data_if_any is None:
        pytest.skip(f"no benchmark data in {DATA}; set KGQA_DATA to the folder that holds metaqa/")
    return data_if_any


@pytest.fixture(scope="session")
def user_cache() -> Path:
    """The user's own cache folder, for what tests fetch from outside and keep."""
    return USER_CACHE


@pytest.fixture(scope="session")
def smollm2_gguf() -> Path:
    """SmolLM2-135M-Instruct, a real model that follows instructions, as a GGUF file; for slow tests."""
    file = find_smollm2()
    if file is None:
        pytest.skip(f"no SmolLM2; {INSTALL} (make test-slow does)")
    return file


@pytest.fixture(scope="session")
def llama_server(smollm2_gguf: Path) -> str:
    """The address of a llama.cpp server with that model, ending in /v1; for slow tests."""
    xllamacpp = pytest.importorskip("xllamacpp", reason="no llama.cpp server; pip install xllamacpp")
    settings = xllamacpp.CommonParams()
    settings.model.path, settings.n_ctx, settings.n_parallel = str(smollm2_gguf), 4096, 1
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = 1  # several wait for a busy one
    _SERVERS.append(xllamacpp.Server(settings))  # it stops with its object
    return f"{_SERVERS[-1].listening_address}/v1"


@pytest.fixture(scope="session")
def smollm2_folder(smollm2_gguf: Path, pytestconfig: pytest.Config) -> Path:
    """The same as a folder of transformers: converted once, and kept for later runs of the tests."""
    from kgqa.lm.hf.gguf_folder import gguf_folder

    kept = pytestconfig.cache.mkdir("models") if pytestconfig.cache is not None else Path(_CACHE.name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KGQA_CACHE", str(kept))
        return gguf_folder(smollm2_gguf)
