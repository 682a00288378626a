"""Review of the answers of a run by people: a queue, verdicts in a file, agreement, accepted questions."""

from kgqa.review.review_file import ReviewFile
from kgqa.review.review_queue import Agreement, accepted_questions, agreements, named, waiting
from kgqa.review.review_summary import ReviewSummary
from kgqa.review.verdict import Judgement, Verdict

__all__ = [
    "Agreement",
    "Judgement",
    "ReviewFile",
    "ReviewSummary",
    "Verdict",
    "accepted_questions",
    "agreements",
    "named",
    "waiting",
]
