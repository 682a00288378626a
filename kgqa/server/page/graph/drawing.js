// A drawing of facts that can be walked with mouse, finger and keys.

import cytoscape from "../vendor/cytoscape/cytoscape.esm.min.mjs";
import dagre from "../vendor/cytoscape-dagre/cytoscape-dagre.min.mjs";
import { announce } from "../parts/announcer.js";
import { h } from "../parts/element.js";
import { counted, whole } from "../parts/number_text.js";
import { drawingStyle } from "./drawing_style.js";
import { labelBox } from "./label_box.js";
import { placesAround } from "./placement.js";

cytoscape.use(dagre);

const HUB = 50; // facts from which on a node's number of facts is shown
const NEAR = 12; // facts of a node that stand out while the cursor is on it; more would be too many
const ALIKE = 3; // facts of a node over one relation that all have their label; of more, one has it
const NEXT_LAYER = 2; // ranks of dagre, which has one for labels between each two layers
const BESIDE = 22; // between lines that go the same way around
const LAYER = 16; // nodes that stand in one layer; where one would be larger, nodes stand in rings
const SMALLEST = 0.55; // a zoom below which names cannot be read
const LARGEST = 1.15; // a zoom that is enough for few nodes
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const HELP = "Arrow keys go from node to node, Enter opens one, plus and minus zoom, 0 shows all. The same facts are in the list.";

