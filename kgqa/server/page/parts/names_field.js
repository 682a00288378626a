// A field for any number of names, each with a button that takes it away.

import { announce } from "./announcer.js";
import { Completion } from "./completion.js";
import { button, fill, freshId, h, nameText } from "./element.js";
import { nameOption, namesLike } from "./name_search.js";

/** Names of a graph: `names` are those chosen, `onchange` is told of each change. Any text may be entered. */
export class NamesField {
  constructor(graph, names, { onchange = () => {}, placeholder = "" } = {}) {
    this.names = [...names];
    this.onchange = onchange;
    this.field = h("input", { id: freshId("names"), type: "text", placeholder, dir: "auto", enterkeyhint: "done", maxlength: 500 });
    const completion = new Completion(this.field, {
      label: "Names in the graph",
      show: nameOption,
      find: (signal) => namesLike(graph(), this.field.value, signal),
      pick: (option) => this.add(option.name),
    });
    this.field.addEventListener("keydown", (event) => this.#key(event));
    this.chips = h("ul", { class: "chips", "aria-label": "Chosen names" });
    this.element = h("div", { class: "names-field" }, this.chips, completion.element);
    this.#show();
  }

  /** The names chosen, with one that is typed and not yet taken. */
  get all() {
    const typed = this.field.value.trim();
    return typed && !this.names.includes(typed) ? [...this.names, typed] : [...this.names];
  }

  /** Take a name. */
  add(name) {
    this.field.value = "";
    if (!this.names.includes(name)) {
      this.names.push(name);
      announce(`${name} added`);
      this.#changed();
    }
    this.field.focus();
  }

  #key(event) {
    if (event.isComposing || event.defaultPrevented) return;
    const typed = this.field.value.trim();
    if (event.key === "Enter" && typed) {
      event.preventDefault();
      this.add(typed);
    } else if (event.key === "Backspace" && !this.field.value && this.names.length) {
      announce(`${this.names.pop()} taken away`);
      this.#changed();
    }
  }

  #changed() {
    this.#show();
    this.onchange(this.names);
  }

  #show() {
    this.chips.hidden = !this.names.length;
    fill(this.chips, this.names.map((name) => h("li", {}, nameText(name), button("×", () => {
      this.names = this.names.filter((other) => other !== name);
      announce(`${name} taken away`);
      this.#changed();
      this.field.focus();
    }, { class: "chip-away", "aria-label": `Take ${name} away` }))));
  }
}
