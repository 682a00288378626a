"""WebQSP over one Freebase graph for all questions ("The value of semantic parse labeling ...", ACL 2016)."""

from __future__ import annotations

from kgqa.datasets.data_folders import SourceFile
from kgqa.datasets.known_set import KnownSet, Portion

__all__ = ["WEBQSP"]

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
    licence="Freebase facts CC BY 2.5; questions not stated by their source",
    origin="gathered from public repositories; answers of WebQuestions",
    graph=SourceFile(
        "freebase/kb.tsv.gz", 3011805, "fa34da42ededaa3ef1292b17a260585d6f5120ecfd2cf3b872c3a2d27be4bfaa"
    ),
)
