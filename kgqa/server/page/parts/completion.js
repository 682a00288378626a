// Completion of what is typed into a field: a combobox with a list box, by the ARIA practices.

import { announce } from "./announcer.js";
import { fill, freshId, h } from "./element.js";

const WAIT = 120; // milliseconds without a key before the server is asked

/**
 * Complete a field. `find(signal)` gives the options for what is in it now, `show(option)` the children of
 * an option's element, `pick(option)` takes one.
 */
export class Completion {
  constructor(field, { find, show, pick, label }) {
    Object.assign(this, { field, find, show, pick });
    this.options = [];
    this.at = -1;
    this.list = h("ul", { id: freshId("options"), role: "listbox", class: "options", "aria-label": label, hidden: true });
    this.list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
    for (const [name, value] of Object.entries({
      role: "combobox", autocomplete: "off", spellcheck: "false", "aria-autocomplete": "list",
      "aria-expanded": "false", "aria-controls": this.list.id, "aria-haspopup": "listbox",
    })) field.setAttribute(name, value);
    field.addEventListener("input", () => this.#later());
    field.addEventListener("keydown", (event) => this.#key(event));
    field.addEventListener("blur", () => this.close());
    this.element = h("div", { class: "completed" }, field, this.list);
  }

  /** Take the list away. */
  close() {
    clearTimeout(this.waiting);
    this.asking?.abort();
    this.options = [];
    this.at = -1;
    this.list.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
  }

  #later() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.#ask(), WAIT);
  }

  async #ask() {
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    let found = [];
    try {
      found = await this.find(asking.signal);
    } catch {
      // without completion the field works as well
    }
    if (asking.signal.aborted || document.activeElement !== this.field) return;
    if (!found.length) return this.close();
    const active = JSON.stringify(this.options[this.at]);
    this.options = found;
    this.at = -1;
    fill(this.list, found.map((option, place) => this.#item(option, place)));
    this.list.hidden = false;
    this.list.scrollTop = 0;
    this.field.setAttribute("aria-expanded", "true");
    this.field.removeAttribute("aria-activedescendant");
    const again = found.findIndex((option) => JSON.stringify(option) === active);
    if (again >= 0) this.#move(again); // the one that was active stays so while more is typed
    announce(found.length === 1 ? "1 name fits" : `${found.length} names fit`);
  }

  #item(option, place) {
    return h("li", {
      id: `${this.list.id}-${place}`, role: "option", "aria-selected": "false", onclick: () => this.#take(option),
    }, this.show(option));
  }

  #key(event) {
    if (event.isComposing) return;
    const open = !this.list.hidden;
    if (event.key === "ArrowDown" && !open) this.#ask();
    else if (!open) return;
    else if (event.key === "ArrowDown") this.#move(this.at + 1);
    else if (event.key === "ArrowUp") this.#move(this.at < 0 ? this.options.length - 1 : this.at - 1);
    else if (event.key === "Enter" && this.at >= 0) this.#take(this.options[this.at]);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #move(to) {
    const items = [...this.list.children];
    items[this.at]?.setAttribute("aria-selected", "false");
    this.at = to >= items.length ? -1 : to;
    const item = items[this.at];
    if (!item) return this.field.removeAttribute("aria-activedescendant");
    item.setAttribute("aria-selected", "true");
    item.scrollIntoView({ block: "nearest" });
    this.field.setAttribute("aria-activedescendant", item.id);
  }

  #take(option) {
    this.close();
    this.pick(option);
  }
}
