"""Programs: what questions ask of a graph beyond a path, executed on its arrays."""

from kgqa.program.classes import TYPE_RELATIONS, Classes, NamedClass
from kgqa.program.condition import (
    Average,
    Comparator,
    Compare,
    Condition,
    Constant,
    Has,
    InClass,
    Is,
    Nodes,
    Operand,
    OwnValue,
    TextMatch,
    TextTest,
)
from kgqa.program.coverage import CoverageAction, CoverageRule
from kgqa.program.evidence import Evidence, EvidenceKind, Member
from kgqa.program.execution import Denotation, Executor, Measured, Trace
from kgqa.program.measure import Aggregate, Measure, Path, Step
from kgqa.program.names import NodeNames
from kgqa.program.parser import parse_program
from kgqa.program.phrasing import phrase
from kgqa.program.program import (
    Clause,
    Combine,
    Count,
    Each,
    Extreme,
    Final,
    Follow,
    Instances,
    Join,
    Keep,
    Named,
    Program,
    Start,
    Summary,
    Test,
)
from kgqa.program.proof import Proof
from kgqa.program.prover import prove
from kgqa.program.result import Result
from kgqa.program.sparql import to_quads, to_sparql
from kgqa.program.steps import Pairs, StepIndex
from kgqa.program.text import node_text, program_segments, program_text

__all__ = [
    "TYPE_RELATIONS",
    "Aggregate",
    "Average",
    "Classes",
    "Clause",
    "Combine",
    "Comparator",
    "Compare",
    "Condition",
    "Constant",
    "Count",
    "CoverageAction",
    "CoverageRule",
    "Denotation",
    "Each",
    "Evidence",
    "EvidenceKind",
    "Executor",
    "Extreme",
    "Final",
    "Follow",
    "Has",
    "InClass",
    "Instances",
    "Is",
    "Join",
    "Keep",
    "Measure",
    "Measured",
    "Member",
    "Named",
    "NamedClass",
    "NodeNames",
    "Nodes",
    "Operand",
    "OwnValue",
    "Pairs",
    "Path",
    "Program",
    "Proof",
    "Result",
    "Start",
    "Step",
    "StepIndex",
    "Summary",
    "Test",
    "TextMatch",
    "TextTest",
    "Trace",
    "node_text",
    "parse_program",
    "phrase",
    "program_segments",
    "program_text",
    "prove",
    "to_quads",
    "to_sparql",
]
