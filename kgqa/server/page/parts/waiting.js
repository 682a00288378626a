// A result that takes a while, and that need not be waited for.

import { announce } from "./announcer.js";
import { button, fill, h } from "./element.js";
import { showError } from "./problem.js";

/** The line that says what is done; its button aborts `asked`, an `AbortController`. */
export function waitingLine(text, asked) {
  announce(text);
  return h("p", { class: "row waiting" }, h("span", { class: "spinner", "aria-hidden": "true" }), `${text} …`,
    button("Stop", () => asked.abort(), { class: "quiet" }));
}

/** Say in `place` why what was waited for did not come: it was stopped, or failed. */
export function showEnd(place, error) {
  if (error.name === "AbortError") fill(place, h("p", { class: "soft" }, "Stopped."));
  else showError(place, error);
}
