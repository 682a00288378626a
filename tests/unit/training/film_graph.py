"""A few films, with a mediator, two people of one name and a relation that has a label."""

from __future__ import annotations

from kgqa.graph import GraphBuilder, Name, Node, NodeKind, RelationName, Triple
from kgqa.training.examples.example import Example, Target, parsed_steps

__all__ = ["EXAMPLES", "GRAPH", "asked"]

FACTS = [
    ("Kismet", "directed_by", "William Dieterle"),
    ("Kismet", "in_language", "English"),
    ("Kismet", "release_year", "1944"),
    ("Seven", "directed_by", "David Fincher"),
    ("Seven", "in_language", "English"),
    ("Zodiac", "directed_by", "David Fincher"),
    ("Zodiac", "in_language", "German"),
    ("Zodiac", "role", "r1"),
    ("Seven", "role", "r2"),
    ("Seven", "role", "r3"),
    ("r1", "P161", "Mark Ruffalo"),
    ("r2", "P161", "zoe-1"),
    ("r3", "P161", "zoe-2"),
    ("Kismet", "remake_of", "Kismet (1930)"),
    ("Kismet (1930)", "remake_of", "Kismet"),
    ("Kismet (1930)", "in_language", "English"),
]
GRAPH = GraphBuilder.of(
    [
        *(Triple(*fact) for fact in FACTS),
        *(Node(role, NodeKind.BLANK) for role in ("r1", "r2", "r3")),
        Name("zoe-1", "Zoë Bell"),
        Name("zoe-2", "Zoë Bell"),
        RelationName("P161", "cast member"),
    ]
)


def asked(question: str, topics: str, *paths: str, answers: tuple[str, ...] = ()) -> Example:
    """An example; topics and steps are separated by bars, `~` walks backwards."""
    targets = tuple(Target(parsed_steps(path.split("|")), 1 / len(paths)) for path in paths)
    return Example("films", question, tuple(topics.split("|")), targets, answers)


EXAMPLES = [
    asked("who directed Kismet?", "Kismet", "directed_by"),
    asked("in which languages are the films by David Fincher?", "David Fincher", "~directed_by|in_language"),
    asked("what else did the director of Seven make?", "Seven", "directed_by|~directed_by"),
    asked("who plays in Zodiac?", "Zodiac", "role|cast member"),
    asked("which films have a Zoë Bell in them?", "Zoë Bell", "~P161|~role"),
    asked("which language links Kismet and Seven?", "Kismet|Seven", "in_language", "role|P161"),
    asked("what is in the language of Seven?", "Seven", "in_language|~in_language|directed_by"),
]
