"""Drawings of chains as SVG, by names."""

from kgqa.drawing.chain_graph import Arrow, ChainGraph, Node, arrows_of, select_triples
from kgqa.drawing.display_names import DisplayNames
from kgqa.drawing.layout import Drawing, lay_out
from kgqa.drawing.picture import Picture, draw
from kgqa.drawing.svg import as_svg

__all__ = [
    "Arrow",
    "ChainGraph",
    "DisplayNames",
    "Drawing",
    "Node",
    "Picture",
    "arrows_of",
    "as_svg",
    "draw",
    "lay_out",
    "select_triples",
]
