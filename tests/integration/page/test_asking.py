"""Questions in the page: completion, answers, proofs, the address."""

from __future__ import annotations

import random
from urllib.parse import quote

import pytest
from chromium import Chromium
from selenium.webdriver.common.keys import Keys

pytestmark = pytest.mark.slow

DANUBE = "Which countries does the Danube flow through?"


def asked(page: Chromium, question: str) -> None:
    page.open(f"#/ask?graph=atlas&q={quote(question)}")


def test_a_question_is_typed_with_a_completed_name_and_answered(page: Chromium) -> None:
    page.open("#/ask?graph=atlas")
    page.in_field()
    page.press("Which countries does the danu")
    page.shows("Danube", ".options")
    page.press(Keys.ARROW_DOWN)
    active = "document.activeElement.getAttribute('aria-activedescendant')"
    assert "Danube" in page.run(f"return document.getElementById({active}).innerText")
    page.press(Keys.ENTER)
    assert page.run("return document.activeElement.value") == "Which countries does the Danube"
    page.press(" flow through?", Keys.ENTER)
    page.shows("10 answers")
    assert "Austria" in page.texts(".answer-name")
    assert page.run("return location.hash").startswith("#/ask?graph=atlas&q=Which+countries")
    page.until(lambda: "10 answers: Austria" in page.text("#announcer"))


def test_a_proof_is_drawn_and_listed(page: Chromium) -> None:
    asked(page, DANUBE)
    page.until(
        lambda: page.run("return document.querySelector('.drawing')?._cyreg?.cy.nodes().length === 11")
    )
    page.click(".answer-button", "Serbia")
    page.until(lambda: len(page.texts(".proof-button")) == 3)
    page.click(".proof-button", "Bulgaria")
    states = "return [...document.querySelectorAll(arguments[0])].map((it) => it.getAttribute(arguments[1]))"
    assert sorted(page.run(states, ".proof-button", "aria-pressed")) == ["false", "false", "true"]
    assert sorted(page.run(states, ".answer-button", "aria-expanded")) == [*["false"] * 9, "true"]
    nodes = (
        "return document.querySelector('.drawing')._cyreg.cy.nodes().map((node) => node.data('label')).sort()"
    )
    page.until(lambda: page.run(nodes) == ["Bulgaria", "Danube", "Serbia"])
    page.click(".segments button", "List")
    assert [" ".join(text.split()) for text in page.texts(".facts li")] == [
        "Danube (topic) flows through country → Bulgaria (answer)",
        "Bulgaria (answer) shares border with → Serbia (answer)",
    ]


def test_a_fact_that_leads_past_an_entity_goes_around_it(page: Chromium) -> None:
    asked(page, DANUBE)
    page.click(".answer-button", "Germany")
    page.until(lambda: page.run("return document.querySelector('.drawing')._cyreg?.cy.nodes().length === 4"))
    crossed = """
        const { cy } = document.querySelector('.drawing')._cyreg;
        return cy.edges().filter((edge) => {
          const { x, y } = edge.midpoint();
          return cy.nodes().some((node) => {
            const { x1, x2, y1, y2 } = node.boundingBox();
            return x > x1 && x < x2 && y > y1 && y < y2;
          });
        }).length;
    """
    assert page.run(crossed) == 0
    assert page.run("return document.querySelector('.drawing')._cyreg.cy.edges('.bent').length") == 1


