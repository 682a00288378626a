"""Think-on-Graph: an LLM scores relations and entities, and says when it knows enough."""

from __future__ import annotations

from kgqa.methods.method import Method, PublishedScore

__all__ = ["TOG"]

TOG = Method(
    name="tog",
    title="Think-on-Graph (ToG)",
    source="Sun et al., Think-on-Graph, ICLR 2024, and its published code (`main_freebase.py`)",
    settings={
        "reason": "llm",
        "grammar": "path",
        "hops": 3,
        "allow_return": True,
        "check_form": False,
        "rank": False,
        "keep_texts": True,
        "walk": {"name": "scores", "width": 3, "reply_tokens": 256},
        "aggregate": {"name": "tog"},
    },
    needs_llm=True,
    definition="tog",
    metric="exact_match",
    published=(
        PublishedScore("WebQSP", "Hits@1", 76.2, "ChatGPT"),
        PublishedScore("WebQSP", "Hits@1", 82.6, "GPT-4"),
        PublishedScore("CWQ", "Hits@1", 57.6, "ChatGPT"),
        PublishedScore("CWQ", "Hits@1", 68.5, "GPT-4"),
    ),
)
