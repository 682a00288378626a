"""Operator questions with their answers: what the query gives on the graph, in pyoxigraph."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, QueryBoolean, QuerySolutions, RdfFormat, Store

from scripts.atlas.operator_queries import is_ranking, ranked_values, ranking, sparql
from scripts.atlas.operator_templates import OperatorQuestion
from scripts.atlas.tables import AtlasError
from scripts.atlas.templates import SPLITS
from scripts.atlas.turtle import BASE_IRI, turtle_subject

Term = NamedNode | Literal

MOST_ANSWERS = 60
"""More answers than these are no answer to a question."""

LABEL = NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
NUMBERS = tuple(f"http://www.w3.org/2001/XMLSchema#{name}" for name in ("integer", "decimal", "double"))


def operator_records(questions: list[OperatorQuestion], graph: str) -> dict[str, list[dict[str, object]]]:
    """The questions of every part with the answers of the graph, a Turtle text.

    Raises `AtlasError` for a query with no answer or too many, answers of another type than the template
    says, ties at a place that is asked for, and questions or queries that come twice or are in two parts.
    """
    store = Store()
    store.load(graph.encode(), format=RdfFormat.TURTLE)
    errors = [*repeated(questions)]
    records: dict[str, list[dict[str, object]]] = {split: [] for split in SPLITS}
    for question in questions:
        try:
            record = operator_record(question, store)
        except AtlasError as error:
            errors.append(str(error))
            continue
        part = records[question.split]
        part.append({"id": f"atlas-operators-{question.split}-{len(part) + 1}", **record})
    if errors:
        raise AtlasError("\n".join(errors))
    return records


def repeated(questions: list[OperatorQuestion]) -> Iterator[str]:
    """Questions that are asked twice, and queries that are in two parts."""
    texts: dict[str, str] = {}
    parts: dict[str, set[str]] = defaultdict(set)
    for question in questions:
        text = question.text.casefold()
        if text in texts:
            yield f"{question.origin}: {question.text!r} is asked at {texts[text]} too"
        texts[text] = question.origin
        query = sparql(question.form, question.pattern)
        parts[query].add(question.split)
        if len(parts[query]) > 1:
            yield f"{question.origin}: the query of {question.text!r} is in another part too"


def operator_record(question: OperatorQuestion, store: Store) -> dict[str, object]:
    """One question as it is written to the file, without its id."""
    query = sparql(question.form, question.pattern)
    try:
        found = answers(store, query)
    except SyntaxError as error:
        reason = " ".join(str(error).split())
        raise AtlasError(
            f"{question.origin}: the query of {question.text!r} is no SPARQL: {reason}"
        ) from error
    if not 1 <= len(found) <= MOST_ANSWERS:
        raise AtlasError(f"{question.origin}: {len(found)} answers to {question.text!r}")
    if is_ranking(question.form):
        check_no_tie(question, store)
    types = {answer_type(term) for term in found}
    if types != {question.answer_type}:
        raise AtlasError(
            f"{question.origin}: the answers to {question.text!r} are of type {', '.join(types)}"
        )
    entities = [term for term in found if isinstance(term, NamedNode)]
    return {
        "question": question.text,
        "topic_entities": [topic.label for topic in question.topics],
        "answers": sorted({name_of(term, store) for term in found}),
        "answer_type": question.answer_type,
        "operators": list(question.operators),
        "topic_ids": [BASE_IRI + turtle_subject(topic).removeprefix(":") for topic in question.topics],
        "answer_ids": sorted(entity.value for entity in entities),
        "gold_sparql": query,
    }


def answers(store: Store, query: str) -> list[Term | bool]:
    """The different answers of a query."""
    result = store.query(query)
    if isinstance(result, QueryBoolean):
        return [bool(result)]
    assert isinstance(result, QuerySolutions)
    found = (solution[0] for solution in result)
    return list(dict.fromkeys(term for term in found if isinstance(term, NamedNode | Literal)))


def answer_type(term: Term | bool) -> str:
    """The type of one answer."""
    if isinstance(term, bool):
        return "boolean"
    if isinstance(term, NamedNode):
        return "entity"
    return "number" if term.datatype.value in NUMBERS else "literal"


def name_of(term: Term | bool, store: Store) -> str:
    """One answer as text: yes or no, a label, or a value; of long fractions (averages) two decimals."""
    if isinstance(term, bool):
        return "yes" if term else "no"
    if isinstance(term, NamedNode):
        (label,) = (quad.object for quad in store.quads_for_pattern(term, LABEL, None))
        assert isinstance(label, Literal)
        return label.value
    _, _, decimals = term.value.partition(".")
    return f"{float(term.value):.2f}" if len(decimals) > 3 else term.value


def check_no_tie(question: OperatorQuestion, store: Store) -> None:
    """Raise `AtlasError` if the places that are asked for have equals just before or after them."""
    result = store.query(ranked_values(question.form, question.pattern))
    assert isinstance(result, QuerySolutions)
    ranked = [(str(solution["x"]), float(solution["v"].value)) for solution in result]
    _, first, last = ranking(question.form)
    if len(ranked) < last or len({entity for entity, _ in ranked}) < len(ranked):
        raise AtlasError(f"{question.origin}: {question.text!r} ranks {len(ranked)}, some twice or too few")
    edges = [pair for pair in (first, last) if 0 < pair < len(ranked)]
    if any(ranked[edge - 1][1] == ranked[edge][1] for edge in edges):
        raise AtlasError(f"{question.origin}: a tie at a place that {question.text!r} asks for")
