"""Parts of bodies and replies that several routes have."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

__all__ = ["EVENTS", "Fact", "Names", "Text", "Topics"]

Text = Annotated[str, Field(min_length=1, max_length=2000)]
Topics = Annotated[list[Text], Field(max_length=20, description="Names of entities.")]
Fact = Annotated[list[str], Field(min_length=3, max_length=3, description="head, relation, tail")]
Names = Annotated[dict[str, str | None], Field(description="Names by identifier; null for a mediator.")]
EVENTS: dict[str, Any] = {
    "text/event-stream": {
        "schema": {
            "type": "object",
            "properties": {"event": {"type": "string"}, "data": {"type": "string"}},
            "required": ["data"],
        }
    }
}
"""The content of a stream of server-sent events: what each of them is."""
