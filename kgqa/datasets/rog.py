"""Sets in RoG's form, a graph with every question ("Reasoning on graphs", ICLR 2024)."""

from __future__ import annotations

from kgqa.datasets.data_folders import SourceFile
from kgqa.datasets.known_set import HubFiles, KnownSet, Portion
from kgqa.datasets.split import Part

__all__ = ["ROG"]

LICENCE = "Freebase facts CC BY 2.5; questions not stated by their source"
_ON_THE_HUB: dict[Part, str] = {"train": "train", "dev": "validation", "test": "test"}


def _of_the_hub(name: str, title: str, repository: str, counts: dict[Part, int | None]) -> KnownSet:
    return KnownSet(
        name=name,
        title=title,
        portions={
            part: Portion(HubFiles(repository, f"data/{_ON_THE_HUB[part]}-*"), count)
            for part, count in counts.items()
        },
        default="test",
        licence=LICENCE,
        origin=f"https://huggingface.co/datasets/{repository}",
        own_graphs=True,
    )


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
        licence=LICENCE,
        origin="complete records of https://huggingface.co/datasets/rmanluo/RoG-webqsp",
        own_graphs=True,
    ),
)
