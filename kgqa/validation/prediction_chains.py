"""The chains in prediction files of published systems."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kgqa.datasets.row import Row
from kgqa.errors import ParseError
from kgqa.evaluation.scoring.prediction import ANSWER
from kgqa.evaluation.scoring.published.gcr import PATH
from kgqa.graph import Triple
from kgqa.validation.claim import Claim

__all__ = ["is_prediction", "prediction_claims"]

_FIELDS = ("prediction", "reasoning_chains")
_MARKED = re.compile(r"<PATH>(.*?)</PATH>", re.DOTALL)
_SHOWN = re.compile(r"Reasoning Paths:\n(.*?)\n\nQuestion:", re.DOTALL)
"""Where the prompts of RoG and GNN-RAG have the paths that the answer is from."""
_UNNAMED = "UnName_Entity"
"""What ToG calls an entity without a name."""


def is_prediction(record: Mapping[str, Any]) -> bool:
    """Whether the object of a line is what a published system wrote for a question."""
    return any(field in record for field in _FIELDS)


def prediction_claims(path: str | Path, line: int, record: Mapping[str, Any]) -> Iterator[Claim]:
    """The chains of a prediction.

    `prediction` may be a list of relation paths, each a list of relations (RoG's `gen_rule_path`), or of
    texts with `# Reasoning Path:` or `<PATH>` (GCR). Else the chains are the paths that the prompt in `input`
    shows (RoG, GNN-RAG). ToG's `reasoning_chains` have for each hop its triples, which are put together. Only
    GCR says in which direction a triple is. `q_entity` or `topic_entities` may name the topics.

    Raises `ParseError` for a prediction without any of these, and for wrong types.
    """
    return _Prediction(Row(Path(path), line, record)).claims()


@dataclass(frozen=True)
class _Prediction:
    row: Row

    def claims(self) -> Iterator[Claim]:
        if self.row.has("reasoning_chains"):
            for chain in self._linked(self.row.items("reasoning_chains")):
                yield self._claim(triples=chain, either_way=True)
            return
        value = self.row.value("prediction")
        if isinstance(value, list) and any(isinstance(one, list) for one in value):
            for relations in self.row.name_lists("prediction"):
                yield self._claim(relations=relations, either_way=True)
            return
        texts = [value] if isinstance(value, str) else self.row.names("prediction")
        if any(_is_path(text) for text in texts):
            for text in texts:
                yield from (self._claim(text=one) for one in _paths(text))
        elif texts:
            yield from self._shown()

    def _shown(self) -> Iterator[Claim]:
        """The paths in the prompt."""
        prompt = self.row.text("input") if self.row.has("input") else ""
        shown = _SHOWN.search(prompt)
        if shown is None:
            needed = (
                "relation paths or texts with '# Reasoning Path:' as 'prediction', or an 'input' with "
                "'Reasoning Paths:'"
            )
            raise ParseError(
                self.row.path, self.row.line, f"no chains in this prediction: needed are {needed}"
            )
        if _is_path(shown[1]):
            yield from (self._claim(text=one) for one in _paths(shown[1]))
            return
        for text in filter(str.strip, shown[1].split("\n")):
            yield self._claim(text=text, either_way=True)

    def _linked(self, hops: Sequence[Any]) -> list[tuple[Triple, ...]]:
        """The triples of each hop, each behind the first chain that ends where it starts."""
        chains: list[tuple[Triple, ...]] = []
        for hop in hops:
            triples = [triple for part in self._parts(hop) for triple in part]
            before = {chain[-1].tail: chain for chain in reversed(chains)}
            longer = [(*before.get(triple.head, ()), triple) for triple in dict.fromkeys(triples)]
            continued = {chain[:-1] for chain in longer}
            chains = [chain for chain in chains if chain not in continued] + longer
        return chains

    def _parts(self, hop: Any) -> list[tuple[Triple, ...]]:
        field = "reasoning_chains"
        if not isinstance(hop, list):
            raise self.row.wrong(field, "for each hop a list of triples", hop)
        is_flat = any(isinstance(one, list) and one and isinstance(one[0], str) for one in hop)
        parts = [hop] if is_flat else hop
        named = [self.row.triples(field, part) for part in parts]
        return [
            tuple(Triple(*("" if name == _UNNAMED else name for name in one)) for one in part)
            for part in named
        ]

    def _claim(self, **fields: Any) -> Claim:
        row = self.row
        field = next((name for name in ("q_entity", "topic_entities") if row.has(name)), None)
        topics = None if field is None else row.names(field) or (() if "relations" in fields else None)
        asked = next((name for name in ("id", "question") if row.has(name)), None)
        return Claim(row.line, id="" if asked is None else row.text_of_id(asked), topics=topics, **fields)


def _is_path(text: str) -> bool:
    return PATH.strip() in text or _MARKED.search(text) is not None


def _paths(text: str) -> Iterator[str]:
    """The paths of a text: what is in `<PATH>`, or else between the marks of paths and answers."""
    if marked := _MARKED.findall(text):
        yield from (path.strip() for path in marked)
        return
    parts = text.split(PATH.strip())
    for part in parts[1:] or parts:
        yield part.split(ANSWER.strip())[0].strip()
