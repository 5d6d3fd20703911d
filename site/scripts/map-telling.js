// @ts-check
/**
 * Says a pair of tokens and its weight: at once to the eye, and to the ear when the reader rests.
 *
 * @typedef {{row: number, column: number}} Cell
 */

import { measured, pair } from "./map-words.js";

const QUIET = 400; // milliseconds after the last move until the pair is spoken
const NOTHING = "Point at a pair of tokens, or press an arrow key.";

export class Telling {
  /**
   * @param {import("./map-tiles.js").Tiles} tiles
   * @param {import("./map-state.js").Plan} plan
   * @param {HTMLElement} said for the eye
   * @param {HTMLElement} spoken for the ear
   */
  constructor(tiles, plan, said, spoken) {
    this.tiles = tiles;
    this.plan = plan;
    this.said = said;
    this.spoken = spoken;
    /** @type {ReturnType<typeof setTimeout> | undefined} */ this.speaking = undefined;
    this.asked = 0;
  }

  /** @param {Cell | null} cell @param {number} layer @param {number} head */
  async tell(cell, layer, head) {
    const asked = (this.asked += 1);
    clearTimeout(this.speaking);
    const words = cell ? `${pair(this.plan, cell.row, cell.column)}: ` : "";
    const weight = cell ? await this.weight(cell, layer, head) : "";
    if (asked !== this.asked) return; // the reader has moved on
    this.said.textContent = words + weight || NOTHING;
    this.speaking = setTimeout(() => (this.spoken.textContent = words + weight), QUIET);
  }

  /** @param {Cell} cell @param {number} layer @param {number} head */
  async weight({ row, column }, layer, head) {
    try {
      const { weight, error } = await this.tiles.weight(layer, head, row, column);
      return measured(weight, error);
    } catch {
      return "its weight could not be fetched";
    }
  }
}
