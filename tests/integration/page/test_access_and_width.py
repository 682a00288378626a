"""The page by keys alone, on a phone, in both colour schemes, and with a key of the server."""

from __future__ import annotations

from pathlib import Path

import pytest
from chromium import Chromium
from integration.page.conftest import served
from selenium.webdriver.common.keys import Keys

pytestmark = pytest.mark.slow

VIEWS = (
    "#/ask?graph=atlas",
    "#/ask?graph=atlas&q=Which+countries+does+the+Danube+flow+through%3F",
    "#/ask?graph=atlas&q=How+many+countries+does+the+Danube+flow+through%3F",
    "#/explore?graph=atlas",
    "#/explore?graph=hub&entity=hub",
    "#/why?graph=atlas&q=Which+countries+does+the+Danube+flow+through%3F&expected=Spain",
    "#/changes?graph=after&old=before&new=after&run=yes&q=who+directed+Kismet%3F",
    "#/runs",
    "#/run?run=films",
    "#/review?run=films",
)
UNNAMED = """
const named = (it) => it.getAttribute('aria-label') || it.getAttribute('aria-labelledby') || it.title
  || it.innerText.trim() || (it.id && document.querySelector(`label[for="${CSS.escape(it.id)}"]`));
const parts = 'a, button, input, select, textarea, summary, progress, [tabindex="0"], [role=region]';
return [...document.querySelectorAll(parts)].filter((it) => it.checkVisibility() && !named(it))
  .map((it) => it.outerHTML.slice(0, 200));
"""
SMALL = """
return [...document.querySelectorAll('button, input, select, summary, nav a')].filter((it) => {
  const { width, height } = it.getBoundingClientRect();
  return it.checkVisibility() && (width < 24 || height < 24);
}).map((it) => it.outerHTML.slice(0, 200));
"""
FAINT = """
const channel = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const ground = (it) => {
  for (; it; it = it.parentElement) {
    const colour = parts(getComputedStyle(it).backgroundColor);
    if (colour.length < 4 || colour[3] > 0.99) return colour;
  }
  throw Error('no element has a background');
};
const hasText = (it) => [...it.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
const texts = [...document.querySelectorAll('body *')].filter((it) => it.checkVisibility() && hasText(it));
return texts.map((it) => {
  const [a, b] = [light(parts(getComputedStyle(it).color)), light(ground(it))];
  return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), it.innerText.slice(0, 60)];
}).filter(([ratio]) => ratio < 4.5);
"""


def settled(page: Chromium, address: str) -> None:
    page.open(address)
    page.until(lambda: len(page.text("main")) > 4 and "Loading" not in page.text("main"))
    page.until(lambda: not page.run("return document.querySelector('.waiting')"))


@pytest.mark.parametrize("address", VIEWS)
def test_each_view_fits_a_phone(page: Chromium, address: str) -> None:
    page.resize(360, 740)
    settled(page, address)
    assert page.run("return document.documentElement.scrollWidth") <= 360
    assert page.run(SMALL) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", VIEWS)
def test_each_view_has_names_and_contrast(page: Chromium, address: str, scheme: str) -> None:
    page.media(prefers_color_scheme=scheme, prefers_reduced_motion="reduce")
    settled(page, address)
    assert page.run(UNNAMED) == []
    assert page.run(FAINT) == []
    assert page.run("return document.querySelectorAll('h1').length") == 1


