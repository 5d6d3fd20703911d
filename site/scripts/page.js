// @ts-check
/**
 * The page as a whole: its exhibits, its one Python, its faults switched on, and the fragment that
 * says all of it.
 */

import { Exhibit } from "./exhibit.js";
import { decode, encode } from "./fragment.js";
import { writeForm } from "./form.js";
import { mutantsOn, switchMutants } from "./mutants.js";
import { Python } from "./python.js";
import { defaults, same } from "./state.js";

export class Page {
  /** @param {any} data the page's JSON */
  constructor(data) {
    this.data = data;
    const absolute = (/** @type {string} */ path) => new URL(path, location.href).href;
    /** @type {{name: string, url: string, bytes: number, sha256: string}[]} */
    const listed = data.assets ?? [];
    const assets = listed.map((asset) => ({ ...asset, url: absolute(asset.url) }));
    const place = {
      runtime: absolute(data.runtime),
      name: data.slug,
      source: () => text(absolute(data.exhibits_source)),
      assets,
    };
    const own = assets.map(({ url, bytes, sha256 }) => [url, bytes, sha256]);
    this.python = new Python(place, data.needs ?? [], [...(data.files ?? []), ...own]);
    /** @type {Exhibit[]} those that the reader moved, newest first */
    this.recent = [];
    /** @type {Map<string, Exhibit>} */
    this.exhibits = new Map();
    for (const element of document.querySelectorAll("figure.exhibit[data-exhibit]")) {
      const exhibit = new Exhibit(this, /** @type {HTMLElement} */ (element));
      this.exhibits.set(exhibit.name, exhibit);
    }
    this.python.addEventListener("state", () => {
      if (this.python.state !== "ready" && this.python.state !== "starting") return;
      for (const exhibit of this.exhibits.values()) if (exhibit.touched) exhibit.fromPython();
    });
    addEventListener("hashchange", () => this.arrive(location.hash));
  }

  mutants() {
    return mutantsOn();
  }

  /** Takes the state that the address holds. @param {string} fragment */
  arrive(fragment) {
    const schemas = new Map([...this.exhibits].map(([name, e]) => [name, e.schema.controls]));
    const known = new Set((this.data.mutants ?? []).map((/** @type {any} */ m) => m.name));
    const found = decode(fragment, schemas, known);
    if (!found.exhibits.size && !found.notes.length) return;
    switchMutants(this, found.mutants);
    const [first = [...this.exhibits.keys()][0]] = found.exhibits.keys();
    const target = this.exhibits.get(first);
    const notes = [...new Set(found.notes)].join(" ");
    if (target) target.notice = notes && `${notes} The rest is shown.`;
    for (const [name, { state, code }] of found.exhibits) {
      const exhibit = /** @type {Exhibit} */ (this.exhibits.get(name));
      exhibit.state = state;
      exhibit.touched = true;
      writeForm(exhibit.form, exhibit.controls, state);
      exhibit.refresh();
      if (code) import("./edit.js").then(({ showLinked }) => showLinked(exhibit, code));
    }
    if (found.exhibits.size) target?.element.scrollIntoView({ block: "start" });
    else target?.say("");
  }

  /** An exhibit has a new state; the address follows. @param {Exhibit} exhibit */
  moved(exhibit) {
    this.recent = [exhibit, ...this.recent.filter((other) => other !== exhibit)];
    clearTimeout(this.writing);
    this.writing = setTimeout(() => this.write(), 120);
  }

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  writing = undefined;

  write() {
    const fragment = this.fragment(this.recent);
    const url = location.pathname + location.search + (fragment ? `#${fragment}` : "");
    history.replaceState(history.state, "", url);
  }

  /** @param {Exhibit[]} exhibits */
  fragment(exhibits) {
    const parts = exhibits.map(({ name, controls, state }) => ({ name, controls, state }));
    const first = this.exhibits.values().next().value;
    const all = parts.length || !first ? parts : [{ ...first, state: defaults(first.controls) }];
    return encode(all, this.mutants());
  }

  /**
   * Says which state is shown in place of the one asked for.
   *
   * @param {Exhibit} exhibit
   * @param {import("./state.js").State} shown
   */
  describe(exhibit, shown) {
    const { controls, state } = exhibit;
    const differing = controls.filter((c) => !same(c, shown[c.name], state[c.name]));
    const words = differing.map((c) => `${c.label} = ${shown[c.name]}`).join(", ");
    const asked = differing.map((c) => state[c.name]).join(", ");
    const rest =
      this.python.state === "starting" ? `Python is starting for ${asked}` : `start Python for ${asked}`;
    return `Nearest computed picture: ${words}; ${rest}.`;
  }
}

/** @param {string} url */
async function text(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`);
  return response.text();
}
