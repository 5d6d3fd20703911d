// @ts-check
/**
 * An attention map's viewer: a head's weights on a canvas, the pair under the pointer or the cursor
 * in words, and what the head does. What it shows is in the page's address.
 *
 * @typedef {import("./map-state.js").Plan} Plan
 */

import { draw, EDGE } from "./map-draw.js";
import { overview } from "./map-overview.js";
import { build } from "./map-parts.js";
import { decode, encode, follow, start } from "./map-state.js";
import { Telling } from "./map-telling.js";
import { Tiles } from "./map-tiles.js";
import { View } from "./map-view.js";
import { wire } from "./map-wiring.js";
import { does, named } from "./map-words.js";

export class Viewer {
  /** @param {HTMLElement} figure @returns {Promise<Viewer>} */
  static async open(figure) {
    const base = new URL(figure.dataset.map ?? "", location.href).href;
    const response = await fetch(base);
    if (!response.ok) throw new Error(`${base}: HTTP ${response.status}`);
    const plan = await response.json();
    if (plan.version !== 1) throw new Error("a map of another version");
    return new Viewer(figure, base, plan);
  }

  /** @param {HTMLElement} figure @param {string} base @param {Plan} plan */
  constructor(figure, base, plan) {
    this.figure = figure;
    this.plan = plan;
    this.state = start();
    this.view = new View(plan.rows, plan.columns);
    this.tiles = new Tiles(base, plan, () => this.redraw());
    this.parts = build(figure, plan);
    this.telling = new Telling(this.tiles, plan, this.parts.said, this.parts.spoken);
    this.waiting = 0;
    wire(this);
    this.mark = overview(figure, plan, this.parts.chosen, this.choose);
    this.fit();
    this.refresh();
  }

  get cursor() {
    const { row, column } = this.state;
    return row === null || column === null ? null : { row, column };
  }

  /** What the address names: the cursor where it is in sight, else the middle. */
  get place() {
    const { view, cursor } = this;
    const seen = cursor && view.shows(cursor.row, cursor.column);
    return seen || view.zoom === 1 ? cursor : view.middle();
  }

  /** Takes the state that the address holds. @param {string} fragment */
  arrive(fragment) {
    const found = decode(fragment, this.figure.id, this.plan);
    if (!found) return;
    this.state = found.state;
    this.show(found.state.zoom);
    this.state.zoom = this.view.zoom;
    this.refresh();
    this.parts.note.textContent = found.note;
  }

  /** @param {number} zoom */
  show(zoom) {
    const { row, column } = this.cursor ?? this.view.middle();
    this.view.zoomTo(zoom);
    this.view.centre(row, column);
  }

  fit() {
    const { clientWidth, clientHeight } = this.parts.frame;
    this.view.resize(clientWidth - EDGE.left, clientHeight - EDGE.top);
    this.redraw();
  }

  /** @param {number} layer @param {number} head */
  choose = (layer, head) => this.change(() => Object.assign(this.state, { layer, head }));

  /** @param {number} factor */
  magnify(factor) {
    const { view, cursor } = this;
    const seen = cursor && view.shows(cursor.row, cursor.column);
    const [x, y] = seen ? view.place(cursor.row, cursor.column) : [view.width / 2, view.height / 2];
    const half = seen ? view.scale / 2 : 0;
    this.change(() => view.zoomAt(factor, x + half, y + half));
  }

  /** @param {number} rows @param {number} columns */
  step(rows, columns) {
    const from = this.cursor ?? this.view.middle();
    const within = (/** @type {number} */ value, /** @type {number} */ count) =>
      Math.min(count - 1, Math.max(0, value));
    const [down, across] = this.cursor ? [rows, columns] : [0, 0]; // the first key shows it
    const row = within(from.row + down, this.plan.rows);
    this.put({ row, column: within(from.column + across, this.plan.columns) });
  }

  /** @param {{row: number, column: number} | null} cell */
  put(cell) {
    if (!cell) return;
    this.change(() => {
      Object.assign(this.state, cell);
      this.view.reveal(cell.row, cell.column);
    });
  }

  /** What the reader did changes the picture, the words and the address. @param {() => void} act */
  change(act) {
    act();
    this.state.zoom = this.view.zoom;
    this.refresh();
    follow(() => encode(this.figure.id, { ...this.state, ...(this.place ?? {}) }));
  }

  refresh() {
    const { state, plan, parts } = this;
    const name = named(state.layer, state.head);
    [parts.layer.value, parts.head.value] = [String(state.layer), String(state.head)];
    parts.does.textContent = `${name}: ${does(plan, state.layer, state.head).join(", ")}.`;
    const size = `${plan.rows} by ${plan.columns} weights`;
    parts.canvas.setAttribute("aria-label", `${plan.title}. ${name}, ${size}`);
    parts.canvas.toggleAttribute("data-zoomed", this.view.zoom > 1);
    // Not `disabled`, which would take the focus from the button that was just pressed.
    const [least, most] = [this.view.zoom <= 1, this.view.zoom >= this.view.mostZoom];
    parts.closer.setAttribute("aria-disabled", String(most));
    for (const button of [parts.wider, parts.whole]) button.setAttribute("aria-disabled", String(least));
    parts.note.textContent = "";
    this.mark(state.layer, state.head);
    this.tell(this.cursor);
    this.redraw();
  }

  /** @param {import("./map-telling.js").Cell | null} cell */
  tell = (cell) => this.telling.tell(cell, this.state.layer, this.state.head);

  redraw() {
    cancelAnimationFrame(this.waiting);
    this.waiting = requestAnimationFrame(() => {
      draw(this.parts.canvas, this.view, this.tiles, this.state);
      if (this.tiles.failed) this.parts.note.textContent = "A part of the map could not be fetched.";
    });
  }
}
