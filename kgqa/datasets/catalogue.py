"""The question sets that are known by name."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from kgqa.counted import counted
from kgqa.datasets.data_folders import SourceFile
from kgqa.datasets.known_set import HubFiles, KnownSet, Part, Portion
from kgqa.datasets.operator_sets import OPERATOR_SETS
from kgqa.errors import UsageError

__all__ = ["CATALOGUE", "known_set"]

FREEBASE_LICENCE = "Freebase facts CC BY 2.5; questions not stated by their source"
METAQA_GRAPH = SourceFile(
    "metaqa/kb.tsv.gz", 1153141, "619db619ae9b132984a8185592c27951e16803dc130ff9ac0c850f8622ab28ca"
)
_ON_THE_HUB: dict[Part, str] = {"train": "train", "dev": "validation", "test": "test"}
PathQuestionPart = tuple[int, str, int, tuple[int, int, int]]
"""Size and SHA-256 of the file, its number of questions, and the numbers of the first, tenth and last."""


def _metaqa(hops: int, count: int, size: int, sha256: str) -> KnownSet:
    prefix = f"metaqa-{hops}hop-dev"
    file = SourceFile(f"metaqa/questions_{hops}hop.jsonl.gz", size, sha256)
    ids = (f"{prefix}-0", f"{prefix}-9", f"{prefix}-{count - 1}")
    return KnownSet(
        name=f"metaqa-{hops}hop",
        title=f"MetaQA, {counted(hops, 'hop')}: films",
        portions={None: Portion(file, count, ids)},
        default=None,
        licence="CC BY 3.0",
        origin="the official dev split of https://github.com/yuyuz/MetaQA, divided by id",
        graph=METAQA_GRAPH,
    )


def _pathquestion(hops: int, graph: tuple[int, str], parts: dict[Part | None, PathQuestionPart]) -> KnownSet:
    folder = f"pathquestion/pq{hops}h"
    portions: dict[Part | None, Portion] = {}
    for part, (size, sha256, count, numbers) in parts.items():
        first, tenth, last = (f"pq{hops}h-{number}" for number in numbers)
        file = SourceFile(f"{folder}/questions_{part}.jsonl.gz", size, sha256)
        portions[part] = Portion(file, count, (first, tenth, last))
    return KnownSet(
        name=f"pathquestion-{hops}hop",
        title=f"PathQuestion, {hops} hops: persons and places",
        portions=portions,
        default="test",
        licence="not stated by its source",
        origin="https://github.com/zmtkeke/IRN, divided by gold path",
        graph=SourceFile(f"{folder}/kb.tsv.gz", *graph),
    )


def _of_the_hub(name: str, title: str, repository: str, counts: dict[Part, int | None]) -> KnownSet:
    return KnownSet(
        name=name,
        title=title,
        portions={
            part: Portion(HubFiles(repository, f"data/{_ON_THE_HUB[part]}-*"), count)
            for part, count in counts.items()
        },
        default="test",
        licence=FREEBASE_LICENCE,
        origin=f"https://huggingface.co/datasets/{repository}",
        own_graphs=True,
    )


def _atlas_part(part: Part, count: int, size: int, sha256: str, kind: str = "") -> Portion:
    name = f"atlas-{kind}-{part}" if kind else f"atlas-{part}"
    file = f"atlas/{kind}_{part}.jsonl" if kind else f"atlas/{part}.jsonl"
    return Portion(SourceFile(file, size, sha256), count, (f"{name}-1", f"{name}-10", f"{name}-{count}"))


METAQA = (
    _metaqa(1, 9992, 406933, "329edf6396fcd9b642b5b03204699e3c2626ea93cd029c84899c5ee8e8aa4e45"),
    _metaqa(2, 14872, 1094640, "a3ef81f82652a0e66593559b08e00191578fd92510e015b89b34ccfe46e94034"),
    _metaqa(3, 14274, 1391768, "e25133869522365b05f87d987debadf915dfcc70fecd34eed9d28ff62224e6c0"),
)
"""Films, 1 to 3 hops ("Variational reasoning for question answering ...", AAAI 2018)."""

PATHQUESTION = (
    _pathquestion(
        2,
        (14491, "1d901480474c3c7385142c0da278a7311a60b644c67ba1716c67396d43df3ee4"),
        {
            "train": (
                45367,
                "af3bff9aea423abaf37f0b8e532da79ee4fc9be11eb0d3b40d7adb9fd6c04210",
                1491,
                (0, 9, 1907),
            ),
            "dev": (
                7012,
                "d6f3d3050d30c66df278b9a6c280baaa79308f51fcddd97ce8401c163892b467",
                195,
                (39, 126, 1904),
            ),
            "test": (
                7693,
                "6cae4cd857d121d464cba41d59b2a69814c75c7cf02c4b9b39738b0c0edbc3ea",
                222,
                (24, 63, 1868),
            ),
        },
    ),
    _pathquestion(
        3,
        (33096, "651abef373f27aec2857b270f86e208cbb0a0ae6baec3ef8674b971d4912c47d"),
        {
            "train": (
                149215,
                "4008d73fc83df798d5ce491e07a02ded7be95853e1edfbd0af3b47ca86fc85cd",
                4200,
                (0, 13, 5197),
            ),
            "dev": (
                23229,
                "6eebc3bf81532edfe5362a3f06ae5158a69fdd96d1442cd46af6cfa83daa6de7",
                504,
                (8, 83, 5193),
            ),
            "test": (
                22687,
                "ec9e874628ec21342fcc3cec3d95e98bd26dda8915d13a9eb6bf83d64804d565",
                494,
                (6, 117, 5185),
            ),
        },
    ),
)
"""Persons and places of Freebase ("An interpretable reasoning network ...", COLING 2018)."""

WEBQSP = KnownSet(
    name="webqsp",
    title="WebQSP over a part of Freebase; scores are not comparable with published ones",
    portions={
        "train": Portion(
            SourceFile(
                "freebase/webqsp_train.jsonl.gz",
                440119,
                "2cf68502200d64bb2af0b3f34cddbbff41f87b4ac234b9949be9b039a54d36d5",
            ),
            2826,
            ("WebQTrn-0", "WebQTrn-13", "WebQTrn-3777"),
        ),
        "dev": Portion(
            SourceFile(
                "freebase/webqsp_dev.jsonl.gz",
                39263,
                "1e8939421c5bd7efe57177b6c03bfa26e8a76f2601c34ecc6487983612e02cb2",
            ),
            246,
            ("WebQTrn-9", "WebQTrn-164", "WebQTrn-3093"),
        ),
    },
    default="dev",
    licence=FREEBASE_LICENCE,
    origin="gathered from public repositories; answers of WebQuestions",
    graph=SourceFile(
        "freebase/kb.tsv.gz", 3011805, "fa34da42ededaa3ef1292b17a260585d6f5120ecfd2cf3b872c3a2d27be4bfaa"
    ),
)
"""One Freebase graph for all questions ("The value of semantic parse labeling ...", ACL 2016)."""

ROG = (
    _of_the_hub(
        "webqsp-rog",
        "WebQSP as RoG and GCR use it",
        "rmanluo/RoG-webqsp",
        {"train": 2826, "dev": 246, "test": 1628},
    ),
    _of_the_hub(
        "cwq-rog",
        "ComplexWebQuestions as RoG and GCR use it",
        "rmanluo/RoG-cwq",
        {"train": 27639, "dev": None, "test": 3531},
    ),
    KnownSet(
        name="webqsp-rog-18",
        title="18 questions of webqsp-rog's test part",
        portions={
            "test": Portion(
                SourceFile(
                    "freebase/webqsp_rog_format_18.jsonl.gz",
                    814242,
                    "e6bbb54be69143662c4b8d90e8adbc42a8f3deee54e9290e8074e9436133d0c3",
                ),
                18,
                ("WebQTest-0", "WebQTest-14", "WebQTest-31"),
            )
        },
        default="test",
        licence=FREEBASE_LICENCE,
        origin="complete records of https://huggingface.co/datasets/rmanluo/RoG-webqsp",
        own_graphs=True,
    ),
)
"""Sets in RoG's form, a graph with every question ("Reasoning on graphs", ICLR 2024)."""

