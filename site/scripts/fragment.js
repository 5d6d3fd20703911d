// @ts-check
/**
 * The page's state as a URL fragment, and back: `#exhibit-scores?d_k=128&break=no_scaling;…`.
 * Whatever a fragment holds, decoding gives a valid state; what it could not use it says.
 *
 * @typedef {import("./state.js").Control} Control
 * @typedef {import("./state.js").State} State
 * @typedef {object} Part
 * @property {string} name the exhibit's
 * @property {Control[]} controls
 * @property {State} state
 * @property {string} [code] edited source, packed
 */

import { defaults, parse, same } from "./state.js";

const MOST_CHARACTERS = 64 * 1024;

/**
 * @param {Part[]} parts newest first
 * @param {string[]} mutants
 * @returns {string} without `#`; empty where everything is at its default
 */
export function encode(parts, mutants) {
  const written = [];
  for (const part of parts) {
    const pairs = part.controls
      .filter((control) => !same(control, part.state[control.name], control.default))
      .map((control) => [control.name, String(part.state[control.name])]);
    if (part.code) pairs.push(["code", part.code]);
    if (pairs.length) written.push([part.name, pairs]);
  }
  if (mutants.length && !written.length && parts.length) written.push([parts[0].name, []]);
  if (mutants.length && written.length) {
    /** @type {any} */ (written[0][1]).push(["break", mutants.join(",")]);
  }
  return written
    .map(([name, pairs]) => `exhibit-${name}?${/** @type {string[][]} */ (pairs).map(pair).join("&")}`)
    .join(";");
}

/** @param {string[]} entry */
function pair([name, value]) {
  return `${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
}

/**
 * @param {string} fragment with or without `#`
 * @param {Map<string, Control[]>} exhibits
 * @param {Set<string>} mutants the page's
 */
export function decode(fragment, exhibits, mutants) {
  const found = {
    /** @type {Map<string, {state: State, code?: string}>} */ exhibits: new Map(),
    /** @type {string[]} */ mutants: [],
    /** @type {string[]} */ notes: [],
  };
  const text = fragment.replace(/^#/, "");
  if (!/^exhibit-[^?;]*[?;]/.test(text)) return found; // a plain anchor
  if (text.length > MOST_CHARACTERS) {
    found.notes.push("The address is too long to be a state of this page.");
    return found;
  }
  for (const entry of text.split(";").slice(0, 50)) {
    const [id, query = ""] = split(entry, "?");
    const name = id.replace(/^exhibit-/, "");
    const controls = exhibits.get(name);
    if (!controls || found.exhibits.has(name)) {
      found.notes.push("The address names an exhibit that this page does not have.");
      continue;
    }
    found.exhibits.set(name, read(query, controls, mutants, found));
  }
  return found;
}

/**
 * @param {string} query
 * @param {Control[]} controls
 * @param {Set<string>} mutants
 * @param {{mutants: string[], notes: string[]}} found
 */
function read(query, controls, mutants, found) {
  /** @type {{state: State, code?: string}} */
  const part = { state: defaults(controls) };
  for (const item of query.split("&").slice(0, 100)) {
    if (!item) continue;
    const [name, value] = split(item, "=").map(decoded);
    const control = controls.find((one) => one.name === name);
    if (name === "break") {
      const known = value.split(",").filter((one) => mutants.has(one));
      found.mutants.push(...known.filter((one) => !found.mutants.includes(one)));
      if (!known.length) found.notes.push("The address names a fault that this page does not have.");
    } else if (name === "code" && /^[\w-]+$/.test(value)) {
      part.code = value;
    } else if (!control) {
      found.notes.push("The address sets a control that the exhibit does not have.");
    } else {
      const parsed = parse(control, value);
      if (parsed === undefined) {
        found.notes.push(`The address gives ${control.label} a value that it can’t have.`);
      } else part.state[control.name] = parsed;
    }
  }
  return part;
}

/**
 * @param {string} text
 * @param {string} mark
 */
function split(text, mark) {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "\u0000"; // matches no name and no value
  }
}
