"""The HTTP server: REST, an OpenAI-compatible chat endpoint, and the page."""

from kgqa.server.app import create_app
from kgqa.server.options import ServerOptions
from kgqa.server.running import serve

__all__ = ["ServerOptions", "create_app", "serve"]
