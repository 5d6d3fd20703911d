// @ts-check
/**
 * Editing an exhibit's own source: run it, see the error at its line with the last good picture
 * kept, reset it. Code that came in a link is shown and waits for Run.
 *
 * @typedef {import("./exhibit.js").Exhibit} Exhibit
 * @typedef {import("./desk.js").Desk} Desk
 */

import { accuse, desk, show } from "./desk.js";
import { excuse } from "./outdated.js";
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
  const opened = await reveal(exhibit);
  opened?.code.set(source);
  if (opened) show(opened.printed, "This code came with the link. Read it, then press Run code.");
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
    await excuse(exhibit, "The code could not be fetched; press Edit to try again.");
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
  const opened = laid.get(exhibit);
  if (!opened) return;
  opened.code.set(published.get(exhibit) ?? "");
  accuse(opened, null);
}

/** @param {Exhibit} exhibit */
function boxOf(exhibit) {
  return /** @type {HTMLElement} */ (exhibit.element.querySelector(".editor"));
}

/** @param {Exhibit} exhibit */
function open(exhibit) {
  let opening = desks.get(exhibit);
  if (!opening) desks.set(exhibit, (opening = lay(exhibit)));
  opening.catch(() => desks.delete(exhibit)); // the next press tries again
  return opening;
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
  const reset = () => {
    giveUp(exhibit);
    exhibit.refresh();
  };
  const { runtime } = exhibit.page.python.place;
  const made = await desk(boxOf(exhibit), runtime, exhibit.name, () => runEdit(exhibit), reset);
  made.code.set(exhibit.edited ?? source);
  laid.set(exhibit, made);
  return made;
}

/** @param {Exhibit} exhibit */
async function runEdit(exhibit) {
  const at = await open(exhibit);
  const { python } = exhibit.page;
  const source = at.code.get();
  accuse(at, null);
  exhibit.touched = true;
  if (python.state === "off" || python.state === "failed") python.start();
  exhibit.say(python.state === "ready" ? "Running …" : "Python is starting …");
  const name = exhibit.name;
  const taken = await python.ask("edit", { exhibit: name, source }, `edit ${name}`);
  if (!taken) return python.state === "failed" && exhibit.say("Python could not start.");
  if (!taken.ok) return blame(exhibit, at, taken.error);
  reshape(exhibit, taken.schema);
  const request = { exhibit: name, state: exhibit.state, mutants: exhibit.page.mutants() };
  const answer = await python.ask("answer", request, `answer ${name}`);
  if (!answer) return;
  if (!answer.ok) return blame(exhibit, at, answer.error);
  exhibit.edited = source;
  python.edits.set(name, source);
  python.warm();
  if (exhibit.show(answer, "live")) exhibit.say("");
  show(at.printed, answer.printed ?? taken.printed ?? "");
}

/** Says what is wrong with the code. @param {Exhibit} exhibit @param {Desk} at @param {any} error */
function blame(exhibit, at, error) {
  accuse(at, error);
  exhibit.say("The code has an error; the picture is the last good one.");
}
