"""A model in a vLLM server that has kgqa's plug-in: it writes chains of a graph that the server holds."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from kgqa.chat import Endpoint, Secret
from kgqa.chat.failure import Failure
from kgqa.constraint.engines.walk_request import MARK, WalkRequest
from kgqa.errors import ModelError, UsageError, check_count, check_number
from kgqa.lm.hf.prompt_renderer import PROMPT_DATE, defused, instruction, opening
from kgqa.lm.hf.tokenizer import PATH_END, PATH_START
from kgqa.lm.request import Prompt
from kgqa.lm.vllm.replies import Choice, read_choices, read_ids, read_models, read_scores
from kgqa.lm.vllm.served_name import SERVED
from kgqa.lm.vllm.vllm_client import VllmClient
from kgqa.web import BackOff

__all__ = ["HOTTEST", "ServedModel", "ServedText"]

TIMEOUT = 300.0
"""Seconds for a reply: a server that sees a graph for the first time reads all its names."""
MOST_TOKENS = 300
"""Of a text; a longer one is cut off, and left out."""
HOTTEST = 2.0
"""The highest temperature that vLLM takes."""

_FIRST = "(the first)"
_NO_TEMPLATE = re.compile("chat template", re.IGNORECASE)


@dataclass(frozen=True)
class ServedText:
    """A text that a model wrote, how often, and its log-probability with its end (natural logarithm).

    The log-probability is that of the model without the constraint, over its whole vocabulary.
    """

    text: str
    count: int
    tokens: int
    log_probability: float


class ServedModel:
    """A model in a vLLM server; thread-safe.

    Requests are retried with back-off where that may help, each within the endpoint's timeout; as many texts
    are written at a time as its `concurrency` says. Raises `UsageError` for what is no address.
    """

    def __init__(self, endpoint: Endpoint, *, back_off: BackOff | None = None) -> None:
        self.endpoint = endpoint
        self._client = VllmClient(endpoint, back_off)

    @classmethod
    def at(cls, name: str, *, timeout: float = TIMEOUT, concurrency: int = 8) -> ServedModel:
        """The model of a name such as `vllm:http://localhost:8000`.

        The server's first model, unless one is named: `vllm:http://localhost:8000#qwen`. The key in
        `$VLLM_API_KEY` is sent. Raises `UsageError` for a password in the address, since names are shown.
        """
        address, _, model = name.removeprefix(SERVED).partition("#")
        key = os.environ.get("VLLM_API_KEY", "").strip()
        endpoint = Endpoint(
            address,
            model or _FIRST,
            Secret(key) if key else None,
            timeout=timeout,
            concurrency=concurrency,
        )
        if endpoint.login is not None:
            raise UsageError(
                f"give the address {endpoint.base_url} without user and password: they would stand in the "
                "records of runs, and vLLM takes a key, in VLLM_API_KEY"
            )
        return cls(endpoint)

    def __repr__(self) -> str:
        return f"ServedModel({self.fingerprint!r})"

    @property
    def fingerprint(self) -> str:
        """Its address, and its name there if one was given."""
        own = "" if self.endpoint.model == _FIRST else f"#{self.endpoint.model}"
        return f"{SERVED}{self._client.url}{own}"

    def sample(
        self, prompt: Prompt, request: WalkRequest, *, samples: int, temperature: float = 1.0, seed: int = 0
    ) -> list[ServedText]:
        """The distinct texts of some samples, the most probable first; texts that were cut off are left out.

        Drawn token by token, renormalised over what the constraint allows, as by `kgqa.decode.Sampler`.
        Raises `ModelError` where the server cannot be asked, refuses, or has no plug-in of kgqa, and where
        all texts were cut off.
        """
        check_count(samples, "samples")
        check_number(temperature, "temperature", above=0, most=HOTTEST)
        with self._client.turn():
            ids = self._prompt_ids(prompt)
            written = self._written(ids, request, samples, temperature, seed)
            ended = [one for one in written if one.ended]
            if not ended:
                raise ModelError(
                    f"{self._client.name} finished none of {samples} texts within {MOST_TOKENS} tokens; the "
                    "graph has long names, or its --max-model-len is too short"
                )
            distinct = list({one.ids: one for one in ended}.values())
            scores = self._scores(ids, distinct)
        counts = [sum(other.ids == one.ids for other in ended) for one in distinct]
        found = [
            ServedText(one.text, count, len(one.ids), score)
            for one, count, score in zip(distinct, counts, scores, strict=True)
        ]
        return sorted(found, key=lambda one: (-one.log_probability, one.text))

    @cached_property
    def _name(self) -> str:
        """The name of the model at its server."""
        if self.endpoint.model != _FIRST:
            return self.endpoint.model
        return self._client.ask("/v1/models", None, read_models)[0]

    @cached_property
    def _marks_paths(self) -> bool:
        """Whether the tokenizer has the tokens around a path."""
        marks = PATH_START + PATH_END
        found = self._client.ask("/tokenize", {"prompt": marks, "add_special_tokens": False}, read_ids)
        return len(found) == 2

    def _prompt_ids(self, prompt: Prompt) -> tuple[int, ...]:
        """The ids of a prompt up to where the text begins, as `PromptRenderer` has them."""
        content = defused(instruction(prompt)) + "\n"
        begun = opening(prompt, self._marks_paths) + (PATH_START if self._marks_paths else "")
        chat = {
            "messages": [{"role": "user", "content": content}, {"role": "assistant", "content": begun}],
            "add_generation_prompt": False,
            "continue_final_message": True,
            "chat_template_kwargs": {"date_string": PROMPT_DATE},
        }
        found = self._client.try_asking("/tokenize", chat, read_ids)
        if isinstance(found, Failure):
            if not _NO_TEMPLATE.search(found.message):
                raise found.error()
            return self._client.ask("/tokenize", {"prompt": content + begun}, read_ids)
        return found

    def _written(
        self, ids: Sequence[int], request: WalkRequest, samples: int, temperature: float, seed: int
    ) -> list[Choice]:
        body = {
            "model": self._name,
            "prompt": list(ids),
            "n": samples,
            "temperature": temperature,
            "top_p": 1.0,
            "top_k": 0,
            "min_p": 0.0,
            "repetition_penalty": 1.0,
            "seed": seed,
            "max_tokens": MOST_TOKENS,
            "return_token_ids": True,
            "structured_outputs": {"regex": request.encode()},
        }
        found = self._client.ask("/v1/completions", body, lambda reply: read_choices(reply, samples))
        if any(one.text.startswith(MARK) for one in found):
            raise ModelError(
                f"{self._client.name} took the constraint for a regular expression: it has no plug-in of "
                "kgqa; install kgqa where it runs, and leave VLLM_PLUGINS unset or name kgqa in it"
            )
        return found

    def _scores(self, ids: Sequence[int], choices: Sequence[Choice]) -> list[float]:
        """The log-probabilities of texts without the constraint, in one request."""
        texts = [one.ids for one in choices]
        body = {
            "model": self._name,
            "prompt": [[*ids, *text] for text in texts],
            "max_tokens": 1,
            "temperature": 0.0,
            "prompt_logprobs": 0,
        }
        return self._client.ask("/v1/completions", body, lambda reply: read_scores(reply, texts))
