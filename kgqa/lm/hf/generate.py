"""A constraint for transformers' own `generate`: greedy, beams, sampling, batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias, runtime_checkable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import LogitsProcessor

from kgqa.errors import ConstraintError, UsageError
from kgqa.lm.protocol import ModelTokenizer
from kgqa.lm.request import Text

__all__ = ["ChainLogitsProcessor", "TokenAutomaton", "prefix_allowed_tokens_fn"]


@runtime_checkable
class TokenAutomaton(Protocol):
    """The part of `kgqa.constraint.Constraint` that is used here."""

    @property
    def start(self) -> Any:
        """The state before the first token."""
        ...

    def allowed(self, state: Any) -> NDArray[np.int32]:
        """The token ids that may follow."""
        ...

    def advance(self, state: Any, token: int) -> Any:
        """The state after one more token."""
        ...

    def accepts(self, state: Any) -> bool:
        """Whether the text may end here."""
        ...


Automata: TypeAlias = TokenAutomaton | Sequence[TokenAutomaton]


class ChainLogitsProcessor(LogitsProcessor):  # type: ignore[misc]
    """Constrains `model.generate` to chains of a graph: `generate(..., logits_processor=[this])`.

    `constraints` is one for all prompts of a batch or one for each; `tokenizer` that of the
    language model which the constraints were made for. `prompt_length` is the width of
    `input_ids`, padding included, for encoder-decoders the number of ids that the decoder is given
    (1, unless told otherwise). Give `generate` the tokenizer's `end_id` as `eos_token_id`. A
    text may end where its chain is complete; after its end only the end token and `pad_id` follow.

    Forbidden tokens get -inf, allowed ones keep their scores: under beam search, whose scores are
    log-softmax already, a chain's score is the model's own log-probability. `num_beams=k,
    length_penalty=0.0, early_stopping=False` searches like `BeamSearch(beams=k)`, with one difference:
    transformers keeps a finished text only if it is among the best k of all continuations in its step,
    so it may miss a text that `BeamSearch` finds. It never finds a better one.

    With more beams than texts in the language, transformers fills up with repetitions and tokens of
    probability 0: such sequences are scored -1e9 and are no chains; `state` raises for them.
    Raises `ConstraintError` where a text begins outside the language (a wrong `prompt_length`) and
    where another processor has left nothing of what is allowed.
    """

    def __init__(
        self,
        constraints: Automata,
        tokenizer: ModelTokenizer,
        prompt_length: int,
        *,
        pad_id: int | None = None,
    ) -> None:
        self._texts = _texts(constraints, tokenizer, pad_id)
        self._prompt_length = _checked(prompt_length)

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """Mask one step. *Shape:* input_ids (rows, length), scores (rows, vocabulary)."""
        rows = input_ids[:, self._prompt_length :].tolist()
        beams, left_over = divmod(len(rows), len(self._texts))
        if left_over:
            raise UsageError(f"{len(rows)} rows for {len(self._texts)} constraints; give one for each prompt")
        allowed = [self._texts[row // beams].allowed(tuple(text)) for row, text in enumerate(rows)]
        lost = [not len(tokens) for tokens in allowed]
        if beams == 1 and any(lost):
            raise ConstraintError(
                f"row {lost.index(True)} has left the constraint; is it the only processor?"
            )
        where = torch.from_numpy(np.repeat(np.arange(len(rows)), [len(tokens) for tokens in allowed]))
        which = torch.from_numpy(np.concatenate(allowed).astype(np.int64))
        where, which = where.to(scores.device), which.to(scores.device)
        masked = torch.full_like(scores, -torch.inf)
        masked[where, which] = scores[where, which]
        stuck = masked.amax(dim=-1).isneginf() & ~torch.tensor(lost, device=scores.device)
        if stuck.any():
            raise ConstraintError(
                "nothing that the constraint allows has a score above -inf; leave out what else "
                "forbids tokens (min_new_tokens, suppress_tokens, bad_words_ids)"
            )
        return masked

    def state(self, output_ids: Sequence[int] | Tensor, prompt: int = 0) -> Any:
        """The constraint's state at the end of a sequence that `generate` returned.

        `prompt` is the place in the batch. Raises `ConstraintError` for a text that was not finished
        (`max_new_tokens` was too low, or there are fewer texts than beams).
        """
        text = tuple(int(token) for token in output_ids[self._prompt_length :])
        return self._texts[prompt if len(self._texts) > 1 else 0].finished(text)


def prefix_allowed_tokens_fn(
    constraints: Automata, tokenizer: ModelTokenizer, prompt_length: int, *, pad_id: int | None = None
) -> Callable[[int, Tensor], list[int]]:
    """The same constraint as `generate`'s argument of this name, for code that takes no logits processor.

    With one constraint for each prompt `num_return_sequences` cannot be used when sampling:
    transformers counts rows then, not prompts.
    """
    texts = _texts(constraints, tokenizer, pad_id)
    width = _checked(prompt_length)

    def allowed_tokens(batch_id: int, input_ids: Tensor) -> list[int]:
        if len(texts) > 1 and batch_id >= len(texts):
            raise UsageError(
                f"a row of prompt {batch_id}, but {len(texts)} constraints; use ChainLogitsProcessor"
            )
        rows = texts[batch_id if len(texts) > 1 else 0]
        allowed: list[int] = rows.allowed(tuple(input_ids[width:].tolist())).tolist()
        # An empty list is an error there. A lost row has probability 0 and keeps it.
        return allowed or [tokenizer.end_id]

    return allowed_tokens


class _Place(NamedTuple):
    """Where a text is: in a state, after the end token, or (no state) outside the language."""

    state: Any
    ended: bool = False
    lost: bool = False


class _Texts:
    """The places of the texts of one constraint, each computed from that of its prefix.

    Only the places of the last two lengths are kept; a text without a known prefix is walked from the
    start.
    """

    def __init__(self, automaton: TokenAutomaton, end_id: int, pad_id: int | None) -> None:
        self._automaton = automaton
        self._end = end_id
        self._after = np.unique(np.array([end_id, end_id if pad_id is None else pad_id], dtype=np.int32))
        self._length = -1
        self._older: dict[Text, _Place] = {}
        self._newer: dict[Text, _Place] = {}

    def allowed(self, text: Text) -> NDArray[np.int32]:
        """The allowed next tokens; none where the row has left the language."""
        place = self._place(text)
        if place.lost:
            return np.empty(0, dtype=np.int32)
        if place.ended:
            return self._after
        allowed = self._automaton.allowed(place.state)
        if self._automaton.accepts(place.state):
            return np.append(allowed, np.int32(self._end))
        return allowed

    def finished(self, text: Text) -> Any:
        """The state of a text that has ended."""
        place = self._walked(text)
        if not place.ended:
            raise ConstraintError(
                "the text was not finished; give generate more max_new_tokens or fewer beams"
            )
        return place.state

    def _place(self, text: Text) -> _Place:
        if len(text) != self._length:
            self._older = self._newer if len(text) == self._length + 1 else {}
            self._newer = {}
            self._length = len(text)
        place = self._newer.get(text)
        if place is None:
            before = self._older.get(text[:-1]) if text else None
            place = self._newer[text] = self._began(text) if before is None else self._step(before, text[-1])
        return place

    def _began(self, text: Text) -> _Place:
        place = self._walked(text)
        if place.lost:
            raise ConstraintError(
                f"a text of {len(text)} tokens is no beginning of a chain; is prompt_length the width of "
                "input_ids (of decoder_input_ids)?"
            )
        return place

    def _walked(self, text: Text) -> _Place:
        place = _Place(self._automaton.start)
        for token in text:
            place = self._step(place, token)
        return place

    def _step(self, place: _Place, token: int) -> _Place:
        if place.lost:
            return place
        if place.ended:
            return place if token in self._after else _Place(None, lost=True)
        if token == self._end:
            accepts = self._automaton.accepts(place.state)
            return _Place(place.state, ended=True) if accepts else _Place(None, lost=True)
        try:
            return _Place(self._automaton.advance(place.state, token))
        except ConstraintError:
            return _Place(None, lost=True)


def _texts(constraints: Automata, tokenizer: ModelTokenizer, pad_id: int | None) -> list[_Texts]:
    automata = [constraints] if isinstance(constraints, TokenAutomaton) else list(constraints)
    if not automata:
        raise UsageError("no constraint was given; give one, or one for each prompt")
    return [_Texts(automaton, tokenizer.end_id, pad_id) for automaton in automata]


def _checked(prompt_length: int) -> int:
    if prompt_length < 0:
        raise UsageError(f"prompt_length is a number of tokens, got {prompt_length}")
    return prompt_length
