"""GCR: paths of a fine-tuned model, with answers, read by a general LLM."""

from __future__ import annotations

from kgqa.methods.method import Method, PublishedScore

__all__ = ["GCR"]

_BOTH = "Llama-3.1-8B and ChatGPT"

GCR = Method(
    name="gcr",
    title="Graph-constrained Reasoning (GCR)",
    source="Luo et al., Graph-constrained Reasoning, ICML 2025, and its published code",
    settings={
        "grammar": "path",
        "hops": 2,
        "inverse": False,
        "allow_return": True,
        "speak_identifiers": True,
        "check_form": False,
        "rank": False,
        "keep_texts": True,
        "prompt": "gcr",
        "answer": "free",
        "search": {"name": "diverse", "beams": 10, "penalty": 1.0, "penalise": "tokens"},
    },
    with_llm={"aggregate": {"name": "gcr"}},
    alone={"aggregate": {"name": "vote"}},
    plain={"prompt": "kgqa", "answer": "none"},
    definition="gcr",
    metric="hit",
    published=(
        PublishedScore("WebQSP", "Hit", 92.6, _BOTH),
        PublishedScore("WebQSP", "F1", 73.2, _BOTH),
        PublishedScore("CWQ", "Hit", 72.7, _BOTH),
        PublishedScore("CWQ", "F1", 60.9, _BOTH),
        PublishedScore("WebQSP", "F1", 57.0, "Llama-3.1-8B alone"),
    ),
)