/** A drawing of a `FactSet`. `onopen(id)` is called where a node is clicked or opened by Enter. */
export class Drawing {
  constructor(facts, onopen) {
    this.facts = facts;
    this.onopen = onopen;
    this.cursor = null;
    this.element = h("div", {
      class: "drawing", tabindex: "0", role: "application", "aria-roledescription": "drawing of facts", "aria-label": "", "aria-description": HELP,
    });
    this.element.addEventListener("keydown", (event) => this.#key(event));
    this.element.addEventListener("focus", () => this.cy?.userZoomingEnabled(true));
    this.element.addEventListener("blur", () => this.cy?.userZoomingEnabled(false));
    this.element.addEventListener("pointerdown", (event) => {
      this.element.focus({ preventScroll: true });
      if (event.pointerType === "touch") this.cy?.userZoomingEnabled(true);
    });
    this.dark = matchMedia("(prefers-color-scheme: dark)");
    this.recolour = () => this.cy?.style(drawingStyle(this.element));
    this.dark.addEventListener("change", this.recolour);
    this.resized = new ResizeObserver(() => this.#resize());
  }

  /** Draw all facts in layers. The element must be in the document. */
  draw() {
    this.cy ??= this.#made();
    this.cy.elements().remove();
    this.cy.add(this.#elements(this.facts.nodes, this.facts.facts.values()));
    this.tidy();
  }

  /** Draw what the facts have and the drawing has not, around a node; all anew if it has not that one. */
  grow(around) {
    if (this.#node(around).empty()) { // it was taken away with others, and comes back with its own
      this.draw();
      return this.point(around);
    }
    const fresh = [...this.facts.nodes].filter((id) => this.#node(id).empty());
    const edges = [...this.facts.facts.values()].filter((fact) => this.cy.getElementById(`f${fact.key}`).empty());
    const boxes = this.cy.nodes().map((node) => ({ ...node.position(), width: node.width(), height: node.height() }));
    const middle = this.#node(around);
    this.cy.batch(() => {
      const added = this.cy.add(this.#elements(fresh, edges));
      const nodes = added.nodes();
      const sizes = nodes.map((node) => ({ width: node.data("width"), height: node.data("height") }));
      const places = placesAround({ ...middle.position() }, sizes, boxes);
      nodes.forEach((node, at) => void node.position(places[at]));
      this.#mark();
    });
    this.#describe();
    this.#show(middle.closedNeighborhood());
  }

  /** Take away what the facts do not have any more. */
  shrink() {
    const nodes = this.facts.nodes;
    this.cy.edges().filter((edge) => !this.facts.facts.has(edge.data("key"))).remove();
    this.cy.nodes().filter((node) => !nodes.has(node.data("entity"))).remove();
    this.#mark();
    this.#describe();
  }

  /** Put all nodes in order: layers from the topics on, or rings where there are many. */
  tidy() {
    this.cy.edges().removeClass("bent");
    const distances = this.#distances();
    const sizes = new Map();
    for (const distance of distances.values()) sizes.set(distance, (sizes.get(distance) ?? 0) + 1);
    if (Math.max(...sizes.values()) > LAYER) this.#rings();
    else this.#layers(distances);
    this.#mark();
    this.#describe();
    this.fit({ readable: true });
  }

  /** Show everything; if it shall be readable and would be too small, the part around the cursor or an answer. */
  fit({ readable = false } = {}) {
    this.cy.fit(undefined, 24);
    if (this.cy.zoom() > LARGEST) this.cy.zoom(LARGEST);
    if (readable && this.cy.zoom() < SMALLEST) {
      this.cy.zoom(SMALLEST);
      this.cy.center(this.cursor && !this.cursor.removed() ? this.cursor : this.#roots());
    } else this.cy.center();
  }

  /** Where reading begins: the topics; without any, the answers; else any node. */
  #roots() {
    const found = [".topic", ".answer"].map((kind) => this.cy.nodes(kind)).find((nodes) => nodes.nonempty());
    return found ?? this.cy.nodes().first();
  }

  /** Zoom by a factor around the middle. */
  zoom(factor) {
    const { width, height } = this.element.getBoundingClientRect();
    this.cy.zoom({ level: this.cy.zoom() * factor, renderedPosition: { x: width / 2, y: height / 2 } });
  }

  /** Put the cursor on a node, and say its name if asked to. */
  point(id, say = false) {
    const node = this.#node(id);
    if (node.empty()) return;
    this.cursor = node;
    this.#mark();
    if (say) announce(`${this.facts.nameOf(id)}, ${counted(node.connectedEdges().length, "fact")} drawn`);
  }

  /** End the drawing; it cannot be used any more. */
  destroy() {
    this.dark.removeEventListener("change", this.recolour);
    this.resized.disconnect();
    this.cy?.destroy();
    this.cy = null;
  }

  #made() {
    const cy = cytoscape({
      container: this.element, style: drawingStyle(this.element), minZoom: 0.08, maxZoom: 2.5,
      userZoomingEnabled: false, boxSelectionEnabled: false, autounselectify: true, pixelRatio: "auto",
      textureOnViewport: false, hideEdgesOnViewport: false,
    });
    cy.on("tap", "node", (event) => this.#open(event.target.data("entity")));
    cy.on("mouseover", "node", (event) => {
      this.element.classList.add("over-node");
      this.#nearTo(event.target);
    });
    cy.on("mouseout", "node", () => {
      this.element.classList.remove("over-node");
      cy.edges().removeClass("near");
      if (this.cursor && !this.cursor.removed()) this.#nearTo(this.cursor);
    });
    cy.on("mouseover", "edge", (event) => event.target.addClass("named"));
    cy.on("mouseout", "edge", (event) => event.target.removeClass("named"));
    this.resized.observe(this.element);
    return cy;
  }

  /** The node of an entity; identifiers of nodes and facts cannot meet, whatever a graph's are. */
  #node(id) {
    return this.cy.getElementById(`n${id}`);
  }

  #elements(nodes, facts) {
    const made = [];
    for (const id of nodes) made.push({ group: "nodes", data: { id: `n${id}`, entity: id, ...this.#box(id) }, classes: this.#classes(id) });
    for (const { key, head, relation, tail, guessed } of facts) {
      made.push({
        group: "edges", classes: guessed ? "guessed" : "",
        data: { id: `f${key}`, key, source: `n${head}`, target: `n${tail}`, label: oneLine(this.facts.nameOf(relation)) },
      });
    }
    return made;
  }

  #box(id) {
    if (this.facts.isUnnamed(id)) return { label: "", width: 14, height: 14 };
    const degree = this.facts.degrees.get(id) ?? 0;
    const box = labelBox(this.facts.nameOf(id), this.facts.answers.has(id));
    const lines = degree > HUB ? [...box.lines, whole(degree)] : box.lines;
    return { label: lines.join("\n"), width: box.width, height: box.height + (degree > HUB ? 17 : 0) };
  }

  #classes(id) {
    return [
      this.facts.isUnnamed(id) && "unnamed",
      this.facts.kinds.get(id) === "literal" && "value",
      this.facts.topics.has(id) && "topic",
      this.facts.answers.has(id) && "answer",
      (this.facts.degrees.get(id) ?? 0) > HUB && "hub",
    ].filter(Boolean).join(" ");
  }

  /** Layers by dagre, on a copy whose edges all lead away from the topics. */
  #layers(distance) {
    const copy = cytoscape({ headless: true, styleEnabled: true, style: [{ selector: "node", style: { width: "data(width)", height: "data(height)" } }] });
    copy.add(this.cy.nodes().map((node) => ({ group: "nodes", data: { id: node.id(), width: node.width(), height: node.height() } })));
    const seen = new Set();
    this.cy.edges().toArray().reverse().forEach((edge) => { // the last edge comes first in a layer
      const ends = [edge.source().id(), edge.target().id()].sort((a, b) => distance.get(a) - distance.get(b));
      const key = JSON.stringify(ends);
      if (ends[0] === ends[1] || seen.has(key)) return;
      seen.add(key);
      copy.add({ group: "edges", data: { id: key, source: ends[0], target: ends[1] } });
    });
    const narrow = this.element.clientWidth < 560;
    const labels = this.cy.edges().map((edge) => Math.min(150, edge.data("label").length * 6));
    const between = narrow ? 56 : Math.max(70, ...labels) + 30;
    copy.layout({ name: "dagre", rankDir: narrow ? "TB" : "LR", nodeSep: 16, edgeSep: 26, rankSep: between, animate: false, fit: false, useDagreEdgeControlPoints: true, automaticDagreEdgeStyle: false }).run();
    this.cy.batch(() => copy.nodes().forEach((node) => void this.cy.getElementById(node.id()).position({ ...node.position() })));
    this.#bend(copy);
    copy.destroy();
  }

  /** Facts that lead past a layer go around the nodes in it, by the points that dagre found. */
  #bend(copy) {
    const rank = (id) => copy.getElementById(id).scratch().dagre.rank;
    const beside = new Map(); // facts with the same ends, which stand side by side
    this.cy.edges().forEach((edge) => {
      const ends = [edge.source().id(), edge.target().id()];
      if (Math.abs(rank(ends[0]) - rank(ends[1])) <= NEXT_LAYER) return;
      const found = copy.getElementById(JSON.stringify(ends));
      const backwards = found.empty();
      const { controlPointWeights: weights, controlPointDistances: distances } =
        (backwards ? copy.getElementById(JSON.stringify(ends.reverse())) : found).scratch();
      const key = JSON.stringify([...ends].sort());
      const aside = BESIDE * (beside.get(key) ?? 0);
      beside.set(key, (beside.get(key) ?? 0) + 1);
      const shifted = distances.map((one) => one + Math.sign(one || 1) * aside);
      edge.data(backwards ? { weights: weights.map((one) => 1 - one).reverse(), distances: shifted.map((one) => -one).reverse() } : { weights, distances: shifted });
      edge.addClass("bent");
    });
  }

  /** Rings around the best connected nodes, one after another: no lines are crossed out, and it is fast. */
  #rings() {
    const placed = [];
    const waiting = new Set(this.cy.nodes().map((node) => node.id()));
    const box = (node) => ({ ...node.position(), width: node.width(), height: node.height() });
    this.cy.batch(() => {
      for (const node of this.cy.nodes().sort((a, b) => b.degree() - a.degree()).toArray()) {
        if (waiting.delete(node.id())) {
          const [place] = placed.length ? placesAround({ x: 0, y: 0 }, [box(node)], placed) : [{ x: 0, y: 0 }];
          node.position(place);
          placed.push(box(node));
        }
        const around = node.neighborhood("node").filter((other) => waiting.has(other.id())).toArray();
        const places = placesAround(node.position(), around.map(box), placed);
        around.forEach((other, at) => {
          waiting.delete(other.id());
          other.position(places[at]);
          placed.push(box(other));
        });
      }
    });
  }

  /** Of each node the steps from the nearest topic. */
  #distances() {
    const distance = new Map();
    this.cy.elements().bfs({ roots: this.#roots(), visit: (node, edge, previous, index, depth) => void distance.set(node.id(), depth) });
    this.cy.nodes().forEach((node) => void (distance.has(node.id()) || distance.set(node.id(), 0)));
    return distance;
  }

  #mark() {
    this.cy.batch(() => {
      this.cy.elements().removeClass("cursor near quiet");
      for (const edges of this.#alike()) edges.forEach((edge, at) => void (at === edges.length >> 1 || edge.addClass("quiet")));
      if (this.cursor && !this.cursor.removed()) {
        this.cursor.addClass("cursor");
        this.#nearTo(this.cursor);
      }
    });
  }

  #nearTo(node) {
    if (node.degree() <= NEAR) node.connectedEdges().addClass("near");
  }

  /** Facts of one node over one relation, of which there are many, from top to bottom. */
  #alike() {
    const groups = new Map();
    this.cy.edges().forEach((edge) => {
      for (const end of ["source", "target"]) {
        const key = JSON.stringify([end, edge.data(end), edge.data("label")]);
        if (!groups.has(key)) groups.set(key, []);
        groups.get(key).push(edge);
      }
    });
    const height = (edge) => edge.source().position("y") + edge.target().position("y");
    return [...groups.values()].filter((edges) => edges.length > ALIKE).map((edges) => edges.sort((a, b) => height(a) - height(b)));
  }

