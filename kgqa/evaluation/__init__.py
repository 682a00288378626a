"""Benchmark runs: every question gets a record, every answer is checked, the totals hold."""

from kgqa.evaluation.methods import MethodRuns, MethodScore, NotRun, chosen_methods
from kgqa.evaluation.record import STATUSES, Record, Status
from kgqa.evaluation.record_file import RecordFile
from kgqa.evaluation.report import Report, Totals
from kgqa.evaluation.running.batch_runner import BatchRunner
from kgqa.evaluation.running.named_graphs import NamedGraphs
from kgqa.evaluation.running.recorded_run import recorded_run
from kgqa.evaluation.running.run import Run, evaluate
from kgqa.evaluation.running.run_file import read_run_file, read_run_settings, settings_of
from kgqa.evaluation.running.run_plan import RunPlan
from kgqa.evaluation.running.run_recipe import RunRecipe
from kgqa.evaluation.running.run_settings import RunSettings
from kgqa.evaluation.running.seeded_runs import SeededRuns, with_seeds
from kgqa.evaluation.scoring.chain_check import Flaw, faithful_share, find_flaws
from kgqa.evaluation.scoring.comparison import Comparison, Difference, compare
from kgqa.evaluation.scoring.correction import corrected
from kgqa.evaluation.scoring.definition import Definition
from kgqa.evaluation.scoring.definitions import DEFINITIONS, definition_named
from kgqa.evaluation.scoring.file_scores import DEFAULT_DEFINITIONS, Explanation, FileScores
from kgqa.evaluation.scoring.gold import Matched
from kgqa.evaluation.scoring.metrics import Metrics, exact_match, score_answers
from kgqa.evaluation.scoring.prediction import Prediction
from kgqa.evaluation.scoring.prediction_file import read_predictions
from kgqa.evaluation.scoring.reason import Reason
from kgqa.evaluation.scoring.scorecard import Scorecard
from kgqa.evaluation.statistics.ceiling import Ceiling, Spread
from kgqa.evaluation.statistics.interval import Interval, bootstrap
from kgqa.evaluation.statistics.ranking import Ranking
from kgqa.evaluation.statistics.reliability import Bin, expected_calibration_error, reliability
from kgqa.evaluation.statistics.significance import PValue, holm, mcnemar, sign_flip

__all__ = [
    "DEFAULT_DEFINITIONS",
    "DEFINITIONS",
    "STATUSES",
    "BatchRunner",
    "Bin",
    "Ceiling",
    "Comparison",
    "Definition",
    "Difference",
    "Explanation",
    "FileScores",
    "Flaw",
    "Interval",
    "Matched",
    "MethodRuns",
    "MethodScore",
    "Metrics",
    "NamedGraphs",
    "NotRun",
    "PValue",
    "Prediction",
    "Ranking",
    "Reason",
    "Record",
    "RecordFile",
    "Report",
    "Run",
    "RunPlan",
    "RunRecipe",
    "RunSettings",
    "Scorecard",
    "SeededRuns",
    "Spread",
    "Status",
    "Totals",
    "bootstrap",
    "chosen_methods",
    "compare",
    "corrected",
    "definition_named",
    "evaluate",
    "exact_match",
    "expected_calibration_error",
    "faithful_share",
    "find_flaws",
    "holm",
    "mcnemar",
    "read_predictions",
    "read_run_file",
    "read_run_settings",
    "recorded_run",
    "reliability",
    "score_answers",
    "settings_of",
    "sign_flip",
    "with_seeds",
]
