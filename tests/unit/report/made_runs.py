"""Records and runs made for looking at: tame ones, and as hostile as a file can hold."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from kgqa.answer import LlmReport
from kgqa.chat import Usage
from kgqa.evaluation import STATUSES, Record, score_answers

MANIFEST: dict[str, Any] = {
    "format": "kgqa-run",
    "version": 1,
    "questions": "ab" * 32,
    "n": 3,
    "graph": "cd" * 32,
    "link": False,
    "settings": {"model": "shipped", "grammar": "relations", "search": "beam", "beams": 10, "hops": 3},
}

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title></style></svg></text><evil-tag>",
    "<!-- ", "]]>", "&lt;b&gt; &amp;", "{{ 7 * 7 }}{% raw %}", "' onload='alert(1)",
    "\u202eevil\u2066", "\x00\x1b[31m\x07", "a\nb\tc\u2028d", "x" * 10_000, "عربي نص", "東京都" * 20,
    "[link](javascript:alert(1)) | `code` *bold*", "m.0abc12", "cvt:1", "_:b0",
    "http://a/b#<i>", "http://", "",
)  # fmt: skip


def record(id_: str = "q1", **changes: Any) -> Record:
    """A right answer in two hops over a mediator; its scores follow from answers and gold."""
    plain = Record(
        id=id_,
        question="who directed Kismet?",
        topic_entities=("Kismet",),
        status="answered",
        answers=("William Dieterle",),
        entities=("William Dieterle",),
        vote_shares=(0.9,),
        chains=((("Kismet", "film.film.direction", "m.0x1"), ("m.0x1", "directed_by", "William Dieterle")),),
        proves=(0,),
        gold=("William Dieterle",),
        hops=2,
        hits_at_1=1.0,
        hit=1.0,
        precision=1.0,
        recall=1.0,
        f1=1.0,
        faithful=1.0,
        seconds=0.05,
        confidence=0.8,
    )
    made = replace(plain, **changes)
    scores = asdict(score_answers(made.answers, made.gold))
    return replace(made, **{name: value for name, value in scores.items() if name not in changes})


def wrong(id_: str, **changes: Any) -> Record:
    """A record whose first answer is wrong."""
    return record(id_, gold=("Vincente Minnelli",), **changes)


def write_run(
    folder: Path, records: Sequence[Record], manifest: Mapping[str, Any] | None = None, packed: bool = False
) -> Path:
    """A run's folder as `kgqa eval`, or an export, leaves it."""
    folder.mkdir(parents=True, exist_ok=True)
    said = {**MANIFEST, "n": len(records), **(manifest or {})}
    (folder / "run.json").write_text(json.dumps(said), "utf-8")
    lines = "".join(each.to_json() + "\n" for each in records).encode("utf-8")
    if packed:
        (folder / "records.jsonl.gz").write_bytes(gzip.compress(lines))
    else:
        (folder / "records.jsonl").write_bytes(lines)
    return folder


def said(*values: Any) -> LlmReport:
    """What a language model said."""
    return LlmReport(*values)


TEXTS = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=20))
ENTITIES = st.one_of(st.sampled_from([*HOSTILE, "a", "b", "c"]), TEXTS)
SHARES = st.integers(0, 20).map(lambda part: part / 20)


@st.composite
def hostile_records(draw: st.DrawFn, id_: str | None = None) -> Record:
    """Any record that `Record.from_json` takes, and some that it does not."""
    answers = draw(st.lists(TEXTS, max_size=5))
    triple = st.tuples(ENTITIES, TEXTS, ENTITIES)
    chains = draw(st.lists(st.lists(triple, max_size=6).map(tuple), max_size=4)) if answers else []
    proves = [draw(st.integers(0, len(answers) - 1)) for _ in chains]
    said = LlmReport(
        model=draw(TEXTS),
        outside=tuple(draw(st.lists(TEXTS, max_size=2))),
        closed_book=draw(st.none() | st.lists(TEXTS, max_size=2).map(tuple)),
        agreement=draw(st.sampled_from([None, "agrees", "conflicts", "silent"])),
        usage=Usage(1, 0, 100, 10, draw(st.none() | st.floats(0, 10))),
    )
    return Record(
        id=draw(TEXTS) if id_ is None else id_,
        question=draw(TEXTS),
        topic_entities=tuple(draw(st.lists(ENTITIES, max_size=3))),
        status=draw(st.sampled_from(STATUSES)),
        answers=tuple(answers),
        entities=tuple(draw(ENTITIES) for _ in answers),
        vote_shares=tuple(draw(SHARES) for _ in answers),
        chains=tuple(chains),
        proves=tuple(proves),
        gold=tuple(draw(st.lists(TEXTS, max_size=4))),
        hops=draw(st.none() | st.integers(-1, 5)),
        hits_at_1=draw(st.sampled_from([0.0, 1.0])),
        hit=draw(st.sampled_from([0.0, 1.0])),
        precision=draw(SHARES),
        recall=draw(SHARES),
        f1=draw(SHARES),
        faithful=draw(SHARES),
        seconds=draw(st.one_of(st.floats(0, 1e5), st.sampled_from([0.0, -1.0, float("nan"), float("inf")]))),
        error=draw(TEXTS),
        confidence=draw(st.none() | SHARES | st.sampled_from([float("nan"), 2.0])),
        llm_report=draw(st.none() | st.just(said)),
    )
