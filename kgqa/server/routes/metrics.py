"""Metrics for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST

from kgqa.server.error_reply import error_responses
from kgqa.server.metrics import Metrics

__all__ = ["router"]

router = APIRouter(tags=["server"], responses=error_responses(401))


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(request: Request) -> PlainTextResponse:
    """Tell what was counted, in Prometheus' form."""
    counted: Metrics = request.app.state.metrics
    return PlainTextResponse(counted.text(), media_type=CONTENT_TYPE_LATEST)
