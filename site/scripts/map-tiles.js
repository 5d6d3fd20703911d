// @ts-check
/**
 * A map's pictures: which of them show a part of a head at a level, fetched once each and kept
 * while they are of use, and the weight that a pixel of the first level stands for.
 *
 * @typedef {import("./map-state.js").Plan} Plan
 * @typedef {object} Picture
 * @property {number} width
 * @property {Uint8Array} greys
 * @property {HTMLCanvasElement} canvas the greys as opacity, in black
 * @typedef {object} Piece a part of a picture, and where it lies in the head's level
 * @property {string} file
 * @property {number} x
 * @property {number} y
 * @property {number} width
 * @property {number} height
 * @property {number} row
 * @property {number} column
 */

import { readPng } from "./map-png.js";

const MOST = 48; // pictures kept; a large one takes a megabyte

export class Tiles {
  /**
   * @param {string} base the map's folder
   * @param {Plan} plan
   * @param {() => void} changed called when a picture has come, or could not
   */
  constructor(base, plan, changed) {
    this.base = base;
    this.plan = plan;
    this.changed = changed;
    /** @type {Map<string, Promise<Picture>>} the last used last */
    this.coming = new Map();
    /** @type {Map<string, Picture>} */
    this.there = new Map();
    this.failed = false;
  }

  /**
   * The level whose pixels are at least one of the screen's.
   *
   * @param {number} scale screen pixels a cell
   */
  level(scale) {
    const wanted = Math.ceil(Math.log2(1 / scale) - 0.01);
    return Math.min(this.plan.levels.length - 1, Math.max(0, wanted));
  }

  /**
   * @param {number} level
   * @param {number} layer
   * @param {number} head
   * @param {{top: number, left: number, bottom: number, right: number}} part in the level's pixels
   * @returns {Piece[]}
   */
  pieces(level, layer, head, part) {
    const { rows, columns, file, sheet } = this.plan.levels[level];
    const named = (/** @type {number} */ row, /** @type {number} */ column) =>
      file.replace(/\{(\w+)\}/g, (_, key) => String({ layer, head, row, column }[key]));
    if (sheet.length) {
      const y = sheet.includes("layer") ? layer * rows : 0;
      const whole = { x: head * columns, y, width: columns, height: rows, row: 0, column: 0 };
      return [{ file: named(0, 0), ...whole }];
    }
    const found = [];
    const { tile } = this.plan;
    const last = (/** @type {number} */ end, /** @type {number} */ size) =>
      Math.min(Math.ceil(size / tile), Math.ceil(end / tile));
    for (let i = Math.max(0, Math.floor(part.top / tile)); i < last(part.bottom, rows); i += 1) {
      for (let j = Math.max(0, Math.floor(part.left / tile)); j < last(part.right, columns); j += 1) {
        const [row, column] = [i * tile, j * tile];
        const width = Math.min(tile, columns - column);
        const height = Math.min(tile, rows - row);
        found.push({ file: named(i, j), x: 0, y: 0, width, height, row, column });
      }
    }
    return found;
  }

  /** @param {string} file @returns {Picture | undefined} where it is there; it is fetched if not */
  picture(file) {
    this.fetched(file).catch(() => {});
    return this.there.get(file);
  }

  /** @param {string} file @returns {Promise<Picture>} */
  fetched(file) {
    const coming = this.coming.get(file) ?? this.load(file);
    this.coming.delete(file);
    this.coming.set(file, coming);
    for (const old of this.coming.keys()) {
      if (this.coming.size <= MOST) break;
      this.coming.delete(old);
      this.there.delete(old);
    }
    return coming;
  }

  /** @param {string} file */
  async load(file) {
    try {
      const response = await fetch(new URL(file, this.base));
      if (!response.ok) throw new Error(`${file}: HTTP ${response.status}`);
      const { width, height, greys } = await readPng(await response.arrayBuffer());
      const picture = { width, greys, canvas: opaque(width, height, greys) };
      if (this.coming.has(file)) this.there.set(file, picture);
      this.failed = false;
      return picture;
    } catch (error) {
      this.failed = true;
      setTimeout(() => this.coming.delete(file), 2000); // then the next view asks again
      throw error;
    } finally {
      this.changed();
    }
  }

  /**
   * @param {number} layer
   * @param {number} head
   * @param {number} row
   * @param {number} column
   * @returns {Promise<{weight: number, error: number}>} and how far from the weight it may be
   */
  async weight(layer, head, row, column) {
    const part = { top: row, left: column, bottom: row + 1, right: column + 1 };
    const [piece] = this.pieces(0, layer, head, part);
    const { width, greys } = await this.fetched(piece.file);
    const [x, y] = [piece.x + column - piece.column, piece.y + row - piece.row];
    const steps = this.plan.quantisation.steps ?? 255;
    const step = Math.round((greys[y * width + x] * steps) / 255);
    // Half a step of the square root, seen as weight.
    return { weight: (step / steps) ** 2, error: (step + 0.25) / steps ** 2 };
  }
}

/** @param {number} width @param {number} height @param {Uint8Array} greys */
function opaque(width, height, greys) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const pixels = new ImageData(width, height);
  for (let i = 0; i < greys.length; i += 1) pixels.data[4 * i + 3] = greys[i];
  canvas.getContext("2d")?.putImageData(pixels, 0, 0);
  return canvas;
}
