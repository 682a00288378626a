"""SPARQL for the forms of operator questions."""

from __future__ import annotations

import re

from scripts.atlas.tables import AtlasError
from scripts.atlas.turtle import PREFIXES

SHORT_PREFIXES = {
    "": PREFIXES[""],
    "k": PREFIXES["kind"],
    "r": PREFIXES["relation"],
    "rdfs": PREFIXES["rdfs"],
    "xsd": PREFIXES["xsd"],
}
AGGREGATES = {"sum": "SUM", "average": "AVG", "min": "MIN", "max": "MAX"}


def sparql(form: str, pattern: str) -> str:
    """The whole query of a form over a pattern, with the prefixes that it uses.

    The pattern binds `?x` (what is asked for) and, where values are compared, `?v`. Superlatives give all
    winners; "most 3" and "2nd most" need a pattern without ties there (see `ranking`).
    """
    body = query_body(form, pattern)
    used = [prefix for prefix in SHORT_PREFIXES if re.search(rf"(?<![\w/]){prefix}:[\w%]", body)]
    return "".join(f"PREFIX {prefix}: <{SHORT_PREFIXES[prefix]}> " for prefix in used) + body


def query_body(form: str, pattern: str) -> str:
    """The query without prefixes."""
    simple = {
        "list": f"SELECT DISTINCT ?x WHERE {{ {pattern} }}",
        "count": f"SELECT (COUNT(DISTINCT ?x) AS ?n) WHERE {{ {pattern} }}",
        "value": f"SELECT DISTINCT ?v WHERE {{ {pattern} }}",
        "ask": f"ASK {{ {pattern} }}",
        "difference": f"SELECT (ABS(?v - ?w) AS ?n) WHERE {{ {pattern} }}",
    }
    if form in simple:
        return simple[form]
    if form in AGGREGATES:
        inner = f"SELECT DISTINCT ?x ?v WHERE {{ {pattern} }}"
        return f"SELECT ({AGGREGATES[form]}(?v) AS ?n) WHERE {{ {{ {inner} }} }}"
    if found := re.fullmatch(r"(most|least) by \?y", form):
        return most_neighbours(found[1], pattern)
    if found := re.fullmatch(r"having \?y (.+)", form):
        return f"SELECT ?x WHERE {{ {pattern} }} GROUP BY ?x HAVING (COUNT(DISTINCT ?y) {found[1]})"
    if found := re.fullmatch(r"(?:(path|count) of )?(most|least)((?: \S+){3})?", form):
        return winners(found[2], pattern, (found[3] or "").strip(), count=found[1] == "count")
    ranked, first, last = ranking(form)
    order = "DESC(?v)" if ranked == "most" else "ASC(?v)"
    offset = f" OFFSET {first}" if first else ""
    return f"SELECT ?x WHERE {{ {pattern} }} ORDER BY {order}{offset} LIMIT {last - first}"


def winners(direction: str, pattern: str, path: str, count: bool) -> str:
    """All whose value is the greatest or least, or what a further step from them leads to."""
    best = f"{{ SELECT ({'MAX' if direction == 'most' else 'MIN'}(?v) AS ?best) WHERE {{ {pattern} }} }}"
    asked = "(COUNT(DISTINCT ?x) AS ?n)" if count else "DISTINCT ?x"
    step = f" {path}" if path else ""
    return f"SELECT {asked} WHERE {{ {pattern} {best} FILTER(?v = ?best){step} }}"


def most_neighbours(direction: str, pattern: str) -> str:
    """All `?x` with the most or fewest `?y`."""
    groups = f"SELECT ?x (COUNT(DISTINCT ?y) AS ?v) WHERE {{ {pattern} }} GROUP BY ?x"
    others = groups.replace("?x", "?z").replace("?v", "?k")
    best = f"SELECT ({'MAX' if direction == 'most' else 'MIN'}(?k) AS ?best) WHERE {{ {{ {others} }} }}"
    return f"SELECT DISTINCT ?x WHERE {{ {{ {groups} }} {{ {best} }} FILTER(?v = ?best) }}"


def ranking(form: str) -> tuple[str, int, int]:
    """Read "most 3" or "2nd least": the direction, and the first and last place that are asked for.

    >>> ranking("2nd most")
    ('most', 1, 2)
    """
    if found := re.fullmatch(r"(most|least) (\d+)", form):
        return found[1], 0, int(found[2])
    if found := re.fullmatch(r"(\d+)(?:st|nd|rd|th) (most|least)", form):
        return found[2], int(found[1]) - 1, int(found[1])
    raise AtlasError(f"unknown form {form!r}")


def is_ranking(form: str) -> bool:
    """Whether the form asks for places, which ties would make ambiguous."""
    return bool(re.fullmatch(r"(most|least) \d+|\d+(st|nd|rd|th) (most|least)", form))


def ranked_values(form: str, pattern: str) -> str:
    """The query for every value in the order of the form."""
    order = "DESC(?v)" if ranking(form)[0] == "most" else "ASC(?v)"
    prefixes = "".join(f"PREFIX {prefix}: <{iri}> " for prefix, iri in SHORT_PREFIXES.items())
    return f"{prefixes}SELECT ?x ?v WHERE {{ {pattern} }} ORDER BY {order}"
