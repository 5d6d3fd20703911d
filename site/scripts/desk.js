// @ts-check
/**
 * Where code is edited: an editor, the buttons under it, and places for what went wrong and what
 * was printed.
 *
 * @typedef {{code: import("./editor.js").Editor, error: HTMLElement, printed: HTMLElement}} Desk
 */

import { editor } from "./editor.js";

/**
 * Lays a desk in its box.
 *
 * @param {HTMLElement} box @param {string} runtime the runtime's folder @param {string} name
 * @param {() => void} run @param {() => void} reset @returns {Promise<Desk>}
 */
export async function desk(box, runtime, name, run, reset) {
  const host = Object.assign(document.createElement("div"), { className: "editor-code" });
  const bar = Object.assign(document.createElement("div"), { className: "editor-bar" });
  const error = Object.assign(document.createElement("pre"), { className: "editor-error" });
  const printed = Object.assign(document.createElement("pre"), { className: "editor-printed" });
  const hint = Object.assign(document.createElement("span"), { className: "editor-hint" });
  error.setAttribute("role", "alert");
  error.hidden = printed.hidden = true;
  hint.textContent = "Ctrl+Enter or ⌘+Enter runs the code; Tab leaves the editor.";
  const buttons = [button("Run code", "run-code", run), " ", button("Reset code", "reset-code", reset)];
  bar.append(...buttons, " ", hint);
  box.append(host, bar, error, printed);
  return { code: await editor(host, runtime, `Code of ${name}`, run), error, printed };
}

/** @param {string} text @param {string} name @param {() => void} act */
function button(text, name, act) {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: text });
  made.dataset.editor = name;
  made.addEventListener("click", act);
  return made;
}

/** Shows an error and marks its line; null clears both. @param {Desk} desk @param {any} error */
export function accuse(desk, error) {
  const text = error ? String(error.traceback ?? error.message ?? error.type).slice(0, 4000) : "";
  show(desk.error, text);
  show(desk.printed, "");
  desk.code.mark(Number.isInteger(error?.line) ? error.line : null);
}

/** @param {HTMLElement} place @param {string} text */
export function show(place, text) {
  place.textContent = text;
  place.hidden = !text;
}
