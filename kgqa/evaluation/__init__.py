"""Benchmark runs: every question gets a record, every answer is checked, the totals hold."""

from kgqa.evaluation.asker import Answering, Asker
from kgqa.evaluation.ceiling import Ceiling
from kgqa.evaluation.chain_check import Flaw, find_flaws
from kgqa.evaluation.comparison import Comparison, Difference
from kgqa.evaluation.definition import Definition
from kgqa.evaluation.definitions import DEFINITIONS, definition_named
from kgqa.evaluation.faithful import faithful_share
from kgqa.evaluation.gold import Matched
from kgqa.evaluation.interval import Interval, bootstrap
from kgqa.evaluation.metrics import Metrics, exact_match, score_answers
from kgqa.evaluation.prediction import Prediction
from kgqa.evaluation.prediction_file import read_predictions
from kgqa.evaluation.ranking import Ranking
from kgqa.evaluation.reason import Reason
from kgqa.evaluation.record import STATUSES, Record, Status, Timings
from kgqa.evaluation.record_file import RecordFile
from kgqa.evaluation.reliability import Bin, expected_calibration_error, reliability
from kgqa.evaluation.report import Report, Totals
from kgqa.evaluation.run import Run, evaluate
from kgqa.evaluation.run_file import assigned, read_run_file
from kgqa.evaluation.run_settings import RunSettings
from kgqa.evaluation.scorecard import Scorecard
from kgqa.evaluation.significance import PValue, mcnemar, sign_flip
from kgqa.evaluation.spread import Spread
from kgqa.evaluation.stages import Caches

__all__ = [
    "DEFINITIONS",
    "STATUSES",
    "Answering",
    "Asker",
    "Bin",
    "Caches",
    "Ceiling",
    "Comparison",
    "Definition",
    "Difference",
    "Flaw",
    "Interval",
    "Matched",
    "Metrics",
    "PValue",
    "Prediction",
    "Ranking",
    "Reason",
    "Record",
    "RecordFile",
    "Report",
    "Run",
    "RunSettings",
    "Scorecard",
    "Spread",
    "Status",
    "Timings",
    "Totals",
    "assigned",
    "bootstrap",
    "definition_named",
    "evaluate",
    "exact_match",
    "expected_calibration_error",
    "faithful_share",
    "find_flaws",
    "mcnemar",
    "read_predictions",
    "read_run_file",
    "reliability",
    "score_answers",
    "sign_flip",
]
