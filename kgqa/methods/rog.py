"""RoG: relation plans, grounded in the graph, read by an LLM."""

from __future__ import annotations

from kgqa.methods.method import Method, PublishedScore

__all__ = ["ROG"]

ROG = Method(
    name="rog",
    title="Reasoning on Graphs (RoG)",
    source="Luo et al., Reasoning on Graphs, ICLR 2024, and its published code (`gen_rule_path.py`)",
    settings={
        "grammar": "relations",
        "prompt": "rog",
        "hops": 3,
        "inverse": False,
        "allow_return": True,
        "check_form": False,
        "rank": False,
        "keep_texts": True,
        "search": {"name": "beam", "beams": 3},
    },
    with_llm={"aggregate": {"name": "rog"}},
    alone={"aggregate": {"name": "vote", "share": 0.0, "all_topics": False}},
    plain={"prompt": "kgqa"},
    definition="rog",
    metric="hit",
    published=(
        PublishedScore("WebQSP", "Hits@1", 85.7, "Llama-2-7B"),
        PublishedScore("WebQSP", "F1", 70.8, "Llama-2-7B"),
        PublishedScore("CWQ", "Hits@1", 62.6, "Llama-2-7B"),
        PublishedScore("CWQ", "F1", 56.2, "Llama-2-7B"),
    ),
)