  #describe() {
    this.element.setAttribute("aria-label",
      `${counted(this.cy.nodes().length, "node")} and ${counted(this.cy.edges().length, "fact")} drawn`);
  }

  #open(id) {
    this.point(id);
    this.onopen(id);
  }

  #key(event) {
    if (!this.cy || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in STEPS) this.#step(...STEPS[event.key]);
    else if (event.key === "Enter" && this.cursor) this.#open(this.cursor.data("entity"));
    else if (event.key === "+" || event.key === "=") this.zoom(1.3);
    else if (event.key === "-") this.zoom(1 / 1.3);
    else if (event.key === "0") this.fit();
    else return;
    event.preventDefault();
  }

  /** Go to the nearest node in a direction. */
  #step(x, y) {
    if (!this.cursor || this.cursor.removed()) {
      const first = this.#roots().first();
      if (first.nonempty()) this.#goto(first);
      return;
    }
    const from = this.cursor.position();
    let best = null;
    let least = Infinity;
    this.cy.nodes().forEach((node) => {
      const at = node.position();
      const along = (at.x - from.x) * x + (at.y - from.y) * y;
      const aside = Math.abs((at.x - from.x) * y) + Math.abs((at.y - from.y) * x);
      const far = along + 2.5 * aside;
      if (along > 1 && far < least) [best, least] = [node, far];
    });
    if (best) this.#goto(best);
  }

  #goto(node) {
    this.point(node.data("entity"), true);
    const { x1, y1, x2, y2 } = this.cy.extent();
    const { x, y } = node.position();
    if (x < x1 + 60 || x > x2 - 60 || y < y1 + 30 || y > y2 - 30) this.cy.center(node);
  }

  /** Bring nodes into view, without moving where motion is unwanted. */
  #show(nodes) {
    const { width, height } = this.element.getBoundingClientRect();
    const box = nodes.boundingBox();
    const zoom = Math.max(SMALLEST, Math.min(1, (width - 40) / box.w, (height - 40) / box.h));
    const middle = zoom > SMALLEST ? { x: (box.x1 + box.x2) / 2, y: (box.y1 + box.y2) / 2 } : nodes.filter(".cursor").position() ?? { x: box.x1, y: box.y1 };
    const pan = { x: width / 2 - middle.x * zoom, y: height / 2 - middle.y * zoom };
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) this.cy.viewport({ zoom, pan });
    else this.cy.animate({ zoom, pan, duration: 250, easing: "ease-out" });
  }

  /** What is in the middle stays there. */
  #resize() {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (!this.cy || !width) return;
    const before = this.size ?? { width, height };
    this.size = { width, height };
    this.cy.resize();
    this.cy.panBy({ x: (width - before.width) / 2, y: (height - before.height) / 2 });
  }
}

function oneLine(text) {
  return [...text.replace(/\s+/gu, " ")].slice(0, 80).join("");
}
