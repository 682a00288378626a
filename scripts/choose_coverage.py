"""How often a superlative, a comparison or a sum is right on a graph of which values are missing.

Executes the gold programs (`scripts/gold_programs.py`) of left-out training questions and of dev questions on
their graphs, from which a share of all numbers and dates was removed at random, and compares the result with
that on the whole graph. Writes eval/results/missing-values.md: the share of right results by the coverage
that the proof states, from which the default of the setting `coverage` is chosen. About five minutes.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pyoxigraph

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that a clone needs no installation

from kgqa.errors import KgqaError
from kgqa.graph import IndexedGraph, open_graph
from kgqa.program import Compare, Each, Executor, Extreme, Keep, Program, Summary, prove
from kgqa.program.json_form import program_from_dict
from scripts.programs.question_sets import graph_file, is_left_out

RESULTS = Path(__file__).parents[1] / "eval" / "results" / "missing-values.md"
KEPT = (0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)
BINS = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0)
COMPLETE = 0.95
"""The least coverage of a program on the whole graph."""
XSD = "http://www.w3.org/2001/XMLSchema#"
VALUES = {
    f"{XSD}{name}" for name in ("integer", "decimal", "double", "float", "date", "dateTime", "gYear", "time")
}


class Tried(NamedTuple):
    """A program's operator, its coverage on a partial graph, and whether the result is the whole graph's."""

    operator: str
    coverage: float
    right: bool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with the question sets")
    parser.add_argument("gold", type=Path, help="gold programs, from scripts/gold_programs.py")
    arguments = parser.parse_args()
    programs: dict[Path, list[Program]] = defaultdict(list)
    for line in arguments.gold.read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["part"] == "dev" or is_left_out(row):
            program = program_from_dict(row["program"])
            if operator(program):
                programs[graph_file(arguments.data, row["set"], row["graph"])].append(program)
    found = [one for file, some in sorted(programs.items()) for one in tried(file, some)]
    RESULTS.write_text(report(found), encoding="utf-8")
    print(RESULTS.read_text("utf-8"))


def operator(program: Program) -> str:
    """What a program compares or sums values for; empty for none."""
    if isinstance(program.final, Summary | Each):
        return "total or average"
    if any(isinstance(clause, Extreme) for clause in program.clauses):
        return "superlative"
    if any(isinstance(clause, Keep) and isinstance(clause.condition, Compare) for clause in program.clauses):
        return "comparison"
    return ""


def tried(file: Path, programs: list[Program]) -> Iterator[Tried]:
    """The programs about one graph on partial graphs."""
    whole = open_graph(file)
    complete = [p for p in programs if prove(p, whole).coverage >= COMPLETE]
    for kept in KEPT if complete else ():
        partial = without_values(file, kept)
        for program in complete:
            try:
                proof = prove(program, partial)
                same = named_result(program, partial) == named_result(program, whole)
            except KgqaError:
                continue
            yield Tried(operator(program), proof.coverage, same)


def named_result(program: Program, graph: IndexedGraph) -> object:
    """What a program denotes, by identifiers, since two graphs number their nodes differently."""
    found = Executor.of(graph).execute(program)
    if found.members is not None:
        return sorted(graph.entity(node) for node in found.members.tolist())
    return str(found.value) if found.value is not None else found.truth


def without_values(file: Path, kept: float) -> IndexedGraph:
    """The graph of a Turtle file with a share of its numbers and dates."""
    chance = random.Random(f"{file.name} {kept}")
    turtle = gzip.decompress(file.read_bytes())
    with tempfile.TemporaryDirectory() as folder:
        triples = (
            triple
            for triple in pyoxigraph.parse(turtle, format=pyoxigraph.RdfFormat.TURTLE)
            if not is_value(triple.object) or chance.random() < kept
        )
        path = Path(folder) / "partial.nt"
        pyoxigraph.serialize(triples, str(path), format=pyoxigraph.RdfFormat.N_TRIPLES)
        return open_graph(path, use_cache=False)


def is_value(term: object) -> bool:
    return isinstance(term, pyoxigraph.Literal) and term.datatype.value in VALUES


def report(found: Iterable[Tried]) -> str:
    """The table by coverage."""
    cells: dict[tuple[str, float], list[bool]] = defaultdict(list)
    for one in found:
        cells[one.operator, next(low for low in BINS if one.coverage >= low)].append(one.right)
    operators = ("superlative", "comparison", "total or average")
    lines = [
        "# Results on graphs of which values are missing",
        "",
        "Gold programs of left-out and dev questions on graphs without a random share of their values: how",
        "often the result is that of the whole graph, in percent, and of how many programs. Superlatives are",
        "more often right than wrong from 0.7 on, the default of the setting `coverage`; totals and averages",
        "are hardly ever right unless they are complete. Made by `scripts/choose_coverage.py`.",
        "",
        "| coverage, at least | " + " | ".join(operators) + " |",
        "|---|" + "---:|" * len(operators),
    ]
    for low in BINS:
        row = [cells[name, low] for name in operators]
        texts = [f"{100 * sum(cell) / len(cell):.0f} ({len(cell)})" if cell else "-" for cell in row]
        lines.append(f"| {low:.1f} | " + " | ".join(texts) + " |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
