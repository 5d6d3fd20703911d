// @ts-check
/**
 * What an exhibit's buttons do (`data-action`); the larger tools are fetched when first asked for.
 *
 * @typedef {import("./exhibit.js").Exhibit} Exhibit
 * @typedef {import("./page.js").Page} Page
 */

import { defaults } from "./state.js";
import { fillTable } from "./table.js";
import { writeForm } from "./form.js";

/** @type {Record<string, (exhibit: Exhibit, button: HTMLElement) => unknown>} */
const ACTIONS = {
  run: runLive,
  edit: (exhibit, button) => import("./edit.js").then(({ toggleEdit }) => toggleEdit(exhibit, button)),
  reset,
  play: (exhibit, button) => import("./play.js").then(({ play }) => play(exhibit, button)),
  data: showData,
  link: async (exhibit) => {
    const [{ copyLink }, { sourceIn }] = await Promise.all([import("./links.js"), import("./edit.js")]);
    copyLink(exhibit, sourceIn(exhibit));
  },
  download: (exhibit, button) =>
    import("./download.js").then(({ download }) => download(exhibit, button)),
  stop: (exhibit) => stop(exhibit.page),
};

/** @param {Page} page */
export function actions(page) {
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("button[data-action]");
    if (!(button instanceof HTMLElement)) return;
    const { action = "" } = button.dataset;
    if (action === "start-python") return page.python.start();
    const figure = /** @type {HTMLElement | null} */ (button.closest("figure.exhibit"));
    const exhibit = page.exhibits.get(figure?.dataset.exhibit ?? "");
    if (exhibit && Object.hasOwn(ACTIONS, action)) ACTIONS[action](exhibit, button);
  });
  page.python.addEventListener("slow", (event) => {
    const [, name] = /** @type {CustomEvent<string>} */ (event).detail.split(" ");
    const exhibit = page.exhibits.get(name);
    if (exhibit) offerStop(exhibit);
  });
  page.python.addEventListener("idle", () => {
    for (const button of document.querySelectorAll('button[data-action="stop"]')) {
      /** @type {HTMLElement} */ (button).hidden = true;
    }
  });
}

/** Shows Stop beside an exhibit that has had no answer for a while. @param {Exhibit} exhibit */
function offerStop(exhibit) {
  let button = /** @type {HTMLButtonElement | null} */ (
    exhibit.element.querySelector('button[data-action="stop"]')
  );
  if (!button) {
    button = document.createElement("button");
    button.type = "button";
    button.dataset.action = "stop";
    button.textContent = "Stop";
    exhibit.element.querySelector(".actions")?.prepend(button);
  }
  button.hidden = false;
  exhibit.say("Python is still busy; Stop ends it.");
}

/** @param {Page} page */
function stop(page) {
  page.python.stop();
  for (const exhibit of page.exhibits.values()) if (exhibit.touched) exhibit.say("Stopped.");
}

/** @param {Exhibit} exhibit */
function runLive(exhibit) {
  const { python } = exhibit.page;
  exhibit.touched = true;
  if (python.state === "ready") exhibit.fromPython();
  else python.start(); // and the answer follows, as for every exhibit that was touched
}

/** Back to the exhibit as published: its controls, and its code. @param {Exhibit} exhibit */
async function reset(exhibit) {
  if (exhibit.edited !== null) (await import("./edit.js")).giveUp(exhibit);
  const state = defaults(exhibit.controls);
  writeForm(exhibit.form, exhibit.controls, state);
  exhibit.say("");
  exhibit.go(state);
}

/**
 * @param {Exhibit} exhibit
 * @param {HTMLElement} button
 */
function showData(exhibit, button) {
  exhibit.data.hidden = !exhibit.data.hidden;
  button.setAttribute("aria-expanded", String(!exhibit.data.hidden));
  if (!exhibit.data.hidden && exhibit.shown) fillTable(exhibit.data, exhibit.shown.table);
}
