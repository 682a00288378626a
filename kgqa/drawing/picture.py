"""Pictures of chains."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple, Protocol, runtime_checkable

from kgqa.counted import counted
from kgqa.drawing.chain_graph import ChainGraph, Node, arrows_of, select_triples
from kgqa.drawing.display_names import DisplayNames
from kgqa.drawing.layout import lay_out
from kgqa.drawing.svg import as_svg
from kgqa.errors import DataError, UsageError, check_count, check_path
from kgqa.graph import Chain, KnowledgeGraph, shorten

__all__ = ["Picture", "Proved", "draw"]

MOST_TRIPLES = 12

_STYLE = """
.kgqa-chains{height:auto}
.kgqa-chains text{font:13px system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;fill:#16191d}
.kgqa-chains .arrow{fill:none;stroke:#545c66;stroke-width:1.4}
.kgqa-chains .label{font-size:12px;fill:#3c434b}
.kgqa-chains .label{paint-order:stroke;stroke:#fff;stroke-width:5px;stroke-linejoin:round}
.kgqa-chains .node{fill:#fff;stroke:#545c66;stroke-width:1.2}
.kgqa-chains .mediator{fill:#545c66}
.kgqa-chains .topic{fill:#dfeafb;stroke:#1f5fbf;stroke-width:1.8}
.kgqa-chains .answer{fill:#e3f4e8;stroke:#176b34;stroke-width:2.4}
"""


class ProvedEntity(Protocol):
    """An entity with the chains that lead to it, such as a `kgqa.RankedEntity`."""

    @property
    def entity(self) -> str:
        """The identifier of the entity."""
        ...

    @property
    def chains(self) -> Sequence[Chain]:
        """Its chains, best first."""
        ...


@runtime_checkable
class Proved(Protocol):
    """Entities with chains, such as a `kgqa.Answer`."""

    @property
    def entities(self) -> Sequence[ProvedEntity]:
        """The entities, best first."""
        ...

    @property
    def graph(self) -> KnowledgeGraph | None:
        """The graph that has the names."""
        ...


@dataclass(frozen=True)
class Picture:
    """A picture of chains as SVG. A notebook shows it; `str` gives its source, `save` writes a file.

    `text` are the triples as text, `left_out` counts those that had no room.
    """

    svg: str
    text: str
    left_out: int = 0

    def __str__(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"<Picture: {self.text}>"

    def save(self, file: str | Path) -> None:
        """Write an SVG file. Raises `DataError` where it cannot be written."""
        path = check_path(file, "file")
        try:
            path.write_text(self.svg + "\n", "utf-8")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise DataError(f"{path}: cannot be written ({reason})") from error

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_html_(self) -> str:
        told = counted(self.left_out, "more triple is", "more triples are")
        more = f"<p>{told} not drawn.</p>" if self.left_out else ""
        return f'<div style="overflow-x:auto">{self.svg}</div>{more}'


class _Shown(NamedTuple):
    """A chain, and the entity that it proves."""

    chain: Chain
    entity: str


def draw(
    shown: Chain | Iterable[Chain] | Proved,
    graph: KnowledgeGraph | None = None,
    file: str | Path | None = None,
    *,
    max_triples: int = MOST_TRIPLES,
) -> Picture:
    """A picture of a chain, of several chains, or of an answer with its chains.

    Entities and relations are shown by the names that `graph` has (by default the graph of an answer), or by
    identifiers. Arrows have the direction of the triples; topic entities are blue, answers green. As many
    whole chains as fit into `max_triples` are drawn: one of each entity before the second of any. With a
    `file` the picture is written there too.

    Raises `UsageError` where there is no chain, `DataError` for a file that cannot be written.

    >>> from kgqa.graph import Hop
    >>> draw(Chain("Kismet", (Hop("directed_by", "William Dieterle"),)))
    <Picture: Kismet → directed by → William Dieterle>
    """
    check_count(max_triples, "max_triples")
    if graph is None and isinstance(shown, Proved):
        graph = shown.graph
    drawn = list(_shown(shown))
    if not drawn:
        raise UsageError("there is nothing to draw: no chain was given")
    made = _graph(drawn, _names(drawn, graph), max_triples)
    text = str(made) or made.nodes[0].name or "·"
    marker = f"kgqa-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:8]}"
    defs = (
        f'<style>{_STYLE}</style><defs><marker id="{marker}" viewBox="0 0 8 8" refX="6" refY="4" '
        'markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#545c66"/></marker>'
        "</defs>"
    )
    label = f"Chains: {shorten(text, 600)}"
    svg = as_svg(lay_out(made), label, marker=marker, css_class="kgqa-chains", defs=defs)
    picture = Picture(svg, text, made.left_out)
    if file is not None:
        picture.save(file)
    return picture


def _shown(shown: object) -> Iterator[_Shown]:
    """The chains to be drawn, in their order. Raises `UsageError` for what has no chains."""
    if isinstance(shown, Chain):
        yield _Shown(shown, shown.end)
    elif isinstance(shown, Proved):
        ranks = zip_longest(*([_Shown(chain, one.entity) for chain in one.chains] for one in shown.entities))
        yield from (one for rank in ranks for one in rank if one is not None)
    elif isinstance(shown, Iterable) and not isinstance(shown, str | bytes):
        for chain in shown:
            if not isinstance(chain, Chain):
                raise UsageError(f"draw takes chains, got {type(chain).__name__} among them")
            yield _Shown(chain, chain.end)
    else:
        raise UsageError(f"draw takes a chain, several chains or an answer, got {type(shown).__name__}")


def _names(shown: Sequence[_Shown], graph: KnowledgeGraph | None) -> DisplayNames:
    """The names of the graph; without one, identifiers (also of mediators), of IRIs their last part."""
    ends = {end for one in shown for triple in one.chain.triples for end in (triple.head, triple.tail)}
    ends |= {one.chain.start for one in shown}
    return DisplayNames({} if graph else {end: end for end in ends if "://" not in end}, graph)


def _graph(shown: Sequence[_Shown], names: DisplayNames, most: int) -> ChainGraph:
    triples, taken = select_triples((one.chain.triples for one in shown), most)
    entities, arrows = arrows_of(triples, names)
    drawn = [shown[place] for place in sorted(taken)]
    topics = {one.chain.start for one in drawn}
    answers = {one.entity for one in drawn}
    nodes = [
        Node(entity, names.entity(entity), entity in topics, entity in answers - topics)
        for entity in entities or [drawn[0].chain.start]
    ]
    every = {triple for one in shown for triple in one.chain.triples}
    return ChainGraph(tuple(nodes), arrows, len(every) - len(triples))
