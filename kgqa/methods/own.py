"""kgqa's own method: its defaults."""

from __future__ import annotations

from kgqa.methods.method import Method

__all__ = ["KGQA"]

KGQA = Method(
    name="kgqa",
    title="kgqa: relation paths, ranked again, and a vote",
    source="the defaults of kgqa",
    settings={},
    definition="strict",
    metric="hits_at_1",
)
