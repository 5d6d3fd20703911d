// @ts-check
/**
 * An exhibit's state as plain values: what a control accepts, and where a state lies on the
 * lattice of baked ones. Nothing here touches the page.
 *
 * @typedef {boolean | number | string} Value
 * @typedef {Record<string, Value>} State
 * @typedef {object} Control
 * @property {string} name
 * @property {string} label
 * @property {"slider" | "toggle" | "choice" | "text"} kind
 * @property {"int" | "float" | "bool" | "str"} type
 * @property {Value} default
 * @property {Value[]} stops
 * @property {number} [low]
 * @property {number} [high]
 * @property {number | null} [step]
 * @property {"linear" | "log" | "log2"} [scale]
 * @property {string} [unit]
 * @property {boolean} [play]
 * @property {string[]} [labels]
 * @property {string} [pattern]
 * @property {number} [max_length]
 */

/**
 * @param {Control[]} controls
 * @returns {State}
 */
export function defaults(controls) {
  return Object.fromEntries(controls.map((control) => [control.name, control.default]));
}

/**
 * Reads text, as a URL or an input holds it, as one of the control's values.
 *
 * @param {Control} control
 * @param {string} text
 * @returns {Value | undefined} undefined where the control refuses it
 */
export function parse(control, text) {
  if (control.type === "bool") return text === "true" || (text === "false" ? false : undefined);
  if (control.kind === "choice") return control.stops.find((stop) => String(stop) === text);
  if (control.type === "str") return fits(control, text) ? text : undefined;
  if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text.trim())) return undefined;
  const number = Number(text);
  const { low = -Infinity, high = Infinity } = control;
  if (!Number.isFinite(number) || number < low || number > high) return undefined;
  return control.type === "int" && !Number.isInteger(number) ? undefined : number;
}

/**
 * @param {Control} control
 * @param {string} text
 */
function fits(control, text) {
  if (text.length > (control.max_length ?? 200)) return false;
  try {
    return new RegExp(`^(?:${control.pattern ?? ".*"})$`, "u").test(text);
  } catch {
    return control.stops.includes(text); // a pattern that only Python understands
  }
}

/**
 * @param {Control} control
 * @param {Value} a
 * @param {Value} b
 */
export function same(control, a, b) {
  if (control.type !== "float") return a === b;
  const [x, y] = [Number(a), Number(b)];
  return Math.abs(x - y) <= 1e-9 * Math.max(Math.abs(x), Math.abs(y));
}

/**
 * @param {Control[]} controls
 * @param {State} state
 */
export function isDefault(controls, state) {
  return controls.every((control) => same(control, state[control.name], control.default));
}

/**
 * Names the baked state that equals this one: the stops' indices, joined by commas.
 *
 * @param {Control[]} controls
 * @param {State} state
 * @returns {string | null} null where the state is off the lattice
 */
export function keyOf(controls, state) {
  const indices = controls.map((control) =>
    control.stops.findIndex((stop) => same(control, stop, state[control.name])),
  );
  return indices.includes(-1) ? null : indices.join(",");
}

/**
 * @param {Control[]} controls
 * @param {string} key
 * @returns {State}
 */
export function stateOf(controls, key) {
  const indices = key.split(",");
  return Object.fromEntries(controls.map((c, i) => [c.name, c.stops[Number(indices[i])]]));
}

/**
 * Finds the baked state that lies nearest, in steps along the controls' stops; another choice,
 * switch or text counts as far.
 *
 * @param {Control[]} controls
 * @param {State} state
 * @param {Iterable<string>} keys
 * @returns {string | null}
 */
export function nearest(controls, state, keys) {
  const wanted = controls.map((control) => position(control, state[control.name]));
  let best = null;
  let least = Infinity;
  for (const key of keys) {
    const indices = key.split(",");
    let distance = 0;
    for (let axis = 0; axis < controls.length; axis += 1) {
      const away = Math.abs(Number(indices[axis]) - wanted[axis]);
      distance += controls[axis].kind === "slider" ? away : away && 1000;
    }
    if (distance < least) [best, least] = [key, distance];
  }
  return best;
}

/**
 * @param {Control} control
 * @param {Value} value
 * @returns {number} the stop's index, with a fraction for a number between two stops
 */
function position(control, value) {
  if (control.kind !== "slider") return control.stops.indexOf(value);
  const stops = /** @type {number[]} */ (control.stops);
  const number = Number(value);
  const above = stops.findIndex((stop) => stop >= number);
  if (above <= 0) return above === 0 ? 0 : stops.length - 1;
  return above - (stops[above] - number) / (stops[above] - stops[above - 1]);
}
