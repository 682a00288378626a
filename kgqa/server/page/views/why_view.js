// Why an answer is wrong or missing: the first stage that lost the right one, with evidence.

import { FactSet } from "../graph/fact_set.js";
import { GraphPanel } from "../graph/graph_panel.js";
import { addressOf, go } from "../parts/address.js";
import { announce } from "../parts/announcer.js";
import { part, post } from "../parts/client.js";
import { copyButton } from "../parts/copy_button.js";
import { fill, h, labelled, nameText } from "../parts/element.js";
import { NamesField } from "../parts/names_field.js";
import { nats, percent } from "../parts/number_text.js";
import { questionField } from "../parts/question_field.js";
import { showEnd, waitingLine } from "../parts/waiting.js";
import { chainText } from "./chain_text.js";
import { code } from "./query_panel.js";

/** Show the view; gives the function that leaves it. */
export function whyView({ main, address, graph }) {
  const question = address.of("q");
  const expected = address.all("expected");
  const topics = address.all("topic");
  const result = h("div", { class: "result" });
  const asked = new AbortController();
  let panel = null;

  const { field, element } = questionField(() => graph, question, "A question that is answered wrong, or not at all");
  const right = new NamesField(() => graph, expected, { placeholder: "a name, a number or a date" });
  const start = new NamesField(() => graph, topics, { placeholder: "found in the question" });
  const form = h("form", { class: "ask", onsubmit: (event) => {
    event.preventDefault();
    if (field.value.trim()) go("why", { graph, q: field.value.trim(), expected: right.all, topic: start.all });
  } },
  h("label", { for: field.id }, "Question"), element,
  h("div", { class: "pair" },
    labelled("Right answer, if you know it", right.field, { element: right.element }),
    labelled("Start from", start.field, { element: start.element })),
  h("p", {}, h("button", { type: "submit", class: "main" }, "Find out why")));
  fill(main, h("h1", {}, "Why is it wrong, or missing?"), form, result);
  if (question) run();
  else field.focus({ preventScroll: true });

  async function run() {
    fill(result, waitingLine("Looking for the cause; this takes some seconds", asked));
    try {
      const body = { question, ...(expected.length ? { expected } : {}), ...(topics.length ? { topics } : {}) };
      const found = await post(`graphs/${part(graph)}/why`, body, asked.signal);
      const facts = factsOf(found);
      panel = facts.facts.size ? new GraphPanel(graph, facts) : null;
      fill(result, h("div", { class: `columns ${panel ? "" : "single"}` }, h("div", { class: "column" }, evidence(found, facts, graph)), panel?.element));
      panel?.show();
      announce(`${found.cause}: ${found.sentence}`);
    } catch (error) {
      showEnd(result, error);
    }
  }

  return () => {
    asked.abort();
    panel?.destroy();
  };
}

function factsOf(found) {
  const facts = new FactSet();
  facts.learn(found.names);
  for (const chain of [found.first_chain, found.expected_chain]) {
    if (!chain) continue;
    facts.add(chain.triples);
    facts.topics.add(chain.start);
    facts.answers.add(chain.end);
  }
  if (found.suggestion) facts.add([found.suggestion], { guessed: true });
  return facts;
}

function evidence(found, facts, graph) {
  const nameOf = (id) => facts.nameOf(id);
  const answered = found.cause === "answered";
  return [
    h("div", { class: `cause ${answered ? "fine" : ""}` }, h("p", { class: "cause-name" }, found.cause), h("p", {}, found.sentence)),
    h("dl", { class: "evidence" },
      found.expected.length > 0 && row("Expected", found.expected.map(inList)),
      row("Given", found.given.length ? [found.given.map(inList), found.confidence !== null && h("span", { class: "soft" }, ` (confidence ${percent(found.confidence)})`)] : "no answer"),
      found.links.map((link) => row("Topic", linkText(link, nameOf))),
      found.first_chain && row("First chain", chain(found.first_chain, facts)),
      found.expected_chain && row(found.cause === "no-chain" ? "Nearest chain" : "Missed chain",
        [chain(found.expected_chain, facts), found.place !== null && h("span", { class: "soft" }, ` place ${found.place}`)]),
      found.given_up_after !== null && row("Given up", [`after “${found.given_up_after}”; `,
        found.kept_least === null ? "texts that were finished are more probable" : `what was kept then has ${nats(found.kept_least)} or more`]),
      found.programs.map((program) => row("Program", h("code", {}, program))),
      found.notes.map((note) => row("Note", nameText(note)))),
    found.judges.length > 0 && judges(found.judges),
    found.suggestion && suggestion(found.suggestion, nameOf),
    found.text && h("details", {}, h("summary", {}, "As kgqa why prints it"), code("", found.text, "explanation")),
    h("p", { class: "row small" }, h("a", { href: addressOf("ask", { graph, q: found.question }) }, "Ask it"), copyButton(location.href, "link", "Copy link")),
  ];
}

function row(term, text) {
  return [h("dt", {}, term), h("dd", {}, text)];
}

function inList(name, place) {
  return [place > 0 && ", ", nameText(name)];
}

function linkText(link, nameOf) {
  const others = link.others.length > 0 && h("span", { class: "soft" }, link.entities.length ? "; may also be " : "; near names: ", link.others.map(nameOf).map(inList));
  if (!link.entities.length) return [`“${link.text}” is no topic`, others];
  const how = ["label", "alias", "given"].includes(link.how) ? "" : ` (${link.how})`;
  return [`“${link.text}” is `, link.entities.map(nameOf).map(inList), how, others];
}

function chain(found, facts) {
  return [chainText(found.triples, (id) => facts.nameOrNull(id), [found.end]), h("span", { class: "soft small" }, ` log-probability ${nats(found.log_probability)}`)];
}

function judges(all) {
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Scores of the judges" }, h("table", {},
    h("caption", {}, "Scores in nats"),
    h("thead", {}, h("tr", {}, ["Judge", "Missed chain", "Best other"].map((text) => h("th", { scope: "col" }, text)))),
    h("tbody", {}, all.map((each) => h("tr", {}, h("th", { scope: "row" }, each.judge), h("td", { class: "number" }, nats(each.expected)), h("td", { class: "number" }, nats(each.other)))))));
}

function suggestion([head, relation, tail], nameOf) {
  const text = [head, relation, tail].join("\t");
  return h("div", { class: "suggestion" },
    h("p", {}, h("strong", {}, "A fact that would answer it, if it is true: "), nameText(nameOf(head)), " ", nameText(nameOf(relation), { class: "relation" }), " ", nameText(nameOf(tail))),
    h("p", { class: "row small" }, h("span", { class: "soft" }, "A line for kgqa add: "), copyButton(`${text}\n`, "fact")));
}
