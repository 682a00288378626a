"""Reading the texts of programs."""

from kgqa.program.parser.node_names import NodeNames
from kgqa.program.parser.parse import parse_program, read_constant

__all__ = ["NodeNames", "parse_program", "read_constant"]
