// @ts-check
/**
 * Tokens along a map's two edges: each one where there is room, else every so many by its number.
 *
 * @typedef {import("./map-view.js").View} View
 * @typedef {import("./map-state.js").Plan} Plan
 * @typedef {import("./map-state.js").State} State
 */

import { EDGE } from "./map-draw.js";

const APART = 15; // CSS pixels from one label to the next
const SIZE = 11;

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {View} view
 * @param {Plan} plan
 * @param {State} state
 * @param {CSSStyleDeclaration} style
 */
export function labels(pen, view, plan, state, style) {
  pen.font = `${SIZE}px ${style.fontFamily}`;
  pen.textBaseline = "middle";
  pen.textAlign = "end";
  const step = stride(view.scale);
  const cells = view.scale;
  const [x, y] = view.place(0, 0);
  const rows = { texts: plan.tokens, start: y, span: view.height, chosen: state.row };
  const columns = {
    texts: plan.keys ?? plan.tokens,
    start: x,
    span: view.width,
    chosen: state.column,
  };
  for (const [side, upright] of /** @type {const} */ ([[rows, false], [columns, true]])) {
    const first = Math.max(0, Math.floor(-side.start / cells));
    const last = Math.min(side.texts.length - 1, Math.floor((side.span - side.start) / cells));
    for (let i = Math.ceil(first / step) * step; i <= last; i += step) {
      const near = side.chosen !== null && i !== side.chosen;
      if (near && Math.abs(i - Number(side.chosen)) * cells < APART) continue;
      const at = side.start + (i + 0.5) * cells;
      if (i === side.chosen || at < 0 || at > side.span) continue;
      pen.fillStyle = style.textDecorationColor;
      write(pen, step === 1 ? side.texts[i] : String(i), at, upright);
    }
    if (side.chosen === null) continue;
    const at = side.start + (side.chosen + 0.5) * cells;
    if (at < 0 || at > side.span) continue;
    pen.fillStyle = style.outlineColor;
    write(pen, side.texts[side.chosen], at, upright);
  }
}

/** @param {number} cell CSS pixels @returns {number} one, or a round number of cells */
function stride(cell) {
  const least = APART / cell;
  if (least <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(least));
  return [2, 5, 10].map((digit) => digit * power).find((size) => size >= least) ?? 10 * power;
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {string} text
 * @param {number} at along the edge
 * @param {boolean} upright
 */
function write(pen, text, at, upright) {
  const room = (upright ? EDGE.top : EDGE.left) - 8;
  pen.save();
  if (upright) {
    pen.translate(EDGE.left + at, EDGE.top - 6);
    pen.rotate(-Math.PI / 2);
    pen.textAlign = "start";
  } else pen.translate(EDGE.left - 6, EDGE.top + at);
  pen.fillText(cut(pen, text.trim() || "␣", room), 0, 0);
  pen.restore();
}

/** @param {CanvasRenderingContext2D} pen @param {string} text @param {number} room */
function cut(pen, text, room) {
  if (pen.measureText(text).width <= room) return text;
  let length = text.length - 1;
  while (length > 1 && pen.measureText(`${text.slice(0, length)}…`).width > room) length -= 1;
  return `${text.slice(0, length)}…`;
}
