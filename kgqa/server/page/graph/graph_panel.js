// Facts as a drawing and as a list, with the neighbours of the entity that is opened.

import { announce } from "../parts/announcer.js";
import { button, fill, h } from "../parts/element.js";
import { counted } from "../parts/number_text.js";
import { Drawing } from "./drawing.js";
import { FactList } from "./fact_list.js";
import { NeighbourPanel } from "./neighbour_panel.js";

const CHOICE = "kgqa-facts-as";
const MOST_DRAWN = 2000; // nodes; what is walked to beyond stands in the list only

/** A panel of a `FactSet` of a graph. Put `element` into the document, then call `show`. */
export class GraphPanel {
  constructor(graph, facts, { legend = true } = {}) {
    this.facts = facts;
    this.drawing = new Drawing(facts, (id) => this.open(id));
    this.list = new FactList(facts, (id) => this.open(id, { focus: true }));
    this.neighbours = new NeighbourPanel(graph, {
      onfound: (page) => this.#take(page),
      onwalk: (id, only = false) => {
        this.drawing.point(id);
        if (!only) this.open(id, { focus: true });
      },
      onaway: (id) => this.#drop(id),
      onclose: () => this.body.classList.remove("with-neighbours"),
      isDrawn: (id) => facts.hasOf(id),
    });
    this.note = h("p", { class: "soft small" });
    this.asDrawing = button("Drawing", () => this.#choose("drawing"));
    this.asList = button("List", () => this.#choose("list"));
    this.tools = h("span", { class: "tools" },
      button("+", () => this.drawing.zoom(1.3), { "aria-label": "Zoom in" }),
      button("−", () => this.drawing.zoom(1 / 1.3), { "aria-label": "Zoom out" }),
      button("All", () => this.drawing.fit(), { "aria-label": "Show all of the drawing" }),
      button("Tidy", () => this.drawing.tidy(), { "aria-label": "Tidy up the drawing" }));
    this.body = h("div", { class: "graph-body" }, this.drawing.element, this.list.element, this.neighbours.element);
    this.element = h("section", { class: "graph-panel", "aria-label": "Facts" },
      h("div", { class: "graph-head" },
        h("span", { class: "segments", role: "group", "aria-label": "Show the facts as" }, this.asDrawing, this.asList),
        legend && this.#legend(), this.tools),
      this.body, this.note);
  }

  /** Show the facts; call it when the element is in the document. */
  show() {
    this.#choose(localStorage.getItem(CHOICE) === "list" ? "list" : "drawing", false);
  }

  /** Show the neighbours of an entity, and draw the first of them. */
  open(id, options = {}) {
    this.body.classList.add("with-neighbours");
    this.drawing.cy && this.drawing.point(id);
    return this.neighbours.open(id, this.facts.nameOf(id), options);
  }

  /** End the panel. */
  destroy() {
    this.drawing.destroy();
  }

  #choose(as, keep = true) {
    if (keep) localStorage.setItem(CHOICE, as);
    const drawn = as === "drawing";
    this.asDrawing.setAttribute("aria-pressed", drawn);
    this.asList.setAttribute("aria-pressed", !drawn);
    this.drawing.element.hidden = !drawn;
    this.list.element.hidden = drawn;
    this.tools.hidden = !drawn;
    if (drawn) this.drawing.draw();
    else this.list.draw();
    if (keep) announce(`${counted(this.facts.facts.size, "fact")} as a ${as}`);
  }

  #take(page) {
    const { facts } = this;
    facts.learn({ [page.entity]: page.name });
    facts.degrees.set(page.entity, page.degree);
    facts.kinds.set(page.entity, page.kind);
    for (const each of page.neighbours) {
      facts.learn({ [each.entity]: each.name, [each.relation]: each.relation_name });
      facts.degrees.set(each.entity, each.degree);
      facts.kinds.set(each.entity, each.kind);
    }
    const room = MOST_DRAWN - facts.nodes.size;
    const triples = page.neighbours.map((each) => (each.direction === "in"
      ? [each.entity, each.relation, page.entity] : [page.entity, each.relation, each.entity]));
    facts.add(triples.slice(0, Math.max(0, room)), { origin: page.entity });
    fill(this.note, room < triples.length && `The drawing holds ${counted(MOST_DRAWN, "node")}; take some away to see more in it.`);
    if (this.drawing.element.hidden) this.list.draw();
    else this.drawing.grow(page.entity);
  }

  #drop(id) {
    const gone = this.facts.removeOf(id);
    if (this.drawing.element.hidden) this.list.draw();
    else this.drawing.shrink();
    announce(`${counted(gone.length, "fact")} taken away`);
  }

  #legend() {
    const kinds = [
      this.facts.topics.size && ["topic", "starts here"],
      this.facts.answers.size && ["answer", "answer"],
      [...this.facts.facts.values()].some((fact) => fact.guessed) && ["guessed", "suggestion"],
    ].filter(Boolean);
    return h("ul", { class: "legend" }, kinds.map(([kind, text]) => h("li", {}, h("span", { class: `swatch ${kind}`, "aria-hidden": "true" }), text)));
  }
}
