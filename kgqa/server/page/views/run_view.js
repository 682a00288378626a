// One run: its scores, its report, and its records a page at a time.

import { addressOf, settle } from "../parts/address.js";
import { announce } from "../parts/announcer.js";
import { get, getText, hasKey, part, routeUrl } from "../parts/client.js";
import { button, fill, freshId, h, nameText } from "../parts/element.js";
import { counted, percent, whole } from "../parts/number_text.js";
import { problem, showError } from "../parts/problem.js";

const PAGE = 50;

/** Show the view; gives the function that leaves it. */
export function runView({ main, address, graph }) {
  const run = address.of("run");
  const left = new AbortController();
  const head = h("div", {});
  const list = h("div", {});
  let wrong = address.of("wrong") !== "no";
  let asking = new AbortController();
  const box = h("input", { type: "checkbox", id: freshId("wrong"), checked: wrong, onchange: () => {
    wrong = box.checked;
    settle("run", { run, wrong: wrong ? "" : "no" });
    load(0);
  } });
  fill(main, h("p", { class: "small" }, h("a", { href: addressOf("runs") }, "← All runs")), head,
    h("p", { class: "check" }, box, h("label", { for: box.id }, "Only questions whose first answer is wrong")), list);
  const asked = summary(); // the graph that the run asked, where it is served
  load(0);
  return () => {
    left.abort();
    asking.abort();
  };

  async function summary() {
    try {
      const about = await get(`runs/${part(run)}`, {}, left.signal);
      const scores = Object.entries(about.scores);
      document.title = `${about.title} · kgqa`;
      fill(head, h("h1", {}, nameText(about.title)),
        h("p", { class: "soft small" }, [counted(about.questions, "question"), about.model, about.settings].filter(Boolean).join(" · ")),
        h("dl", { class: "scores" }, scores.map(([name, { mean, low, high }]) => h("div", {}, h("dt", {}, about.labels[name]),
          h("dd", {}, mean.toFixed(3), h("span", { class: "soft small block" }, `${low.toFixed(3)} to ${high.toFixed(3)}`))))),
        h("p", { class: "small" }, Object.entries(about.statuses).map(([status, count]) => `${status} ${whole(count)}`).join(" · ")),
        h("p", { class: "row" }, h("a", { href: addressOf("review", { run }), class: "as-button main" }, "Review"), report(run)));
      return about.graph;
    } catch (error) {
      showError(head, error);
      return null;
    }
  }

  async function load(offset) {
    asking.abort(); // what was asked for before the box was clicked
    asking = new AbortController();
    try {
      const page = await get(`runs/${part(run)}/records`, { offset, limit: PAGE, wrong }, asking.signal);
      const shown = (await asked) ?? graph;
      const items = page.records.map((record) => item(record, shown));
      if (!offset) fill(list, h("p", { class: "soft" }, counted(page.total, "question")), h("ol", { class: "records" }));
      const records = list.querySelector("ol");
      for (const one of list.querySelectorAll(":scope > .more, :scope > .problem")) one.remove();
      records.append(...items);
      if (page.next !== null) list.append(h("p", { class: "more" }, button(`Show ${Math.min(PAGE, page.total - page.next)} more`, () => load(page.next))));
      if (offset) items[0]?.querySelector("a, summary")?.focus();
      announce(`${counted(records.children.length, "question")} shown of ${whole(page.total)}`);
    } catch (error) {
      if (error.name === "AbortError") return;
      if (!offset) return showError(list, error);
      list.querySelector(":scope > .problem")?.remove();
      list.append(problem(error.message));
    }
  }
}

/** The report is a page of its own; a tab cannot send a key, so where there is one it is saved as a file. */
function report(run) {
  const route = `runs/${part(run)}/report`;
  if (!hasKey()) return h("a", { href: routeUrl(route), target: "_blank", rel: "noopener", class: "as-button" }, "Open the report");
  const said = h("div", {});
  return [button("Save the report", async () => {
    try {
      const url = URL.createObjectURL(new Blob([await getText(route)], { type: "text/html" }));
      h("a", { href: url, download: "report.html" }).click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
      fill(said);
    } catch (error) {
      showError(said, error);
    }
  }), said];
}

function item(record, graph) {
  const right = record.hits_at_1 > 0;
  const listed = (names) => names.slice(0, 5).flatMap((name, place) => [place > 0 && ", ", nameText(name)]);
  return h("li", { class: "record" },
    h("p", { class: "record-question" }, nameText(record.question)),
    h("dl", { class: "evidence" },
      h("dt", {}, right ? "Right" : "Given"), h("dd", {}, record.answers.length ? listed(record.answers) : h("span", { class: "soft" }, record.error || record.status),
        record.confidence !== null && h("span", { class: "soft small" }, ` ${percent(record.confidence)}`)),
      !right && record.gold.length > 0 && [h("dt", {}, "Expected"), h("dd", {}, listed(record.gold))]),
    h("p", { class: "row small" },
      h("a", { href: addressOf("why", { graph, q: record.question, topic: record.topics, expected: record.gold.slice(0, 3) }), "aria-label": `Why? ${record.question}` }, "Why?"),
      h("a", { href: addressOf("ask", { graph, q: record.question, topic: record.topics }), "aria-label": `Ask again: ${record.question}` }, "Ask again")));
}
