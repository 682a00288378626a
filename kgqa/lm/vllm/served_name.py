"""How a model is named that runs in a vLLM server."""

from __future__ import annotations

__all__ = ["SERVED", "is_served"]

SERVED = "vllm:"
"""What such a name begins with; the address of the server follows."""


def is_served(model: object) -> bool:
    """Whether a name stands for a model in a vLLM server.

    >>> is_served("vllm:http://localhost:8000"), is_served("models/writer"), is_served(None)
    (True, False, False)
    """
    return isinstance(model, str) and model.startswith(SERVED)
