"""Runs in the page, and their review by keys."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from chromium import Chromium
from selenium.webdriver.common.keys import Keys

pytestmark = pytest.mark.slow


def test_three_answers_are_judged_by_keys_and_stand_in_the_file(page: Chromium, folder: Path) -> None:
    page.open("#/runs")
    page.click("a", "Films")
    page.shows("5 questions")
    page.click("a", "Review")
    page.in_field()
    page.press("Ann", Keys.ENTER)
    page.shows("Question 0?")
    page.press("a")
    page.shows("Question 1?")
    page.press("n")
    page.in_field()
    page.press("the other Kismet", Keys.ESCAPE, "l")
    page.shows("Question 2?")
    page.press("s")
    page.shows("Question 3?")
    page.press("m")
    page.shows("Question 4?")
    assert "1 left, 3 judged" in page.text(".review-head")
    file = folder / "runs" / "films" / "reviews.jsonl"
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert [(one["id"], one["verdict"], one["reviewer"], one["note"]) for one in lines] == [
        ("q0", "accept", "Ann", ""),
        ("q1", "wrong link", "Ann", "the other Kismet"),
        ("q3", "missing fact", "Ann", ""),
    ]
    page.press("z")
    page.shows("Question 3?")
    page.press("r")
    page.shows("Question 4?")
    last = json.loads(file.read_text("utf-8").splitlines()[-1])
    assert (last["id"], last["verdict"]) == ("q3", "reject")
    page.press("w")
    page.shows("No more answers, but for those you skipped.")
    page.driver.refresh()
    page.shows("Question 2?")
    page.press("a")
    page.shows("All answers are judged.")
    page.open("#/runs")
    page.until(lambda: "5" in page.texts("tbody tr:first-child td")[-2:])


def test_an_answer_is_drawn_and_walked_before_it_is_judged(page: Chromium) -> None:
    page.run("localStorage.setItem('kgqa-reviewer', 'Bo')")
    page.open("#/review?run=walked")
    page.shows("Kismet")
    page.click("summary", "Draw and walk")
    page.until(lambda: page.run("return document.querySelector('.drawing')?._cyreg?.cy.nodes().length === 2"))
    page.tab_to(".drawing")
    page.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ENTER)
    page.shows("Juarez", ".neighbours")
    page.press("a")
    page.shows("All answers are judged.")


def test_what_is_not_on_the_screen_is_not_judged(page: Chromium, folder: Path) -> None:
    page.run("localStorage.setItem('kgqa-reviewer', 'Cy')")
    page.open("#/review?run=long")
    page.shows("Record 0?")
    page.run("""
        window.real = window.fetch;
        window.posts = 0;
        window.fetch = (url, options) => {
          if (options.method !== 'POST') return Promise.reject(TypeError('network'));
          window.posts += 1;
          return window.real(url, options);
        };
    """)
    page.press("a")
    page.shows("The server cannot be reached.", "[role=alert]")
    page.press("r")
    page.run("window.fetch = window.real")
    page.click("button", "Try again")
    page.shows("Record 1?")
    page.click("button", "Change")
    page.in_field()
    page.press(Keys.ESCAPE, "r")
    assert page.run("return window.posts") == 1
    lines = (folder / "runs" / "long" / "reviews.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["verdict"] for line in lines] == ["accept"]


def test_questions_of_a_run_are_asked_of_its_graph(page: Chromium) -> None:
    page.run("localStorage.setItem('kgqa-graph', 'hub')")
    page.open("#/run?run=walked&wrong=no")
    page.shows("Ask again")
    link = "return document.querySelector('.record a').getAttribute('href')"
    assert "graph=before" in page.run(link)


def test_records_that_do_not_come_leave_those_that_did(page: Chromium) -> None:
    page.open("#/run?run=long&wrong=no")
    page.shows("Show 10 more")
    page.run("window.real = window.fetch; window.fetch = () => Promise.reject(TypeError('network'))")
    page.click("button", "Show 10 more")
    page.shows("The server cannot be reached.", "[role=alert]")
    assert len(page.texts(".record")) == 50
    page.run("window.fetch = window.real")
    page.click("button", "Show 10 more")
    page.until(lambda: len(page.texts(".record")) == 60 and not page.texts("[role=alert]"))


def test_a_run_is_shown_with_its_report(page: Chromium) -> None:
    page.open("#/run?run=hostile")
    page.shows("questions")
    page.click("label", "Only questions whose first answer is wrong")
    page.until(lambda: "wrong=no" in page.run("return location.hash"))
    page.click("a", "Open the report")
    page.until(lambda: len(page.driver.window_handles) == 2)
    first, second = page.driver.window_handles
    page.driver.switch_to.window(second)
    page.until(lambda: page.run("return document.querySelectorAll('article').length") > 0)
    assert page.run("return getComputedStyle(document.body).maxWidth") != "none", "the report has no style"
    page.driver.close()
    page.driver.switch_to.window(first)
