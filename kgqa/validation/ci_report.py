"""Results of checks in the forms that CI systems and code hosts show: JUnit, SARIF, Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path, PurePath
from xml.etree import ElementTree

from kgqa.errors import DataError
from kgqa.graph import clean_name
from kgqa.validation.result import ChainResult

__all__ = ["FORMS", "write_report"]

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_MOST_ROWS = 50
"""Failed chains that a Markdown report lists: comments of code hosts have a limit."""


def junit(results: Sequence[ChainResult], source: str) -> str:
    """A test suite with a test case for each chain or program."""
    failed = sum(not result.holds for result in results)
    suite = ElementTree.Element(
        "testsuite", name=f"kgqa validate {source}", tests=str(len(results)), failures=str(failed), errors="0"
    )
    for result in results:
        case = ElementTree.SubElement(
            suite, "testcase", classname=_in_xml(source), name=_in_xml(_title(result)), file=_in_xml(source)
        )
        case.set("line", str(result.line))
        if not result.holds:
            failure = ElementTree.SubElement(case, "failure", type=result.problems[0].kind)
            failure.set("message", _in_xml(result.problems[0].describe()))
            failure.text = _in_xml("\n".join(problem.describe() for problem in result.problems))
    suites = ElementTree.Element("testsuites")
    suites.append(suite)
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, "unicode", xml_declaration=True) + "\n"


def sarif(results: Sequence[ChainResult], source: str) -> str:
    """A log of SARIF 2.1.0 with a result for each problem, at its line of the file."""
    found = [
        {
            "ruleId": problem.kind.replace(" ", "-"),
            "level": "error",
            "message": {"text": f"{_title(result)}: {problem.describe()}"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": PurePath(source).as_posix()},
                        "region": {"startLine": max(1, result.line)},
                    }
                }
            ],
        }
        for result in results
        for problem in result.problems
    ]
    rules = sorted({str(one["ruleId"]) for one in found})
    driver = {
        "name": "kgqa validate",
        "version": metadata.version("kgqa"),
        "rules": [{"id": rule, "shortDescription": {"text": rule.replace("-", " ")}} for rule in rules],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": found}]}
    return json.dumps(log, indent=1, ensure_ascii=False) + "\n"


def markdown(results: Sequence[ChainResult], source: str) -> str:
    """A summary and a table of what fails, as for a comment on a pull request."""
    failed = [result for result in results if not result.holds]
    lines = [f"**{len(results) - len(failed):,} of {len(results):,}** chains of `{_in_code(source)}` hold."]
    if failed:
        lines += ["", "| line | chain | problem |", "|---:|---|---|"]
    for result in failed[:_MOST_ROWS]:
        problems = "; ".join(problem.describe() for problem in result.problems)
        lines.append(f"| {result.line} | {_in_cell(_title(result))} | {_in_cell(problems)} |")
    if len(failed) > _MOST_ROWS:
        lines += ["", f"... and {len(failed) - _MOST_ROWS:,} more."]
    return "\n".join(lines) + "\n"


FORMS = {"junit": junit, "sarif": sarif, "markdown": markdown}
"""The forms of reports by name; each takes the results and the name of the file that was checked."""


def write_report(form: str, path: str | Path, results: Sequence[ChainResult], source: str) -> None:
    """Write the results in one of the `FORMS`. Raises `DataError` where the file cannot be written."""
    try:
        Path(path).write_text(FORMS[form](results, source), "utf-8")
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror})") from error


def _title(result: ChainResult) -> str:
    """The chain or program in one line, without control characters."""
    if result.program:
        return clean_name(result.program)
    shown = " ; ".join(" ".join(map(clean_name, triple)) for triple in result.chain)
    return shown or clean_name(result.id) or f"line {result.line}"


def _in_xml(text: str) -> str:
    return _NOT_IN_XML.sub("\ufffd", text)


def _in_code(text: str) -> str:
    return text.replace("`", "'")


def _in_cell(text: str) -> str:
    """A text as it is in a cell of a table, with nothing of it read as Markdown or HTML."""
    return re.sub(r"([\\`*_{}\[\]<>|#~!])", r"\\\1", text)
