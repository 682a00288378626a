"""What users may rely on."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import kgqa

HEAVY = ("torch", "transformers", "pandas", "pyarrow", "rdflib", "pyoxigraph", "networkx", "numpy", "rich")


def test_the_public_names_are_those_of_the_reference_page() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "python.md").read_text("utf-8")
    assert sorted(re.findall(r"^- `(\w+)`: ", page, re.MULTILINE)) == sorted(kgqa.__all__)


def test_every_public_name_says_what_it_is() -> None:
    assert [name for name in kgqa.__all__ if not getattr(kgqa, name).__doc__] == []


def test_every_public_name_is_there_and_nothing_else_is_promised() -> None:
    assert [name for name in kgqa.__all__ if not hasattr(kgqa, name)] == []
    assert sorted(kgqa.__all__, key=lambda n: (n.lower(), n)) == sorted(
        set(kgqa.__all__), key=lambda n: (n.lower(), n)
    )
    assert set(kgqa.__all__) <= set(dir(kgqa))


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(kgqa, "Oracle")


def test_importing_kgqa_loads_nothing_heavy() -> None:
    code = f"import sys, kgqa; print([name for name in {HEAVY!r} if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_importing_the_command_line_loads_no_torch() -> None:
    code = "import sys, kgqa.cli; print([n for n in ('torch', 'transformers', 'pandas') if n in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
