"""The plug-in that teaches an SGLang server the constraint; SGLang loads it, and it imports SGLang late."""

from __future__ import annotations

from functools import cache
from typing import Any

from kgqa.constraint.engines.held_graphs import HeldGraphs
from kgqa.constraint.engines.request_walks import RequestWalks
from kgqa.constraint.engines.tested_version import is_tested
from kgqa.lm.hf.tokenizer import HuggingFaceTokenizer
from kgqa.lm.sglang.chain_backend import backend_class

__all__ = ["BACKEND", "TESTED_VERSION", "register"]

TESTED_VERSION = "0.5.23"
"""The version of SGLang whose classes are extended here."""
BACKEND = "kgqa"
"""The name of the grammar backend."""


@cache
def register() -> None:
    """Register the grammar backend `kgqa`; called by SGLang in each of its processes.

    Where `KGQA_GRAPHS` is set, raises `ModelError` in a version that was not tested, and `UsageError` or
    `DataError` for what cannot be opened as a graph. Without it such a version is left as it is.
    """
    graphs = HeldGraphs.of_environment()
    if not is_tested("sglang", TESTED_VERSION, f"sglang=={TESTED_VERSION}", needed=bool(graphs)):
        return
    graphs.open_all()
    from sglang.srt.constrained.base_grammar_backend import register_grammar_backend
    from sglang.srt.server_args import add_grammar_backend_choices

    def make(_server_args: Any, tokenizer: Any, vocab_size: int, eos_token_ids: set[int] | None) -> Any:
        from sglang.srt.runtime_context import get_serving

        own = HuggingFaceTokenizer(tokenizer, vocabulary_size=vocab_size)
        return backend_class()(
            RequestWalks(graphs, own),
            own.end_id,
            tokenizer,
            vocab_size=vocab_size,
            model_eos_token_ids=list(eos_token_ids) if eos_token_ids else None,
            any_whitespace=not get_serving().constrained_json_disable_any_whitespace,
            max_whitespace_cnt=get_serving().constrained_json_max_whitespace_cnt,
        )

    register_grammar_backend(BACKEND, make)
    add_grammar_backend_choices([BACKEND])
