// What went wrong, where its result would stand.

import { fill, h } from "./element.js";

/** A line that a screen reader says at once. */
export function problem(text) {
  return h("p", { class: "problem", role: "alert" }, text);
}

/** Say in `place` why a result did not come; one that nobody waits for any more needs no word. */
export function showError(place, error) {
  if (error.name !== "AbortError") fill(place, problem(error.message));
}
