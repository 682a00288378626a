"""Chat models of the transformers library, in this process."""

from __future__ import annotations

import copy
import threading
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from statistics import fmean
from typing import Any

import torch
from transformers import StoppingCriteria, TextIteratorStreamer

from kgqa.chat import Budget, Contrast, Message, Reply, Usage
from kgqa.errors import ChatError, UsageError
from kgqa.lm.forward.log_probabilities import memory_errors
from kgqa.lm.hf.context_window import text_window
from kgqa.lm.hf.contrast import ContextContrast
from kgqa.lm.hf.conversation import ConversationEncoder
from kgqa.lm.hf.quiet import quiet_logs
from kgqa.lm.hf.schema_processor import SchemaHolder, schema_identity
from kgqa.lm.load import NumberFormat, load_for_inference

__all__ = ["LocalChat"]

_UNPENALISED: dict[str, Any] = {"repetition_penalty": 1.0, "no_repeat_ngram_size": 0}
"""Settings of `generate` where a processor decides which words may be repeated."""
_ADVICE = "shorten the conversation, or use a smaller dtype or model"


class LocalChat:
    """A decoder-only or encoder-decoder model that replies by greedy decoding, one conversation at a time.

    Replies are held to a JSON schema where llguidance is installed (extra `schema`) and reads the tokenizer,
    else a schema is ignored. `budget` bounds the time; a local model has no cost. Thread-safe: threads
    wait for each other.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        name: str = "local",
        *,
        identity: Mapping[str, object] | None = None,
        budget: Budget | None = None,
    ) -> None:
        self.name = name
        self.identity = {"model": name} if identity is None else dict(identity)
        self._model = model.eval()
        self._tokenizer = tokenizer
        self._budget = budget or Budget()
        self._writes_behind = not model.config.is_encoder_decoder
        self._encoder = ConversationEncoder(tokenizer, opens=self._writes_behind)
        self._window = text_window(model.config.get_text_config(decoder=True), tokenizer)
        self._config = _greedy(model, tokenizer)
        self._lock = threading.Lock()

    @classmethod
    def load(
        cls,
        name_or_folder: str | Path,
        *,
        device: str = "auto",
        dtype: NumberFormat = "auto",
        budget: Budget | None = None,
    ) -> LocalChat:
        """The model of a folder, `.gguf` file or hub name; see `kgqa.lm.load_language_model` for the options.

        Raises `ModelError` for what cannot be loaded.
        """
        model, tokenizer = load_for_inference(name_or_folder, device=device, dtype=dtype)
        identity = {
            "model": str(name_or_folder),
            "dtype": str(model.dtype),
            "files": _stamps(Path(name_or_folder).expanduser()),
            **schema_identity(),
        }
        return cls(model, tokenizer, str(name_or_folder), identity=identity, budget=budget)

    def __repr__(self) -> str:
        return f"LocalChat({self.name!r})"

    @property
    def holds_schema(self) -> bool:
        """Whether replies are held to a schema; see `HoldsSchema`."""
        return self._schemas is not None

    def reply(
        self,
        messages: Sequence[Message],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int = 512,
    ) -> Reply:
        """The reply; see `ChatModel.reply`."""
        prompt, room = self._prompt(messages, max_tokens)
        held = self._held(schema, len(prompt))
        with self._lock:
            written = self._generate(prompt, room, **held)
        return self._reply(written, room, len(prompt))

    def contrast(
        self, messages: Sequence[Message], without: Sequence[Message], *, max_tokens: int = 512
    ) -> Contrast:
        """The reply by contrastive decoding; see `ContrastsChat.contrast` and `ContextContrast`."""
        prompt, room = self._prompt(messages, max_tokens)
        bare, bare_room = self._prompt(without, max_tokens)
        room = min(room, bare_room)
        processor = ContextContrast(self._model, bare)
        with self._lock:
            written = self._generate(prompt, room, logits_processor=[processor], **_UNPENALISED)
        reply = self._reply(written, room, len(prompt) + len(bare))
        return Contrast(reply, fmean(processor.divergences))

    def stream(self, messages: Sequence[Message], *, max_tokens: int = 512) -> Generator[str, None, Reply]:
        """The reply in pieces; see `StreamsChat.stream`. Closing the iterator stops the model."""
        prompt, room = self._prompt(messages, max_tokens)
        pieces = TextIteratorStreamer(self._tokenizer, skip_prompt=True, skip_special_tokens=True)
        stop = threading.Event()

        def write() -> list[int]:
            with self._lock:  # not around the reading, which may be slow, or ask for something else
                return self._generate(prompt, room, stop=stop, streamer=pieces)

        with ThreadPoolExecutor(1) as writer:
            written = writer.submit(write)
            written.add_done_callback(lambda _: pieces.end())  # also where it failed
            try:
                yield from filter(None, pieces)
            finally:
                stop.set()
        return self._reply(written.result(), room, len(prompt))

    @cached_property
    def _schemas(self) -> SchemaHolder | None:
        vocabulary = self._model.config.get_text_config(decoder=True).vocab_size
        return SchemaHolder.of(self._tokenizer, vocabulary, self._config.eos_token_id)

    def _held(self, schema: Mapping[str, Any] | None, prompt_length: int) -> dict[str, Any]:
        """Options of `generate` for a reply that is held to a schema, where it can be."""
        schemas = self._schemas
        if schema is None or schemas is None:
            return {}
        begins = prompt_length if self._writes_behind else 1
        return {"logits_processor": [schemas.processor(schema, begins)], **_UNPENALISED}

    def _prompt(self, messages: Sequence[Message], max_tokens: int) -> tuple[list[int], int]:
        """The ids of a conversation and the maximal length of the reply. Raises `ChatError` if it is 0."""
        if max_tokens < 1:
            raise UsageError("a reply needs room for at least one token")
        ids = self._encoder.encode(messages)
        if self._window is None:
            return ids, max_tokens
        room = self._window - len(ids) if self._writes_behind else self._window
        if room < 1 or len(ids) > self._window:
            raise ChatError(
                f"the conversation is too long for {self.name}: {len(ids)} tokens, of {self._window}; give "
                "it fewer chains or use a model with a longer context"
            )
        return ids, min(max_tokens, room)

    def _generate(
        self, prompt: list[int], room: int, *, stop: threading.Event | None = None, **options: Any
    ) -> list[int]:
        """The ids of the reply, the end token included."""
        self._budget.check_time()
        ids = torch.tensor([prompt], device=self._model.device)
        with memory_errors(lambda: None, _ADVICE), quiet_logs(), torch.no_grad():
            output = self._model.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                generation_config=self._config,
                max_new_tokens=room,
                stopping_criteria=[_Stop(self._budget, stop)],
                **options,
            )
        self._budget.check_time()
        return list(output[0, len(prompt) :].tolist() if self._writes_behind else output[0, 1:].tolist())

    def _reply(self, written: list[int], room: int, read: int) -> Reply:
        text = self._tokenizer.decode(written, skip_special_tokens=True)
        finished = len(written) < room or written[-1] in self._config.eos_token_id
        return Reply(text, Usage(1, 0, read, len(written)), finished)


class _Stop(StoppingCriteria):  # type: ignore[misc]
    """Ends a reply when its reader has stopped or the time is over."""

    def __init__(self, budget: Budget, stop: threading.Event | None) -> None:
        self._budget = budget
        self._stop = stop

    def __call__(self, input_ids: Any, scores: Any, **options: Any) -> Any:  # noqa: ARG002
        stopped = self._budget.seconds_left <= 0 or (self._stop is not None and self._stop.is_set())
        return torch.full((len(input_ids),), stopped, device=input_ids.device)


def _greedy(model: Any, tokenizer: Any) -> Any:
    """The model's generation settings without sampling and beams, with its tokenizer's end token."""
    config = copy.deepcopy(model.generation_config)
    config.update(do_sample=False, num_beams=1, temperature=None, top_p=None, top_k=None, max_length=None)
    ends = config.eos_token_id
    ends = {*ends} if isinstance(ends, list) else {ends}
    config.eos_token_id = sorted({*ends, tokenizer.eos_token_id} - {None})
    if config.pad_token_id is None:
        config.pad_token_id = next(
            (token for token in (tokenizer.pad_token_id, *config.eos_token_id) if token is not None), 0
        )
    return config


def _stamps(source: Path) -> list[list[object]]:
    """Size and time of a file or a folder's files, to tell other weights apart; none for a hub name."""
    stamps: list[list[object]] = []
    for path in sorted(source.iterdir()) if source.is_dir() else [source]:
        with suppress(OSError):
            found = path.stat()
            stamps.append([path.name, found.st_size, found.st_mtime_ns])
    return stamps
