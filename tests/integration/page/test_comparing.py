"""What differs between two graphs, in the page."""

from __future__ import annotations

import pytest
from chromium import Chromium

pytestmark = pytest.mark.slow


def test_facts_and_answers_of_two_graphs_are_compared(page: Chromium) -> None:
    page.open("#/changes?graph=after&old=before&new=after")
    page.click("textarea")
    page.press("who directed Kismet?\nwho directed Juarez?")
    page.click("button", "Compare")
    page.shows("1 of 2 questions answered otherwise")
    assert [" ".join(text.split()) for text in page.texts(".card li")] == [
        "Kismet directed_by William Dieterle",
        "Kismet directed_by Vincente Minnelli",
    ]
    page.shows("1 fact added, 1 fact removed")
    page.until(lambda: "1 question answered otherwise" in page.text("#announcer"))
    page.driver.refresh()
    page.shows("1 of 2 questions answered otherwise")
    page.click(".card a", "Why?")
    page.shows("William Dieterle", ".chips")
    page.shows("no-chain")


def test_equal_graphs_are_said_to_be(page: Chromium) -> None:
    page.open("#/changes?graph=hub&old=hub&new=hub&run=yes")
    page.shows("The graphs have the same facts and names.")
