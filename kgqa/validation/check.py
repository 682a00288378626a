"""Checking chains against a graph, triple by triple, and programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice, product
from pathlib import Path

from kgqa.constraint import NameLookup
from kgqa.errors import ParseError, StatementError, UsageError
from kgqa.evaluation import find_flaws
from kgqa.evaluation.proof_check.facts import Facts
from kgqa.evaluation.record_file import MANIFEST
from kgqa.graph import Chain, GraphBuilder, IndexedGraph, Triple
from kgqa.validation.chain_file import read_claims
from kgqa.validation.claim import Claim
from kgqa.validation.claim_sources import with_sources
from kgqa.validation.nearest import Nearest
from kgqa.validation.path_text import read_path
from kgqa.validation.program_claim import check_program
from kgqa.validation.relation_path_check import check_relation_path
from kgqa.validation.result import ChainResult, Problem, problem_of

__all__ = [
    "check_chain",
    "check_chains",
    "check_claim",
    "check_claims",
    "other_graph",
    "own_graph",
    "validate_chain",
]

MOST_READINGS = 500
"""At most so many readings of the names of one chain are tried."""


def check_chains(
    path: str | Path, graph: IndexedGraph | None = None, questions: str | Path | None = None
) -> Iterator[ChainResult]:
    """Check the chains and programs of a file, in the file's order; see `read_claims` for its forms.

    A chain whose question brings a graph is checked against that, any other against `graph`. `questions` is a
    file with the questions, for chains that do not name their topics. Raises
    `ParseError` for a file that cannot be read and for a question's graph that cannot be built,
    `UsageError` for a chain without a graph where `graph` is `None`, and for a relation path without topics.
    """
    return check_claims(read_claims(path, questions), graph, path)


def check_claims(
    claims: Iterable[Claim], graph: IndexedGraph | None = None, path: str | Path = "claims"
) -> Iterator[ChainResult]:
    """Check claims as `check_chains` does those of a file; `path` is named in errors."""
    shared = None if graph is None else Nearest(NameLookup(graph))
    own: tuple[tuple[Triple, ...], Nearest] | None = None
    for claim in claims:
        if claim.relations is not None and claim.topics is None:
            raise UsageError(
                f"{path}, line {claim.line}: a relation path is checked from its topics; `q_entity` is "
                "missing: give a file with the questions (`questions`)"
            )
        if claim.graph is not None:
            if own is None or own[0] != claim.graph:
                own = claim.graph, Nearest(NameLookup(own_graph(path, claim)))
            yield check_claim(claim, own[1])
        elif shared is None:
            raise UsageError(
                f"{path}, line {claim.line}: the chain brings no graph, and none was given (`graph`)"
            )
        else:
            yield check_claim(claim, shared)


def validate_chain(chain: Chain | str | Sequence[tuple[str, str, str]], graph: IndexedGraph) -> ChainResult:
    """Whether every triple of a chain is in the graph, and each has an entity in common with those before it.

    A chain may also be a list of triples or a text such as `Kismet -> directed_by -> William Dieterle`, with
    names or identifiers. `ChainResult.problems` says which triple is wrong, which of its names the graph does
    not have, and which facts are nearest to it.

    Raises `UsageError` for what is neither a chain nor a list of triples nor a text.

    >>> films = GraphBuilder.of([("Kismet", "directed_by", "William Dieterle")])
    >>> validate_chain([("Kismet", "directed_by", "William Dieterle")], films).holds
    True
    >>> print(validate_chain([("Kismet", "directed_by", "William Wyler")], films))
    triple 1 ['Kismet', 'directed_by', 'William Wyler'] is not in the graph; unknown: 'William Wyler'; \
