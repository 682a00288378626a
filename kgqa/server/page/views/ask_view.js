// Ask a question: the answers with their proofs.

import { lastPart } from "../graph/fact_set.js";
import { GraphPanel } from "../graph/graph_panel.js";
import { addressOf, go } from "../parts/address.js";
import { announce } from "../parts/announcer.js";
import { RequestError, events, part } from "../parts/client.js";
import { copyButton } from "../parts/copy_button.js";
import { button, fill, h, labelled, nameText } from "../parts/element.js";
import { NamesField } from "../parts/names_field.js";
import { counted, percent } from "../parts/number_text.js";
import { questionField } from "../parts/question_field.js";
import { showEnd, waitingLine } from "../parts/waiting.js";
import { AnswerList } from "./answer_list.js";
import { factsOfAll, factsOfChains } from "./answer_facts.js";
import { queryPanel } from "./query_panel.js";

const UNSURE = 0.5;
const LAST_CHAINS = 5; // of the search, shown while it goes on

/** Show the view; gives the function that leaves it. */
export function askView({ main, address, graph, graphs }) {
  const question = address.of("q");
  const topics = address.all("topic");
  const result = h("div", { class: "result" });
  const asked = new AbortController();
  let panel = null;

  const { field, element } = questionField(() => graph, question, "Ask a question about the graph");
  const start = new NamesField(() => graph, topics, { placeholder: "found in the question" });
  const form = h("form", { class: "ask", role: "search", onsubmit: (event) => {
    event.preventDefault();
    if (field.value.trim()) go("ask", { graph, q: field.value.trim(), topic: start.all });
  } },
  h("label", { for: field.id, class: "visually-hidden" }, "Question"),
  h("div", { class: "ask-row" }, element, h("button", { type: "submit", class: "main" }, "Ask")),
  h("details", { class: "options-more", open: topics.length > 0 }, h("summary", {}, "Where to start"),
    labelled("Start from", start.field, { element: start.element })));
  fill(main, h("h1", { class: "visually-hidden" }, "Ask"), form, result);

  const draw = (facts) => {
    panel?.destroy();
    const before = panel?.element;
    panel = new GraphPanel(graph, facts);
    before?.replaceWith(panel.element);
    return panel;
  };
  if (question) run();
  else {
    fill(result, welcome(graphs.find((each) => each.name === graph)));
    field.focus({ preventScroll: true });
  }

  async function run() {
    const progress = h("ul", { class: "progress" });
    fill(result, waitingLine("Looking in the graph", asked), progress);
    try {
      const body = topics.length ? { question, topics } : { question };
      showReply(await answered(graph, body, progress, asked.signal));
    } catch (error) {
      showEnd(result, error);
      result.append(...wayOn(error));
    }
  }

  /** What can be done about an error. */
  function wayOn(error) {
    if (error.name === "AbortError") return [];
    if (isPassing(error)) return [button("Try again", run)];
    if (!unknownTopic(error)) return [];
    return [h("p", {}, "Name where to start under the question, or ",
      h("a", { href: addressOf("why", { graph, q: question }) }, "see why"), ".")];
  }

  function showReply(reply) {
    const { names } = reply;
    const nameOf = (id) => (id in names ? names[id] : id);
    const facts = factsOfAll(reply);
    const has = facts.facts.size > 0;
    const list = reply.answers.length > 0 && new AnswerList(reply, nameOf, (chains) => {
      draw(reply.proof || !chains ? factsOfAll(reply) : factsOfChains(reply, chains)).show();
    });
    fill(result,
      headline(reply),
      h("div", { class: `columns ${has ? "" : "single"}` },
        h("div", { class: "column" }, reply.table.length > 0 && table(reply.table), list && list.element, queryPanel(reply), after(reply)),
        has && draw(reply.answers.length === 1 && !reply.proof ? factsOfChains(reply, reply.answers[0].chains) : facts).element));
    panel?.show();
    announce(spoken(reply));
  }

  function after(reply) {
    return h("div", { class: "after" },
      reply.notes.map((note) => h("p", { class: "note" }, note)),
      h("p", { class: "row soft small" },
        h("a", { href: addressOf("why", { graph, q: question, topic: topics }) }, "Wrong, or incomplete?"),
        copyButton(location.href, "link", "Copy link"), `${reply.seconds.toFixed(2)} s`));
  }

  return () => {
    asked.abort();
    panel?.destroy();
  };
}

/** The reply to a question; topics and chains are shown in `progress` as they are found. */
async function answered(graph, body, progress, signal) {
  for await (const { event, data } of events(`graphs/${part(graph)}/ask/stream`, body, signal)) {
    if (event === "answer") return data;
    if (event === "error") throw new RequestError(data.error.message, data.error.type);
    if (event === "topics") progress.prepend(h("li", {}, "Starts from ", topicNames(data)));
    if (event === "chain") {
      progress.append(h("li", { class: "soft" }, nameText(data.text)));
      while (progress.querySelectorAll(".soft").length > LAST_CHAINS) progress.querySelector(".soft").remove();
    }
  }
  throw new RequestError("The server's answer was cut off.");
}

/** The names of topics before any are known: the last part of each identifier. */
function topicNames(topics) {
  return topics.flatMap((topic, place) => [place > 0 && ", ", nameText(lastPart(topic).replaceAll("_", " "))]);
}

function headline(reply) {
  const sure = reply.confidence;
  const unsure = sure !== null && sure <= UNSURE;
  if (reply.value !== null) {
    return h("p", { class: "value" }, nameText(reply.value, { class: "value-text" }),
      sure !== null && h("span", { class: "soft" }, `confidence ${percent(sure)}`), unsure && badge());
  }
  if (!reply.answers.length && !reply.table.length) {
    return h("div", { class: "nothing" }, h("p", { class: "nothing-said" }, "The graph does not say."), reply.reason && h("p", { class: "soft" }, reply.reason));
  }
  return unsure && h("p", {}, badge(), h("span", { class: "soft" }, ` Confidence${reply.answers.length ? " in the first answer" : ""}: ${percent(sure)}`));
}

function badge() {
  return h("strong", { class: "badge" }, "not sure");
}

function table(rows) {
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table" }, h("table", {}, h("tbody", {},
    rows.map(({ name, value }) => h("tr", {}, h("th", { scope: "row" }, nameText(name)), h("td", {}, nameText(value ?? "")))))));
}

function spoken(reply) {
  if (reply.value !== null) return `The answer is ${reply.value}`;
  if (reply.table.length) return `A table of ${counted(reply.table.length, "row")}`;
  if (!reply.answers.length) return "The graph does not say";
  const first = reply.answers.slice(0, 3).map((answer) => answer.name ?? "unnamed node").join(", ");
  return `${counted(reply.answers.length, "answer")}: ${first}`;
}

/** Whether the same question may be answered another time. */
function isPassing(error) {
  return !unknownTopic(error) && !["UsageError", "ShapeError"].includes(error.type);
}

function unknownTopic(error) {
  return error.type === "NoTopicError" || error.type === "UnknownEntityError";
}

function welcome(graph) {
  return h("div", { class: "welcome" },
    h("p", {}, "Every answer comes with the facts of the graph that prove it. Names are completed as you type."),
    graph && graph.facts !== null && h("p", { class: "soft" }, nameText(graph.name), ` has ${counted(graph.facts, "fact")} about ${counted(graph.entities, "entity", "entities")}. `,
      h("a", { href: addressOf("explore", { graph: graph.name }) }, "Look around in it")));
}
