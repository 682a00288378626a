// Names of the entities of a graph that begin as a text does.

import { get, part } from "./client.js";
import { h, nameText } from "./element.js";
import { counted } from "./number_text.js";

const SHOWN = 8;

/** Up to 8 entities whose names fit a text, the best connected first. */
export async function namesLike(graph, text, signal) {
  if (!text.trim()) return [];
  return (await get(`graphs/${part(graph)}/names`, { q: text.trim(), limit: SHOWN }, signal)).names;
}

/** What an option of a completion shows: the name, its class and how many facts it has. */
export function nameOption(option) {
  const more = [option.class, counted(option.degree, "fact")].filter(Boolean).join(" · ");
  return [nameText(option.name, { class: "option-name" }), h("span", { class: "soft" }, more)];
}
