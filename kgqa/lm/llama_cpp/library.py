"""The C library of llama.cpp, loaded late."""

from __future__ import annotations

import logging
from functools import cache
from importlib.util import find_spec
from typing import Any

from kgqa.constraint.engines.tested_version import require_version

__all__ = ["TESTED_VERSION", "has_llama_cpp", "llama_cpp"]

TESTED_VERSION = "0.3.36"
"""The version of llama-cpp-python whose C interface is used here; others have other structures."""


def has_llama_cpp() -> bool:
    """Whether the package llama-cpp-python is installed, in any version."""
    return find_spec("llama_cpp") is not None


@cache
def llama_cpp() -> Any:
    """The bindings of llama-cpp-python, silenced.

    Raises `ModelError` where they are missing, or of another version than was tested.
    """
    require_version("llama-cpp-python", TESTED_VERSION, "kgqa[llama-cpp]")
    import llama_cpp as bindings

    logging.getLogger("llama-cpp-python").setLevel(logging.CRITICAL)  # it prints warnings as errors
    bindings.llama_backend_init()
    return bindings
