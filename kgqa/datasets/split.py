"""The train, development and test parts of a question set that comes undivided."""

from __future__ import annotations

import hashlib
from typing import Literal

__all__ = ["Part", "part"]

Part = Literal["train", "dev", "test"]


def part(question_id: str) -> Part:
    """The part that a question belongs to: 80 % train, 10 % dev, 10 % test.

    It depends on the identifier alone, so it is the same in every file, on every machine and in
    every version. Used for MetaQA; PathQuestion, WebQSP and Atlas bring their own parts.

    >>> part("metaqa-1hop-dev-0"), part("metaqa-1hop-dev-7")
    ('train', 'test')
    """
    bucket = int.from_bytes(hashlib.sha256(question_id.encode()).digest()[:8], "big") % 10
    return "train" if bucket < 8 else "dev" if bucket == 8 else "test"
