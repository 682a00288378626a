"""kgqa mcp: graphs as tools of agents."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from pathlib import Path
from typing import Annotated, Any

import typer

from kgqa.cli.console import errors, status
from kgqa.cli.options import AllowedHosts, Deadline, Graphs, NoKey
from kgqa.cli.serve import end_process, read_key
from kgqa.cli.settings_options import with_settings
from kgqa.errors import UsageError
from kgqa.pipeline.settings import ASK_DEFAULTS, AnswererSettings
from kgqa.service import GraphCatalogue, graph_sources

__all__ = ["mcp"]

HOST, PORT = "127.0.0.1", 8001


@with_settings(AnswererSettings, only=("model", "device", "dtype", "min_confidence"), defaults=ASK_DEFAULTS)
def mcp(
    graph: Graphs = None,
    http: Annotated[
        bool, typer.Option("--http", help="Listen for HTTP at /mcp instead of using stdin and stdout.")
    ] = False,
    host: Annotated[str, typer.Option(help="With --http: the address to listen at.")] = HOST,
    port: Annotated[int, typer.Option(min=0, max=65535, help="With --http: the port to listen at.")] = PORT,
    api_key_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="With --http: a file with the key that is needed [KGQA_API_KEY]."),
    ] = None,
    no_key: NoKey = False,
    allow_host: AllowedHosts = None,
    deadline: Deadline = 60.0,
    *,
    given: Mapping[str, Any],
) -> None:
    """Serve graphs to agents over the Model Context Protocol: ask, find, neighbours, schema, validate, why.

    A client starts it and talks to it over stdin and stdout, or reaches it over HTTP (--http) at /mcp.

    Examples:

      kgqa mcp --graph films

      kgqa mcp --graph films --graph books=library.ttl --http --port 8001
    """
    given_for_http = host != HOST or port != PORT or api_key_file or no_key or allow_host
    if given_for_http and not http:
        raise UsageError(
            "--host, --port, --api-key-file, --no-key and --allow-host are about HTTP; add --http"
        )
    try:
        from kgqa.agents import create_mcp_server
        from kgqa.server import ServerOptions, guarded, serve_app
    except ModuleNotFoundError as error:
        missing = str(error.name).partition(".")[0]
        raise UsageError(f"kgqa mcp needs {missing}: pip install 'kgqa[mcp]'") from error
    options = ServerOptions(
        host=host,
        port=port,
        key=read_key(api_key_file) if http else None,
        keyless=no_key or not http,
        hosts=tuple(allow_host or ()),
        deadline=deadline,
    )
    sources = graph_sources(graph or ["atlas"])
    with status("opening the graphs and the model"), redirect_stdout(sys.stderr):  # stdout is the client's
        settings = AnswererSettings.of(ASK_DEFAULTS).overridden(given)
        catalogue = GraphCatalogue.open(sources, settings)
        server = create_mcp_server(catalogue, deadline)
    if not http:
        if sys.stdin.isatty():
            errors.print(
                "kgqa mcp waits for a client on stdin and stdout; --http listens for clients", style="dim"
            )
        catalogue.watch()
        try:
            server.run("stdio")
        finally:
            catalogue.close()
        return

    def started(url: str) -> None:
        errors.print(f"kgqa serves {', '.join(sources)} at {url}/mcp (Ctrl-C ends it)", markup=False)

    serve_app(guarded(server.app(), options), catalogue, options, started, lifespan="on")
    end_process()
