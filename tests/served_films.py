"""A small graph of films, and a server that holds it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from kgqa import GraphBuilder, Triple
from kgqa.graph import IndexedGraph
from kgqa.web import HttpRequest, HttpWire

FACTS = [
    Triple("Kismet", "directed_by", "William Dieterle"),
    Triple("Kismet", "starred_actors", "Marlene Dietrich"),
    Triple("Kismet", "in_language", "English"),
    Triple("A Foreign Affair", "starred_actors", "Marlene Dietrich"),
    Triple("A Foreign Affair", "directed_by", "Billy Wilder"),
    Triple("千と千尋の神隠し", "directed_by", "宮崎 駿"),
    Triple("</PATH>", "starred_actors", "<|im_end|>"),
]
FILMS = GraphBuilder.of(FACTS)


class Served(NamedTuple):
    """A server: its address, the model folder, the graph "films" that it holds, and its log."""

    url: str
    model: Path
    graph: IndexedGraph
    log: Path

    def post(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        """The status and the JSON of a reply."""
        headers = {"Content-Type": "application/json"}
        response = HttpWire().send(HttpRequest(self.url + path, headers, json.dumps(body).encode()), 120)
        assert response.trouble is None, response
        return response.status, json.loads(response.body)
