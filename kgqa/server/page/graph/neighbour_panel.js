// The neighbours of an entity, a page at a time.

import { announce } from "../parts/announcer.js";
import { addressOf } from "../parts/address.js";
import { get, part } from "../parts/client.js";
import { button, fill, freshId, h, nameText } from "../parts/element.js";
import { counted, whole } from "../parts/number_text.js";
import { problem } from "../parts/problem.js";

const PAGE = 50;
const HUB = 1000; // neighbours from which on an entity is called a hub

/**
 * What is around one entity of a graph. `onfound(page)` is told of each page, `onwalk(id)` of a neighbour
 * that is chosen, `onaway(id)` when its neighbours are to go; `isDrawn(id)` says whether any are drawn.
 */
export class NeighbourPanel {
  constructor(graph, { onfound, onwalk, onaway, onclose, isDrawn }) {
    Object.assign(this, { graph, onfound, onwalk, onaway, onclose, isDrawn });
    this.trail = [];
    this.element = h("aside", { class: "neighbours", "aria-label": "Neighbours", hidden: true });
  }

  /** Show an entity. */
  async open(id, name, { back = false, focus = false } = {}) {
    if (!back && this.entity && this.entity.id !== id) this.trail.push(this.entity);
    this.entity = { id, name };
    this.filter = "";
    this.found = [];
    this.element.hidden = false;
    fill(this.element, this.#heading(), h("p", { class: "soft" }, "Loading …"));
    if (focus) this.element.querySelector("h2").focus({ preventScroll: true });
    await this.#load(0);
  }

  async #load(offset) {
    const entity = this.entity.id;
    const filter = this.filter;
    const [direction, relation] = filter ? JSON.parse(filter) : ["", ""];
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    try {
      const page = await get(`graphs/${part(this.graph)}/neighbours`, { entity, relation, direction, offset, limit: PAGE }, asking.signal);
      if (asking.signal.aborted) return;
      this.entity.name = page.name ?? this.entity.name;
      this.page = page;
      this.found = offset ? [...this.found, ...page.neighbours] : page.neighbours;
      this.#show(offset);
      announce(this.#summary());
      this.onfound(page);
      this.#showAway();
    } catch (error) {
      if (error.name === "AbortError") return;
      fill(this.element, this.#heading(), problem(error.message), h("p", {}, button("Try again", () => this.#load(offset))));
    }
  }

  #heading() {
    const before = this.trail.at(-1);
    return [
      h("div", { class: "panel-head" },
        h("h2", { tabindex: "-1" }, nameText(this.entity.name)),
        button("×", () => this.close(), { class: "quiet", "aria-label": "Close the neighbours" })),
      before && button(["←", nameText(before.name)], () => {
        this.trail.pop();
        this.open(before.id, before.name, { back: true, focus: true });
        this.onwalk(before.id, true);
      }, { class: "quiet back" }),
    ];
  }

  /** Close the panel. */
  close() {
    this.asking?.abort();
    this.trail = [];
    this.entity = null;
    this.element.hidden = true;
    this.onclose();
  }

  #summary() {
    const { total } = this.page;
    const shown = this.found.length;
    const noun = counted(total, "neighbour");
    if (shown >= total) return total === 1 ? "1 neighbour" : `${noun}, all are shown`;
    return `${noun}, the first ${whole(shown)} are shown`;
  }

  #show(offset) {
    const { page, found } = this;
    const id = freshId("relation");
    const select = h("select", { id, onchange: () => {
      this.filter = select.value;
      this.filtered = true;
      this.#load(0);
    } }, h("option", { value: "" }, `all relations (${whole(sum(page.relations))})`),
    page.relations.map((each) => h("option", { value: JSON.stringify([each.direction, each.relation]) },
      `${each.direction === "in" ? "← " : ""}${each.name} (${whole(each.facts)})`)));
    select.value = this.filter;
    const groups = grouped(found);
    this.away = h("p", { class: "row" });
    const focused = this.element.contains(document.activeElement);
    fill(this.element, this.#heading(),
      h("p", { class: "soft small" }, `${counted(page.degree, "fact")}${page.degree >= HUB ? " · a hub" : ""}`),
      h("p", { class: page.degree >= HUB ? "hub-note" : "small" }, this.#summary()),
      page.relations.length > 1 && h("div", { class: "field" }, h("label", { for: id }, "By relation"), select),
      h("ul", { class: "neighbour-list" }, groups.map((group) => this.#group(group))),
      page.next !== null && h("p", {}, button(`Show ${Math.min(PAGE, page.total - found.length)} more`, () => this.#load(page.next))),
      this.away);
    if (offset) this.element.querySelectorAll(".neighbour-list .entity")[offset]?.focus();
    else if (focused) (page.relations.length > 1 && this.filtered ? select : this.element.querySelector("h2")).focus({ preventScroll: true });
    this.filtered = false;
  }

  #showAway() {
    const { id } = this.entity;
    fill(this.away,
      h("a", { href: addressOf("explore", { graph: this.graph, entity: id }) }, "Explore from here"),
      this.isDrawn(id) && button("Take its neighbours away", () => {
        this.onaway(id);
        this.#showAway();
      }, { class: "quiet" }));
  }

  #group({ relation_name: relation, direction, members }) {
    const inward = direction === "in";
    return h("li", {},
      h("span", { class: "relation" }, h("span", { "aria-hidden": "true" }, inward ? "← " : "→ "), nameText(relation),
        h("span", { class: "visually-hidden" }, inward ? ", pointing here" : "")),
      h("ul", {}, members.map((each) => h("li", {}, h("button", { type: "button", class: "entity", onclick: () => this.onwalk(each.entity) },
        nameText(each.name ?? "unnamed node"),
        each.degree > PAGE && h("span", { class: "soft small" }, ` ${whole(each.degree)}`, h("span", { class: "visually-hidden" }, " facts")))))));
  }
}

/** Neighbours over one relation in one direction stand together. */
function grouped(neighbours) {
  const groups = [];
  for (const each of neighbours) {
    const last = groups.at(-1);
    if (last?.relation === each.relation && last.direction === each.direction) last.members.push(each);
    else groups.push({ ...each, members: [each] });
  }
  return groups;
}

function sum(relations) {
  return relations.reduce((total, each) => total + each.facts, 0);
}
