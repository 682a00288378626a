// The page: what the address says is shown.

import { addressOf, go, readAddress } from "./parts/address.js";
import { announce } from "./parts/announcer.js";
import { get } from "./parts/client.js";
import { button, fill, h } from "./parts/element.js";
import { counted } from "./parts/number_text.js";
import { problem } from "./parts/problem.js";
import { askView } from "./views/ask_view.js";
import { diffView } from "./views/diff_view.js";
import { exploreView } from "./views/explore_view.js";
import { reviewView } from "./views/review_view.js";
import { runView } from "./views/run_view.js";
import { runsView } from "./views/runs_view.js";
import { whyView } from "./views/why_view.js";

const VIEWS = { ask: askView, explore: exploreView, why: whyView, changes: diffView, runs: runsView, run: runView, review: reviewView };
const TABS = { ask: "Ask", explore: "Explore", why: "Why", changes: "Changes", runs: "Runs" };
const UNDER = { run: "runs", review: "runs" };
const LAST = "kgqa-graph";

const main = document.getElementById("main");
let graphs = [];
let leave = () => {};

/** Show the view that the address names; `first` leaves the focus where the browser puts it. */
async function show(first = false) {
  leave();
  leave = () => {};
  const address = readAddress();
  const name = Object.hasOwn(VIEWS, address.view) ? address.view : "ask";
  const graph = graphs.some((each) => each.name === address.of("graph")) ? address.of("graph") : lastGraph();
  const chosen = document.activeElement?.id === "graph"; // by keys, which may go on to the next one
  tabs(UNDER[name] ?? name, graph);
  choice(name, graph);
  if (address.of("graph") && address.of("graph") !== graph) {
    return fill(main, problem(`This server has no graph named "${address.of("graph")}".`));
  }
  localStorage.setItem(LAST, graph);
  document.title = [address.of("q") && name !== "changes" ? address.of("q").slice(0, 80) : "", TABS[UNDER[name] ?? name], "kgqa"].filter(Boolean).join(" · ");
  leave = VIEWS[name]({ main, address, graph, graphs }) ?? leave;
  if (chosen) document.getElementById("graph")?.focus();
  else if (!first && (document.activeElement === document.body || !document.activeElement)) main.focus({ preventScroll: true });
}

function tabs(current, graph) {
  fill(document.getElementById("views"), Object.entries(TABS).map(([view, text]) =>
    h("li", {}, h("a", { href: addressOf(view, { graph }), "aria-current": view === current ? "page" : null }, text))));
}

/** The choice of a graph; the size of one at an endpoint is not known. */
function choice(view, graph) {
  const shown = graphs.find((each) => each.name === graph);
  const size = shown && shown.facts !== null && h("span", { class: "soft small" }, counted(shown.facts, "fact"));
  const place = document.getElementById("graph-choice");
  if (graphs.length < 2) return fill(place, h("bdi", {}, graph), size);
  const select = h("select", { id: "graph", "aria-label": "Graph", onchange: () => {
    localStorage.setItem(LAST, select.value);
    go(view === "run" || view === "review" ? "ask" : view, { graph: select.value, ...(view === "ask" || view === "why" ? { q: readAddress().of("q") } : {}) });
  } }, graphs.map((each) => h("option", { value: each.name }, each.name)));
  select.value = graph;
  return fill(place, select, size);
}

function lastGraph() {
  const last = localStorage.getItem(LAST);
  return graphs.some((each) => each.name === last) ? last : graphs[0]?.name ?? "";
}

async function start() {
  try {
    ({ graphs } = await get("graphs"));
  } catch (error) {
    fill(main, problem(error.message), h("p", {}, button("Try again", () => location.reload())));
    return announce(error.message);
  }
  window.addEventListener("hashchange", () => show());
  return show(true);
}

document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // the hash is the state of the page
  main.focus();
});
start();
