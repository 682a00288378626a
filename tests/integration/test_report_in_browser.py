"""A report in a real browser: it is shown, complains of nothing, and asks the network for nothing."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from unit.report.made_runs import HOSTILE, record, write_run, wrong

from kgqa.report import write_leaderboard, write_report

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-extensions"),
    *("--host-resolver-rules=MAP * ~NOTFOUND", "--enable-logging=stderr", "--dump-dom"),
)

pytestmark = pytest.mark.skipif(
    not CHROMIUM, reason="no chromium on the path: pages are not opened in a browser"
)


def opened(page: Path, profile: Path) -> tuple[str, list[str]]:
    """The document that the browser makes of a page, and what its console says.

    The page forbids itself to load anything, so whatever it would have loaded is in the console.
    """
    done = subprocess.run(
        [str(CHROMIUM), *OPTIONS, f"--user-data-dir={profile}", page.as_uri()],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return done.stdout, re.findall(r":CONSOLE[:(].*", done.stderr)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with a hostile text wherever one can stand."""
    records = [record("right")] + [
        wrong(f"q{n}", question=text, answers=(text,), error=text, chains=(((text, text, f"x{text}"),),))
        for n, text in enumerate(HOSTILE)
    ]
    folder = write_run(tmp_path_factory.mktemp("runs") / "hostile", records, {"title": HOSTILE[0]})
    write_report(folder)
    return folder


def test_a_report_of_hostile_records_opens_without_complaint(run: Path, tmp_path: Path) -> None:
    document, console = opened(run / "report.html", tmp_path)
    assert console == []
    assert document.count("<article>") == 11
    assert not re.search(r"<(script|img|evil-tag|b)\b", document)


def test_a_leaderboard_opens_without_complaint(run: Path, tmp_path: Path) -> None:
    page, _ = write_leaderboard(run.parent)
    document, console = opened(page, tmp_path)
    assert console == []
    assert 'href="hostile/report.html"' in document


def test_a_page_that_loads_something_or_runs_a_script_would_be_noticed(run: Path, tmp_path: Path) -> None:
    page = (run / "report.html").read_text("utf-8")
    bad = tmp_path / "bad.html"
    more = '<script>alert(1)</script><img src="http://example.invalid/x.png"></main>'
    bad.write_text(page.replace("</main>", more), "utf-8")
    _, console = opened(bad, tmp_path / "profile")
    assert len(console) == 2
