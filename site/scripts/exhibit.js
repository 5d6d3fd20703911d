// @ts-check
/**
 * One exhibit: its form, picture, sentence and table, and which rung the picture came from. A move
 * is answered by the baked states in the same frame, and by Python where it is ready.
 *
 * @typedef {import("./state.js").Control} Control
 * @typedef {import("./state.js").State} State
 * @typedef {import("./baked.js").Answer} Answer
 * @typedef {import("./page.js").Page} Page
 */

import { Baked, whenNear } from "./baked.js";
import { followRange, readForm, writeForm } from "./form.js";
import { sanitise } from "./sanitise.js";
import { defaults, same } from "./state.js";
import { fillTable } from "./table.js";

export class Exhibit {
  /**
   * @param {Page} page
   * @param {HTMLElement} element
   */
  constructor(page, element) {
    const find = (/** @type {string} */ css) =>
      /** @type {HTMLElement} */ (element.querySelector(css));
    this.page = page;
    this.element = element;
    this.name = element.dataset.exhibit ?? "";
    this.schema = JSON.parse(find("script.exhibit-schema").textContent ?? "{}");
    /** @type {Control[]} */ this.controls = this.schema.controls;
    this.form = /** @type {HTMLFormElement} */ (find("form"));
    this.picture = find(".picture");
    this.output = find("output");
    this.note = find(".rung-note");
    this.data = find(".data");
    this.baked = new Baked(element.dataset.states, this.controls);
    /** @type {State} */ this.state = defaults(this.controls);
    /** @type {Answer | null} */ this.shown = null;
    /** @type {string | null} the source that the reader edited, as it last ran */
    this.edited = null;
    /** whether the reader asked anything of it, so that Python answers it when it is ready */
    this.touched = false;
    this.notice = "";
    writeForm(this.form, this.controls, this.state);
    this.form.addEventListener("input", (event) => this.moved(event.target));
    this.form.addEventListener("change", () => this.settle());
    this.form.addEventListener("pointerdown", () => page.python.touch());
    this.form.addEventListener("submit", (event) => event.preventDefault());
    whenNear(element, () => this.baked.load());
  }

  /** @param {EventTarget | null} target the input that the reader is in */
  moved(target) {
    followRange(this.form, this.controls, target);
    const state = readForm(this.form, this.controls, this.state);
    const still = this.controls.every((c) => same(c, state[c.name], this.state[c.name]));
    writeForm(this.form, this.controls, state, /** @type {Element | null} */ (target));
    this.page.python.touch();
    if (!still || !this.touched) this.go(state);
  }

  /** After a change is done, the form says what holds, also where something else was typed. */
  settle() {
    writeForm(this.form, this.controls, this.state);
  }

  /**
   * Takes a state and answers it from the best rung there is. @param {State} state
   */
  go(state) {
    this.state = state;
    this.touched = true;
    this.notice = "";
    this.page.moved(this);
    this.refresh();
  }

  /** Answers the present state again: from the build at once, then from Python. */
  refresh() {
    const answered = this.edited === null && this.fromBuild();
    const { python } = this.page;
    const coming = python.state === "ready" || python.state === "starting";
    if (coming) this.fromPython();
    else if (this.edited !== null) this.say("Start Python to run the edited code.");
    if (!answered && this.edited === null && python.state !== "ready") this.awaitStates();
  }

  /** @returns {boolean} whether the build's states had something to show */
  fromBuild() {
    const found = this.baked.find(this.state, this.page.mutants());
    const live = this.page.python.state === "ready";
    if (!found) return false;
    if (found.exact) {
      this.show(found.answer, "baked");
      this.say("");
    } else if (!live) {
      this.show(found.answer, "baked");
      this.say(this.page.describe(this, found.state));
    }
    return true;
  }

  awaitStates() {
    const { state } = this;
    this.baked.load().then((there) => {
      if (state !== this.state) return;
      if (there && this.page.python.state !== "ready") this.fromBuild();
      else if (this.page.python.state === "off") this.say("Start Python to compute this.");
    });
  }

  async fromPython() {
    const { state } = this;
    const request = { exhibit: this.name, state, mutants: this.page.mutants() };
    const reply = await this.page.python.ask("answer", request, `answer ${this.name}`);
    if (!reply || state !== this.state) return;
    if (reply.ok && this.show(reply, "live")) this.say("");
    else if (!reply.ok) this.say(`Python: ${String(reply.error?.message).slice(0, 300)}`);
  }

  /**
   * @param {any} answer
   * @param {"baked" | "live"} rung
   * @returns {boolean} whether it could be shown
   */
  show(answer, rung) {
    try {
      this.picture.replaceChildren(sanitise(answer.svg, this.name));
    } catch (error) {
      this.say(/** @type {Error} */ (error).message);
      return false;
    }
    const sentence = String(answer.sentence ?? "").slice(0, 2000);
    if (this.output.textContent !== sentence) this.output.textContent = sentence;
    this.shown = answer;
    this.element.dataset.rung = rung;
    if (this.data && !this.data.hidden) fillTable(this.data, answer.table);
    return true;
  }

  /** @param {string} text a quiet word beside the sentence; what the address got wrong stays */
  say(text) {
    const said = text || this.notice;
    if (this.note.textContent !== said) this.note.textContent = said;
  }
}