ATLAS = KnownSet(
    name="atlas",
    title="The atlas: geography, culture, science",
    portions={
        "train": _atlas_part(
            "train", 1052, 435703, "fa844c6fae358c4d8b9915cf6046a193027ec33d2429d1c17615a6e585b79c08"
        ),
        "dev": _atlas_part(
            "dev", 250, 135121, "32ba982f32da5ba2e20d9d4dd13e01820341ef6a2d7ee4e815d60493d9594d94"
        ),
        "test": _atlas_part(
            "test", 554, 252168, "2c85e7ffd7351f1938c5e2a4d6f9051da5287dec07f9832ce551eb7ce97c119a"
        ),
    },
    default="test",
    licence="Apache-2.0",
    origin="ships with kgqa: data/atlas",
)
"""The questions about paths that ship with kgqa."""

ATLAS_OPERATORS = KnownSet(
    name="atlas-operators",
    title="The atlas: counts, superlatives, filters, comparisons",
    portions={
        "train": _atlas_part(
            "train",
            318,
            194786,
            "2fe4b5d2e3a5fcc01b1af0f9259a5d602397fafa3d1a33e34e183a1322f319ac",
            "operators",
        ),
        "dev": _atlas_part(
            "dev", 149, 95358, "86b196f972159ae936acee8c1d60dfc3f23784f5ad3676d10b0f64a6406a6a93", "operators"
        ),
        "test": _atlas_part(
            "test",
            244,
            150334,
            "5e92ac840cd9c833b4469887b1df1d47dc63771df745bba2050033495f872611",
            "operators",
        ),
    },
    default="test",
    licence="Apache-2.0",
    origin="ships with kgqa: data/atlas",
)
"""The questions with operators that ship with kgqa; their rows have `answer_type` and `operators`."""

CATALOGUE: Mapping[str, KnownSet] = {
    one.name: one for one in (*METAQA, *PATHQUESTION, WEBQSP, *ROG, *OPERATOR_SETS, ATLAS, ATLAS_OPERATORS)
}
"""The sets by their names."""


def known_set(name: str) -> KnownSet:
    """The set of this name. Raises `UsageError`, with the nearest name.

    >>> known_set("metaqa-2hop").portion(None).count
    14872
    """
    if name not in CATALOGUE:
        near = difflib.get_close_matches(name, CATALOGUE, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(CATALOGUE)}"
        raise UsageError(f"no data set {name!r} and no such file; {hint}")
    return CATALOGUE[name]
