// Requests to the server. Where it wants a key, the person is asked for it once a session.

import { askForKey } from "./key_dialog.js";

const BASE = new URL("../../api/v1/", import.meta.url);
const KEY = "kgqa-key";
const KEY_LETTERS = /^[\x20-\x7e]+$/; // a header holds no others, and no server has a key with others

/** What the server, or the way to it, has against a request. */
export class RequestError extends Error {
  constructor(message, type = "", status = 0) {
    super(message);
    this.type = type;
    this.status = status;
  }
}

/** Whether a key has been given in this session. */
export function hasKey() {
  return Boolean(sessionStorage.getItem(KEY));
}

/** The address of a route, as a link. */
export function routeUrl(route, parameters = {}) {
  const url = new URL(route, BASE);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== "" && value !== null && value !== undefined) url.searchParams.set(name, value);
  }
  return url;
}

/** The JSON that a route answers to GET. */
export async function get(route, parameters = {}, signal = undefined) {
  return json(await request(routeUrl(route, parameters), { signal }));
}

/** The text that a route answers to GET. */
export async function getText(route) {
  return (await request(routeUrl(route), {})).text();
}

/** The JSON that a route answers to POST. */
export async function post(route, body, signal = undefined) {
  return json(await request(routeUrl(route), posted(body, signal)));
}

/** Server-sent events of a route, one after another: {event, data}. */
export async function* events(route, body, signal) {
  const response = await request(routeUrl(route), posted(body, signal));
  const decoder = new TextDecoder();
  let rest = "";
  for await (const part of chunks(response.body)) {
    rest += decoder.decode(part, { stream: true });
    const blocks = rest.split(/\r?\n\r?\n/);
    rest = blocks.pop();
    for (const block of blocks) {
      const found = parsed(block);
      if (found) yield found;
    }
  }
}

/** A part of a route's path, safe whatever it holds. */
export function part(text) {
  return encodeURIComponent(text);
}

async function request(url, options) {
  for (;;) {
    const key = sessionStorage.getItem(KEY);
    const headers = { ...options.headers, ...(key ? { Authorization: `Bearer ${key}` } : {}) };
    let response;
    try {
      response = await fetch(url, { ...options, headers, cache: "no-store" });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new RequestError("The server cannot be reached.");
    }
    if (response.status !== 401) return checked(response);
    if (sessionStorage.getItem(KEY) !== key) continue; // another request was given one meanwhile
    sessionStorage.removeItem(KEY);
    let given = await askForKey(Boolean(key));
    while (given && !KEY_LETTERS.test(given)) given = await askForKey(true);
    if (!given) throw new RequestError("The server wants a key.", "Unauthorized", 401);
    sessionStorage.setItem(KEY, given);
  }
}

async function checked(response) {
  if (response.ok) return response;
  let said = {};
  try {
    said = (await response.json()).error ?? {};
  } catch {
    // no JSON: the status says it
  }
  throw new RequestError(said.message || `The server answers ${response.status}.`, said.type, response.status);
}

async function json(response) {
  try {
    return await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new RequestError("The server's answer was cut off.");
  }
}

function posted(body, signal) {
  return { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" }, signal };
}

async function* chunks(stream) {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.releaseLock();
  }
}

function parsed(block) {
  let event = "message";
  const data = [];
  for (const line of block.split(/\r?\n/)) {
    if (line.startsWith("event:")) event = line.slice(6).trim();
    else if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
  }
  return data.length ? { event, data: JSON.parse(data.join("\n")) } : null;
}
