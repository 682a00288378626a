"""A log as a graph."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from kgqa.graph import IndexedGraph, open_graph, split_humps
from scripts.logs.log import EventLog, LoggedEvents, camel

__all__ = ["graph_of", "relation_text"]

_BASE = "http://example.org/log/"
_PREFIXES = f"""@prefix : <{_BASE}schema#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def graph_of(log: EventLog) -> IndexedGraph:
    """The graph of a log."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.ttl"
        path.write_text(_PREFIXES + "\n".join(_lines(log)), encoding="utf-8")
        return open_graph(path, use_cache=False)


def relation_text(log: EventLog, relation: str) -> str:
    """What a relation is called in the graph."""
    return relation if log.labelled else split_humps(camel(relation))


def _lines(log: EventLog) -> Iterator[str]:
    for kind in sorted({*log.kinds.values(), *(part.kind for part in log.parts)}):
        yield f":{_class(kind)} a rdfs:Class ; rdfs:label {json.dumps(kind)} ."
    if log.labelled:
        names = {name for part in log.parts for name in part.relations.values()} | {log.owner_relation}
        for name in sorted(names):
            yield f":{camel(name)} rdfs:label {json.dumps(name)} ."
    for name, kind in log.kinds.items():
        yield f"{_node(name)} a :{_class(kind)} ; rdfs:label {json.dumps(name)} ."
    if log.owner:
        yield f"{_node(log.owner)} rdfs:label {json.dumps(log.owner)} ."
    for number, part in enumerate(log.parts):
        yield from _event_lines(log, part, number)


def _event_lines(log: EventLog, part: LoggedEvents, number: int) -> Iterator[str]:
    textual = {one.name: one.textual for one in part.event.attributes}
    main = part.event.object.name
    for place, happening in enumerate(part.happenings):
        node = f"<{_BASE}event/{number}-{place}>"
        facts = [f"a :{_class(part.kind)}"]
        if log.titles:
            what = f"{part.kind} {place + 1}"
            if log.titles == "words":
                what = f"{part.kind}: {', '.join(happening.values.get(main, ()))} on {happening.day}"
            facts.append(f"rdfs:label {json.dumps(what)}")
        if log.owner:
            facts.append(f":{camel(log.owner_relation)} {_node(log.owner)}")
        facts.append(f':{camel(part.relations["date"])} "{happening.day}"^^xsd:date')
        if "end" in part.relations:
            facts.append(f':{camel(part.relations["end"])} "{happening.last_day}"^^xsd:date')
        for name, values in happening.values.items():
            relation = camel(part.relations[name])
            facts += [f":{relation} {json.dumps(v) if textual[name] else _node(v)}" for v in values]
        facts += [f":{camel(part.relations[name])} {value}" for name, value in happening.numbers.items()]
        yield f"{node} {' ; '.join(facts)} ."


def _class(kind: str) -> str:
    words = camel(kind)
    return words[0].upper() + words[1:]


def _node(name: str) -> str:
    return f"<{_BASE}node/{quote(name.replace(' ', '_'), safe='')}>"
