// From the server's answer to the facts that prove it.

import { FactSet } from "../graph/fact_set.js";

const MOST_ANSWERS = 60; // whose first proofs are drawn together
const MOST_STARTS = 5; // of a program that are marked; more are a whole class

/** The facts of the best proof of each answer, or of everything that a program's proof lists. */
export function factsOfAll(reply) {
  if (reply.proof) return factsOfChains(reply, programChains(reply.proof), starts(reply.proof));
  return factsOfChains(reply, reply.answers.slice(0, MOST_ANSWERS).flatMap((answer) => answer.chains.slice(0, 1)));
}

/** The facts of some chains of a reply; where no topics are given, chains start at them. */
export function factsOfChains(reply, chains, topics = null) {
  const facts = new FactSet();
  facts.learn(reply.names);
  for (const answer of reply.answers ?? []) if (answer.name) facts.learn({ [answer.entity]: answer.name });
  for (const chain of chains) facts.add(chain);
  const nodes = facts.nodes;
  const answers = (reply.answers ?? []).map((answer) => answer.entity).filter((entity) => nodes.has(entity));
  for (const entity of topics ?? chains.map((chain) => startOf(chain, answers)).filter((start) => start !== null)) facts.topics.add(entity);
  for (const entity of answers) if (!facts.topics.has(entity)) facts.answers.add(entity);
  return facts;
}

/** Where a chain starts: the end of its first triple that does not go on to the second one, or is no answer. */
export function startOf(chain, answers = []) {
  if (!chain.length) return null;
  const [head, , tail] = chain[0];
  if (chain.length === 1) return answers.includes(head) && !answers.includes(tail) ? tail : head;
  const second = [chain[1][0], chain[1][2]];
  return second.includes(tail) || !second.includes(head) ? head : tail;
}

/**
 * A chain from its start on: {start, steps: [{relation, inverse, entity, jump}]};
 * `jump` is the entity that a step starts from, if it is not the one before. */
export function stepsOf(chain, answers = []) {
  const start = startOf(chain, answers);
  const seen = new Set([start]);
  let here = start;
  const steps = chain.map(([head, relation, tail]) => {
    const inverse = seen.has(tail) && (tail === here || !seen.has(head));
    const source = inverse ? tail : head;
    const entity = inverse ? head : tail;
    const jump = source === here ? null : source;
    seen.add(entity);
    here = entity;
    return { relation, inverse, entity, jump };
  });
  return { start, steps };
}

function programChains(proof) {
  return proof.evidence.flatMap((step) => step.members.flatMap((member) => member.chains));
}

function starts(proof) {
  const found = proof.evidence.filter((step) => step.kind === "start").flatMap((step) => step.members.map((member) => member.entity)).filter(Boolean);
  return found.length > MOST_STARTS ? [] : found;
}
