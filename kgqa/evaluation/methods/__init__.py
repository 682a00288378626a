"""Published methods side by side: their runs, and one table of what they gave."""

from kgqa.evaluation.methods.method_runs import MethodRuns, NotRun, chosen_methods
from kgqa.evaluation.methods.method_score import MethodScore
from kgqa.evaluation.methods.method_table import method_table, write_method_table

__all__ = ["MethodRuns", "MethodScore", "NotRun", "chosen_methods", "method_table", "write_method_table"]
