"""Walks through a graph: neighbours by page, hubs, a thousand nodes."""

from __future__ import annotations

import pytest
from chromium import Chromium
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

pytestmark = pytest.mark.slow

DRAWN = "return document.querySelector('.drawing')?._cyreg?.cy.nodes().length ?? 0"
PLACE = """
const drawing = document.querySelector('.drawing');
const cy = drawing._cyreg.cy;
const node = cy.nodes().filter((each) => each.data('label') === arguments[0]);
const { left, top, width, height } = drawing.getBoundingClientRect();
const { x, y } = node.renderedPosition();
return [x - width / 2, y - height / 2];
"""
APART = """
const boxes = document.querySelector('.drawing')._cyreg.cy.nodes().map((node) => node.boundingBox());
const over = (a, b) => a.x2 >= b.x1 && b.x2 >= a.x1 && a.y2 >= b.y1 && b.y2 >= a.y1;
return !boxes.some((a, place) => boxes.slice(place + 1).some((b) => over(a, b)));
"""
PLACED = """
const places = document.querySelector('.drawing')._cyreg.cy.nodes().map((node) => node.position());
return places.every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
"""
CENTRE = """
const { cy } = document.querySelector('.drawing')._cyreg;
cy.zoom(1).center(cy.nodes().filter((node) => node.data('label') === arguments[0]));
"""


def clicked(page: Chromium, name: str) -> None:
    """Click the node of a name in the drawing."""
    page.run("document.querySelector('.drawing').scrollIntoView({ block: 'center' })")
    still = "return document.querySelector('.drawing')._cyreg.cy.animated()"
    page.until(lambda: not page.run(still))
    x, y = page.run(PLACE, name)
    (drawing,) = page.driver.find_elements("css selector", ".drawing")
    ActionChains(page.driver).move_to_element_with_offset(drawing, round(x), round(y)).click().perform()


def test_a_node_that_is_clicked_shows_its_neighbours(page: Chromium) -> None:
    page.open("#/ask?graph=atlas&q=Which+countries+does+the+Danube+flow+through%3F")
    page.until(lambda: page.run(DRAWN) == 11)
    clicked(page, "Serbia")
    page.shows("Belgrade", ".neighbours")
    before = page.until(lambda: (count := page.run(DRAWN)) > 11 and count)
    clicked(page, "Belgrade")
    page.until(lambda: page.text(".neighbours h2") == "Belgrade")
    page.until(lambda: page.run(DRAWN) > before)
    page.click(".back", "Serbia")
    page.until(lambda: page.text(".neighbours h2") == "Serbia")
    page.until(lambda: "Take its neighbours away" in page.text(".neighbours"))
    page.click(".neighbours button", "Take its neighbours away")
    page.until(lambda: page.run(DRAWN) < before + 1)
    page.click(".neighbours button", "×")
    page.until(lambda: page.text(".neighbours") == "")


def test_a_neighbour_that_was_taken_away_comes_back_with_its_own(page: Chromium) -> None:
    page.open("#/explore?graph=atlas")
    page.in_field()
    page.press("serbia", Keys.ENTER)
    page.until(lambda: page.run(DRAWN) > 10)
    page.until(lambda: "Take its neighbours away" in page.text(".neighbours"))
    page.click(".neighbours button", "Take its neighbours away")
    page.until(lambda: page.run(DRAWN) == 1)
    page.click(".neighbour-list .entity", "Belgrade")
    page.until(lambda: page.text(".neighbours h2") == "Belgrade")
    page.until(lambda: page.run(DRAWN) > 1)
    assert page.run(PLACED), "nodes are nowhere"


def test_what_is_typed_is_gone_to_by_enter(page: Chromium) -> None:
    page.open("#/explore?graph=hub")
    page.in_field()
    page.press("great hub", Keys.ENTER)
    page.until(lambda: page.text(".neighbours h2") == "Great Hub")
    page.run("window.fetch = () => Promise.reject(TypeError('network'))")
    page.run("document.querySelector('.ask input').value = 'Neighbour 7'")
    page.click("button", "Show")
    page.shows("The server cannot be reached.", "[role=alert]")


def test_a_hub_says_so_and_its_neighbours_come_page_by_page(page: Chromium) -> None:
    page.open("#/explore?graph=hub&entity=hub")
    page.shows("1,200 neighbours, the first 50 are shown", ".neighbours")
    page.shows("a hub", ".neighbours")
    page.until(lambda: page.run(DRAWN) == 51)
    page.click(".neighbours button", "Show 50 more")
    page.shows("1,200 neighbours, the first 100 are shown", ".neighbours")
    page.until(lambda: page.run(DRAWN) == 101)
    assert page.run("return document.activeElement.innerText") == "Neighbour 50"


def test_a_drawing_of_a_thousand_nodes_can_be_walked(page: Chromium) -> None:
    page.open("#/explore?graph=hub&entity=hub")
    for pages in range(1, 21):
        page.shows(f"the first {pages * 50:,} are shown", ".neighbours")
        if pages < 20:
            page.click(".neighbours button", "Show 50 more")
    page.until(lambda: page.run(DRAWN) == 1_001, "no thousand nodes")
    page.click(".tools button", "Tidy")
    assert page.run(APART), "nodes lie on each other"
    page.run(CENTRE, "Neighbour 900")
    clicked(page, "Neighbour 900")
    page.until(lambda: page.text(".neighbours h2") == "Neighbour 900")
    page.shows("1 neighbour", ".neighbours")


def test_neighbours_are_chosen_by_relation(page: Chromium) -> None:
    page.open("#/explore?graph=atlas")
    page.in_field()
    page.press("austria")
    page.shows("Country", ".options")
    page.press(Keys.ARROW_DOWN, Keys.ENTER)
    page.shows("Vienna", ".neighbours")
    choose = """
        const it = document.querySelector('.neighbours select');
        it.value = [...it.options].find((each) => each.text.startsWith('shares border')).value;
        it.dispatchEvent(new Event('change'));
    """
    page.run(choose)
    page.until(lambda: "Slovenia" in page.text(".neighbours") and "Vienna" not in page.text(".neighbours"))
