"""The known question sets whose questions need operators: counts, superlatives, filters, negation."""

from __future__ import annotations

from kgqa.datasets.data_folders import SourceFile
from kgqa.datasets.graph_checksums import graph_files
from kgqa.datasets.known_set import KnownSet, Part, Portion

__all__ = ["OPERATOR_SETS"]

Row = tuple[int, str, int, str, str, str]
"""Size and SHA-256 of the file with a part, its number of rows, and the ids of the first, tenth and last."""


def _parts(
    name: str, rows: dict[Part, Row], used: dict[Part, int] | None = None
) -> dict[Part | None, Portion]:
    portions: dict[Part | None, Portion] = {}
    for part, (size, sha256, count, *ids) in rows.items():
        file = SourceFile(f"{name}/questions_{part}.jsonl.gz", size, sha256)
        first, tenth, last = ids
        if used is None:
            portions[part] = Portion(file, count, (first, tenth, last))
        else:
            portions[part] = Portion(file, used[part], (first, tenth, last), rows=count)
    return portions


_GEOQUERY_PARTS = _parts(
    "geoquery",
    {
        "train": (
            35856,
            "21c3d78a9bc14ed1d7673b59ce44d7591b008e5d9b6d26de76f3e858515bae54",
            547,
            "geo-000-09",
            "geo-000-18",
            "geo-245-00",
        ),
        "dev": (
            4259,
            "9e1d375e0bfffdaa9968687b0837eaad0898cebf34bf0f860a5ae18eecfe7b07",
            49,
            "geo-000-00",
            "geo-006-00",
            "geo-060-02",
        ),
    },
)

GEOQUERY = KnownSet(
    name="geoquery",
    title="GeoQuery: US geography, asked by people",
    portions=_GEOQUERY_PARTS,
    default="dev",
    licence="not stated by its sources (UT Austin research data)",
    origin="github.com/jkkummerfeld/text2sql-data and geobase; answers computed anew",
    graph=SourceFile(
        "geoquery/kb.ttl.gz", 18995, "9b5a0247685b1b45e81ccc59fff6736c6b074262f6dbe930c9f71f5f25c140e9"
    ),
)
"""One graph with typed values ("Learning to parse database queries ...", AAAI 1996); the question split."""

_SPIDER_PARTS = _parts(
    "spider",
    {
        "train": (
            110240,
            "e811ee01af8f72691e0de09f7a13c767539c95d58cb0f42bc2e820ceed5c44bf",
            2371,
            "spider-aircraft-000",
            "spider-aircraft-013",
            "spider-wrestler-039",
        ),
        "dev": (
            21032,
            "32dc35d50bf34e48e0b1d15d76634ae70385d53407eeae338af7f4d022a3ffa1",
            294,
            "spider-csu_1-000",
            "spider-csu_1-011",
            "spider-workshop_paper-029",
        ),
    },
)

SPIDER = KnownSet(
    name="spider",
    title="Spider: databases as graphs, none of them in two parts",
    portions=_SPIDER_PARTS,
    default="dev",
    licence="CC BY-SA 4.0",
    origin="github.com/LeLuven/MachineSpider, ygan/Spider-Syn; answers by the gold SQL",
    graphs=graph_files("spider"),
)
"""A graph for each database; 87 for train, 11 others for dev ("Spider: a large-scale ...", EMNLP 2018)."""

_OVERNIGHT_PARTS = _parts(
    "overnight",
    {
        "train": (
            446343,
            "6e91ebcd86d342d1e89c71670c74900821873dc78fd90a6b4e1eeb75f0541c54",
            6440,
            "overnight-basketball-train-0000",
            "overnight-basketball-train-0009",
            "overnight-socialnetwork-train-3534",
        ),
        "dev": (
            116470,
            "a2a4557bb07d9fc9ca9058c9c498681bb6c03969a86ca5297595d5c674c00f0b",
            1607,
            "overnight-basketball-train-0014",
            "overnight-basketball-train-0058",
            "overnight-socialnetwork-train-3532",
        ),
    },
    used={"train": 3625, "dev": 888},
)

OVERNIGHT = KnownSet(
    name="overnight",
    title="Overnight: eight small worlds; only rows marked clean",
    portions=_OVERNIGHT_PARTS,
    default="dev",
    licence="questions not stated by their source; worlds made up",
    origin="github.com/rhythmcao/semantic-parsing-dual; other worlds than those of published scores",
    graphs=graph_files("overnight"),
    clean_only=True,
)
"""Crowd paraphrases ("Building a semantic parser overnight", ACL 2015); of the others, one in four says
something else than its program."""

_TIMELINEQA_PARTS = _parts(
    "timelineqa",
    {
        "train": (
            16825,
            "dbb9cfa693665bd94c5a4486be0a38f225682e154b7621fd8b92362c08e841cb",
            362,
            "timeline-person_a-q04-00",
            "timeline-person_a-q07-00",
            "timeline-person_c-x07-06",
        ),
        "dev": (
            4413,
            "0c11d979e11f853003f455e66b3bddc4bbd71ce3cfa80a3c21b0054b7293a645",
            66,
            "timeline-person_a-q04-02",
            "timeline-person_a-q23-01",
            "timeline-person_c-x07-03",
        ),
    },
)

TIMELINEQA = KnownSet(
    name="timelineqa",
    title="TimelineQA: dated life logs of three invented people",
    portions=_TIMELINEQA_PARTS,
    default="dev",
    licence="CC BY-NC 4.0: for measuring only, nothing made of it may ship",
    origin="made by github.com/facebookresearch/TimelineQA",
    graphs=graph_files("timelineqa"),
)
"""A graph for each person ("TimelineQA: a benchmark for question answering over timelines", ACL 2023)."""

OPERATOR_SETS = (GEOQUERY, SPIDER, OVERNIGHT, TIMELINEQA)
"""Their rows have `answer_type` and `operators`; three of them name a `graph`."""
