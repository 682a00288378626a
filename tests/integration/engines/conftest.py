"""A vLLM server with a real model, for all tests of this folder that ask one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from served_films import FILMS, Served

from kgqa.graph import save_index
from scripts.vllm_server import INSTALL, find_vllm, started_vllm


@pytest.fixture(scope="session")
def vllm_python() -> Path:
    """The python of an environment with vLLM."""
    python = find_vllm()
    if python is None:
        pytest.skip(f"no vLLM; {INSTALL}")
    return python


@pytest.fixture(scope="session")
def served(
    vllm_python: Path, smollm2_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """A server with SmolLM2, which holds the films of this module."""
    folder = tmp_path_factory.mktemp("vllm")
    save_index(FILMS, folder / "films")
    log = folder / "server.log"
    with started_vllm(vllm_python, smollm2_folder, {"films": folder / "films"}, log) as url:
        yield Served(url, smollm2_folder, FILMS, log)
