// @ts-check
/**
 * An exhibit's form of native inputs: read as a state, written from one. A slider is a number
 * input that holds the value and a range beside it that moves it.
 *
 * @typedef {import("./state.js").Control} Control
 * @typedef {import("./state.js").State} State
 * @typedef {import("./state.js").Value} Value
 */

import { parse, same } from "./state.js";

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 * @returns {HTMLInputElement | null}
 */
function range(form, name) {
  return form.querySelector(`input[data-slider="${CSS.escape(name)}"]`);
}

/**
 * Reads every control; what a reader is still typing and does not fit keeps the last value.
 *
 * @param {HTMLFormElement} form
 * @param {Control[]} controls
 * @param {State} last
 * @returns {State}
 */
export function readForm(form, controls, last) {
  return Object.fromEntries(
    controls.map((control) => {
      const field = /** @type {any} */ (form.elements.namedItem(control.name));
      if (!field) return [control.name, last[control.name]];
      const text = control.type === "bool" ? String(field.checked) : String(field.value);
      const value = parse(control, text);
      if (control.kind === "slider" || control.kind === "text") mark(field, value === undefined);
      return [control.name, value ?? last[control.name]];
    }),
  );
}

/**
 * @param {HTMLInputElement} field
 * @param {boolean} refused
 */
function mark(field, refused) {
  if (refused) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}

/**
 * @param {HTMLFormElement} form
 * @param {Control[]} controls
 * @param {State} state
 * @param {Element | null} [except] the input that the reader is in, which is left alone
 */
export function writeForm(form, controls, state, except = null) {
  for (const control of controls) {
    const value = state[control.name];
    const field = /** @type {any} */ (form.elements.namedItem(control.name));
    if (!field) continue;
    if (control.type === "bool") field.checked = value;
    else if (field !== except) field.value = String(value);
    if (control.kind !== "slider") continue;
    if (field !== except) mark(field, false);
    const slider = range(form, control.name);
    if (!slider) continue;
    if (slider !== except) slider.value = String(toPosition(control, Number(value), slider));
    slider.setAttribute("aria-valuetext", `${value}${control.unit ? ` ${control.unit}` : ""}`);
  }
}

/**
 * Takes a moved range over into its number input.
 *
 * @param {HTMLFormElement} form
 * @param {Control[]} controls
 * @param {EventTarget | null} target what the reader moved
 */
export function followRange(form, controls, target) {
  if (!(target instanceof HTMLInputElement) || !target.dataset.slider) return;
  const control = controls.find((one) => one.name === target.dataset.slider);
  const field = /** @type {any} */ (form.elements.namedItem(target.dataset.slider));
  if (control && field) field.value = String(fromPosition(control, Number(target.value), target));
}

/** @param {Control} control @param {HTMLInputElement} slider */
function byStop(control, slider) {
  return Number(slider.max) === control.stops.length - 1;
}

/**
 * @param {Control} control
 * @param {number} position
 * @param {HTMLInputElement} slider
 * @returns {Value}
 */
export function fromPosition(control, position, slider) {
  if (byStop(control, slider)) return control.stops[position] ?? control.default;
  const [low, high] = [Number(control.low), Number(control.high)];
  const share = position / Number(slider.max);
  // A stop that this position is nearest to is taken exactly, so that baked states are reached.
  const near = control.stops.find((s) => toPosition(control, Number(s), slider) === position);
  if (near !== undefined) return near;
  const raw = control.scale === "linear" ? low + (high - low) * share : low * (high / low) ** share;
  const step = control.type === "int" ? control.step || 1 : control.step;
  const value = step ? low + Math.round((raw - low) / step) * step : raw;
  return Math.min(high, Math.max(low, Number(value.toPrecision(6))));
}

/**
 * @param {Control} control
 * @param {number} value
 * @param {HTMLInputElement} slider
 */
export function toPosition(control, value, slider) {
  const [low, high] = [Number(control.low), Number(control.high)];
  if (byStop(control, slider)) {
    const exact = control.stops.findIndex((stop) => same(control, stop, value));
    if (exact >= 0) return exact;
    const above = control.stops.findIndex((stop) => Number(stop) > value);
    return Math.max(0, above - 1);
  }
  const share =
    control.scale === "linear"
      ? (value - low) / (high - low)
      : Math.log(value / low) / Math.log(high / low);
  return Math.round(share * Number(slider.max));
}
