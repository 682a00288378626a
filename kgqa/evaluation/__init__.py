"""Benchmark runs: every question gets a record, every answer is checked, the totals hold."""

from kgqa.evaluation.chain_check import Flaw, find_flaws
from kgqa.evaluation.faithful import faithful_share
from kgqa.evaluation.metrics import Metrics, score_answers
from kgqa.evaluation.normalise import normalise
from kgqa.evaluation.record import STATUSES, Record, Status
from kgqa.evaluation.record_file import RecordFile
from kgqa.evaluation.reliability import Bin, expected_calibration_error, reliability
from kgqa.evaluation.report import Report, Totals
from kgqa.evaluation.run import Answering, evaluate

__all__ = [
    "STATUSES",
    "Answering",
    "Bin",
    "Flaw",
    "Metrics",
    "Record",
    "RecordFile",
    "Report",
    "Status",
    "Totals",
    "evaluate",
    "expected_calibration_error",
    "faithful_share",
    "find_flaws",
    "normalise",
    "reliability",
    "score_answers",
]
