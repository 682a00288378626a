// Look around in a graph: from an entity on, or at its classes and relations.

import { FactSet } from "../graph/fact_set.js";
import { GraphPanel } from "../graph/graph_panel.js";
import { go } from "../parts/address.js";
import { bar } from "../parts/bar.js";
import { get, part } from "../parts/client.js";
import { Completion } from "../parts/completion.js";
import { button, fill, freshId, h, labelled, nameText } from "../parts/element.js";
import { counted, whole } from "../parts/number_text.js";
import { nameOption, namesLike } from "../parts/name_search.js";
import { problem, showError } from "../parts/problem.js";

const LISTED = 60;

/** Show the view; gives the function that leaves it. */
export function exploreView({ main, address, graph, graphs }) {
  const entity = address.of("entity");
  const left = new AbortController();
  const result = h("div", { class: "result" });
  let panel = null;
  const field = h("input", { id: freshId("name"), type: "text", placeholder: "A name in the graph", dir: "auto", enterkeyhint: "search", maxlength: 400 });
  const completion = new Completion(field, {
    label: "Names in the graph",
    show: nameOption,
    find: (signal) => namesLike(graph, field.value, signal),
    pick: (option) => go("explore", { graph, entity: option.entity }),
  });
  const form = h("form", { class: "ask", role: "search", onsubmit: (event) => {
    event.preventDefault();
    if (field.value.trim()) find();
  } }, labelled("Find", field, {
    element: h("div", { class: "ask-row" }, completion.element, h("button", { type: "submit", class: "main" }, "Show")),
  }));
  fill(main, h("h1", { class: "visually-hidden" }, "Explore"), form, result);
  if (entity) walk();
  else overview();

  /** Go to the entity that fits what was typed best. */
  async function find() {
    completion.close();
    try {
      const [first] = await namesLike(graph, field.value, left.signal);
      if (first) go("explore", { graph, entity: first.entity });
      else fill(result, problem("No name in the graph begins so."));
    } catch (error) {
      showError(result, error);
    }
  }

  async function walk() {
    const facts = new FactSet();
    facts.topics.add(entity);
    try {
      const page = await get(`graphs/${part(graph)}/neighbours`, { entity, limit: 1 }, left.signal);
      facts.learn({ [entity]: page.name });
    } catch (error) {
      showError(result, error);
      return;
    }
    panel = new GraphPanel(graph, facts, { legend: false });
    fill(result, panel.element);
    panel.show();
    panel.open(entity);
  }

  async function overview() {
    field.focus({ preventScroll: true });
    const size = graphs.find((each) => each.name === graph);
    fill(result, h("p", { class: "soft" }, "Loading …"));
    try {
      const schema = await get(`graphs/${part(graph)}/schema`, {}, left.signal);
      fill(result,
        h("p", { class: "soft" }, nameText(size.name), `: ${counted(size.facts, "fact")} about ${counted(size.entities, "entity", "entities")}`),
        h("div", { class: "columns even" },
          sizes("Relations", schema.relations.map((each) => [each.name, each.facts]), schema.relation_total, "facts"),
          schema.classes.length > 0 && sizes("Classes", schema.classes.map((each) => [each.name, each.members, each.entity]), schema.class_total, "members", graph)));
    } catch (error) {
      showError(result, error);
    }
  }

  return () => {
    left.abort();
    panel?.destroy();
  };
}

/** A list of relations, or of classes, which can be gone to by their entity. */
function sizes(title, rows, total, what, graph = null) {
  const most = Math.max(1, ...rows.map(([, size]) => size));
  return h("section", {}, h("h2", {}, title, total > 0 && h("span", { class: "soft" }, ` ${whole(total)}`)), h("ul", { class: "sizes" },
    rows.slice(0, LISTED).map(([name, size, entity]) => h("li", {},
      entity ? button(nameText(name), () => go("explore", { graph, entity }), { class: "entity" }) : nameText(name),
      bar(size / most, 1), h("span", { class: "soft number" }, whole(size), h("span", { class: "visually-hidden" }, ` ${what}`))))), rows.length > LISTED && h("p", { class: "soft small" }, `and ${whole(total - LISTED)} more`));
}
