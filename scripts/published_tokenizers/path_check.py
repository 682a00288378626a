"""Whether a tokenizer and the constraint agree with the tokenizer alone on the paths of a graph."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from kgqa.constraint import Walk
from kgqa.constraint.engines.matcher import Matcher
from kgqa.constraint.grammars.listing import Listed, list_paths
from kgqa.constraint.tables.reach import Reach
from kgqa.constraint.verbalize import verbalize_path
from kgqa.errors import TokenizerError
from kgqa.graph import GraphBuilder, IndexedGraph, Name, RelationName
from kgqa.lm.hf.tokenizer import HuggingFaceTokenizer

__all__ = ["Drawn", "PathCheck", "check_paths", "draw_paths", "part_of"]

HOPS = 2
A_TOPIC, LISTED = 20, 400
"""Paths of a topic that are drawn, and those from which they are."""
ANCHOR = "x"
"""Paths follow other text, so each is tokenised behind some."""


class Drawn(NamedTuple):
    """Paths of one topic."""

    topic: str
    paths: Sequence[Listed]


@dataclass(frozen=True)
class PathCheck:
    """How many of `paths` went wrong.

    `refused`: a name of their topic's constraint is refused with an error. `different`: the ids of their
    segments are not those of the whole text. `lost`: the constraint does not accept the ids of the whole
    text as this path. As many paths are `generated` under the constraint, of which `invented` are not in
    the graph, or have other ids than their whole text.
    """

    paths: int = 0
    refused: int = 0
    different: int = 0
    lost: int = 0
    generated: int = 0
    invented: int = 0


def draw_paths(graph: IndexedGraph, count: int, seed: int = 0) -> list[Drawn]:
    """`count` paths of at most two hops, or all that are found, up to 20 from each topic, a named entity."""
    chance = random.Random(seed)
    found: list[Drawn] = []
    for number in chance.sample(range(graph.entity_count), graph.entity_count):
        if count <= 0:
            break
        topic = graph.entity(number)
        listed = [] if graph.label(topic) is None else list(islice(list_paths(graph, [topic], HOPS), LISTED))
        if listed:
            found.append(Drawn(topic, chance.sample(listed, min(A_TOPIC, len(listed), count))))
            count -= len(found[-1].paths)
    return found


def part_of(graph: IndexedGraph, drawn: Sequence[Drawn]) -> IndexedGraph:
    """The graph of the facts of these paths alone, by the same names."""
    facts = {triple for one in drawn for listed in one.paths for triple in listed.chain.triples}
    named = {end: graph.label(end) for head, _, tail in facts for end in (head, tail)}
    builder = GraphBuilder().add_all(sorted(facts))
    builder.add_all(Name(entity, label) for entity, label in sorted(named.items()) if label is not None)
    relations = sorted({triple.relation for triple in facts})
    builder.add_all(RelationName(relation, graph.relation_label(relation)) for relation in relations)
    return builder.build()


def check_paths(
    graph: IndexedGraph, drawn: Sequence[Drawn], tokenizer: HuggingFaceTokenizer, raw: Any, seed: int = 0
) -> PathCheck:
    """Check drawn paths, and generate as many. `raw` is the same tokenizer of the tokenizers library."""
    front = len(raw.encode(ANCHOR, add_special_tokens=False).ids)
    reach = Reach.of(graph)
    counts: Counter[str] = Counter()

    def whole(texts: Sequence[str]) -> list[tuple[int, ...]]:
        encoded = raw.encode_batch([ANCHOR + text for text in texts], add_special_tokens=False)
        return [tuple(one.ids[front:]) for one in encoded]

    chance = random.Random(seed)
    for topic, paths in drawn:
        counts["paths"] += len(paths)
        try:
            walk = Walk.over(reach, [topic], tokenizer, "path", HOPS)
            texts = whole(["".join(listed.segments) for listed in paths])
            parts = tokenizer.encode_batch([segment for listed in paths for segment in listed.segments])
            segments = iter(parts)
            for listed, ids in zip(paths, texts, strict=True):
                own = (token for part in islice(segments, len(listed.segments)) for token in part)
                counts["different"] += tuple(own) != ids
                counts["lost"] += not _accepted(walk, listed, ids, tokenizer.end_id)
            written = [_generated(walk, tokenizer.end_id, chance) for _ in paths]
        except TokenizerError:
            counts["refused"] += len(paths)
            continue
        counts["generated"] += len(written)
        spelled = whole(["".join(verbalize_path(graph, chain)) for chain, _ in written])
        counts["invented"] += sum(
            ids != said or not all(triple in graph for triple in chain.triples)
            for (chain, said), ids in zip(written, spelled, strict=True)
        )
    return PathCheck(**counts)


def _accepted(walk: Walk, listed: Listed, ids: Sequence[int], end: int) -> bool:
    """Whether these tokens can be written and are this path, among others of the same names."""
    matcher = Matcher(walk, end)
    if not all(map(matcher.accept_token, (*ids, end))):
        return False
    return listed.chain in walk.chains(matcher.state, listed.chain.end)


def _generated(walk: Walk, end: int, chance: random.Random) -> tuple[Any, tuple[int, ...]]:
    """A path of which each token is drawn from the allowed ones, and its tokens."""
    matcher = Matcher(walk, end)
    while not matcher.is_terminated():
        matcher.accept_token(int(chance.choice(matcher.allowed_tokens())))
    return next(walk.chains(matcher.state)), matcher.tokens[:-1]
