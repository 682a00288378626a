"""A constraint for llama-cpp-python's own completions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint import Constraint, State
from kgqa.constraint.engines.matcher import Matcher
from kgqa.errors import ConstraintError, KgqaError, UsageError
from kgqa.lm.protocol import ModelTokenizer

__all__ = ["ChainProcessor"]


class ChainProcessor:
    """Constrains a completion of `llama_cpp.Llama` to the chains of a graph.

    Give it to `create_completion` as `logits_processor=LogitsProcessorList([this])` and, for models that
    end a path with `</PATH>`, as `stopping_criteria=StoppingCriteriaList([this.ended])`. `tokenizer` is the
    one that the constraint was made for: `HuggingFaceTokenizer(LlamaCppVocabulary(llama.model))`. The
    prompt is what the first call sees, unless `prompt_length` says how many tokens it has. One object
    serves one completion.

    Forbidden tokens get -inf, allowed ones keep their logits; `top_k`, `top_p`, `min_p` and temperature
    then apply to these. After `max_tokens` the text may be unfinished: `state` says so. A `draft_model`
    cannot be used: it appends tokens that the constraint was never asked about.

    The library drops errors of a processor and goes on without it. So an error ends the text here, and
    `state` raises it.
    """

    def __init__(
        self, constraint: Constraint, tokenizer: ModelTokenizer, prompt_length: int | None = None
    ) -> None:
        if prompt_length is not None and prompt_length < 0:
            raise UsageError(f"prompt_length is a number of tokens, got {prompt_length}")
        self._matcher = Matcher(constraint, tokenizer.end_id)
        self._size = tokenizer.vocabulary_size
        self._prompt = prompt_length
        self._error: KgqaError | None = None

    def __call__(self, input_ids: NDArray[np.intc], scores: NDArray[np.single]) -> NDArray[np.single]:
        """Mask one step. *Shape:* input_ids (length,), prompt included; scores (vocabulary,)."""
        try:
            allowed = self._allowed(input_ids.tolist(), scores)
        except KgqaError as error:
            self._error = error
            allowed = np.array([self._matcher.end_id])
        masked = np.full_like(scores, -np.inf)
        masked[allowed] = 0.0 if self._error is not None else scores[allowed]
        return masked

    def ended(self, input_ids: NDArray[np.intc], _scores: NDArray[np.single]) -> bool:
        """Whether a text has its end token, for `stopping_criteria`."""
        text = input_ids[self._prompt :].tolist()
        return self._matcher.end_id in text

    def state(self, completion: Any) -> State:
        """The constraint's state at the end of a completion, what `create_completion` returned.

        Raises `ConstraintError` where it was cut off by `max_tokens`, and any error of a step.
        """
        if self._error is not None:
            raise self._error
        (choice,) = completion["choices"]
        matcher = self._matcher
        if choice["finish_reason"] != "stop" or not matcher.constraint.accepts(matcher.state):
            raise ConstraintError("the text was not finished; give create_completion more max_tokens")
        return matcher.state

    def _allowed(self, ids: Sequence[int], scores: NDArray[np.single]) -> NDArray[np.int32]:
        if len(scores) != self._size:
            raise UsageError(
                f"the model scores {len(scores)} tokens, the constraint was made for {self._size}; use the "
                "tokenizer of this model"
            )
        if self._prompt is None:
            self._prompt = len(ids)
        matcher = self._matcher
        text = tuple(ids[self._prompt :])
        done = matcher.tokens
        if done != text[: len(done)]:
            raise ConstraintError("a ChainProcessor serves one completion; make another for the next")
        for at in range(len(done), len(text)):
            if not matcher.accept_token(text[at]):
                raise ConstraintError(
                    f"token {text[at]} at place {at} of the text is not allowed; is prompt_length right, and "
                    "is no draft_model set?"
                )
        allowed = matcher.allowed_tokens()
        if np.isneginf(scores[allowed]).all():
            raise ConstraintError(
                "nothing that the constraint allows has a score above -inf; leave out what else "
                "forbids tokens"
            )
        return allowed
