"""Names that are markup, right-to-left or long are text, wherever they stand."""

from __future__ import annotations

import pytest
from chromium import Chromium
from unit.report.made_runs import HOSTILE

pytestmark = pytest.mark.slow

FOREIGN = "return document.querySelector('main').querySelectorAll('img, script, evil-tag, b, style').length"


@pytest.mark.parametrize(
    "address",
    [
        "#/explore?graph=hostile",
        "#/explore?graph=hostile&entity=middle",
        "#/runs",
        "#/run?run=hostile&wrong=no",
        "#/ask?graph=hostile&q=%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "#/why?graph=hostile&q=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E&expected=%3Cb%3E",
    ],
)
@pytest.mark.parametrize("view", ["drawing", "list"])
def test_no_name_is_read_as_markup(page: Chromium, address: str, view: str) -> None:
    page.run("localStorage.setItem('kgqa-facts-as', arguments[0])", view)
    page.open(address)
    page.until(lambda: "Loading" not in page.text("main") and "…" not in page.text(".waiting"))
    page.until(lambda: len(page.text("main")) > 20)
    assert page.run(FOREIGN) == 0
    assert page.run("return document.documentElement.scrollWidth <= innerWidth"), "a name widens the page"


def test_hostile_answers_are_judged_as_text(page: Chromium) -> None:
    page.run("localStorage.setItem('kgqa-reviewer', arguments[0])", HOSTILE[1])
    page.open("#/review?run=hostile")
    seen = set()
    for left in range(len(HOSTILE), 0, -1):
        page.shows(f"{left} left, 0 judged", ".review-head")
        seen.add(page.text(".card h2"))
        assert page.run(FOREIGN) == 0
        page.press("s")
    page.shows("No more answers")
    assert any("<script>alert(1)</script>" in text for text in seen)
    assert any("عربي" in text for text in seen)
