// The program that was executed, the same as SPARQL, and the proof in words.

import { copyButton } from "../parts/copy_button.js";
import { h } from "../parts/element.js";

/** The parts of a reply that a program gave; null where relation paths gave the answer. */
export function queryPanel(reply) {
  if (!reply.program) return null;
  return h("section", { class: "query", "aria-label": "How it was computed" },
    code("Program", reply.program, "program"),
    reply.proof_text && code("Proof", reply.proof_text, "proof"),
    reply.sparql && h("details", {}, h("summary", {}, "SPARQL"), code("", reply.sparql, "SPARQL")));
}

/** A text of a program or a query, with a button that copies it. */
export function code(title, text, what) {
  return h("div", { class: "code" },
    h("div", { class: "code-head" }, title && h("h2", {}, title), copyButton(text, what)),
    h("pre", { tabindex: "0", dir: "auto", "aria-label": what }, text));
}
