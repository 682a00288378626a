"""How many examples a property is tried on."""

from __future__ import annotations

import os
from collections.abc import Sequence

from hypothesis import HealthCheck, settings

__all__ = ["DEFAULT_EXAMPLES", "examples"]

_SHARE = 1 if os.environ.get("KGQA_EXAMPLES") == "all" else 3


def examples(count: int, suppress_health_check: Sequence[HealthCheck] = ()) -> settings:
    """So many examples in `make test-slow`, a third of them in `make test`."""
    return settings(max_examples=max(4, count // _SHARE), suppress_health_check=suppress_health_check)


DEFAULT_EXAMPLES = max(4, 100 // _SHARE)
