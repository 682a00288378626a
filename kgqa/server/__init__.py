"""The HTTP server: REST, an OpenAI-compatible chat endpoint, and the page."""

from kgqa.server.app import create_app, guarded
from kgqa.server.options import ServerOptions
from kgqa.server.running import serve, serve_app

__all__ = ["ServerOptions", "create_app", "guarded", "serve", "serve_app"]
