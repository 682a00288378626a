"""What a run was made by: code, packages, machine."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Self

__all__ = ["Provenance", "code_fingerprint"]

PACKAGES = ("kgqa", "torch", "transformers", "tokenizers", "numpy", "marisa-trie")
SOURCE = Path(__file__).parents[2]
DECODING = (
    "graph",
    "constraint",
    "lm",
    "decode",
    "linking",
    "finders",
    "answer/path_fit.py",
    "answer/path_relevance.py",
    "answer/words.py",
)
"""The code that decides what is linked and decoded."""


@dataclass(frozen=True)
class Provenance:
    """What describes a run without deciding its records, but for their last digits.

    `commit` is that of the checkout that kgqa runs from, `None` outside one; `changed` says whether
    its code was changed since. `code` is a fingerprint of all of kgqa's code. `threads` is what was
    asked for by `OMP_NUM_THREADS`, else the number of processors. `started` is in UTC.
    """

    versions: dict[str, str]
    code: str
    commit: str | None
    changed: bool
    processor: str
    threads: int
    started: str

    @classmethod
    def here(cls) -> Self:
        """Of this process, now."""
        commit, changed = _commit()
        return cls(
            versions={"python": platform.python_version()} | _versions(),
            code=code_fingerprint("."),
            commit=commit,
            changed=changed,
            processor=_processor(),
            threads=int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1),
            started=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        )


@cache
def code_fingerprint(*parts: str) -> str:
    """The SHA-256 of the Python files of these parts of kgqa (folders or files), and of torch's version.

    By default of those that decide what is linked and decoded.
    """
    digest = hashlib.sha256(_versions().get("torch", "").encode())
    for part in parts or DECODING:
        place = SOURCE / part
        for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(file.relative_to(SOURCE).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


@cache
def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


@cache
def _commit() -> tuple[str | None, bool]:
    """The commit of the checkout, and whether its code was changed; none for an installed package."""
    if not (SOURCE.parent / ".git").exists():
        return None, False
    try:
        head = _git("rev-parse", "HEAD")
        return head, bool(_git("status", "--porcelain", "--", str(SOURCE)))
    except (OSError, subprocess.SubprocessError):
        return None, False


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(SOURCE.parent), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=20).stdout.strip()
