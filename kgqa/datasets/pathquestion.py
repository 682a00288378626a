"""PathQuestion: persons and places of Freebase ("An interpretable reasoning network ...", COLING 2018)."""

from __future__ import annotations

from kgqa.datasets.data_folders import SourceFile
from kgqa.datasets.known_set import KnownSet, Portion
from kgqa.datasets.split import Part

__all__ = ["PATHQUESTION"]


def _portion(folder: str, part: Part, size: int, sha256: str, count: int, ids: tuple[int, ...]) -> Portion:
    first, tenth, last = (f"{folder}-{number}" for number in ids)
    file = SourceFile(f"pathquestion/{folder}/questions_{part}.jsonl.gz", size, sha256)
    return Portion(file, count, (first, tenth, last))


def _hops(hops: int, graph: SourceFile, portions: dict[Part | None, Portion]) -> KnownSet:
    return KnownSet(
        name=f"pathquestion-{hops}hop",
        title=f"PathQuestion, {hops} hops: persons and places",
        portions=portions,
        default="test",
        licence="not stated by its source",
        origin="https://github.com/zmtkeke/IRN, divided by gold path",
        graph=graph,
    )


PATHQUESTION = (
    _hops(
        2,
        SourceFile(
            "pathquestion/pq2h/kb.tsv.gz",
            14491,
            "1d901480474c3c7385142c0da278a7311a60b644c67ba1716c67396d43df3ee4",
        ),
        {
            "train": _portion(
                "pq2h",
                "train",
                45367,
                "af3bff9aea423abaf37f0b8e532da79ee4fc9be11eb0d3b40d7adb9fd6c04210",
                1491,
                (0, 9, 1907),
            ),
            "dev": _portion(
                "pq2h",
                "dev",
                7012,
                "d6f3d3050d30c66df278b9a6c280baaa79308f51fcddd97ce8401c163892b467",
                195,
                (39, 126, 1904),
            ),
            "test": _portion(
                "pq2h",
                "test",
                7693,
                "6cae4cd857d121d464cba41d59b2a69814c75c7cf02c4b9b39738b0c0edbc3ea",
                222,
                (24, 63, 1868),
            ),
        },
    ),
    _hops(
        3,
        SourceFile(
            "pathquestion/pq3h/kb.tsv.gz",
            33096,
            "651abef373f27aec2857b270f86e208cbb0a0ae6baec3ef8674b971d4912c47d",
        ),
        {
            "train": _portion(
                "pq3h",
                "train",
                149215,
                "4008d73fc83df798d5ce491e07a02ded7be95853e1edfbd0af3b47ca86fc85cd",
                4200,
                (0, 13, 5197),
            ),
            "dev": _portion(
                "pq3h",
                "dev",
                23229,
                "6eebc3bf81532edfe5362a3f06ae5158a69fdd96d1442cd46af6cfa83daa6de7",
                504,
                (8, 83, 5193),
            ),
            "test": _portion(
                "pq3h",
                "test",
                22687,
                "ec9e874628ec21342fcc3cec3d95e98bd26dda8915d13a9eb6bf83d64804d565",
                494,
                (6, 117, 5185),
            ),
        },
    ),
)