def test_a_program_is_shown_with_its_sparql(page: Chromium) -> None:
    asked(page, "How many countries does the Danube flow through?")
    page.shows("10", ".value-text")
    assert "Danube -> flows through country | count" in page.text(".query")
    page.click("summary", "SPARQL")
    page.shows("SELECT (COUNT(DISTINCT ?x2) AS ?count)")
    page.driver.execute_cdp_cmd(
        "Browser.grantPermissions", {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    )
    page.click(".code-head button", "Copy")
    page.shows("Copied", ".code-head")


TABLE = {
    "answers": [],
    "confidence": 0.4,
    "value": None,
    "table": [
        {"entity": "http://x/1", "name": "Danube", "value": "2,850 km"},
        {"entity": "http://x/2", "name": "<b>Rhine</b>", "value": None},
    ],
    "program": "all River | each -> length",
    "sparql": None,
    "proof": None,
    "proof_text": None,
    "notes": [],
    "reason": None,
    "seconds": 0.1,
    "names": {"http://x/1": "Danube", "http://x/2": "<b>Rhine</b>", "2,850 km": "another"},
}


def test_a_table_has_a_row_for_each_entity(page: Chromium) -> None:
    page.open("#/ask?graph=atlas")
    page.in_field()
    page.run(
        """
        const [sent, real] = [`event: answer\ndata: ${JSON.stringify(arguments[0])}\n\n`, window.fetch];
        window.fetch = async (url, options) => String(url).endsWith('/stream') ? new Response(sent)
          : real(url, options);
        """,
        TABLE,
    )
    page.press("How long is each river?", Keys.ENTER)
    page.shows("not sure Confidence: 40 %")
    assert page.texts("tr > *") == ["Danube", "2,850 km", "<b>Rhine</b>", ""]
    assert "The graph does not say." not in page.text("main")
    page.until(lambda: page.text("#announcer") == "A table of 2 rows")


def test_what_is_not_sure_says_so(page: Chromium) -> None:
    asked(page, "Who ate Vienna?")
    page.shows("not sure", ".badge")


def test_a_question_without_a_topic_says_what_to_do(page: Chromium) -> None:
    page.open("#/ask?graph=hub&q=Who+is+it%3F")
    page.shows("Name where to start under the question")
    assert page.text("[role=alert]")
    page.click("summary", "Where to start")
    page.click(".options-more input")
    page.press("great")
    page.shows("Great Hub", ".options-more .options")
    page.press(Keys.ARROW_DOWN, Keys.ENTER)
    page.until(lambda: "Great Hub" in page.text(".chips"))
    page.click(".ask button", "Ask")
    page.until(lambda: "topic=Great+Hub" in page.run("return location.hash"))
    page.shows("The graph does not say.")


def test_the_back_button_goes_back_to_the_question_before(page: Chromium) -> None:
    page.open("#/ask?graph=atlas")
    page.in_field()
    page.press(DANUBE, Keys.ENTER)
    page.shows("10 answers")
    page.run("document.querySelector('.ask input').select()")
    page.press("What is the capital of Austria?", Keys.ENTER)
    page.until(lambda: page.texts(".answer-name") == ["Vienna"])
    page.driver.back()
    page.shows("10 answers")
    assert page.run("return document.querySelector('.ask input').value") == DANUBE
    page.driver.refresh()
    page.shows("10 answers")


def test_another_graph_is_chosen_and_remembered(page: Chromium) -> None:
    page.open("#/explore?graph=atlas")
    page.shows("shares border with")
    page.run(
        "const it = document.getElementById('graph'); it.value = 'hub'; it.dispatchEvent(new Event('change'))"
    )
    page.shows("links to")
    page.open("")
    page.until(lambda: page.run("return document.getElementById('graph')?.value") == "hub")
    page.open("#/ask?graph=nowhere")
    page.shows('no graph named "nowhere"')
    page.click("nav a", "Explore")
    page.shows("links to")
    page.run("location.hash = '#/constructor'")
    page.shows("Every answer comes with the facts")
    page.run("location.hash = '#/runs'")
    page.shows("Films")


def test_chains_are_read_from_their_start_on_whichever_way_their_facts_point(page: Chromium) -> None:
    """Random walks, their facts in the graph's own direction, are told apart again by the page."""
    draw = random.Random(1)
    walks, chains = [], []
    for _ in range(300):
        places = draw.sample("abcdefgh", draw.randint(2, 4))
        steps = [(f"r{n}", draw.random() < 0.5, place) for n, place in enumerate(places[1:])]
        walks.append([places[0], [[relation, inverse, place] for relation, inverse, place in steps]])
        pairs = zip(places, steps, strict=False)
        chains.append([(b, r, a) if inverse else (a, r, b) for a, (r, inverse, b) in pairs])
    script = """
        const [chains, done] = arguments;
        import('/page/views/answer_facts.js').then(({ stepsOf }) => done(chains.map((chain) => {
          const { start, steps } = stepsOf(chain);
          return [start, steps.map(({ relation, inverse, entity }) => [relation, inverse, entity])];
        })));
    """
    several = [(walk, chain) for walk, chain in zip(walks, chains, strict=True) if len(chain) > 1]
    told = page.driver.execute_async_script(script, [chain for _, chain in several])
    assert told == [walk for walk, _ in several]
    one = """
        const [chain, answers, done] = arguments;
        import('/page/views/answer_facts.js').then(({ startOf }) => done(startOf(chain, answers)));
    """
    assert page.driver.execute_async_script(one, [("a", "r", "b")], ["b"]) == "a"
    assert page.driver.execute_async_script(one, [("a", "r", "b")], ["a"]) == "b"


def test_chains_are_shown_while_they_are_found_and_a_search_is_stopped(page: Chromium) -> None:
    slow = """
        const real = window.fetch;
        const sent = 'event: topics\\ndata: ["http://x/The_Danube"]\\n\\n'
          + 'event: chain\\ndata: {"text": "Danube -> flows through", "triples": []}\\n\\n';
        window.fetch = async (url, options) => String(url).endsWith('/stream')
          ? new Response(new ReadableStream({ start(controller) {
              controller.enqueue(new TextEncoder().encode(sent));
              options.signal.addEventListener('abort', () => controller.error(options.signal.reason));
            } }))
          : real(url, options);
    """
    page.open("#/ask?graph=atlas")
    page.in_field()
    page.run(slow)
    page.press(DANUBE, Keys.ENTER)
    page.shows("Looking in the graph")
    page.until(lambda: page.texts(".progress li") == ["Starts from The Danube", "Danube -> flows through"])
    page.click("button", "Stop")
    page.shows("Stopped.")


def test_a_server_that_is_gone_is_said_to_be(page: Chromium) -> None:
    page.open("#/ask?graph=atlas")
    page.in_field()
    page.run("window.fetch = () => Promise.reject(TypeError('network'))")
    page.press(DANUBE, Keys.ENTER)
    page.shows("The server cannot be reached.", "[role=alert]")
