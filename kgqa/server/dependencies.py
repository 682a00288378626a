"""What routes are given: the catalogue, a graph by the name in the path, the options."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from kgqa.server.options import ServerOptions
from kgqa.service import GraphCatalogue, HostedGraph

__all__ = ["Catalogue", "Hosted", "Options"]


def _catalogue(request: Request) -> GraphCatalogue:
    catalogue: GraphCatalogue = request.app.state.catalogue
    return catalogue


def _options(request: Request) -> ServerOptions:
    options: ServerOptions = request.app.state.options
    return options


def _hosted(graph: str, request: Request) -> HostedGraph:
    return _catalogue(request).graph(graph)


Catalogue = Annotated[GraphCatalogue, Depends(_catalogue)]
"""All graphs."""

Hosted = Annotated[HostedGraph, Depends(_hosted)]
"""The graph that `{graph}` in the path names; a reply with 404 where there is none."""

Options = Annotated[ServerOptions, Depends(_options)]
"""The limits of the server."""
