// A button that copies a text.

import { announce } from "./announcer.js";
import { button } from "./element.js";

/** A button that puts `text` on the clipboard; `what` says of what it is a copy. */
export function copyButton(text, what, title = "Copy") {
  const made = button(title, async () => {
    const done = await copied(text);
    made.textContent = done ? "Copied" : "Not allowed";
    announce(done ? `${what} copied` : "The browser does not allow copying");
    setTimeout(() => (made.textContent = title), 2000);
  }, { class: "quiet", "aria-label": title === "Copy" ? `Copy ${what}` : null });
  return made;
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedBySelection(text); // a page that is not on https or loopback has no clipboard
  }
}

function copiedBySelection(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  const before = document.activeElement;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  before?.focus();
  return done;
}
