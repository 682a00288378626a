"""MetaQA's own files ("Variational reasoning for question answering ...", AAAI 2018)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from kgqa.datasets.question import Question
from kgqa.errors import ParseError
from kgqa.graph.readers.lines import read_lines

__all__ = ["read_metaqa"]

_TOPIC = re.compile(r"\[([^\[\]]+)\]")
_HOPS = re.compile(r"([1-9])-hop")


def read_metaqa(path: Path) -> Iterator[tuple[int, Question]]:
    """The questions of a file `qa_*.txt`, with their lines: `who directed [Kismet]`, a tab, answers with `|`.

    The number of hops is that of a folder above, such as `2-hop`. Raises `ParseError` with the line for one
    that has another form.
    """
    folder = next((found for name in path.absolute().parts if (found := _HOPS.fullmatch(name))), None)
    hops = None if folder is None else int(folder[1])
    prefix = path.stem if hops is None else f"{hops}-hop-{path.stem}"
    for line, text in read_lines(path):
        if not text.strip():
            continue
        question, tab, answers = text.partition("\t")
        topics = _TOPIC.findall(question)
        names = tuple(dict.fromkeys(name.strip() for name in answers.split("|") if name.strip()))
        if not (tab and topics and names):
            reason = "needs a question with its topic in brackets, a tab, and answers with | between them"
            raise ParseError(path, line, reason)
        asked = _TOPIC.sub(r"\1", question).strip()
        yield line, Question(f"{prefix}-{line}", asked, tuple(topics), names, hops)
