"""The page, its files, and the OpenAPI page."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response

from kgqa.server.error_reply import error_reply

__all__ = ["router"]

router = APIRouter(include_in_schema=False)
FOLDER = Path(__file__).parents[1] / "page"
_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".md": "text/plain",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    "": "text/plain",
    ".dagre": "text/plain",
}
_CACHED = {"cache-control": "no-cache"}
"""A browser asks each time whether its copy is the newest; a new version of kgqa is seen at once."""


@router.get("/")
async def page(request: Request) -> Response:
    """The page."""
    return await file("index.html", request)


@router.get("/docs")
async def docs(request: Request) -> Response:
    """The description of the routes for people, who can try them."""
    return await file("docs.html", request)


@router.get("/page/{name:path}")
async def file(name: str, request: Request) -> Response:
    """A file of the page: only those that ship are looked up, so that no name leads elsewhere."""
    found = _files().get(name)
    if found is None:
        return error_reply(404, "the page has no such file")
    whole = FileResponse(
        found, media_type=f"{_TYPES[found.suffix]}; charset=utf-8", headers=_CACHED, stat_result=found.stat()
    )
    if request.headers.get("if-none-match") == whole.headers["etag"]:
        return Response(status_code=304, headers=_CACHED | {"etag": whole.headers["etag"]})
    return whole


@cache
def _files() -> dict[str, Path]:
    found = (path for path in FOLDER.rglob("*") if path.is_file() and path.suffix in _TYPES)
    return {path.relative_to(FOLDER).as_posix(): path for path in found}