nearest (other spelling): ['Kismet', 'directed_by', 'William Dieterle']
    """
    if not isinstance(graph, IndexedGraph):
        raise UsageError(f"graph must be a graph, such as open_graph gives, not {type(graph).__name__}")
    return check_claim(_as_claim(chain), Nearest(NameLookup(graph)))


def _as_claim(chain: object) -> Claim:
    if isinstance(chain, str):
        return Claim(0, text=chain)
    if isinstance(chain, Chain):
        return Claim(0, chain.triples)
    if not isinstance(chain, Sequence) or isinstance(chain, bytes):
        raise UsageError(f"a chain is a Chain, a list of triples or a text, not {type(chain).__name__}")
    triples = []
    for triple in chain:
        match triple:
            case (str(head), str(relation), str(tail)):
                triples.append(Triple(head, relation, tail))
            case _:
                raise UsageError(f"a triple is three texts (head, relation, tail), not {triple!r:.80}")
    return Claim(0, tuple(triples))


def other_graph(path: str | Path, graph: IndexedGraph) -> str | None:
    """The checksum of the graph that a file of records was made with, if it is another than `graph`.

    It is read from the `run.json` beside the file; `None` where there is none.
    """
    manifest = Path(path).parent / MANIFEST
    try:
        said = json.loads(manifest.read_text("utf-8"))["graph"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return said if isinstance(said, str) and said != graph.checksum else None


def own_graph(path: str | Path, claim: Claim) -> IndexedGraph:
    """The graph that a question brings. Raises `ParseError` where none can be built of it."""
    try:
        return GraphBuilder.of(claim.graph or ())
    except StatementError as error:
        reason = f"the question's own graph cannot be built: {error}"
        raise ParseError(path, claim.line, reason) from error


def check_claim(claim: Claim, nearest: Nearest) -> ChainResult:
    """Check that a chain is in the graph, connected, starts at a topic entity, reaches an answer.

    Of the readings of ambiguous names and path texts, the one with the fewest problems counts. A program is
    checked by `check_program`; so is a line of text with a bar (` | `) that is no path that holds. The
    sources of its facts are those of the graph.
    """
    return with_sources(_checked(claim, nearest), claim, nearest.names.graph)


def _checked(claim: Claim, nearest: Nearest) -> ChainResult:
    names = nearest.names
    if claim.is_program:
        return check_program(claim, names, Facts.of_graph(names.graph))
    if claim.relations is not None:
        return check_relation_path(claim, names)
    found = check_chain(claim, nearest)
    if claim.text is None or found.holds or " | " not in claim.text:
        return found
    return check_program(replace(claim, text=None, program=claim.text), names, Facts.of_graph(names.graph))


def check_chain(claim: Claim, nearest: Nearest) -> ChainResult:
    """Check a chain as `check_claim` does; a line of text is never read as a program."""
    names = nearest.names
    best: tuple[int, tuple[Triple, ...], tuple[Triple, ...], tuple[Problem, ...]] | None = None
    for written, topics, answers in _written(claim, names):
        for chain in islice(_readings(written, names, claim.either_way), MOST_READINGS):
            flaws = find_flaws(chain, names.graph, _all(topics, names), _all(answers, names))
            if best is None or len(flaws) < best[0]:
                best = len(flaws), chain, written, tuple(problem_of(flaw, chain) for flaw in flaws)
            if not flaws:
                break
        if best and not best[0]:
            break
    if best is None:
        return ChainResult(claim.line, claim.id, (), (Problem("unreadable", 0),))
    _, chain, written, problems = best
    explained = tuple(_explain(problem, written, nearest) for problem in problems)
    return ChainResult(claim.line, claim.id, chain, explained)


Written = tuple[tuple[Triple, ...], tuple[str, ...] | None, tuple[str, ...] | None]


def _written(claim: Claim, names: NameLookup) -> Iterator[Written]:
    """The chain as its names are written, with its topics and answers: all readings of a text."""
    if claim.text is None:
        yield claim.triples, claim.topics, claim.answers
        return
    for reading in read_path(claim.text, names):
        yield reading.triples, claim.topics or (reading.start,), claim.answers or (reading.end,)


def _all(written: Iterable[str] | None, names: NameLookup) -> frozenset[str] | None:
    """Every entity that these names may stand for; the names themselves where the graph has none."""
    if written is None:
        return None
    return frozenset(entity for name in written for entity in names.entities(name) or (name,))


def _readings(
    written: tuple[Triple, ...], names: NameLookup, either_way: bool
) -> Iterator[tuple[Triple, ...]]:
    """The chains by identifiers that the names may stand for, facts of the graph before others."""
    if either_way:
        written = tuple(_as_known(triple, names) for triple in written)
    options = [_options(triple, names) for triple in written]
    for at in range(1, len(written)):
        before, after = _unnamed(written[at - 1], options[at - 1]), _unnamed(written[at], options[at])
        if before and after and (both := before & after):
            options[at - 1] = [t for t in options[at - 1] if both & {t.head, t.tail}]
            options[at] = [t for t in options[at] if both & {t.head, t.tail}]
    return product(*options)


def _options(written: Triple, names: NameLookup) -> list[Triple]:
    """What a triple may stand for; an empty name is any entity without a name."""
    heads = names.entities(written.head) or (written.head,)
    relations = names.relations(written.relation) or (written.relation,)
    tails = names.entities(written.tail) or (written.tail,)
    graph = names.graph
    if "" in (written.head, written.tail) and relations[0] in graph.relation_names:
        ends = [
            (h or None, t or None)
            for h, t in product(heads, tails)
            if all(not end or end in graph.entities for end in (h, t))
        ]
        found = (triple for h, t in ends for r in relations for triple in graph.match(h, r, t))
        unnamed = [t for t in found if _is_unnamed(graph, t.head if not written.head else t.tail)]
        if unnamed:
            return unnamed
    options = [Triple(*parts) for parts in islice(product(heads, relations, tails), MOST_READINGS)]
    return [triple for triple in options if triple in graph] or options


def _as_known(written: Triple, names: NameLookup) -> Triple:
    """A triple, or the same in the other direction where only that is a fact."""
    turned = Triple(written.tail, written.relation, written.head)
    here, there = (any(t in names.graph for t in _options(one, names)) for one in (written, turned))
    return turned if there and not here else written


def _is_unnamed(graph: IndexedGraph, entity: str) -> bool:
    return graph.label(entity) is None


def _unnamed(written: Triple, options: list[Triple]) -> set[str]:
    """What stands for the empty name of a triple; empty where it has none."""
    if "" not in (written.head, written.tail):
        return set()
    return {triple.head if not written.head else triple.tail for triple in options}


def _explain(problem: Problem, written: tuple[Triple, ...], nearest: Nearest) -> Problem:
    if problem.kind != "not in the graph":
        return problem
    triple, names = written[problem.position], nearest.names
    ends = dict.fromkeys((triple.head, triple.tail))
    unknown = [name for name in ends if name and not names.entities(name)]
    unknown += [triple.relation] if not names.relations(triple.relation) else []
    return Problem(problem.kind, problem.position, triple, tuple(unknown), nearest.search(triple))
