"""Answers that are about equally likely."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kgqa.answer.answer import RankedEntity

__all__ = ["of_like_score"]

_LIKE = 0.01


def of_like_score(ranked: Sequence[RankedEntity]) -> Iterator[list[RankedEntity]]:
    """Runs of entities whose scores are within 0.01 of the first one's."""
    peers: list[RankedEntity] = []
    for entity in ranked:
        if peers and peers[0].score - entity.score > _LIKE:
            yield peers
            peers = []
        peers.append(entity)
    yield peers
