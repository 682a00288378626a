"""DoG: chains of triples that the model explains as it writes them."""

from __future__ import annotations

from kgqa.methods.method import Method, PublishedScore

__all__ = ["DOG"]

_MODEL = "Llama-3.1-8B, as printed by Explore-on-Graph (ICLR 2026)"

DOG = Method(
    name="dog",
    title="Decoding on Graphs (DoG)",
    source="Li et al., Decoding on Graphs, ACL 2025; its prompt and its beam width were not found",
    settings={
        "grammar": "chain",
        "hops": 3,
        "check_form": False,
        "rank": False,
        "keep_texts": True,
        "prompt": "dog",
        "explain": True,
        "answer": "free",
        "search": {"name": "beam", "beams": 3},
    },
    plain={"prompt": "kgqa", "explain": False, "answer": "none"},
    definition="gcr",
    metric="hit",
    published=(
        PublishedScore("WebQSP", "Hit@1", 91.4, _MODEL),
        PublishedScore("CWQ", "Hit@1", 76.2, _MODEL),
        PublishedScore("2WikiMultihopQA", "Hit@1", 84.1, _MODEL),
    ),
)
