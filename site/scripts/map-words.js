// @ts-check
/**
 * A map in words: a pair of tokens with their weight, and what a head does over the whole text.
 *
 * @typedef {import("./map-state.js").Plan} Plan
 */

/**
 * A weight and how far the true one may be from it, both rounded so that this still holds.
 *
 * @param {number} weight
 * @param {number} error
 */
export function measured(weight, error) {
  const digits = Math.min(8, Math.max(0, 1 - Math.floor(Math.log10(error))));
  const unit = 10 ** -digits;
  const shown = Math.ceil((error + unit / 2) / unit) * unit;
  return `${weight.toFixed(digits)} ± ${shown.toFixed(digits)}`;
}

/**
 * @param {Plan} plan
 * @param {number} row
 * @param {number} column
 */
export function pair(plan, row, column) {
  const keys = plan.keys ?? plan.tokens;
  return `Query ${row} “${plan.tokens[row]}” → key ${column} “${keys[column]}”`;
}

const MEASURES = /** @type {const} */ ([
  ["entropy", (/** @type {number} */ value) => `entropy ${value.toFixed(2)} bits`],
  ["distance", (/** @type {number} */ value) => `mean distance ${value.toFixed(1)} tokens`],
  ["first_token", (/** @type {number} */ value) => `${percent(value)} on the first token`],
  ["previous_token", (/** @type {number} */ value) => `${percent(value)} on the token before`],
]);

/** @param {number} share */
const percent = (share) => `${(100 * share).toFixed(1)}%`;

/**
 * @param {Plan} plan
 * @param {number} layer
 * @param {number} head
 * @returns {string[]}
 */
export function does(plan, layer, head) {
  return MEASURES.flatMap(([name, say]) => {
    const value = plan.statistics[name]?.[layer]?.[head];
    return typeof value === "number" ? [say(value)] : [];
  });
}

/** @param {number} layer @param {number} head */
export const named = (layer, head) => `Layer ${layer}, head ${head}`;
