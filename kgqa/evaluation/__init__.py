"""Benchmark runs: every question gets a record, every answer is checked, the totals hold."""

from kgqa.evaluation.asker import Answering, Asker
from kgqa.evaluation.chain_check import Flaw, find_flaws
from kgqa.evaluation.faithful import faithful_share
from kgqa.evaluation.metrics import Metrics, score_answers
from kgqa.evaluation.normalise import normalise
from kgqa.evaluation.record import STATUSES, Record, Status, Timings
from kgqa.evaluation.record_file import RecordFile
from kgqa.evaluation.reliability import Bin, expected_calibration_error, reliability
from kgqa.evaluation.report import Report, Totals
from kgqa.evaluation.run import Run, evaluate
from kgqa.evaluation.run_file import assigned, read_run_file
from kgqa.evaluation.run_settings import RunSettings
from kgqa.evaluation.stages import Caches

__all__ = [
    "STATUSES",
    "Answering",
    "Asker",
    "Bin",
    "Caches",
    "Flaw",
    "Metrics",
    "Record",
    "RecordFile",
    "Report",
    "Run",
    "RunSettings",
    "Status",
    "Timings",
    "Totals",
    "assigned",
    "evaluate",
    "expected_calibration_error",
    "faithful_share",
    "find_flaws",
    "normalise",
    "read_run_file",
    "reliability",
    "score_answers",
]
