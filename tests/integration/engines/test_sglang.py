"""SGLang: its own base classes with the constraint keep the laws of matchers; no server is started."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from served_films import FILMS

from kgqa.graph import save_index
from scripts.vllm_server import INSTALL, find_sglang

pytestmark = pytest.mark.slow  # a model's tokenizer and torch are loaded

ROOT = Path(__file__).parents[3]


def test_its_grammar_keeps_the_laws_of_matchers(
    vllm_python: Path, smollm2_folder: Path, tmp_path: Path
) -> None:
    sglang = find_sglang()
    if sglang is None:
        pytest.skip(f"no SGLang; {INSTALL}")
    save_index(FILMS, tmp_path / "films")
    script = Path(__file__).parent / "sglang_conformance.py"
    path = os.pathsep.join(map(str, (ROOT, ROOT / "tests", sglang)))
    done = subprocess.run(
        [str(vllm_python), str(script), str(smollm2_folder), str(tmp_path / "films")],
        env={**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.count("conforms") == 4
