"""Build the atlas and answer three questions, the way a user would: through the command line."""

from __future__ import annotations

import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
QUESTIONS = (
    "What is the capital of Kenya?",
    "Which countries does the Danube flow through?",
    "In which country was the author of Hamlet born?",
)


def run(*arguments: str) -> None:
    """Show a command, run it, and stop when it fails."""
    print("\n$ kgqa", shlex.join(arguments), flush=True)
    code = subprocess.run([sys.executable, "-m", "kgqa", *arguments], check=False).returncode
    if code:
        sys.exit(code)


def demo() -> None:
    """Three questions with their proofs."""
    with tempfile.TemporaryDirectory() as folder:
        atlas = str(Path(folder) / "atlas")
        run("build", str((ROOT / "graphs" / "atlas" / "atlas.ttl").relative_to(Path.cwd())), "-o", atlas)
        for question in QUESTIONS:
            run("ask", question, "--graph", atlas)


if __name__ == "__main__":
    demo()
