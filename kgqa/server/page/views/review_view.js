// The queue of a run's answers that a person judges by keys.

import { FactSet } from "../graph/fact_set.js";
import { GraphPanel } from "../graph/graph_panel.js";
import { addressOf } from "../parts/address.js";
import { announce } from "../parts/announcer.js";
import { get, part, post } from "../parts/client.js";
import { button, fill, freshId, h, labelled, nameText } from "../parts/element.js";
import { counted, percent, whole } from "../parts/number_text.js";
import { problem } from "../parts/problem.js";
import { startOf } from "./answer_facts.js";
import { chainText } from "./chain_text.js";

const REVIEWER = "kgqa-reviewer";
const VERDICTS = [
  ["a", "accept", "Accept", "the answer is right, and its chain says why"],
  ["l", "wrong link", "Wrong link", "the chain starts from another entity than the question means"],
  ["w", "wrong relation", "Wrong relation", "the chain says something else than what is asked"],
  ["m", "missing fact", "Missing fact", "the graph lacks a fact that the answer needs"],
  ["r", "reject", "Reject", "the answer is wrong for another reason"],
];
const SHOWN = 10;

/** Show the view; gives the function that leaves it. */
export function reviewView({ main, address }) {
  const run = address.of("run");
  const left = new AbortController();
  const place = h("div", { class: "review" });
  const state = { skipped: new Set(), before: null, now: null, panel: null, busy: false, reviewer: localStorage.getItem(REVIEWER) ?? "" };
  fill(main, h("p", { class: "small" }, h("a", { href: addressOf("run", { run }) }, "← The run")), h("h1", {}, "Review"), place);
  const onkey = (event) => key(event);
  document.addEventListener("keydown", onkey);
  if (state.reviewer) next();
  else askName();
  return () => {
    left.abort();
    state.panel?.destroy();
    document.removeEventListener("keydown", onkey);
  };

  function askName() {
    state.now = null; // nothing is judged by keys meanwhile
    const field = h("input", { id: freshId("reviewer"), type: "text", value: state.reviewer, required: true, maxlength: 100, autocomplete: "name", dir: "auto" });
    fill(place, h("form", { class: "narrow", onsubmit: (event) => {
      event.preventDefault();
      state.reviewer = field.value.trim();
      if (!state.reviewer) return;
      localStorage.setItem(REVIEWER, state.reviewer);
      state.skipped.clear();
      state.before = null;
      next();
    } }, labelled("Who judges?", field, { hint: "Your verdicts are kept under this name, beside the run." }), h("p", {}, h("button", { type: "submit", class: "main" }, "Start"))));
    field.focus();
  }

  async function next() {
    try {
      const queue = await get(`runs/${part(run)}/review`, { reviewer: state.reviewer, limit: state.skipped.size + 1 }, left.signal);
      const item = queue.questions.find((each) => !state.skipped.has(each.id));
      show(queue, item);
    } catch (error) {
      if (error.name === "AbortError") return;
      state.now = null; // what was judged is not on the screen any more
      fill(place, reviewerLine(), problem(error.message), button("Try again", next));
    }
  }

  function show(queue, item) {
    state.panel?.destroy();
    state.panel = null;
    state.queue = queue;
    state.now = item ?? null;
    if (!item) {
      const skipped = state.skipped.size > 0 && button(`Go through the ${counted(state.skipped.size, "skipped one")}`, () => (state.skipped.clear(), next()));
      fill(place, reviewerLine(), h("p", { class: "value" }, skipped ? "No more answers, but for those you skipped." : "All answers are judged."), skipped, undo(), agreement(queue));
      return announce("No more answers to judge");
    }
    state.note = h("input", { id: freshId("note"), type: "text", maxlength: 1000, dir: "auto", placeholder: "optional" });
    state.buttons = VERDICTS.map(([letter, verdict, text, meaning]) => h("button", {
      type: "button", class: `verdict ${verdict === "accept" ? "accept" : ""}`, title: meaning, "aria-keyshortcuts": letter, onclick: () => judge(verdict),
    }, h("kbd", { "aria-hidden": "true" }, letter), text));
    const question = h("h2", { tabindex: "-1" }, nameText(item.question));
    const facts = factsOf(item);
    const done = queue.judged;
    const bar = h("progress", { max: done + queue.waiting, value: done, "aria-label": "Answers judged" });
    fill(place, reviewerLine(),
      h("div", { class: "review-head" }, bar, h("span", { class: "soft small" }, `${whole(queue.waiting - state.skipped.size)} left, ${whole(done)} judged`)),
      h("article", { class: "card" }, question, answers(item), proofs(item, facts), queue.graph && walk(queue.graph, item, facts)),
      labelled("Note", state.note, { hint: "N goes here, Esc leaves it." }),
      h("div", { class: "verdicts", role: "group", "aria-label": "Verdict" }, state.buttons,
        h("button", { type: "button", class: "verdict quiet", "aria-keyshortcuts": "s", onclick: skip }, h("kbd", { "aria-hidden": "true" }, "s"), "Skip")),
      undo(), meanings(), agreement(queue));
    question.focus({ preventScroll: true });
    announce(`${item.question} Answer: ${item.answers.slice(0, 3).join(", ")}`);
  }

  /** The chains as a drawing that can be walked, where their graph is served. */
  function walk(graph, item, facts) {
    const links = h("p", { class: "row small" },
      h("a", { href: addressOf("ask", { graph, q: item.question, topic: item.topics }) }, "Ask it"),
      h("a", { href: addressOf("why", { graph, q: item.question, topic: item.topics }) }, "Why?"));
    if (!facts.facts.size) return links;
    const more = h("details", { ontoggle: () => {
      if (!more.open || state.panel) return;
      state.panel = new GraphPanel(graph, facts);
      more.append(state.panel.element);
      state.panel.show();
    } }, h("summary", {}, "Draw and walk"));
    return [links, more];
  }

  async function judge(verdict) {
    if (!state.now || state.busy) return;
    const item = state.now;
    state.busy = true;
    for (const each of state.buttons) each.disabled = true;
    try {
      await post(`runs/${part(run)}/review`, { id: item.id, verdict, reviewer: state.reviewer, note: state.note.value.trim() }, left.signal);
      state.before = { item, verdict };
      await next();
    } catch (error) {
      place.querySelector(":scope > .problem")?.remove();
      if (error.name !== "AbortError") place.prepend(problem(error.message));
    } finally {
      state.busy = false;
      for (const each of state.buttons ?? []) each.disabled = false;
    }
  }

  function skip() {
    if (!state.now || state.busy) return;
    state.skipped.add(state.now.id);
    next();
  }

  function undo() {
    const { before } = state;
    if (!before) return null;
    return h("p", { class: "row small" }, h("span", { class: "soft" }, "Last: ", before.verdict, ", ", nameText(before.item.question)),
      button("Judge it again", again, { class: "quiet", "aria-keyshortcuts": "z" }));
  }

  /** The last one again: of several verdicts of a reviewer the last one counts. */
  function again() {
    if (!state.before || state.busy) return;
    const { item } = state.before;
    state.before = null;
    show(state.queue, item);
  }

  function key(event) {
    const { target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (target.matches?.("input, textarea, select")) {
      if (event.key === "Escape") target.blur();
      return;
    }
    const letter = event.key.toLowerCase();
    const verdict = VERDICTS.find(([each]) => each === letter);
    if (!state.now && letter !== "z") return;
    if (verdict) judge(verdict[1]);
    else if (letter === "s") skip();
    else if (letter === "z") again();
    else if (letter === "n") state.note.focus();
    else return;
    event.preventDefault();
  }

  function reviewerLine() {
    return h("p", { class: "row small soft" }, "You judge as ", nameText(state.reviewer), button("Change", askName, { class: "quiet" }));
  }
}

function answers(item) {
  const more = item.answers.length - SHOWN;
  return h("p", { class: "review-answers" }, item.answers.slice(0, SHOWN).map((name, place) => [
    place > 0 && ", ", nameText(name, { class: place ? "" : "answer-name" })]), more > 0 && h("span", { class: "soft" }, ` and ${more} more`),
  item.confidence !== null && h("span", { class: "soft small" }, `  confidence ${percent(item.confidence)}`));
}

function factsOf(item) {
  const facts = new FactSet();
  facts.learn(item.names);
  for (const chain of item.chains) {
    facts.add(chain);
    facts.topics.add(startOf(chain, item.entities.slice(0, 1)));
  }
  for (const entity of item.entities.slice(0, 1)) if (facts.nodes.has(entity)) facts.answers.add(entity);
  return facts;
}

function proofs(item, facts) {
  const nameOf = (id) => facts.nameOrNull(id);
  return [
    item.proof_text && h("pre", { tabindex: "0", dir: "auto", "aria-label": "proof" }, item.proof_text),
    !item.proof_text && item.chains.length > 0 && h("ul", { class: "proofs" }, item.chains.map((chain) => h("li", {}, chainText(chain, nameOf, item.entities.slice(0, 1))))),
  ];
}

function meanings() {
  return h("details", { class: "small" }, h("summary", {}, "What the verdicts mean"), h("dl", { class: "evidence" },
    VERDICTS.map(([letter, , text, meaning]) => [h("dt", {}, h("kbd", {}, letter), ` ${text}`), h("dd", {}, meaning)]),
    h("dt", {}, h("kbd", {}, "s"), " Skip"), h("dd", {}, "decide later"), h("dt", {}, h("kbd", {}, "z")), h("dd", {}, "judge the last one again"),
    h("dt", {}, h("kbd", {}, "n")), h("dd", {}, "write a note; it goes with the verdict")));
}

function agreement(queue) {
  if (!queue.agreement.length) return null;
  return h("section", {}, h("h2", { class: "small" }, "Agreement"), h("ul", { class: "small" }, queue.agreement.map((pair) => h("li", {},
    nameText(pair.reviewers[0]), " and ", nameText(pair.reviewers[1]), ` agree on ${pair.same} of ${pair.questions}`,
    pair.kappa === null ? "" : `, kappa ${pair.kappa.toFixed(2)}`))));
}
