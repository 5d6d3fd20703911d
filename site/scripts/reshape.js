// @ts-check
/**
 * When an edit changes an exhibit's controls, its form changes with them; when the edit is given
 * up, the published form comes back.
 *
 * @typedef {import("./exhibit.js").Exhibit} Exhibit
 * @typedef {import("./state.js").Control} Control
 */

import { writeForm } from "./form.js";
import { parse } from "./state.js";

/** @type {WeakMap<Exhibit, Node[]>} the fields as published */
const originals = new WeakMap();

/** @param {Exhibit} exhibit @param {any} schema as Python describes the edited function */
export function reshape(exhibit, schema) {
  if (!Array.isArray(schema?.controls) || !schema.controls.every(sound)) return;
  const controls = /** @type {Control[]} */ (schema.controls).map((c) => trusted(exhibit, c));
  if (JSON.stringify(controls) === JSON.stringify(exhibit.controls)) return;
  if (!originals.has(exhibit)) originals.set(exhibit, [...exhibit.form.childNodes]);
  exhibit.form.replaceChildren(...controls.map((control) => field(exhibit.name, control)));
  adopt(exhibit, controls);
}

/** @param {Exhibit} exhibit */
export function asPublished(exhibit) {
  const fields = originals.get(exhibit);
  if (!fields) return;
  originals.delete(exhibit);
  exhibit.form.replaceChildren(...fields);
  adopt(exhibit, exhibit.schema.controls);
}

/** Keeps of the state what the new controls accept. @param {Exhibit} exhibit @param {Control[]} controls */
function adopt(exhibit, controls) {
  const kept = controls.map((control) => {
    const old = exhibit.state[control.name];
    const value = old === undefined ? undefined : parse(control, String(old));
    return [control.name, value ?? control.default];
  });
  exhibit.controls = controls;
  exhibit.baked.controls = exhibit.schema.controls;
  exhibit.state = Object.fromEntries(kept);
  writeForm(exhibit.form, controls, exhibit.state);
}

/** What comes from edited code is checked before a form is made of it. @param {any} control */
function sound(control) {
  return (
    typeof control?.name === "string" &&
    /^[a-z]\w{0,60}$/i.test(control.name) &&
    ["slider", "toggle", "choice", "text"].includes(control.kind) &&
    Array.isArray(control.stops) &&
    control.stops.length <= 200
  );
}

/**
 * A pattern from edited code could keep the page busy for ever; Python checks the text in any case.
 *
 * @param {Exhibit} exhibit
 * @param {Control} control
 * @returns {Control}
 */
function trusted(exhibit, control) {
  const known = exhibit.schema.controls.some(
    (/** @type {Control} */ c) => c.pattern === control.pattern,
  );
  return known ? control : { ...control, pattern: ".*" };
}

/** @param {string} exhibit @param {Control} control */
function field(exhibit, control) {
  const row = document.createElement("div");
  row.className = `control control-${control.kind}`;
  const label = document.createElement("label");
  const text = `${control.label ?? control.name}${control.unit ? ` (${control.unit})` : ""}`;
  const id = `${exhibit}-${control.name}`;
  label.htmlFor = id;
  label.textContent = text;
  if (control.kind === "choice") {
    const select = Object.assign(document.createElement("select"), { id, name: control.name });
    control.stops.forEach((stop, i) =>
      select.add(new Option(String(control.labels?.[i] ?? stop), String(stop))),
    );
    row.append(label, select);
    return row;
  }
  const input = Object.assign(document.createElement("input"), { id, name: control.name });
  row.append(label, input);
  if (control.kind === "toggle") {
    input.type = "checkbox";
  } else if (control.kind === "text") {
    input.maxLength = Number(control.max_length ?? 200);
  } else {
    const { low, high } = control;
    Object.assign(input, { type: "number", min: String(low), max: String(high) });
    input.step = control.type === "int" ? "1" : "any";
    const slider = document.createElement("input");
    const whole = control.type === "int" && control.stops.length > 1;
    Object.assign(slider, { type: "range", min: "0", max: whole ? control.stops.length - 1 : 1000 });
    slider.dataset.slider = control.name;
    slider.setAttribute("aria-label", text);
    row.append(slider);
  }
  return row;
}
