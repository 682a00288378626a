// The question for the server's key.

import { button, freshId, h, labelled } from "./element.js";
import { problem } from "./problem.js";

let asking = null;

/** The key that is typed, or "" if there is none; `again` says that the last one was wrong. */
export function askForKey(again) {
  asking ??= answered(again).finally(() => (asking = null));
  return asking;
}

function answered(again) {
  return new Promise((resolve) => {
    const field = h("input", { id: freshId("key"), type: "password", autocomplete: "off", required: true });
    const title = h("h2", { id: freshId("key-title") }, "This server wants a key");
    const send = () => dialog.close(field.value.trim());
    const form = h("form", { method: "dialog", onsubmit: (event) => (event.preventDefault(), send()) },
      title,
      again && problem("That was not the key."),
      h("p", {}, "It is kept in this tab until you close it."),
      labelled("Key", field),
      h("p", { class: "row" }, h("button", { type: "submit", class: "main" }, "Use it"), button("Cancel", () => dialog.close(""))));
    const dialog = h("dialog", { "aria-labelledby": title.id }, form);
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue);
    });
    dialog.addEventListener("cancel", () => (dialog.returnValue = ""));
    document.body.append(dialog);
    dialog.showModal();
    field.focus();
  });
}
