// @ts-check
/**
 * Editing an exhibit's own source: run it, see the error at its line with the last good picture
 * kept, reset it. Code that came in a link is shown and waits for Run.
 *
 * @typedef {import("./exhibit.js").Exhibit} Exhibit
 * @typedef {{code: import("./editor.js").Editor, error: HTMLElement, printed: HTMLElement}} Desk
 */

import { editor } from "./editor.js";
import { unpack } from "./packing.js";
import { asPublished, reshape } from "./reshape.js";

/** @type {Map<Exhibit, Promise<Desk>>} */
const desks = new Map();
/** @type {Map<Exhibit, string>} the source of each that was opened, as the page publishes it */
const published = new Map();
/** @type {Map<Exhibit, Desk>} those whose editor is there */
const laid = new Map();

/** @param {Exhibit} exhibit @param {HTMLElement} button */
export async function toggleEdit(exhibit, button) {
  const box = boxOf(exhibit);
  box.hidden = !box.hidden;
  if (!box.hidden) (await reveal(exhibit))?.code.focus();
  button.setAttribute("aria-expanded", String(!box.hidden));
}

/** @param {Exhibit} exhibit @param {string} packed */
export async function showLinked(exhibit, packed) {
  const source = await unpack(packed);
  if (source === null) return exhibit.say("The code in the address could not be read.");
  const desk = await reveal(exhibit);
  desk?.code.set(source);
  if (desk) show(desk.printed, "This code came with the link. Read it, then press Run code.");
}

/** @param {Exhibit} exhibit @returns {Promise<Desk | null>} null where the code can't be had */
async function reveal(exhibit) {
  const box = boxOf(exhibit);
  box.hidden = false;
  try {
    return await open(exhibit);
  } catch (error) {
    console.info("The editor could not be opened:", error);
    box.hidden = true;
    exhibit.say("The code could not be fetched; press Edit to try again.");
    return null;
  }
}

/** @param {Exhibit} exhibit @returns {string | null} what the editor holds, if it was changed */
export function sourceIn(exhibit) {
  const source = laid.get(exhibit)?.code.get() ?? exhibit.edited;
  return source === published.get(exhibit) ? null : (source ?? null);
}

/** Gives the edit up, in the editor, the form and in Python. @param {Exhibit} exhibit */
export function giveUp(exhibit) {
  const { python } = exhibit.page;
  exhibit.edited = null;
  python.edits.delete(exhibit.name);
  asPublished(exhibit);
  python.ask("edit", { exhibit: exhibit.name, source: null }, `edit ${exhibit.name}`);
  const desk = laid.get(exhibit);
  if (!desk) return;
  desk.code.set(published.get(exhibit) ?? "");
  blame(desk, null);
}

/** @param {Exhibit} exhibit */
function boxOf(exhibit) {
  return /** @type {HTMLElement} */ (exhibit.element.querySelector(".editor"));
}

/** @param {Exhibit} exhibit */
function open(exhibit) {
  let desk = desks.get(exhibit);
  if (!desk) desks.set(exhibit, (desk = lay(exhibit)));
  desk.catch(() => desks.delete(exhibit)); // the next press tries again
  return desk;
}

/** Cuts the exhibit's function out of the page's code. @param {Exhibit} exhibit */
async function ownSource(exhibit) {
  const whole = await exhibit.page.python.place.source();
  const source = whole.slice(...exhibit.schema.span);
  published.set(exhibit, source);
  return source;
}

/** @param {Exhibit} exhibit @returns {Promise<Desk>} */
async function lay(exhibit) {
  const source = await ownSource(exhibit);
  const host = Object.assign(document.createElement("div"), { className: "editor-code" });
  const bar = Object.assign(document.createElement("div"), { className: "editor-bar" });
  const error = Object.assign(document.createElement("pre"), { className: "editor-error" });
  const printed = Object.assign(document.createElement("pre"), { className: "editor-printed" });
  const hint = Object.assign(document.createElement("span"), { className: "editor-hint" });
  error.setAttribute("role", "alert");
  error.hidden = printed.hidden = true;
  hint.textContent = "Ctrl+Enter or ⌘+Enter runs the code; Tab leaves the editor.";
  const run = () => runEdit(exhibit);
  bar.append(
    button("Run code", "run-code", run),
    " ",
    button("Reset code", "reset-code", () => {
      giveUp(exhibit);
      exhibit.refresh();
    }),
    " ",
    hint,
  );
  boxOf(exhibit).append(host, bar, error, printed);
  const code = await editor(host, exhibit.page.python.place.runtime, `Code of ${exhibit.name}`, run);
  code.set(exhibit.edited ?? source);
  const desk = { code, error, printed };
  laid.set(exhibit, desk);
  return desk;
}

/** @param {string} text @param {string} name @param {() => void} act */
function button(text, name, act) {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: text });
  made.dataset.editor = name;
  made.addEventListener("click", act);
  return made;
}

/** @param {Exhibit} exhibit */
async function runEdit(exhibit) {
  const desk = await open(exhibit);
  const { python } = exhibit.page;
  const source = desk.code.get();
  blame(desk, null);
  exhibit.touched = true;
  if (python.state === "off" || python.state === "failed") python.start();
  exhibit.say(python.state === "ready" ? "Running …" : "Python is starting …");
  const name = exhibit.name;
  const taken = await python.ask("edit", { exhibit: name, source }, `edit ${name}`);
  if (!taken) return python.state === "failed" && exhibit.say("Python could not start.");
  if (!taken.ok) return blame(desk, taken.error, exhibit);
  reshape(exhibit, taken.schema);
  const request = { exhibit: name, state: exhibit.state, mutants: exhibit.page.mutants() };
  const answer = await python.ask("answer", request, `answer ${name}`);
  if (!answer) return;
  if (!answer.ok) return blame(desk, answer.error, exhibit);
  exhibit.edited = source;
  python.edits.set(name, source);
  python.warm();
  if (exhibit.show(answer, "live")) exhibit.say("");
  show(desk.printed, answer.printed ?? taken.printed ?? "");
}

/** @param {Desk} desk @param {any} error @param {Exhibit} [exhibit] */
function blame(desk, error, exhibit) {
  const text = error ? String(error.traceback ?? error.message ?? error.type).slice(0, 4000) : "";
  show(desk.error, text);
  show(desk.printed, "");
  desk.code.mark(Number.isInteger(error?.line) ? error.line : null);
  exhibit?.say("The code has an error; the picture is the last good one.");
}

/** @param {HTMLElement} place @param {string} text */
function show(place, text) {
  place.textContent = text;
  place.hidden = !text;
}
