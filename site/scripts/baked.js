// @ts-check
/**
 * The states that the build computed: one small file an exhibit, fetched when the exhibit comes
 * near the view, and from then on answering at once.
 *
 * @typedef {import("./state.js").Control} Control
 * @typedef {import("./state.js").State} State
 * @typedef {object} Answer
 * @property {string} svg
 * @property {string} sentence
 * @property {{columns: string[], rows: unknown[][]}} table
 */

import { firstViewDone } from "./first-view.js";
import { isDefault, keyOf, nearest, stateOf } from "./state.js";

/**
 * @typedef {object} Found
 * @property {Answer} answer
 * @property {State} state the state that the answer is of
 * @property {boolean} exact
 */

export class Baked {
  /**
   * @param {string | undefined} url
   * @param {Control[]} controls
   */
  constructor(url, controls) {
    this.url = url;
    this.controls = controls;
    /** @type {any} */
    this.file = null;
    /** @type {Promise<boolean> | null} */
    this.loading = null;
    this.failed = false;
  }

  /**
   * Fetches the file once; after a failure the next call tries again.
   *
   * @returns {Promise<boolean>} whether states are there
   */
  load() {
    if (!this.url) return Promise.resolve(false);
    this.loading ??= fetch(this.url, { cache: this.failed ? "reload" : "default" })
      .then((response) => (response.ok ? response.json() : Promise.reject(response.status)))
      .then((file) => {
        if (file.version !== 1) throw new Error("states of another version");
        this.file = file;
        return true;
      })
      .catch(() => {
        this.loading = null;
        this.failed = true; // what came may have been kept
        return false;
      });
    return this.loading;
  }

  /**
   * @param {State} state
   * @param {string[]} mutants those switched on
   * @returns {Found | null} null while the file is not there, or where it can't say
   */
  find(state, mutants) {
    if (!this.file) return null;
    if (mutants.length) return this.broken(state, mutants);
    const { states } = this.file;
    const key = keyOf(this.controls, state);
    if (key !== null && Object.hasOwn(states, key)) {
      return { answer: this.assemble(states[key]), state, exact: true };
    }
    const near = nearest(this.controls, state, Object.keys(states));
    if (near === null) return null;
    return {
      answer: this.assemble(states[near]),
      state: stateOf(this.controls, near),
      exact: false,
    };
  }

  /**
   * A fault is baked for the default state alone, and only where it changes the picture.
   *
   * @param {State} state
   * @param {string[]} mutants
   * @returns {Found | null}
   */
  broken(state, mutants) {
    if (mutants.length > 1) return null;
    const { states, mutants: baked = {} } = this.file;
    const start = Object.fromEntries(this.controls.map((c) => [c.name, c.default]));
    const key = keyOf(this.controls, start);
    const entry = Object.hasOwn(baked, mutants[0]) ? baked[mutants[0]] : states[key ?? ""];
    if (!entry) return null;
    return {
      answer: this.assemble(entry),
      state: start,
      exact: isDefault(this.controls, state),
    };
  }

  /**
   * @param {{svg: number[], sentence: string, table: Answer["table"]}} entry
   * @returns {Answer}
   */
  assemble(entry) {
    const svg = entry.svg.map((index) => this.file.parts[index]).join("\n");
    return { svg, sentence: entry.sentence, table: entry.table };
  }
}

/**
 * Calls back once, when the element is within a screen of the view.
 *
 * @param {Element} element
 * @param {() => void} callback
 */
export function whenNear(element, callback) {
  const observer = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      callback();
    },
    { rootMargin: "100% 0px" },
  );
  firstViewDone.then(() => observer.observe(element));
}
