// The runs that the server shows.

import { addressOf } from "../parts/address.js";
import { get } from "../parts/client.js";
import { fill, h, nameText } from "../parts/element.js";
import { whole } from "../parts/number_text.js";
import { showError } from "../parts/problem.js";

/** Show the view; gives the function that leaves it. */
export function runsView({ main }) {
  const left = new AbortController();
  const result = h("div", { class: "result" }, h("p", { class: "soft" }, "Loading …"));
  fill(main, h("h1", {}, "Runs"), result);
  load();
  return () => left.abort();

  async function load() {
    try {
      const { runs, labels } = await get("runs", {}, left.signal);
      fill(result, runs.length ? table(runs, labels) : h("p", {}, "No runs to show. ", h("code", {}, "kgqa serve --runs DIR"), " shows those that ", h("code", {}, "kgqa eval"), " wrote below a folder."));
    } catch (error) {
      showError(result, error);
    }
  }
}

function table(runs, labels) {
  const scores = Object.keys(runs[0].scores);
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Runs" }, h("table", { class: "wide" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Run"), h("th", { scope: "col", class: "number" }, "Questions"),
      scores.map((name) => h("th", { scope: "col", class: "number" }, labels[name])), h("th", { scope: "col", class: "number" }, "Judged"), h("td", {}))),
    h("tbody", {}, runs.map((run) => h("tr", {},
      h("th", { scope: "row" }, h("a", { href: addressOf("run", { run: run.run }) }, nameText(run.title)), run.dataset && h("span", { class: "soft small block" }, nameText(run.dataset))),
      h("td", { class: "number" }, whole(run.questions), run.missing > 0 && h("span", { class: "soft" }, ` (${whole(run.missing)} missing)`)),
      scores.map((name) => h("td", { class: "number" }, run.scores[name].toFixed(3))),
      h("td", { class: "number" }, whole(run.judged)),
      h("td", {}, h("a", { href: addressOf("review", { run: run.run }), "aria-label": `Review ${run.title}` }, "Review")))))));
}
