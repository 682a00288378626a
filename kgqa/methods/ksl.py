"""Knowledge Solver: an LLM chooses the next neighbour, hop by hop."""

from __future__ import annotations

from kgqa.methods.method import Method

__all__ = ["KSL"]

KSL = Method(
    name="ksl",
    title="Knowledge Solver (KSL)",
    source="Feng et al., Knowledge Solver, 2023; its prompt and its number of hops were not found",
    settings={
        "reason": "llm",
        "grammar": "path",
        "hops": 3,
        "check_form": False,
        "rank": False,
        "keep_texts": True,
        "walk": {"name": "choices", "width": 1},
        "aggregate": {"name": "vote"},
    },
    needs_llm=True,
    definition="strict",
    metric="hits_at_1",
)
