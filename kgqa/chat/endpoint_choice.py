"""Which endpoint a name means."""

from __future__ import annotations

import os
from dataclasses import replace

from kgqa.chat.endpoint import OPENAI, Endpoint
from kgqa.chat.endpoint_file import EndpointFile
from kgqa.chat.secret import Secret
from kgqa.errors import UsageError

__all__ = ["choose_endpoint", "chosen_name"]


def chosen_name(name: str | None, file: EndpointFile) -> str:
    """The name itself, that in the variable KGQA_LLM, or the file's default. Raises `UsageError` for none."""
    found = name or os.environ.get("KGQA_LLM") or file.default
    if not found:
        raise UsageError(
            f"no LLM is named; give --llm, set KGQA_LLM, or name a default in the config file ({file.source})"
        )
    return found


def choose_endpoint(name: str, file: EndpointFile, base_url: str | None = None) -> Endpoint:
    """The endpoint of a name in the file, or else of the model of this name.

    A model is asked for at `base_url`, at that in the variable OPENAI_BASE_URL, at the file's
    default endpoint, or at OpenAI, whichever is given first. OPENAI_API_KEY goes to the first two and
    to OpenAI. Raises `UsageError` where there is no address.
    """
    named = file.endpoint(name)
    if named is not None:
        return named if base_url is None else _moved(named, base_url)
    url = base_url or os.environ.get("OPENAI_BASE_URL")
    key = os.environ.get("OPENAI_API_KEY", "").strip()
    if not url and file.default is not None:
        default = file.endpoint(file.default)
        if default is not None:
            return replace(default, model=name, prices=None)
    if not url and not key:
        raise UsageError(
            f"there is no LLM {name!r} in {file.source}, no folder of this name, and no endpoint to ask for "
            "a model; give --base-url or OPENAI_BASE_URL, or OPENAI_API_KEY for OpenAI's own"
        )
    return Endpoint(url or OPENAI, name, Secret(key) if key else None)


def _moved(endpoint: Endpoint, base_url: str) -> Endpoint:
    """The same model elsewhere; what logged in there does not log in here."""
    return replace(endpoint, base_url=base_url, login=None)
