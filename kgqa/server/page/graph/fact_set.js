// The facts that are shown, with the names of what is in them.

/** Facts of a graph, each once, in the order in which they came. A fact is {head, relation, tail}. */
export class FactSet {
  constructor() {
    this.facts = new Map();
    this.names = new Map();
    this.degrees = new Map();
    this.kinds = new Map();
    this.topics = new Set();
    this.answers = new Set();
  }

  /** Take names: {identifier: name}; `null` is the name of a node without one. */
  learn(names) {
    for (const [id, name] of Object.entries(names ?? {})) this.names.set(id, name);
  }

  /** Take triples that are new. `origin` is the entity whose neighbours they are. */
  add(triples, { origin = null, guessed = false } = {}) {
    for (const [head, relation, tail] of triples) {
      const key = JSON.stringify([head, relation, tail]);
      if (!this.facts.has(key)) this.facts.set(key, { key, head, relation, tail, origin, guessed });
    }
  }

  /** Take away the facts that came as neighbours of an entity; gives them. */
  removeOf(origin) {
    const gone = [...this.facts.values()].filter((fact) => fact.origin === origin);
    for (const fact of gone) this.facts.delete(fact.key);
    return gone;
  }

  /** Whether facts came as neighbours of an entity. */
  hasOf(origin) {
    return [...this.facts.values()].some((fact) => fact.origin === origin);
  }

  /** The entities of the facts, and topics that have none. */
  get nodes() {
    const found = new Set(this.topics);
    for (const { head, tail } of this.facts.values()) found.add(head).add(tail);
    return found;
  }

  /** Whether a node has no name. */
  isUnnamed(id) {
    return this.names.has(id) && this.names.get(id) === null;
  }

  /** The name of a node or relation; `null` for a node without one. */
  nameOrNull(id) {
    return this.isUnnamed(id) ? null : this.nameOf(id);
  }

  /** The name of an entity or relation; the end of its identifier where none is known. */
  nameOf(id) {
    return this.names.get(id) ?? (this.isUnnamed(id) ? "unnamed node" : lastPart(id));
  }
}

/** The last part of an identifier, which is often readable. */
export function lastPart(id) {
  const end = id.replace(/[/#]+$/, "").split(/[/#]/).at(-1) || id;
  try {
    return decodeURIComponent(end);
  } catch {
    return end;
  }
}
