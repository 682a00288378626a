// The answers to a question, one of which, or all, are shown with their proofs.

import { announce } from "../parts/announcer.js";
import { bar } from "../parts/bar.js";
import { button, fill, h, nameText } from "../parts/element.js";
import { counted, percent } from "../parts/number_text.js";
import { chainText } from "./chain_text.js";

const PAGE = 50;

/**
 * The answers of a reply as a list. `onchoose(chains)` is told whose proofs to show: those of one answer,
 * one of them, or `null` for all answers.
 */
export class AnswerList {
  constructor(reply, nameOf, onchoose) {
    Object.assign(this, { reply, nameOf, onchoose });
    this.shown = PAGE;
    this.chosen = reply.answers.length === 1 ? 0 : null;
    this.proof = null;
    this.element = h("div", { class: "answers" });
    this.#show();
  }

  #show() {
    const { answers } = this.reply;
    const left = answers.length - this.shown;
    fill(this.element,
      answers.length > 1 && h("p", { class: "answers-head" }, counted(answers.length, "answer"),
        this.chosen !== null && button("Show all", () => this.#choose(null), { class: "quiet" })),
      h("ol", {}, answers.slice(0, this.shown).map((answer, place) => this.#item(answer, place))),
      left > 0 && button(`Show ${Math.min(left, PAGE)} more of ${left}`, () => {
        const next = this.shown;
        this.shown += PAGE;
        this.#show();
        this.element.querySelectorAll(".answer-button")[next]?.focus();
      }));
  }

  #item(answer, place) {
    const open = place === this.chosen;
    const measure = answer.confidence ?? answer.vote_share;
    const name = answer.name ?? "unnamed node";
    const said = answer.unit && !name.endsWith(answer.unit) ? `${name} ${answer.unit}` : name;
    return h("li", { class: open ? "open" : "" },
      h("button", { type: "button", class: "answer-button", "aria-expanded": open, onclick: () => this.#choose(open ? null : place, place) },
        nameText(said, { class: "answer-name" }),
        h("span", { class: "measure", title: answer.confidence === null ? "share of the votes" : "confidence" }, bar(measure), percent(measure),
          h("span", { class: "visually-hidden" }, answer.confidence === null ? " of the votes" : " confidence"))),
      open && !this.reply.proof && this.#proofs(answer));
  }

  #proofs(answer) {
    const ends = [answer.entity];
    return h("ul", { class: "proofs", "aria-label": "Proofs" }, answer.chains.map((chain, place) => h("li", {},
      h("button", {
        type: "button", "aria-pressed": this.proof === place, class: "proof-button",
        onclick: () => {
          this.proof = this.proof === place ? null : place;
          this.#show();
          this.element.querySelectorAll(".proof-button")[place]?.focus();
          this.onchoose(this.proof === null ? answer.chains : [chain]);
        },
      }, chainText(chain, this.nameOf, ends)))));
  }

  #choose(place, focus = place) {
    this.chosen = place;
    this.proof = null;
    this.#show();
    if (focus !== null) this.element.querySelectorAll(".answer-button")[focus]?.focus();
    else this.element.querySelector(".answer-button")?.focus();
    const answer = this.reply.answers[place];
    announce(answer ? `${counted(answer.chains.length, "proof")} of ${answer.name ?? "unnamed node"}` : "Proofs of all answers");
    this.onchoose(answer ? answer.chains : null);
  }
}
