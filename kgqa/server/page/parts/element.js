// Elements of the document. Text is only ever set as text, so that no name in a graph is read as HTML.

/**
 * An element with attributes, listeners ("on...") and children. Texts become text nodes;
 * null, undefined, false and "" are no children. Null and undefined are no attributes, false is one of ARIA only.
 */
export function h(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined) continue;
    if (name.startsWith("aria-")) made.setAttribute(name, value); // "false" says that it can be true
    else if (value === false) continue;
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "class") made.className = value;
    else if (name === "value") made.value = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...present(children));
  return made;
}

/** Put children in place of those that an element has. */
export function fill(element, ...children) {
  element.replaceChildren(...present(children));
  return element;
}

/** A name from a graph: isolated, so that right-to-left text does not disturb its surroundings. */
export function nameText(text, attributes = {}) {
  return h("bdi", attributes, text);
}

/** A button that does something on this page. */
export function button(text, onclick, attributes = {}) {
  return h("button", { type: "button", onclick, ...attributes }, text);
}

/** A field with its label above it; `element` is what holds the field, if that is more than itself. */
export function labelled(text, field, { hint = "", element = field } = {}) {
  const note = hint && h("span", { class: "hint", id: `${field.id}-hint` }, hint);
  if (note) field.setAttribute("aria-describedby", note.id);
  return h("div", { class: "field" }, h("label", { for: field.id }, text), element, note);
}

let made = 0;

/** An id that no other element of the page has. */
export function freshId(stem) {
  made += 1;
  return `${stem}-${made}`;
}

function present(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== "");
}
