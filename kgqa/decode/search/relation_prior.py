"""What relations a question is likely about."""

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
    """A `Heuristic` for one question: each relation settled costs `weight` times its distance.

    `similarity` says for relations (identifiers) how near they are to the question: 1 as near as
    can be, 0 or less (and a relation that it does not hold) not at all. What it gives is no bound:
    a search that it directs finds likely texts sooner and may miss others. With `weight` 0 it does
    nothing and the search stays exact.
    """

    similarity: Mapping[str, float]
    weight: float = 1.0

    def __post_init__(self) -> None:
        check_number(self.weight, "weight", least=0)
        for relation, similarity in self.similarity.items():
            check_number(similarity, f"similarity[{relation!r}]")

    @classmethod
    def of(cls, question: str, texts: Mapping[str, str], weight: float = 1.0) -> Self:
        """By the meaning of the relations' `texts` (identifier to words), from the sentence encoder.

        Raises `ModelError` when the encoder cannot be loaded.
        """
        from kgqa.lm.encoders.sentence_encoder import SentenceEncoder

        own, *others = SentenceEncoder().encode([question, *(_words(text) for text in texts.values())])
        return cls({r: float(own @ other) for r, other in zip(texts, others, strict=True)}, weight)

    @property
    def admissible(self) -> bool:
        """Whether no text is ever better than it says: only with no weight."""
        return self.weight == 0

    def __call__(self, prefix: Prefix, constraint: Constraint) -> float:
        """What a prefix loses by the relations that it has settled on."""
        if self.weight == 0:
            return 0.0
        return -self.weight * self._distance(
            relation for relation, _ in DecidedPrefix(constraint).steps(prefix.state)
        )

    def _distance(self, relations: Iterable[str]) -> float:
        return sum(1 - min(1.0, max(0.0, self.similarity.get(relation, 0.0))) for relation in relations)


def _words(text: str) -> str:
    return text.replace("_", " ").replace(".", " ")
