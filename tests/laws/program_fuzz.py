"""Random decodes of programs over random graphs, and what must hold of every one of them."""

from __future__ import annotations

import json
from random import Random

from program_oracle import ProgramOracle
from random_programs import DATES, HOSTILE_NAMES, PLAIN_NAMES, XSD, RandomGraph, random_graph

from kgqa.constraint import ProgramWalk
from kgqa.constraint.programs.mentioned import Mentioned
from kgqa.constraint.protocol import State
from kgqa.errors import NoChainError
from kgqa.graph import IndexedGraph, NodeKind, Value, ValueKind, clean_name, read_value
from kgqa.lm import MockTokenizer
from kgqa.program import Classes, Test, parse_program, program_text, prove
from kgqa.validation import Facts, check_proof

__all__ = ["TOKENIZER", "decode_programs", "drawn_mentions", "drawn_names", "drawn_text"]

TOKENIZER = MockTokenizer()
LONGEST = 600


def drawn_mentions(graph: IndexedGraph, random: Random) -> Mentioned:
    """Names, classes, values, texts and places, as a question of the graph may have them."""
    named = drawn_names(graph)
    some, others = random.choice((0, 2)), random.choice((0, 2))
    drawn = random.sample((0, 1, 2, 3, 7), some)
    numbers = [Value(ValueKind.NUMBER, float(n), float(n), str(n)) for n in drawn]
    dates = [read_value(text, XSD + form) for text, form in random.sample(DATES, others)]
    return Mentioned(
        topics=tuple(random.sample(named, min(len(named), random.choice((0, 1, 1, 2))))),
        classes=tuple(sorted(Classes.of(graph).by_name.values())),
        values=tuple(
            value for value in (*numbers, *dates) if value.kind in (ValueKind.NUMBER, ValueKind.DATE)
        ),
        texts=random.choice(((), (), ("a",))),
        places=random.choice(((), (2,), (3,))),
        averages=random.random() < 0.3,
    )


def drawn_names(graph: IndexedGraph) -> list[tuple[str, ...]]:
    """The nodes that are no literals, by their names."""
    groups: dict[str, list[str]] = {}
    for number in range(graph.entity_count):
        if graph.kind(graph.entity(number)) is not NodeKind.LITERAL:
            entity = graph.entity(number)
            groups.setdefault(clean_name(graph.labels[number]) or entity, []).append(entity)
    return [tuple(sorted(group)) for group in groups.values()]


def drawn_text(walk: ProgramWalk, random: Random, ending: float = 0.3) -> tuple[tuple[int, ...], State]:
    """A text by random logits; `AssertionError` at a dead end."""
    state = walk.start
    tokens: list[int] = []
    while True:
        allowed, accepts = walk.allowed(state), walk.accepts(state)
        assert len(allowed) or accepts, f"liveness: dead end after {TOKENIZER.decode(tokens)!r}"
        if accepts and (not len(allowed) or random.random() < ending or len(tokens) > LONGEST):
            return tuple(tokens), state
        token = int(allowed[random.randrange(len(allowed))])
        tokens.append(token)
        state = walk.advance(state, token)


def decode_programs(seed: int, decodes: int) -> int:
    """Decode over one random graph, and check all texts; the number of texts (0 where no program begins)."""
    random = Random(seed)
    names = PLAIN_NAMES if seed % 4 else HOSTILE_NAMES
    drawn = random_graph(random, names)
    facts, oracle = Facts.of_graph(drawn.graph), ProgramOracle(drawn)
    done = 0
    while done < decodes:
        mentioned = drawn_mentions(drawn.graph, random)
        try:
            walk = ProgramWalk.programs_of(
                drawn.graph, mentioned, TOKENIZER, hops=random.randint(1, 3), inverse=random.random() < 0.8
            )
        except NoChainError:
            if not (mentioned.topics or mentioned.classes):
                done += 1
                continue
            raise
        for _ in range(6):
            tokens, state = drawn_text(walk, random)
            done += 1
            text = TOKENIZER.decode(tokens)
            try:
                check_text(walk, state, text, drawn, oracle, facts)
            except Exception as error:
                raise AssertionError(f"decode_programs({seed}, {decodes}): {text!r}: {error!r}") from error
    return done


def check_text(
    walk: ProgramWalk,
    state: State,
    text: str,
    drawn: RandomGraph,
    oracle: ProgramOracle,
    facts: Facts,
) -> None:
    """Check one accepted text: what it denotes by the executor, by brute force, and its proof."""
    graph = drawn.graph
    programs = walk.programs(state)
    assert all(program_text(program, graph) == " ".join(text.split()) for program in programs)
    program = parse_program(text, graph)
    read = program_text(program, graph)
    assert read in {program_text(one, graph) for one in programs}, f"soundness: it is read as {program}"
    for one in programs:
        denotation = walk.denotation(state)
        assert bool(denotation), "soundness: it denotes nothing"
        result = oracle.result(one)
        assert result is not None, f"soundness: brute force finds nothing: {one}"
        assert result or isinstance(one.final, Test), f"soundness: brute force finds nothing: {one}"
        if isinstance(result, frozenset) and len(programs) == 1:
            members = denotation.members
            assert members is not None
            assert result == {graph.entity(number) for number in members.tolist()}
        found = check_proof(json.loads(json.dumps(prove(one, graph).to_dict())), facts, one)
        assert not found, f"proof: {found}"
        if one.final is None and len(programs) == 1:
            ends = walk.ends(state)
            assert ends, "soundness: no member has a name"
            for end in list(ends)[:2]:
                for chain in walk.chains(state, end):
                    assert chain.end == end
                    assert all(triple in graph for triple in chain.triples)
