"""Whether the server lives."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

__all__ = ["router"]

router = APIRouter(tags=["server"])


class Health(BaseModel):
    """The state of the server."""

    status: str


@router.get("/health")
async def health() -> Health:
    """Say that the server lives; needs no key."""
    return Health(status="ok")
