"""How fast the page of a server is with a thousand nodes, in a real browser.

    .venv/bin/python eval/bench/page.py

Starts `kgqa serve` with a hub of 1,200 neighbours and opens its page in Chromium (without a graphics card).
Measures, in the page, from a key or a click until what it brings is there and drawn: completion of a name, an
answer with its proofs, each page of 50 neighbours up to 1,001 nodes, putting all of them in order, opening
one of them; and how often a second the drawing is drawn while it is moved. Writes page.md and page.json. One
minute on two cores.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from chromium import CHROMIUM, DRIVER, MISSING, Chromium
from command import command, parsed
from machine import Machine
from report import Report, Table, median
from server_process import ServerProcess

from kgqa.graph import GraphBuilder, Name, Triple, save_index

NEIGHBOURS = 1_200
PAGES = 20
DO_AND_WAIT = """
const [act, reached, done] = arguments;
const [begin, isThere] = [Function(act), Function(`return ${reached}`)];
const start = performance.now();
begin();
const end = () => done(performance.now() - start);
const look = () => requestAnimationFrame(isThere() ? end : look);
look();
"""
MOVED = """
const done = arguments[0];
const { cy } = document.querySelector('.drawing')._cyreg;
const start = performance.now();
let left = 60;
const step = () => {
  if (!left--) return done(60_000 / (performance.now() - start));
  cy.panBy({ x: left % 2 ? 9 : -9, y: 3 });
  requestAnimationFrame(step);
};
step();
"""
NODES = "document.querySelector('.drawing')?._cyreg?.cy.nodes().length"
MORE = (
    "[...document.querySelectorAll('.neighbours button')].find((it) => /^Show 50/.test(it.innerText)).click()"
)
TIDY = "[...document.querySelectorAll('.tools button')].find((it) => it.innerText === 'Tidy').click()"
TYPED = """
const it = document.activeElement;
it.value = 'Which countries does the Danu';
it.setSelectionRange(99, 99);
it.dispatchEvent(new Event('input'));
"""
OPTIONS = "document.querySelector('.options:not([hidden]) li')"
OPENED = """
document.querySelector('.neighbours h2').innerText !== 'hub' && document.querySelector('.neighbour-list li')
"""
QUESTIONS = (
    "Which countries does the Danube flow through?",
    "Who wrote Emma?",
    "What is the capital of Austria?",
)
OPEN = "const { cy } = document.querySelector('.drawing')._cyreg; cy.nodes().last().emit('tap')"
"""Opened as a click on the node opens it."""


def main() -> None:
    """Measure and write."""
    parser = command(__doc__)
    arguments = parsed(parser)
    if not (CHROMIUM and DRIVER):
        parser.error(MISSING)
    pages = 3 if arguments.quick else PAGES
    with tempfile.TemporaryDirectory() as scratch:
        builder = GraphBuilder()
        for number in range(NEIGHBOURS):
            builder.add(Triple("hub", "links_to", f"n{number}"))
            builder.add(Name(f"n{number}", f"Neighbour {number}"))
        save_index(builder.build(), Path(scratch) / "hub")
        with ServerProcess("--graph", "atlas", "--graph", f"{scratch}/hub") as server:
            browser = Chromium(f"http://{server.host}:{server.port}", Path(scratch) / "profile")
            try:
                found = measured(browser, pages)
            finally:
                browser.close()
    rows = [[what, median(times), max(times), len(times)] for what, times in found["milliseconds"].items()]
    Report(
        "page",
        "The page with a thousand nodes",
        Machine.here("selenium"),
        {"browser": found["browser"], "nodes": found["nodes"]},
        [Table(["what", "median, ms", "most, ms", "times"], rows)],
        found,
        notes=[f"While it is moved, the drawing is drawn {found['frames']:.0f} times a second."],
    ).write(arguments.out)


def measured(browser: Chromium, pages: int) -> dict[str, Any]:
    """Milliseconds of each thing that a person does, and pictures a second."""
    browser.driver.set_script_timeout(120)

    def timed(act: str, reached: str) -> float:
        return float(browser.driver.execute_async_script(DO_AND_WAIT, act, reached))

    completed, asked = [], []
    for question in QUESTIONS:
        browser.open("#/ask?graph=atlas")
        browser.in_field()
        completed.append(timed(TYPED, OPTIONS))
        act = f"document.activeElement.value = {question!r}; document.querySelector('form').requestSubmit()"
        asked.append(timed(act, f"({NODES}) > 1"))
    browser.open("#/explore?graph=hub&entity=hub")
    browser.until(lambda: browser.run(f"return {NODES}") == 51)
    paged = [timed(MORE, f"({NODES}) === {51 + 50 * page}") for page in range(1, pages)]
    tidied = [timed(TIDY, "true") for _ in range(3)]
    frames = float(browser.driver.execute_async_script(MOVED))
    opened = timed(OPEN, OPENED.strip())
    return {
        "browser": f"Chromium {browser.driver.capabilities['browserVersion']}, headless, without a GPU",
        "nodes": browser.run(f"return {NODES}"),
        "frames": frames,
        "milliseconds": {
            "names for a beginning": completed,
            "an answer with its proofs drawn": asked,
            "50 more neighbours": paged,
            "the last 50 of a thousand": paged[-1:],
            "all nodes in order": tidied,
            "a node opened": [opened],
        },
    }


if __name__ == "__main__":
    main()
