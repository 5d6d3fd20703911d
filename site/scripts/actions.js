// @ts-check
/**
 * What an exhibit's buttons do (`data-action`); the larger tools are fetched when first asked for.
 *
 * @typedef {import("./exhibit.js").Exhibit} Exhibit
 * @typedef {import("./page.js").Page} Page
 */

import { button, excuse, reload } from "./outdated.js";
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
  embed: (exhibit) => import("./links.js").then(({ copyEmbed }) => copyEmbed(exhibit)),
  download: (exhibit, button) =>
    import("./download.js").then(({ download }) => download(exhibit, button)),
};

/** @param {Page} page */
export function actions(page) {
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("button[data-action]");
    if (!(button instanceof HTMLElement)) return;
    const { action = "" } = button.dataset;
    if (action === "start-python") return page.python.start();
    if (action === "stop") return stop(page);
    if (action === "reload") return reload(page);
    const figure = /** @type {HTMLElement | null} */ (button.closest("figure.exhibit"));
    const exhibit = page.exhibits.get(figure?.dataset.exhibit ?? "");
    if (exhibit && Object.hasOwn(ACTIONS, action)) act(exhibit, action, button);
  });
  page.python.queue.addEventListener("slow", (event) => {
    offerStop(page, /** @type {CustomEvent<string>} */ (event).detail);
  });
  page.python.queue.addEventListener("idle", () => {
    for (const button of document.querySelectorAll('button[data-action="stop"]')) {
      /** @type {HTMLElement} */ (button).hidden = true;
    }
  });
}

/** @param {Exhibit} exhibit @param {string} action @param {HTMLElement} button */
async function act(exhibit, action, button) {
  try {
    await ACTIONS[action](exhibit, button);
  } catch (error) {
    if (!/import/i.test(String(error))) throw error; // as every engine words it
    console.info(`${action} could not be fetched:`, error);
    await excuse(exhibit, "This could not be fetched; reload the page to try again.");
  }
}

/**
 * Shows Stop beside what has had no answer for a while.
 *
 * @param {Page} page
 * @param {string} key the request's, as "answer scores"
 */
function offerStop(page, key) {
  const [method, name] = key.split(" ");
  const exhibit = method === "claim" ? undefined : page.exhibits.get(name);
  const claim = document.querySelector(`#claim-${CSS.escape(name)} button`)?.parentElement;
  const place = exhibit?.element.querySelector(".actions") ?? claim;
  if (!place) return;
  let stopper = /** @type {HTMLButtonElement | null} */ (
    place.querySelector('button[data-action="stop"]')
  );
  if (!stopper) place.append((stopper = button("Stop", "stop")));
  stopper.hidden = false;
  exhibit?.say("Python is still busy; Stop ends it.");
}

/**
 * Ends what Python is doing. The exhibit that it was busy with is not asked for again until the
 * reader moves it, and falls back to the code that last ran.
 *
 * @param {Page} page
 */
function stop(page) {
  const { python } = page;
  const busy = page.exhibits.get(python.queue.running?.key.split(" ")[1] ?? "");
  if (busy) {
    busy.touched = false;
    busy.edited = python.edits.get(busy.name) ?? null;
    busy.say("Stopped; the picture is the last good one.");
  }
  python.stop();
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
  const opened = exhibit.element.querySelector(".editor-code"); // code that failed ran as well
  if (exhibit.edited !== null || opened) (await import("./edit.js")).giveUp(exhibit);
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
