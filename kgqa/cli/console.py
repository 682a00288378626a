"""Output of results (stdout), progress and errors (stderr)."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from kgqa.graph.name import clean_text
from kgqa.graph.readers.lines import BytesRead, counting_bytes

__all__ = [
    "aligned",
    "complain",
    "counting",
    "errors",
    "output",
    "prepare_streams",
    "print_json",
    "reading",
    "show_text",
    "status",
]

output = Console(highlight=False, soft_wrap=True)
"""Results, on stdout."""

errors = Console(stderr=True, highlight=False, soft_wrap=True)
"""Everything else, on stderr."""

_BAR = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn())
_TIMES = (TimeElapsedColumn(), TimeRemainingColumn())


def prepare_streams() -> None:
    """Never fail over a character that the terminal cannot show."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def complain(message: str) -> None:
    """One line on stderr; control characters of whatever the message quotes are dropped."""
    print("kgqa:", clean_text(message), file=sys.stderr)


def print_json(value: object) -> None:
    """One JSON object on stdout, on one line, and nothing else."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def show_text(piece: str) -> None:
    """Write a piece of an LLM's reply to stderr, without control characters."""
    sys.stderr.write("".join(c if c.isprintable() or c == "\n" else " " for c in piece))
    sys.stderr.flush()


@contextmanager
def status(text: str) -> Iterator[None]:
    """Show on stderr what is being done, if stderr is a terminal."""
    if errors.is_terminal:
        with errors.status(text):
            yield
    else:
        yield


@contextmanager
def counting(text: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A progress bar on stderr; call the function that it yields with the count so far."""
    if not errors.is_terminal:  # a disabled Progress of older versions prints an empty line
        yield lambda done: None  # noqa: ARG005
        return
    with Progress(*_BAR, MofNCompleteColumn(), *_TIMES, console=errors, transient=True) as progress:
        task = progress.add_task(text, total=total)
        yield lambda done: progress.update(task, completed=done)


@contextmanager
def reading(total: int | None) -> Iterator[Callable[[int], None]]:
    """A progress bar on stderr for files of `total` bytes; call the function with the triples so far."""
    if not errors.is_terminal:
        yield lambda done: None  # noqa: ARG005
        return
    count = BytesRead()
    said = TextColumn("{task.fields[triples]:,}")
    with (
        Progress(*_BAR, said, *_TIMES, console=errors, transient=True) as progress,
        counting_bytes(count),
    ):
        task = progress.add_task("triples read", total=total, triples=0)
        yield lambda done: progress.update(task, completed=count.count, triples=done)


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Rows of equally many cells: the first column to the left, the others to the right; nothing is cut.

    >>> print(aligned([["", "n"], ["strict", "12"]]))
             n
    strict  12
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip() for row in rows
    )
    return "\n".join(lines)
