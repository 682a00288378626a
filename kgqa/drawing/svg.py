"""A laid out drawing as SVG."""

from __future__ import annotations

from html import escape

from kgqa.drawing.chain_graph import Node
from kgqa.drawing.curves import NodeBox
from kgqa.drawing.layout import Drawing
from kgqa.graph import clean_name

__all__ = ["as_svg"]

_NAMESPACE = ' xmlns="http://www.w3.org/2000/svg"'


def as_svg(drawing: Drawing, label: str, *, marker: str, css_class: str = "drawing", defs: str = "") -> str:
    """The SVG element of a drawing; every name in it is escaped text.

    `label` describes it to those who cannot see it. `marker` is the id of the arrowhead. With `defs` (SVG: a
    style sheet, the arrowhead) the element can stand in a file of its own. Nodes have the classes `topic`,
    `answer`, `gold` and `mediator`.
    """
    least = round(min(drawing.width * 0.8, 560))
    parts = [
        f'<svg{_NAMESPACE if defs else ""} class="{css_class}" '
        f'style="width:{round(drawing.width)}px;max-width:max(100%,{least}px)" '
        f'viewBox="0 0 {drawing.width:.1f} {drawing.height:.1f}" role="img" aria-label="{escape(label)}">',
        *([defs] if defs else []),
        *(f'<path class="arrow" d="{curve.path}" marker-end="url(#{marker})"/>' for curve in drawing.curves),
        *(_node(node, box) for node, box in zip(drawing.graph.nodes, drawing.places, strict=True)),
        *(
            f'<text class="label" x="{curve.x:.1f}" y="{curve.y + 4:.1f}" text-anchor="middle">'
            f"{escape(curve.text)}<title>{escape(clean_name(arrow.relation))}</title></text>"
            for curve, arrow in zip(drawing.curves, drawing.graph.arrows, strict=True)
        ),
        "</svg>",
    ]
    return "\n".join(parts)


def _node(node: Node, box: NodeBox) -> str:
    classes = ["node"]
    classes += [name for name in ("topic", "answer", "gold") if getattr(node, name)]
    classes += [] if box.text else ["mediator"]
    corner = box.height / 2 if node.topic or not box.text else 4
    text = (
        f'<text x="{box.x:.1f}" y="{box.y + 4.5:.1f}" text-anchor="middle">{escape(box.text)}</text>'
        if box.text
        else ""
    )
    return (
        f"<g><title>{escape(node.name or 'a node without a name')}</title>"
        f'<rect class="{" ".join(classes)}" x="{box.x - box.width / 2:.1f}" y="{box.y - box.height / 2:.1f}" '
        f'width="{box.width:.1f}" height="{box.height}" rx="{corner}"/>{text}</g>'
    )
