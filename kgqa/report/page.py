"""A run's report as one HTML page."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from kgqa.counted import counted
from kgqa.drawing import Drawing, as_svg, lay_out
from kgqa.graph import clean_name, fold_name, shorten
from kgqa.report.case_graph import case_graph
from kgqa.report.number_text import between, duration, interval, number, percent
from kgqa.report.score import LABELS, SHOWN
from kgqa.report.summary import Summary

if TYPE_CHECKING:
    import jinja2

__all__ = ["as_html", "templates"]


def as_html(summary: Summary) -> str:
    """The page: nothing in it is loaded from elsewhere, no text of a record is read as HTML."""
    return templates().get_template("report.html.j2").render(summary=summary)


@cache
def templates() -> jinja2.Environment:
    """The templates that ship; whatever they are given is escaped."""
    import jinja2

    made = jinja2.Environment(
        loader=jinja2.PackageLoader("kgqa.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"labels": LABELS, "shown": SHOWN}
    made.filters |= {
        "between": between,
        "chains": case_graph,
        "clean": clean_name,
        "drawn": lay_out,
        "duration": duration,
        "interval": interval,
        "normal": fold_name,
        "counted": counted,
        "number": number,
        "percent": percent,
        "short": shorten,
        "svg": _svg,
    }
    return made


def _svg(drawing: Drawing, label: str) -> str:
    """A drawing for the page, whose style sheet and arrowhead it uses."""
    import markupsafe

    return markupsafe.Markup(as_svg(drawing, label, marker="head"))
