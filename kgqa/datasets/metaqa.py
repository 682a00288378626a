"""MetaQA: films, 1 to 3 hops ("Variational reasoning for question answering ...", AAAI 2018)."""

from __future__ import annotations

from kgqa.datasets.data_folders import SourceFile
from kgqa.datasets.known_set import KnownSet, Portion

__all__ = ["METAQA"]

GRAPH = SourceFile(
    "metaqa/kb.tsv.gz", 1153141, "619db619ae9b132984a8185592c27951e16803dc130ff9ac0c850f8622ab28ca"
)


def _hops(hops: int, count: int, size: int, sha256: str) -> KnownSet:
    prefix = f"metaqa-{hops}hop-dev"
    file = SourceFile(f"metaqa/questions_{hops}hop.jsonl.gz", size, sha256)
    ids = (f"{prefix}-0", f"{prefix}-9", f"{prefix}-{count - 1}")
    return KnownSet(
        name=f"metaqa-{hops}hop",
        title=f"MetaQA, {hops} hops: films",
        portions={None: Portion(file, count, ids)},
        default=None,
        licence="CC BY 3.0",
        origin="the official dev split of https://github.com/yuyuz/MetaQA, divided by id",
        graph=GRAPH,
    )


METAQA = (
    _hops(1, 9992, 406933, "329edf6396fcd9b642b5b03204699e3c2626ea93cd029c84899c5ee8e8aa4e45"),
    _hops(2, 14872, 1094640, "a3ef81f82652a0e66593559b08e00191578fd92510e015b89b34ccfe46e94034"),
    _hops(3, 14274, 1391768, "e25133869522365b05f87d987debadf915dfcc70fecd34eed9d28ff62224e6c0"),
)
