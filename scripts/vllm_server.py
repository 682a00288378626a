"""vLLM in an environment of its own (`make vllm`), for examples, benchmarks and slow tests."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

__all__ = ["INSTALL", "find_sglang", "find_vllm", "started_vllm"]

ROOT = Path(__file__).resolve().parents[1]
OWN = ROOT / ".vllm"
INSTALLED = OWN / ".installed"
"""Is there when `make vllm` has come to its end; without it the environment is a part."""
INSTALL = "make vllm (or set KGQA_VLLM_PYTHON to the python of an environment with vLLM and kgqa)"
"""How to get vLLM, and what of SGLang runs without a GPU."""
START_SECONDS = 300


def find_vllm() -> Path | None:
    """The python of `KGQA_VLLM_PYTHON`, else that of `make vllm`; `None` where neither is there whole."""
    named = os.environ.get("KGQA_VLLM_PYTHON")
    python = Path(named) if named else OWN / "bin" / "python"
    return python if python.is_file() and (named or INSTALLED.is_file()) else None


def find_sglang() -> Path | None:
    """The folder with the package sglang, of `KGQA_SGLANG_PATH` or of `make vllm`; for vLLM's python."""
    named = os.environ.get("KGQA_SGLANG_PATH")
    folder = Path(named) if named else OWN / "sglang"
    return folder if (folder / "sglang").is_dir() and (named or INSTALLED.is_file()) else None


@contextmanager
def started_vllm(
    python: Path, model: Path, graphs: Mapping[str, Path | str], log: Path, *options: str
) -> Iterator[str]:
    """The address of a server with a model, on the CPU, which holds some graphs; it is ended afterwards.

    What it prints goes to the file `log`. Raises `RuntimeError` where it does not start.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    own = {
        "HF_HUB_OFFLINE": "1",
        "KGQA_GRAPHS": ";".join(f"{name}={source}" for name, source in graphs.items()),
        "PYTHONPATH": str(ROOT),
        "TORCHDYNAMO_DISABLE": "1",  # torch's compiler fails in a folder with a space in its name
        "VLLM_CPU_KVCACHE_SPACE": "1",
        "VLLM_CPU_OMP_THREADS_BIND": "nobind",
        "VLLM_NO_USAGE_STATS": "1",
    }
    command = [str(python), "-m", "vllm.entrypoints.openai.api_server", "--model", str(model)]
    command += ["--host", "127.0.0.1", "--port", str(port), "--max-model-len", "2048", "--enforce-eager"]
    command += ["--dtype", "float32"]
    command.append("--no-enable-chunked-prefill")  # else a request with a seed may end vllm-cpu 0.32.0
    with log.open("wb") as printed:
        server = subprocess.Popen(
            [*command, *options], env={**os.environ, **own}, stdout=printed, stderr=printed, cwd=log.parent
        )
    try:
        _wait(server, url, log)
        yield url
    finally:
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
    raise RuntimeError(f"the vLLM server did not start; the end of {log}:\n{tail}")
