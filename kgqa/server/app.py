"""The application: routes, limits, and the form of errors."""

from __future__ import annotations

from importlib import metadata

from fastapi import FastAPI, Security
from fastapi.security import HTTPBearer
from starlette.types import ASGIApp

from kgqa.server.access import Access
from kgqa.server.body_limit import BodyLimit
from kgqa.server.chat import Remembered
from kgqa.server.error_reply import install_errors
from kgqa.server.head_requests import HeadRequests
from kgqa.server.metrics import Measured, Metrics
from kgqa.server.options import ServerOptions
from kgqa.server.routes import ROUTERS
from kgqa.server.security_headers import SecurityHeaders
from kgqa.service import GraphCatalogue, RunCatalogue

__all__ = ["create_app", "guarded"]


def create_app(catalogue: GraphCatalogue, options: ServerOptions | None = None) -> FastAPI:
    """The application that serves the graphs of a catalogue; `catalogue` stays the caller's to close."""
    options = options or ServerOptions()
    app = FastAPI(
        title="kgqa",
        version=metadata.version("kgqa"),
        description="Questions to knowledge graphs; every answer comes with the facts that prove it.",
        docs_url=None,
        redoc_url=None,
        # `Access` checks the key; this only describes it, so that the routes can be tried with one at /docs
        dependencies=[] if options.key is None else [Security(HTTPBearer(auto_error=False))],
    )
    app.state.catalogue, app.state.options = catalogue, options
    app.state.runs, app.state.remembered = RunCatalogue(options.runs), Remembered()
    app.state.metrics = Metrics(catalogue)
    for router in ROUTERS:
        app.include_router(router)
    app.add_middleware(BodyLimit, options=options)
    app.add_middleware(Access, options=options)
    install_errors(app)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Measured, metrics=app.state.metrics)
    app.add_middleware(HeadRequests)
    return app


def guarded(app: ASGIApp, options: ServerOptions) -> ASGIApp:
    """Another application behind the key, the limits and the headers of `create_app`."""
    return SecurityHeaders(Access(BodyLimit(app, options), options))
