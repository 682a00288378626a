// A chain in one line, each arrow in the direction of its fact.

import { h, nameText } from "../parts/element.js";
import { stepsOf } from "./answer_facts.js";

/** The elements of a chain's line; `nameOf(id)` gives names, or null, `answers` are where it may end. */
export function chainText(chain, nameOf, answers = []) {
  const { start, steps } = stepsOf(chain, answers);
  return h("span", { class: "chain" }, entity(nameOf(start)), steps.map(({ relation, inverse, entity: id, jump }) => [
    jump !== null && ["; ", entity(nameOf(jump))],
    h("span", { class: "hop" },
      h("span", { "aria-hidden": "true" }, inverse ? " ← " : " — "),
      h("span", { class: "visually-hidden" }, inverse ? " is object of " : " "),
      nameText(nameOf(relation), { class: "relation" }),
      h("span", { "aria-hidden": "true" }, inverse ? " — " : " → ")),
    entity(nameOf(id)),
  ]));
}

/** A node without a name is a dot to the eye. */
function entity(name) {
  if (name !== null) return nameText(name, { class: "chain-entity" });
  return [h("span", { class: "chain-entity", "aria-hidden": "true" }, "·"), h("span", { class: "visually-hidden" }, "unnamed node")];
}
