"""What routes are given: the catalogue, a graph by the name in the path, the options."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from kgqa.server.options import ServerOptions
from kgqa.service import GraphCatalogue, HostedGraph, HostedRun, RunCatalogue

__all__ = ["Catalogue", "Hosted", "Options", "Run", "Runs"]


def _catalogue(request: Request) -> GraphCatalogue:
    catalogue: GraphCatalogue = request.app.state.catalogue
    return catalogue


def _options(request: Request) -> ServerOptions:
    options: ServerOptions = request.app.state.options
    return options


def _hosted(graph: str, request: Request) -> HostedGraph:
    return _catalogue(request).graph(graph)


def _runs(request: Request) -> RunCatalogue:
    runs: RunCatalogue = request.app.state.runs
    return runs


def _run(run: str, request: Request) -> HostedRun:
    return _runs(request).run(run)


Catalogue = Annotated[GraphCatalogue, Depends(_catalogue)]
"""All graphs."""

Hosted = Annotated[HostedGraph, Depends(_hosted)]
"""The graph that `{graph}` in the path names; a reply with 404 where there is none."""

Options = Annotated[ServerOptions, Depends(_options)]
"""The limits of the server."""

Runs = Annotated[RunCatalogue, Depends(_runs)]
"""All runs."""

Run = Annotated[HostedRun, Depends(_run)]
"""The run that `{run}` in the path names; a reply with 404 where there is none."""
