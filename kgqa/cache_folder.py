"""The folder for files that kgqa can compute or download again."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["cache_folder"]


def cache_folder() -> Path:
    """`$KGQA_CACHE`, else `kgqa` below `$XDG_CACHE_HOME` (an absolute path), else below `~/.cache`."""
    if own := os.environ.get("KGQA_CACHE"):
        return Path(own)
    home = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(home) if Path(home).is_absolute() else Path.home() / ".cache") / "kgqa"
