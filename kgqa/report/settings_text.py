"""The settings of a run that make most of a difference, in a few words."""

from __future__ import annotations

from collections.abc import Mapping

from kgqa.graph import clean_name
from kgqa.report.run_folder import RunFolder

__all__ = ["settings_text"]


def settings_text(run: RunFolder) -> str:
    """What is written, how it is searched for, how far, and which part of the questions; may be empty."""
    search, aggregate = _table(run.says("search")), _table(run.says("aggregate"))
    beams = search.get("beams") or run.says("beams")
    answers = aggregate.get("name")
    parts = [
        run.says("grammar"),
        " ".join(str(part) for part in (search.get("name"), beams) if part),
        f"{hops} hops" if (hops := run.says("hops")) else None,
        "return to the start allowed" if run.says("allow_return") is True else None,
        "topics from the text" if run.says("link") is True else None,
        f"answers by {answers}" if answers and answers != "vote" else None,
        *(f"{name} {value}" for name in ("part", "sample", "limit") if (value := run.says(name))),
    ]
    return clean_name(", ".join(str(part) for part in parts if part))


def _table(value: object) -> Mapping[str, object]:
    """A table with a name, which may be all that there is."""
    return value if isinstance(value, Mapping) else {"name": value}
