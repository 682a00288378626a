"""kgqa serve: graphs as an HTTP service."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from kgqa.cli.console import errors, status
from kgqa.cli.options import AllowedHosts, Deadline, Graphs, NoKey
from kgqa.cli.settings_options import with_settings
from kgqa.errors import DataError, UsageError
from kgqa.pipeline.settings import ASK_DEFAULTS, AnswererSettings
from kgqa.service import GraphCatalogue, graph_sources
from kgqa.web import Secret

__all__ = ["read_key", "serve"]

KEY_VARIABLE = "KGQA_API_KEY"
MOST_PROCESSES = 4
SWITCH_SECONDS = 0.0005
"""How often threads of Python take turns. The default, 5 ms, is as long as two passes of the shipped
model; what a shorter turn gains was within the noise of measurement."""


@with_settings(AnswererSettings, only=("model", "device", "dtype", "min_confidence"), defaults=ASK_DEFAULTS)
def serve(
    graph: Graphs = None,
    runs: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Also show the runs in this folder.")
    ] = None,
    host: Annotated[str, typer.Option(help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen at.")] = 8000,
    api_key_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=f"A file with the key that requests need [{KEY_VARIABLE}]."),
    ] = None,
    no_key: NoKey = False,
    allow_host: AllowedHosts = None,
    deadline: Deadline = 30.0,
    queue: Annotated[int, typer.Option(min=1, help="So many questions may wait.")] = 64,
    batch: Annotated[int, typer.Option(min=1, help="So many questions share the model's passes.")] = 16,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="So many processes answer; others than the first start when questions wait, and each needs "
            "the memory of a model [default: one a core, up to 4; with --device of a GPU 1].",
        ),
    ] = None,
    patience: Annotated[
        float, typer.Option(help="The longest wait for a client to send or take something, in seconds.")
    ] = 20.0,
    most_bytes: Annotated[int, typer.Option(min=1, help="The size of the largest request.")] = 2**20,
    *,
    given: Mapping[str, Any],
) -> None:
    """Serve graphs over HTTP: REST, a page, and an endpoint for OpenAI clients.

    The answers are those of `kgqa ask`. The server listens at 127.0.0.1 unless told otherwise; other
    addresses need a key. Graphs that change on disk are opened anew while it runs.

    Examples:

      kgqa serve

      kgqa serve --graph films --graph books=library.ttl --port 8080

      kgqa serve --graph films --host 0.0.0.0 --api-key-file key.txt
    """
    try:
        from kgqa.server import ServerOptions
        from kgqa.server import serve as run
    except ModuleNotFoundError as error:
        raise UsageError(f"kgqa serve needs {error.name}: pip install 'kgqa[serve]'") from error
    options = ServerOptions(
        host=host,
        port=port,
        key=read_key(api_key_file),
        keyless=no_key,
        hosts=tuple(allow_host or ()),
        deadline=deadline,
        body_bytes=most_bytes,
        body_seconds=patience,
        runs=runs,
    )
    sources = graph_sources(graph or ["atlas"])
    settings = AnswererSettings.of(ASK_DEFAULTS).overridden(given)
    processes = workers or _processes(settings.device)
    sys.setswitchinterval(SWITCH_SECONDS)
    if processes > 1:
        os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // processes)))
    bound = options.bind()  # before models are loaded for nothing
    with status("opening the graphs and the model"):
        catalogue = GraphCatalogue.open(sources, settings, most_waiting=queue, batch=batch, workers=processes)

    def started(url: str) -> None:
        names = ", ".join(hosted.name for hosted in catalogue)
        errors.print(f"kgqa serves {names} at {url} (Ctrl-C ends it)", markup=False)

    run(catalogue, options, started, bound=bound)
    end_process()


def end_process() -> None:
    """End now: to free models and graphs piece by piece takes seconds, and a question may still be asked."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _processes(device: str) -> int:
    """The processes that answer unless told otherwise: on processors one for each core, up to 4."""
    return min(MOST_PROCESSES, os.cpu_count() or 1) if device in ("auto", "cpu") else 1


def read_key(file: Path | None) -> Secret | None:
    """The key in a file, or in the environment."""
    if file is None:
        value = os.environ.get(KEY_VARIABLE, "")
        return Secret(value) if value.strip() else None
    try:
        return Secret(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file}: the key cannot be read ({error})") from error
