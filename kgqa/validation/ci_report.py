"""Results of checks in the forms that CI systems and code hosts show: JUnit, SARIF, Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path, PurePath
from typing import Any, Self
from urllib.parse import quote
from xml.etree import ElementTree

from kgqa.counted import counted
from kgqa.errors import DataError
from kgqa.graph import clean_name
from kgqa.validation.ci_case import CiCase, Finding
from kgqa.validation.result import ChainResult

__all__ = ["FORMS", "CiReport", "in_code"]

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_MOST_ROWS = 50
"""What a Markdown report lists, at most: comments of code hosts have a limit."""

FORMS = ("junit", "sarif", "markdown")
"""The forms of reports."""


@dataclass(frozen=True)
class CiReport:
    """The `cases` that a command (`tool`) checked, and the file that they are from.

    `summary` is a line of Markdown, and `column` says what the cases are.
    """

    tool: str
    source: str
    cases: tuple[CiCase, ...]
    summary: str
    column: str

    @classmethod
    def of_chains(cls, results: Sequence[ChainResult], source: str) -> Self:
        """The report of checked chains and programs."""
        good = sum(result.holds for result in results)
        hold = "holds" if good == 1 else "hold"
        summary = f"**{good:,} of {counted(len(results), 'chain')}** of `{in_code(source)}` {hold}."
        return cls("kgqa validate", source, tuple(map(_case, results)), summary, "chain")

    def write(self, form: str, path: str | Path) -> None:
        """Write one of the `FORMS`. Raises `DataError` where the file cannot be written."""
        content = {"junit": self.junit, "sarif": self.sarif, "markdown": self.markdown}[form]()
        try:
            Path(path).write_text(content, "utf-8")
        except OSError as error:
            raise DataError(f"{path}: cannot be written ({error.strerror})") from error

    def junit(self) -> str:
        """A test suite with a test case for each."""
        failed = sum(bool(case.errors) for case in self.cases)
        counts: dict[str, Any] = {"tests": str(len(self.cases)), "failures": str(failed), "errors": "0"}
        suite = ElementTree.Element("testsuite", name=_in_xml(f"{self.tool} {self.source}"), **counts)
        for one in self.cases:
            place: dict[str, Any] = {
                "classname": _in_xml(self.source),
                "file": _in_xml(self.source),
                "line": str(one.line),
            }
            case = ElementTree.SubElement(suite, "testcase", name=_in_xml(one.title), **place)
            if one.errors:
                failure = ElementTree.SubElement(case, "failure", type=one.errors[0].rule)
                failure.set("message", _in_xml(one.errors[0].text))
                failure.text = _in_xml("\n".join(finding.text for finding in one.findings))
        suites = ElementTree.Element("testsuites")
        suites.append(suite)
        ElementTree.indent(suites)
        return ElementTree.tostring(suites, "unicode", xml_declaration=True) + "\n"

    def sarif(self) -> str:
        """A log of SARIF 2.1.0 with a result for each finding, at its line of the file."""
        found = [
            {
                "ruleId": finding.rule.replace(" ", "-"),
                "level": finding.level,
                "message": {"text": f"{case.title}: {finding.text}"},
                "locations": [
                    {
                        "physicalLocation": {
                            "artifactLocation": {"uri": quote(PurePath(self.source).as_posix())},
                            "region": {"startLine": max(1, case.line)},
                        }
                    }
                ],
            }
            for case in self.cases
            for finding in case.findings
        ]
        rules = sorted({str(one["ruleId"]) for one in found})
        driver = {
            "name": self.tool,
            "version": metadata.version("kgqa"),
            "rules": [{"id": rule, "shortDescription": {"text": rule.replace("-", " ")}} for rule in rules],
        }
        log = {
            "$schema": _SCHEMA,
            "version": "2.1.0",
            "runs": [{"tool": {"driver": driver}, "results": found}],
        }
        return json.dumps(log, indent=1, ensure_ascii=False) + "\n"

    def markdown(self) -> str:
        """The summary and a table of what was found, first what fails, as for a comment on a pull request."""
        found = (case for case in self.cases if case.findings)
        rows = sorted(found, key=lambda case: not case.errors)
        lines = [self.summary]
        if rows:
            lines += ["", f"| line | {self.column} | problem |", "|---:|---|---|"]
        for case in rows[:_MOST_ROWS]:
            problems = "; ".join(finding.text for finding in case.findings)
            lines.append(f"| {case.line} | {_in_cell(case.title)} | {_in_cell(problems)} |")
        if len(rows) > _MOST_ROWS:
            lines += ["", f"... and {len(rows) - _MOST_ROWS:,} more."]
        return "\n".join(lines) + "\n"


def in_code(text: str) -> str:
    """A text for a place between backticks."""
    return text.replace("`", "'")


def _case(result: ChainResult) -> CiCase:
    findings = (Finding(problem.kind, problem.describe()) for problem in result.problems)
    return CiCase(_title(result), result.line, tuple(findings))


def _title(result: ChainResult) -> str:
    """The chain or program in one line, without control characters."""
    if result.program:
        return clean_name(result.program)
    shown = " ; ".join(" ".join(map(clean_name, triple)) for triple in result.chain)
    return shown or clean_name(result.id) or f"line {result.line}"


def _in_xml(text: str) -> str:
    return _NOT_IN_XML.sub("\ufffd", text)


def _in_cell(text: str) -> str:
    """A text as it is in a cell of a table, with nothing of it read as Markdown or HTML."""
    return re.sub(r"([\\`*_{}\[\]<>|#~!&])", r"\\\1", text)
