// @ts-check
/**
 * Draws what is in sight of a map: its pictures in the page's ink on the page's paper, the cursor
 * in the accent, and the tokens along two edges. Colours are the canvas element's own, so that both
 * themes and forced colours come from the stylesheet.
 *
 * @typedef {import("./map-view.js").View} View
 * @typedef {import("./map-tiles.js").Tiles} Tiles
 * @typedef {import("./map-state.js").State} State
 */

import { labels } from "./map-labels.js";

/** room for tokens, in CSS pixels */
export const EDGE = { left: 72, top: 56 };

/**
 * @param {HTMLCanvasElement} canvas
 * @param {View} view
 * @param {Tiles} tiles
 * @param {State} state
 */
export function draw(canvas, view, tiles, state) {
  const pen = canvas.getContext("2d");
  if (!pen) return;
  const density = devicePixelRatio || 1;
  const [width, height] = [view.width + EDGE.left, view.height + EDGE.top];
  const [across, down] = [width, height].map((size) => Math.round(size * density));
  if (canvas.width !== across || canvas.height !== down) {
    [canvas.width, canvas.height] = [across, down];
  }
  const style = getComputedStyle(canvas);
  pen.setTransform(density, 0, 0, density, 0, 0);
  pen.globalCompositeOperation = "source-over";
  pen.clearRect(0, 0, width, height);
  pen.save();
  pen.beginPath();
  pen.rect(EDGE.left, EDGE.top, view.width, view.height);
  pen.clip();
  pen.translate(EDGE.left, EDGE.top);
  const level = tiles.level(view.scale * density);
  const missing = weights(pen, view, tiles, state, level);
  // What is there is opacity alone; now it becomes ink.
  pen.globalCompositeOperation = "source-in";
  pen.fillStyle = style.color;
  pen.fillRect(0, 0, view.width, view.height);
  pen.globalCompositeOperation = "source-over";
  frame(pen, view, style.borderTopColor);
  if (state.row !== null && state.column !== null) {
    cursor(pen, view, state.row, state.column, style.outlineColor);
  }
  pen.restore();
  labels(pen, view, tiles.plan, state, style);
  canvas.dataset.level = String(level);
  canvas.dataset.drawn = missing ? "partly" : "whole";
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {View} view
 * @param {Tiles} tiles
 * @param {State} state
 * @param {number} level
 * @returns {number} how many pictures are still to come
 */
function weights(pen, view, tiles, state, level) {
  pen.imageSmoothingEnabled = false;
  let missing = 0;
  // The overview lies below until the pictures are there.
  const rough = tiles.plan.levels.length - 1;
  for (const one of rough === level ? [level] : [rough, level]) {
    const size = 2 ** one; // cells a pixel
    const part = {
      top: view.top / size,
      left: view.left / size,
      bottom: (view.top + view.height / view.scale) / size,
      right: (view.left + view.width / view.scale) / size,
    };
    for (const piece of tiles.pieces(one, state.layer, state.head, part)) {
      const picture = tiles.picture(piece.file);
      if (!picture) {
        missing += 1;
        continue;
      }
      const [x, y] = view.place(piece.row * size, piece.column * size);
      // A level's last pixel may stand for less than its share: nothing reaches past the map.
      const columns = Math.min(piece.width * size, view.columns - piece.column * size);
      const rows = Math.min(piece.height * size, view.rows - piece.row * size);
      const [width, height] = [columns * view.scale, rows * view.scale];
      pen.clearRect(x, y, width, height);
      const from = [piece.x, piece.y, columns / size, rows / size];
      pen.drawImage(picture.canvas, from[0], from[1], from[2], from[3], x, y, width, height);
    }
  }
  return missing;
}

/** @param {CanvasRenderingContext2D} pen @param {View} view @param {string} colour */
function frame(pen, view, colour) {
  const [x, y] = view.place(0, 0);
  pen.strokeStyle = colour;
  pen.lineWidth = 1;
  pen.strokeRect(x + 0.5, y + 0.5, view.columns * view.scale - 1, view.rows * view.scale - 1);
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {View} view
 * @param {number} row
 * @param {number} column
 * @param {string} colour
 */
function cursor(pen, view, row, column, colour) {
  const [x, y] = view.place(row, column);
  const size = Math.max(view.scale, 5);
  const [left, top] = [x + view.scale / 2 - size / 2, y + view.scale / 2 - size / 2];
  pen.strokeStyle = colour;
  pen.lineWidth = 1;
  pen.globalAlpha = 0.55;
  pen.beginPath();
  for (const [a, b, c, d] of [
    [0, top + size / 2, left, top + size / 2],
    [left + size, top + size / 2, view.width, top + size / 2],
    [left + size / 2, 0, left + size / 2, top],
    [left + size / 2, top + size, left + size / 2, view.height],
  ]) {
    pen.moveTo(a, b);
    pen.lineTo(c, d);
  }
  pen.stroke();
  pen.globalAlpha = 1;
  pen.lineWidth = 2;
  pen.strokeRect(left, top, size, size);
}
