"""Runs as data frames, pages and tables."""

from kgqa.report.leaderboard import leaderboard
from kgqa.report.leaderboard_page import leaderboard_markdown, write_leaderboard
from kgqa.report.load_run import load_run
from kgqa.report.page import as_html
from kgqa.report.prediction_rows import PREDICTION_FORMS, PredictionForm, prediction_rows, write_predictions
from kgqa.report.run_folder import RunFolder, find_runs, read_run
from kgqa.report.score import Score
from kgqa.report.summary import Summary
from kgqa.report.tables import as_csv, as_markdown
from kgqa.report.write import export_run, write_report

__all__ = [
    "PREDICTION_FORMS",
    "PredictionForm",
    "RunFolder",
    "Score",
    "Summary",
    "as_csv",
    "as_html",
    "as_markdown",
    "export_run",
    "find_runs",
    "leaderboard",
    "leaderboard_markdown",
    "load_run",
    "prediction_rows",
    "read_run",
    "write_leaderboard",
    "write_predictions",
    "write_report",
]
