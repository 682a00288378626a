"""The example of docs/reference/values.md prints what it says, and its cases hold."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import Any

from kgqa.graph import ValueKind

PAGE = (Path(__file__).parents[4] / "docs" / "reference" / "values.md").read_text("utf-8")


def test_the_example_prints_what_the_page_says() -> None:
    blocks = re.findall(r"```python\n(.*?)```\n\n```\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 1
    names: dict[str, Any] = {}
    for code, expected in blocks:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(code, names)
        assert printed.getvalue() == expected


def test_the_page_has_every_kind() -> None:
    rows = re.findall(r"^\| `([A-Z]+)` \|", PAGE, re.MULTILINE)
    assert sorted(rows) == sorted(kind.name for kind in ValueKind)
