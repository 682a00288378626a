// The field of a question: the name that is being typed at its end is completed.

import { Completion } from "./completion.js";
import { freshId, h } from "./element.js";
import { nameOption, namesLike } from "./name_search.js";

const LEAST = 2; // letters of a word before names are looked for
const WORDS = 3; // words that a name may have begun with

/** A field for a question about a graph, whose name `graph()` gives. */
export function questionField(graph, value, placeholder) {
  const field = h("input", {
    id: freshId("question"), type: "text", value, placeholder, dir: "auto", enterkeyhint: "search", maxlength: 2000, required: true,
  });
  let typed = "";
  const completion = new Completion(field, {
    label: "Names in the graph",
    show: nameOption,
    find: async (signal) => {
      const before = field.value.slice(0, field.selectionStart);
      const found = await Promise.all(beginnings(before).map(async (text) => [text, await namesLike(graph(), text, signal)]));
      const best = found.find(([, names]) => names.length);
      typed = best?.[0] ?? "";
      return best?.[1] ?? [];
    },
    pick: (option) => {
      const end = field.selectionStart;
      field.setRangeText(option.name, end - typed.length, end, "end");
      field.focus();
    },
  });
  return { field, element: completion.element };
}

/** The last words of a text, the most words first, where the last is long enough to look for. */
function beginnings(text) {
  const words = [...text.matchAll(/[^\s"“”„«»?!,;]+/gu)];
  const last = words.at(-1);
  if (!last || last.index + last[0].length !== text.length || [...last[0]].length < LEAST) return [];
  return words.slice(-WORDS).map((word) => text.slice(word.index));
}
