"""The questions about the atlas, which ship with kgqa."""

from __future__ import annotations

from kgqa.datasets.data_folders import SourceFile
from kgqa.datasets.known_set import KnownSet, Portion
from kgqa.datasets.split import Part

__all__ = ["ATLAS"]


def _portion(part: Part, count: int, size: int, sha256: str) -> Portion:
    ids = (f"atlas-{part}-1", f"atlas-{part}-10", f"atlas-{part}-{count}")
    return Portion(SourceFile(f"atlas/{part}.jsonl", size, sha256), count, ids)


ATLAS = KnownSet(
    name="atlas",
    title="The atlas: geography, culture, science",
    portions={
        "train": _portion(
            "train", 1052, 435703, "fa844c6fae358c4d8b9915cf6046a193027ec33d2429d1c17615a6e585b79c08"
        ),
        "dev": _portion(
            "dev", 250, 135121, "32ba982f32da5ba2e20d9d4dd13e01820341ef6a2d7ee4e815d60493d9594d94"
        ),
        "test": _portion(
            "test", 554, 252168, "2c85e7ffd7351f1938c5e2a4d6f9051da5287dec07f9832ce551eb7ce97c119a"
        ),
    },
    default="test",
    licence="Apache-2.0",
    origin="ships with kgqa: data/atlas",
)
