"""The graph as Turtle."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from urllib.parse import quote

from scripts.atlas.graph import Atlas, Entity, Literal
from scripts.atlas.values import DATE, NUMBER

BASE_IRI = "https://kgqa.example/atlas/"
PREFIXES = {
    "": BASE_IRI,
    "kind": f"{BASE_IRI}kind/",
    "relation": f"{BASE_IRI}relation/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def turtle(atlas: Atlas) -> str:
    """The whole graph as Turtle: prefixes, kinds, relations, then one block per entity, by name."""
    prefixes = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    kinds = sorted({kind for kinds in atlas.kinds.values() for kind in kinds})
    blocks = [prefixes]
    blocks += [schema_block("kind", kind, "rdfs:Class") for kind in kinds]
    blocks += [
        schema_block("relation", relation, "rdf:Property", atlas.comments.get(relation))
        for relation in atlas.relations
    ]
    blocks += [entity_block(atlas, entity) for entity in sorted(atlas.kinds)]
    return "\n".join(blocks)


def schema_block(prefix: str, label: str, kind: str, comment: str | None = None) -> str:
    """The block of a class or a relation, with the comment that says its unit."""
    properties = [("a", [kind]), ("rdfs:label", [turtle_string(label) + "@en"])]
    if comment:
        properties.append(("rdfs:comment", [turtle_string(comment) + "@en"]))
    return turtle_block(f"{prefix}:{percent_encode(label)}", properties)


def entity_block(atlas: Atlas, entity: Entity) -> str:
    """The block of an entity: kinds, label, aliases, then its facts by relation."""
    properties = [
        ("a", [f"kind:{percent_encode(kind)}" for kind in sorted(atlas.kinds[entity])]),
        ("rdfs:label", [turtle_string(entity.label) + "@en"]),
        ("skos:altLabel", [turtle_string(alias) for alias in atlas.aliases.get(entity, [])]),
    ]
    for relation in atlas.relations:
        facts = sorted(atlas.outgoing.get((entity, relation), []))
        properties.append(
            (f"relation:{percent_encode(relation)}", [turtle_object(fact.tail) for fact in facts])
        )
    return turtle_block(turtle_subject(entity), properties)


def turtle_object(node: Entity | Literal) -> str:
    """A node where Turtle wants an object; a literal that reads as a number or a date is one."""
    if isinstance(node, Entity):
        return turtle_subject(node)
    if re.fullmatch(NUMBER, node.label):
        return node.label
    return turtle_string(node.label) + ("^^xsd:date" if re.fullmatch(DATE, node.label) else "")


def turtle_subject(entity: Entity) -> str:
    """The entity's IRI as a prefixed name; the qualifier is part of it."""
    name = f"{entity.label} ({entity.qualifier})" if entity.qualifier else entity.label
    return f":{percent_encode(name)}"


def turtle_block(subject: str, properties: Iterable[tuple[str, list[str]]]) -> str:
    """One subject with its properties, one property a line."""
    lines = [f"{name} {' , '.join(objects)}" for name, objects in properties if objects]
    return f"{subject} " + " ;\n    ".join(lines) + " .\n"


def percent_encode(name: str) -> str:
    """The name as the local part of a prefixed name: ASCII letters, digits, `_`, `-` and percent escapes."""
    return quote(name.replace(" ", "_"), safe="").replace(".", "%2E").replace("~", "%7E")


def turtle_string(text: str) -> str:
    """The text as a quoted Turtle string; JSON's escapes are Turtle's."""
    return json.dumps(text, ensure_ascii=False)
