// What is different between two graphs, and which answers that changes.

import { addressOf, go } from "../parts/address.js";
import { announce } from "../parts/announcer.js";
import { post } from "../parts/client.js";
import { copyButton } from "../parts/copy_button.js";
import { fill, freshId, h, labelled, nameText } from "../parts/element.js";
import { counted, percent, whole } from "../parts/number_text.js";
import { showEnd, waitingLine } from "../parts/waiting.js";

/** Show the view; gives the function that leaves it. */
export function diffView({ main, address, graph, graphs }) {
  const left = new AbortController();
  const result = h("div", { class: "result" });
  const names = graphs.map((each) => each.name);
  if (names.length < 2) {
    fill(main, h("h1", {}, "Changes"), h("p", {}, "Two graphs are needed: ", h("code", {}, "kgqa serve --graph old=DIR --graph new=DIR"), "."));
    return () => {};
  }
  const [oldName, newName] = chosen(address, graph, names);
  const questions = address.all("q");
  const select = (name, value) => {
    const made = h("select", { id: freshId(name) }, names.map((each) => h("option", { value: each }, each)));
    made.value = value;
    return made;
  };
  const before = select("old", oldName);
  const after = select("new", newName);
  const area = h("textarea", { id: freshId("questions"), dir: "auto", rows: 4, placeholder: "Which countries does the Danube flow through?" });
  area.value = questions.join("\n");
  fill(main, h("h1", {}, "Changes"), h("form", { class: "ask", onsubmit: (event) => {
    event.preventDefault();
    const asked = area.value.split("\n").map((line) => line.trim()).filter(Boolean);
    go("changes", { graph, old: before.value, new: after.value, q: asked, run: "yes" });
  } },
  h("div", { class: "row" }, labelled("From", before), labelled("To", after)),
  labelled("Questions, one a line", area, { hint: "Whose answers differ is said, and why. Without questions only the facts are compared." }),
  h("p", {}, h("button", { type: "submit", class: "main" }, "Compare"))), result);
  if (address.of("run")) run();
  return () => left.abort();

  async function run() {
    fill(result, waitingLine("Comparing", left));
    try {
      const body = { old: oldName, new: newName, ...(questions.length ? { questions: questions.map((question) => ({ question })) } : {}) };
      const found = await post("diff", body, left.signal);
      fill(result, h("div", { class: `columns ${found.answers ? "even" : "single"}` }, found.answers && answersPart(found, newName), graphPart(found)),
        h("p", { class: "row small" }, copyButton(location.href, "link", "Copy link")));
      announce(spoken(found));
    } catch (error) {
      showEnd(result, error);
    }
  }
}

function chosen(address, graph, names) {
  const known = (name) => (names.includes(name) ? name : "");
  const old = known(address.of("old")) || names.find((name) => name !== graph);
  return [old, known(address.of("new")) || (graph !== old ? graph : names.find((name) => name !== old))];
}

function spoken({ facts, answers }) {
  const changed = answers ? `${counted(answers.changed, "question")} answered otherwise, ${whole(answers.setbacks)} possibly worse. ` : "";
  return `${changed}${counted(facts.added, "fact")} added, ${whole(facts.removed)} removed`;
}

function graphPart({ facts, entities, relations, relabelled, renamed }) {
  const same = !facts.added && !facts.removed && !relabelled.count;
  return h("section", { "aria-label": "Facts" }, h("h2", {}, "Facts"),
    same ? h("p", {}, "The graphs have the same facts and names.") : h("p", { class: "soft" },
      [counts("fact", facts), counts("entity", entities, "entities"), relabelled.count && counted(relabelled.count, "name changed", "names changed")].filter(Boolean).join(" · ")),
    list("Added", "added", facts.listed.added, facts.added, factText),
    list("Removed", "removed", facts.listed.removed, facts.removed, factText),
    list("Other names", "", relabelled.listed, relabelled.count, relabelling),
    list("Probably the same under another identifier", "", renamed.listed, renamed.count, renaming),
    list("New relations", "added", relations.added, relations.added.length, (each) => nameText(each)),
    list("Relations that are gone", "removed", relations.removed, relations.removed.length, (each) => nameText(each)));
}

