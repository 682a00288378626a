"""A heuristic by the similarity of relations to the question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from kgqa.constraint import Constraint
from kgqa.decode.prefix import Prefix
from kgqa.decode.search.decided_prefix import DecidedPrefix
from kgqa.errors import check_number

__all__ = ["RelationPrior"]


@dataclass(frozen=True)
class RelationPrior:
    """A `Heuristic` for one question: each decided relation costs `weight` times its distance.

    The distance is 1 - `similarity` of the relation (identifier) to the question, with similarities
    limited to 0 to 1 and 0 for missing relations. It is no upper bound: the search finds likely
    texts sooner and may miss others. With `weight` 0 it has no effect and the search is exact.
    """

    similarity: Mapping[str, float]
    weight: float = 1.0

    def __post_init__(self) -> None:
        check_number(self.weight, "weight", least=0)
        for relation, similarity in self.similarity.items():
            check_number(similarity, f"similarity[{relation!r}]")

    @classmethod
    def of(cls, question: str, texts: Mapping[str, str], weight: float = 1.0) -> Self:
        """By the sentence embeddings of the question and of the relations' `texts` (identifier to words).

        Raises `ModelError` when the encoder cannot be loaded.
        """
        from kgqa.lm.encoders.sentence_encoder import SentenceEncoder

        own, *others = SentenceEncoder().encode([question, *(_words(text) for text in texts.values())])
        return cls({r: float(own @ other) for r, other in zip(texts, others, strict=True)}, weight)

    @property
    def admissible(self) -> bool:
        """Whether it is an upper bound: only with weight 0."""
        return self.weight == 0

    def __call__(self, prefix: Prefix, constraint: Constraint) -> float:
        """Minus the cost of the relations that a prefix has decided."""
        if self.weight == 0:
            return 0.0
        return -self.weight * self._distance(
            relation for relation, _ in DecidedPrefix(constraint).steps(prefix.state)
        )

    def _distance(self, relations: Iterable[str]) -> float:
        return sum(1 - min(1.0, max(0.0, self.similarity.get(relation, 0.0))) for relation in relations)


def _words(text: str) -> str:
    return text.replace("_", " ").replace(".", " ")
