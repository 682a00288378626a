// A share as a bar, beside the number that says it.

import { h } from "./element.js";

/** A bar of which a share, from 0 to 1, is filled, but at least `least` %. */
export function bar(share, least = 0) {
  const filled = h("span", {});
  filled.style.inlineSize = `${Math.max(least, Math.round(100 * Math.max(0, Math.min(1, share))))}%`;
  return h("span", { class: "bar", "aria-hidden": "true" }, filled);
}
