// @ts-check
/**
 * Play: runs the exhibit's animation axis through its stops, only ever because the reader asked.
 * Where the reader prefers reduced motion, each press goes one step.
 *
 * @typedef {import("./exhibit.js").Exhibit} Exhibit
 */

import { writeForm } from "./form.js";

const STEP = 450;
/** @type {WeakMap<Exhibit, () => void>} what ends the animation that runs */
const playing = new WeakMap();

/** @param {Exhibit} exhibit @param {HTMLElement} button */
export async function play(exhibit, button) {
  const stop = playing.get(exhibit);
  if (stop) return stop();
  const control = exhibit.controls.find((one) => one.play);
  if (!control) return;
  await exhibit.baked.load();
  const next = () => {
    const now = Number(exhibit.state[control.name]);
    const following = control.stops.find((value) => Number(value) > now);
    return following ?? null;
  };
  const step = (/** @type {import("./state.js").Value} */ value) => {
    const state = { ...exhibit.state, [control.name]: value };
    writeForm(exhibit.form, exhibit.controls, state);
    exhibit.go(state);
  };
  step(next() ?? control.stops[0]);
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  run(exhibit, button, () => {
    const value = next();
    if (value !== null) step(value);
    return next() !== null;
  });
}

/**
 * @param {Exhibit} exhibit
 * @param {HTMLElement} button
 * @param {() => boolean} step whether more is to come
 */
function run(exhibit, button, step) {
  const words = button.textContent;
  const end = () => {
    clearInterval(clock);
    exhibit.form.removeEventListener("input", end);
    playing.delete(exhibit);
    button.textContent = words;
    button.setAttribute("aria-pressed", "false");
  };
  const clock = setInterval(() => {
    // One step waits for the other, where Python has to draw it; nothing moves out of sight.
    if (document.hidden || exhibit.page.python.queue.running) return;
    if (!step()) end();
  }, STEP);
  exhibit.form.addEventListener("input", end);
  playing.set(exhibit, end);
  button.textContent = "Pause";
  button.setAttribute("aria-pressed", "true");
}
