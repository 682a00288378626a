"""The routes, one noun a file: each has a `router`, which is listed here."""

from fastapi import APIRouter

from kgqa.server.routes import (
    ask,
    chains,
    chat,
    diff,
    graphs,
    health,
    metrics,
    names,
    neighbours,
    page,
    review,
    runs,
    schema,
    stream,
    validate,
    why,
)

__all__ = ["ROUTERS"]

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    metrics.router,
    graphs.router,
    schema.router,
    names.router,
    neighbours.router,
    ask.router,
    stream.router,
    chains.router,
    why.router,
    validate.router,
    diff.router,
    runs.router,
    review.router,
    chat.router,
    page.router,
)