function counts(noun, { added, removed }, plural = `${noun}s`) {
  if (!added && !removed) return "";
  return [added && `${counted(added, noun, plural)} added`, removed && `${counted(removed, noun, plural)} removed`].filter(Boolean).join(", ");
}

function list(title, kind, items, total, show) {
  if (!items?.length) return null;
  const more = total - items.length;
  return [h("h3", {}, title), h("ul", { class: "changes" }, items.map((each) => h("li", { class: kind }, show(each)))), more > 0 && h("p", { class: "soft small" }, `and ${whole(more)} more`)];
}

function factText({ fact, names }) {
  return [0, 1, 2].map((at) => [at > 0 && " ", nameText(names[at] ?? (at === 1 ? fact[at] : "unnamed node"), { class: at === 1 ? "relation" : "" })]);
}

function renaming({ old, new: now }) {
  return [nameText(old), " → ", nameText(now)];
}

function relabelling({ old, new: now, identifier }) {
  return [nameText(old ?? identifier), " → ", nameText(now ?? identifier)];
}

function answersPart({ answers }, graph) {
  return h("section", { "aria-label": "Answers" }, h("h2", {}, "Answers"),
    h("p", { class: "soft" }, `${whole(answers.changed)} of ${counted(answers.questions, "question")} answered otherwise, ${whole(answers.setbacks)} possibly worse; the model was asked about ${whole(answers.asked.new)}`),
    answers.unequal.length > 0 && h("p", { class: "problem" }, `${counted(answers.unequal.length, "question")} that no change touches has another answer: please report it.`),
    answers.changes.map((change) => card(change, graph)));
}

function card(change, graph) {
  return h("article", { class: `card change ${change.setback ? "setback" : ""}` },
    h("h3", {}, nameText(change.question)),
    h("p", {}, change.setback && h("strong", { class: "badge" }, "check"), change.setback && " ", change.sentence),
    h("dl", { class: "evidence" },
      h("dt", {}, "Before"), h("dd", {}, side(change.old)),
      h("dt", {}, "After"), h("dd", {}, side(change.new)),
      change.cause && [h("dt", {}, "Cause"), h("dd", {}, change.cause)]),
    list("Facts that are gone", "removed", change.lost_facts, change.lost_facts.length, factText),
    list("New facts", "added", change.new_facts, change.new_facts.length, factText),
    list("Other names", "", change.relabelled, change.relabelled.length, relabelling),
    list("Probably the same under another identifier", "", change.renamed, change.renamed.length, renaming),
    h("p", { class: "row small" },
      h("a", { href: addressOf("ask", { graph, q: change.question }), "aria-label": `Ask it: ${change.question}` }, "Ask it"),
      h("a", { href: addressOf("why", { graph, q: change.question, expected: expectedOf(change) }), "aria-label": `Why? ${change.question}` }, "Why?")));
}

function side(given) {
  if (!given.answers.length) return h("span", { class: "soft" }, given.reason || given.status);
  const shown = given.answers.slice(0, 8).map((each, place) => [place > 0 && ", ", nameText(each.name ?? "unnamed node"), each.value && ` ${each.value}`]);
  const more = given.answers.length - 8;
  return [shown, more > 0 && ` and ${more} more`, given.confidence !== null && h("span", { class: "soft small" }, ` ${percent(given.confidence)}`)];
}

/** What was answered before and is not any more: what `why` is to look for. */
function expectedOf(change) {
  const now = new Set(change.new.answers.map((each) => each.name));
  return change.old.answers.map((each) => each.name).filter((each) => each && !now.has(each)).slice(0, 3);
}
