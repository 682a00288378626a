// The state of the page in the hash of its address, so that it can be linked to and the back button works.

/** The view and its parameters that the address names: {view, of(name), all(name)}. */
export function readAddress() {
  const [path, query = ""] = splitOnce(location.hash.replace(/^#\/?/, ""), "?");
  const parameters = new URLSearchParams(query);
  return {
    view: path || "ask",
    of: (name) => parameters.get(name) ?? "",
    all: (name) => parameters.getAll(name),
  };
}

/** The hash of a view with parameters; empty ones are left out, lists are repeated. */
export function addressOf(view, parameters = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of [value].flat()) if (one !== "" && one !== null && one !== undefined) query.append(name, one);
  }
  const text = query.toString();
  return `#/${view}${text ? `?${text}` : ""}`;
}

/** Go to a view; the same address again shows it anew. */
export function go(view, parameters) {
  const hash = addressOf(view, parameters);
  if (location.hash === hash) window.dispatchEvent(new HashChangeEvent("hashchange"));
  else location.hash = hash;
}

/** Change the address without going anywhere. */
export function settle(view, parameters) {
  history.replaceState(null, "", addressOf(view, parameters));
}

function splitOnce(text, mark) {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
