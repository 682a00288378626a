// How nodes and facts look in a drawing: the colours of the style sheet, in cytoscape's terms.

import { FONT, SIZE } from "./label_box.js";

/** The style of a drawing in the colours that the page has now. */
export function drawingStyle(element) {
  const colours = getComputedStyle(element);
  const colour = (name) => colours.getPropertyValue(`--${name}`).trim();
  return [
    { selector: "node", style: {
      "font-family": FONT, shape: "round-rectangle", width: "data(width)", height: "data(height)", label: "data(label)",
      "font-size": SIZE, "text-wrap": "wrap", "text-max-width": 400, "text-valign": "center", "line-height": 1.25,
      color: colour("ink"), "background-color": colour("node"), "border-width": 1, "border-color": colour("node-line"),
      "overlay-opacity": 0,
    } },
    { selector: "node.value", style: { "background-color": colour("ground"), "border-style": "dashed" } },
    { selector: "node.unnamed", style: { shape: "ellipse", "background-color": colour("node-line"), label: "" } },
    { selector: "node.topic", style: {
      "background-color": colour("topic"), "border-color": colour("accent"), "border-width": 1.5 } },
    { selector: "node.answer", style: {
      "background-color": colour("answer"), "border-color": colour("answer-line"), "border-width": 1.5, "font-weight": 600 } },
    { selector: "node.hub", style: { "border-width": 3, "border-style": "double", "border-color": colour("soft") } },
    { selector: "node.cursor", style: { "border-color": colour("focus"), "border-width": 3, "border-style": "solid" } },
    { selector: "edge", style: {
      "font-family": FONT, width: 1.2, "line-color": colour("edge"), "curve-style": "bezier", "target-arrow-shape": "triangle",
      "target-arrow-color": colour("edge"), "arrow-scale": 0.8, "overlay-opacity": 0,
      label: "data(label)", "font-size": 11, color: colour("soft"), "text-background-color": colour("ground"),
      "text-background-opacity": 0.9, "text-background-padding": 2, "min-zoomed-font-size": 7, "text-wrap": "ellipsis",
      "text-max-width": 150,
    } },
    { selector: "edge.bent", style: {
      "curve-style": "unbundled-bezier", "edge-distances": "intersection",
      "control-point-weights": (edge) => edge.data("weights"), "control-point-distances": (edge) => edge.data("distances"),
    } },
    { selector: "edge.quiet", style: { label: "" } },
    { selector: "edge.named", style: { label: "data(label)", "z-index": 10 } },
    { selector: "edge.guessed", style: { "line-style": "dashed", "line-color": colour("warn"), "target-arrow-color": colour("warn") } },
    { selector: "edge.near", style: { "line-color": colour("focus"), "target-arrow-color": colour("focus"), width: 2 } },
  ];
}
