"""The code, the packages and the machine that a run is made with."""

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
    "program",
    "constraint",
    "lm",
    "decode",
    "linking",
    "finders",
    "answer/direction",
    "answer/programs",
    "answer/asked_kind.py",
    "answer/path_fit.py",
    "answer/path_relevance.py",
    "answer/words.py",
    "answer/expected_form.py",
    "answer/superlatives.py",
)
"""The code that links, decodes and ranks what was decoded."""
_SUFFIXES = (".py", ".toml")
"""Of code, and of the tables of words that it reads."""


@dataclass(frozen=True)
class Provenance:
    """The circumstances of a run, which can change the last digits of its scores and nothing else.

    `commit` is that of the checkout that kgqa runs from, `None` outside one; `changed` says whether its code
    has uncommitted changes. `code` is a fingerprint of all of kgqa's code. `threads` is `OMP_NUM_THREADS`,
    else the number of processors. `started` is in UTC.
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
    """A hash of the Python and TOML files of these parts of kgqa (folders or files) and of torch's version.

    By default of what links and decodes (`DECODING`).
    """
    digest = hashlib.sha256(_versions().get("torch", "").encode())
    for part in parts or DECODING:
        place = SOURCE / part
        found = place.rglob("*") if place.is_dir() else [place]
        for file in sorted(one for one in found if one.suffix in _SUFFIXES):
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
    """The commit of the checkout and whether its code was changed; `None` for an installed package."""
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
