// @ts-check
/**
 * What a reader looks at on a map, as a URL fragment and back:
 * `#map-NAME?layer=3&head=2&row=17&column=4&zoom=2`. Whatever a fragment holds, decoding gives a
 * valid state; what it could not use it says.
 *
 * @typedef {object} Level
 * @property {number} rows
 * @property {number} columns
 * @property {string} file
 * @property {string[]} sheet
 * @typedef {object} Plan a map's `map.json`
 * @property {string} title
 * @property {number} layers
 * @property {number} heads
 * @property {number} rows
 * @property {number} columns
 * @property {string[]} tokens
 * @property {string[] | null} keys
 * @property {number} tile
 * @property {Level[]} levels
 * @property {{steps?: number}} quantisation
 * @property {Record<string, number[][] | null>} statistics
 * @typedef {object} State
 * @property {number} layer
 * @property {number} head
 * @property {number | null} row the cursor's cell, or none
 * @property {number | null} column
 * @property {number} zoom 1 shows the whole map
 */

const MOST_ZOOM = 1000; // the view allows less

/** @returns {State} */
export const start = () => ({ layer: 0, head: 0, row: null, column: null, zoom: 1 });

/**
 * @param {string} id the figure's
 * @param {State} state
 * @returns {string} without `#`
 */
export function encode(id, state) {
  const pairs = [];
  if (state.layer) pairs.push(`layer=${state.layer}`);
  if (state.head) pairs.push(`head=${state.head}`);
  if (state.row !== null && state.column !== null) {
    pairs.push(`row=${state.row}`, `column=${state.column}`);
  }
  if (state.zoom !== 1) pairs.push(`zoom=${Number(state.zoom.toPrecision(3))}`);
  return pairs.length ? `${id}?${pairs.join("&")}` : id;
}

/**
 * @param {string} fragment
 * @param {string} id
 * @param {Plan} plan
 * @returns {{state: State, note: string} | null} null where it means something else
 */
export function decode(fragment, id, plan) {
  const text = fragment.replace(/^#/, "");
  if (text.length > 500 || !text.startsWith(`${id}?`)) return null;
  const state = start();
  let note = "";
  const most = {
    layer: plan.layers - 1,
    head: plan.heads - 1,
    row: plan.rows - 1,
    column: plan.columns - 1,
  };
  for (const [name, value] of new URLSearchParams(text.slice(id.length + 1))) {
    const number = /^\d+(\.\d+)?$/.test(value) ? Number(value) : NaN;
    if (name === "zoom" && number >= 1 && number <= MOST_ZOOM) state.zoom = number;
    else if (Object.hasOwn(most, name) && Number.isInteger(number)) {
      const key = /** @type {keyof typeof most} */ (name);
      state[key] = Math.min(number, most[key]);
      if (number > most[key]) note = `The address asks for ${name} ${number}; the last is shown.`;
    } else note = "The address asks for something that this map does not have.";
  }
  if (state.row === null || state.column === null) state.row = state.column = null;
  return { state, note };
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let writing;

/** The address follows the reader, a moment later. @param {() => string} fragment */
export function follow(fragment) {
  clearTimeout(writing);
  writing = setTimeout(() => {
    const url = `${location.pathname}${location.search}#${fragment()}`;
    history.replaceState(history.state, "", url);
  }, 150);
}
