"""Changes of answers in the forms that CI systems and code hosts show."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kgqa.datasets.question_file import numbered_questions
from kgqa.diff.answer_diff import AnswerDiff
from kgqa.diff.graph_diff import GraphDiff
from kgqa.diff.question_change import ChangeKind, QuestionChange
from kgqa.graph import clean_name
from kgqa.validation import CiCase, CiReport, Finding
from kgqa.validation.ci_report import in_code

__all__ = ["change_report", "lines_of"]


def change_report(
    graphs: GraphDiff, answers: AnswerDiff | None, source: str, lines: Mapping[str, int] | None = None
) -> CiReport:
    """A case for each question: it fails where it may be worse off, any other change is a note.

    `source` is the file or the set of the questions, `lines` has the lines of their ids in it.
    """
    names = [f"`{in_code(clean_name(name))}`" for name in graphs.names]
    summary = f"From {names[0]} to {names[1]}, {graphs.summary}."
    cases: tuple[CiCase, ...] = ()
    if answers is not None:
        summary += f"\n\n**{answers.summary}.**"
        changes = {change.question.id: change for change in answers.changes}
        cases = tuple(
            CiCase(
                clean_name(question.question),
                (lines or {}).get(question.id, 0),
                _findings(changes.get(question.id)),
            )
            for question in answers.questions
        )
    return CiReport("kgqa diff", source, cases, summary, "question")


def lines_of(file: Path) -> dict[str, int]:
    """The lines of the questions of a file that `load_questions` reads, by id; none where it has no lines.

    Raises as `load_questions`.
    """
    if file.suffix == ".parquet" or not file.is_file():
        return {}
    return {question.id: line for line, question in numbered_questions(file)}


def _findings(change: QuestionChange | None) -> tuple[Finding, ...]:
    if change is None:
        return ()
    text = "; ".join((change.sentence, *(" ".join(line.split()) for line in change.reasons())))
    return (Finding(_RULES[change.kind], text, "error" if change.is_setback else "note"),)


_RULES: dict[ChangeKind, str] = {
    "lost": "answer lost",
    "gained": "answer gained",
    "fewer": "fewer answers",
    "more": "more answers",
    "other": "other answers",
    "order": "other order",
    "names": "other names",
    "proof": "other proof",
    "error": "error",
}