def test_the_page_is_used_by_keys_alone(page: Chromium) -> None:
    page.open("#/ask?graph=atlas")
    page.in_field()
    page.press("Which countries does the Danube flow through?", Keys.ENTER)
    page.shows("10 answers")
    page.tab_to(".answer-button", "Serbia")
    page.press(Keys.ENTER)
    page.until(lambda: len(page.texts(".proof-button")) == 3)
    page.tab_to(".drawing")
    page.press(Keys.ARROW_RIGHT)
    page.until(lambda: "drawn" in page.text("#announcer"))
    page.press(Keys.ARROW_RIGHT, Keys.ENTER)
    name = page.until(lambda: page.text(".neighbours h2"))
    page.until(lambda: page.texts(".neighbour-list .entity"))
    page.tab_to(".neighbour-list .entity")
    page.press(Keys.ENTER)
    page.until(lambda: page.text(".neighbours h2") not in ("", name))
    assert page.run("return document.activeElement.matches('.neighbours h2')")
    outline = "return getComputedStyle(document.activeElement).outlineStyle"
    page.press(Keys.TAB)
    assert page.run(outline) != "none", "the focus is not seen"


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_nothing_moves_by_itself_where_that_is_unwanted(page: Chromium, motion: str) -> None:
    moves = motion != "reduce"
    page.media(prefers_reduced_motion=motion)
    settled(page, "#/explore?graph=hub&entity=hub")
    nodes = "document.querySelector('.drawing')?._cyreg?.cy.nodes().length"
    page.until(lambda: page.run(f"return {nodes} === 51"))
    page.run("""
        const { cy } = document.querySelector('.drawing')._cyreg;
        const real = cy.animate;
        cy.animate = (...given) => { window.animated = true; return real.apply(cy, given); };
    """)
    page.click(".neighbours button", "Show 50 more")
    page.until(lambda: page.run(f"return {nodes} === 101"))
    assert page.run("return window.animated ?? false") == moves
    page.run("window.fetch = () => new Promise(() => {})")
    page.run("location.hash = '#/ask?graph=atlas&q=Who+wrote+Emma%3F'")
    page.until(lambda: page.run("return document.querySelector('.spinner')"))
    assert page.run("return document.getAnimations().length > 0") == moves


def test_the_skip_link_leads_past_the_header(page: Chromium) -> None:
    settled(page, "#/runs")
    page.run("document.activeElement.blur()")
    page.press(Keys.TAB)
    assert page.run("return document.activeElement.innerText") == "Skip to the content"
    page.press(Keys.ENTER)
    assert page.run("return document.activeElement.id") == "main"


def test_the_next_graph_is_chosen_by_the_same_keys(page: Chromium) -> None:
    settled(page, "#/ask?graph=atlas")
    page.run("document.getElementById('graph').focus()")
    chosen: list[str] = []
    for _ in range(2):
        page.press(Keys.ARROW_DOWN)
        page.until(lambda: page.run("return location.hash").split("graph=")[1] not in ("atlas", *chosen))
        chosen.append(page.run("return location.hash").split("graph=")[1])
        assert page.run("return document.activeElement.id") == "graph"
    assert chosen == ["hub", "hostile"]


def test_a_server_with_a_key_asks_for_it_once(chromium: Chromium, folder: Path) -> None:
    before = chromium.url
    with served(folder, "--min-confidence", "0.9", key="s3cret") as process:
        chromium.url = f"http://{process.host}:{process.port}"
        chromium.open("#/runs")
        chromium.shows("This server wants a key", "dialog")
        chromium.press("неверно", Keys.ENTER)
        chromium.shows("That was not the key.", "dialog")
        chromium.press("wrong", Keys.ENTER)
        chromium.shows("That was not the key.", "dialog")
        chromium.press("s3cret", Keys.ENTER)
        chromium.shows("Films")
        chromium.open("#/run?run=films")
        chromium.shows("Save the report")
        chromium.open("#/ask?graph=atlas&q=Who+ate+Vienna%3F")
        chromium.shows("The graph does not say.")
        kept = "return [sessionStorage.length, Object.values(localStorage).includes('s3cret')]"
        assert chromium.run(kept) == [1, False]
    chromium.url = before
    chromium.complaints(), chromium.hosts()


def test_the_description_of_the_routes_is_shown(page: Chromium) -> None:
    page.driver.get(f"{page.url}/docs")
    page.shows("/api/v1/graphs/{graph}/ask", "body")
    page.click("button.opblock-summary-control", "/api/v1/graphs")
    page.click("button", "Execute")
    page.shows('"atlas"', "body")
    page.click("button.opblock-summary-control", "/neighbours")
    page.click("button.opblock-summary-control", "/diff")
    page.until(lambda: page.run("return document.querySelector('textarea')"))
    assert page.run(UNNAMED) == []
    assert page.run(FAINT) == []
    unlabelled = "return document.querySelectorAll(':is(input, select, textarea):not([aria-label])').length"
    assert page.run(unlabelled) == 0
    assert page.run("return document.querySelectorAll('button a[href]').length") == 0
