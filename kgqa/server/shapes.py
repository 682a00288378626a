"""Parts of bodies and replies that several routes have."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["EVENTS", "MOST_CHARACTERS", "Asked", "Fact", "Names", "Text", "Topics"]

MOST_CHARACTERS = 2000
"""Of a question, or of the identifier of an entity."""
Text = Annotated[str, Field(min_length=1, max_length=MOST_CHARACTERS)]
Topics = Annotated[list[Text], Field(max_length=20, description="Names of entities.")]
Fact = Annotated[list[str], Field(min_length=3, max_length=3, description="head, relation, tail")]
Names = Annotated[dict[str, str | None], Field(description="Names by identifier; null for a mediator.")]


class Asked(BaseModel):
    """A question; without `topics` they are found in it."""

    model_config = ConfigDict(extra="forbid")

    question: Text
    topics: Topics = []


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
