"""What `--llm` may name, and the options beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "BaseUrl",
    "Cache",
    "Llm",
    "LlmConcurrency",
    "LlmConfig",
    "LlmTimeout",
    "MaxCost",
    "MaxSeconds",
    "Stream",
]

Llm = Annotated[
    str | None,
    typer.Option(
        "--llm",
        metavar="NAME",
        help="An LLM: a name in the config file, a model of the endpoint, or a folder with a model "
        "[default: $KGQA_LLM, or the config file's default].",
    ),
]
BaseUrl = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="An OpenAI-compatible endpoint, such as http://localhost:8000/v1 [default: $OPENAI_BASE_URL].",
    ),
]
LlmConfig = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Endpoints and prices [default: ~/.config/kgqa/config.toml]."),
]
MaxCost = Annotated[
    float | None,
    typer.Option(
        metavar="AMOUNT", help="The LLM is not asked where it might cost more, by the config's prices."
    ),
]
MaxSeconds = Annotated[
    float | None, typer.Option(metavar="SECONDS", help="The LLM is not asked any more after so many seconds.")
]
LlmTimeout = Annotated[
    float | None,
    typer.Option(
        metavar="SECONDS", help="The longest that a reply may take, retries included [default: 60]."
    ),
]
LlmConcurrency = Annotated[
    int | None, typer.Option(metavar="N", help="Requests to the LLM at a time [default: 8].")
]
Cache = Annotated[
    bool,
    typer.Option(
        "--cache/--no-cache", help="Whether replies that were given before are taken from the cache."
    ),
]
Stream = Annotated[
    bool | None,
    typer.Option(
        "--stream/--no-stream",
        help="Show what the LLM writes on stderr while it writes it, before it is checked "
        "[default: on a terminal].",
    ),
]
