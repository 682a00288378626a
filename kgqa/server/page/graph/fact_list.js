// Facts as a list: the same as the drawing, for screen readers and keys.

import { button, fill, h, nameText } from "../parts/element.js";
import { counted } from "../parts/number_text.js";

const PAGE = 100;

/** A list of a `FactSet`; `onopen(id)` is called for the entity that is chosen. */
export class FactList {
  constructor(facts, onopen) {
    this.facts = facts;
    this.onopen = onopen;
    this.shown = PAGE;
    this.items = h("ul", { class: "facts" });
    this.more = h("p", {});
    this.element = h("div", { class: "fact-list" }, this.items, this.more);
  }

  /** Show what the facts hold now. */
  draw() {
    const all = [...this.facts.facts.values()];
    fill(this.items, all.slice(0, this.shown).map((fact) => this.#item(fact)));
    const left = all.length - this.shown;
    fill(this.more, !all.length && "No facts.", left > 0 && button(`Show ${counted(Math.min(left, PAGE), "more fact", "more facts")} of ${left}`, () => {
      const next = this.shown;
      this.shown += PAGE;
      this.draw();
      this.items.children[next]?.querySelector("button")?.focus();
    }));
  }

  #item({ head, relation, tail, guessed }) {
    return h("li", { class: guessed ? "guessed" : "" },
      this.#entity(head), " ", nameText(this.facts.nameOf(relation), { class: "relation" }),
      h("span", { class: "arrow", "aria-hidden": "true" }, " → "), this.#entity(tail),
      guessed && h("span", { class: "soft" }, " (not in the graph: a suggestion)"));
  }

  #entity(id) {
    const kind = this.facts.topics.has(id) ? "topic" : this.facts.answers.has(id) ? "answer" : "";
    return h("button", { type: "button", class: `entity ${kind}`, onclick: () => this.onopen(id) },
      nameText(this.facts.nameOf(id)), kind && h("span", { class: "visually-hidden" }, ` (${kind})`));
  }
}
