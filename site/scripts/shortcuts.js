// @ts-check
/**
 * Keyboard shortcuts: single keys while nothing is being typed, which the settings can switch off.
 * Their list is fetched when it is first asked for.
 */

import { read, write } from "./settings.js";

const CHOICES = ["on", "off"];
const PATIENCE = 1500; // milliseconds between g and what follows
/** @type {Record<string, string>} where g leads with each key, as the header names it */
export const PLACES = {
  h: "",
  l: "library/",
  a: "archive/",
  t: "tracks/",
  c: "claims/",
  s: "search/",
};
const NOT_TYPED_IN = ["button", "checkbox", "radio", "range", "reset", "submit"];

/** @param {string} path @returns {HTMLAnchorElement | null} the header's link to a place */
export function linkTo(path) {
  if (!path) return document.querySelector(".site-header a.wordmark");
  return document.querySelector(`.site-nav a[href$="${path}"]`);
}

/** @param {EventTarget | null} target @returns {boolean} whether keys go into something */
function typing(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !NOT_TYPED_IN.includes(target.type);
  if (target.isContentEditable) return true;
  return Boolean(target.closest("select, textarea, dialog, .editor"));
}

/** Wires the keys, where a page has the site's header. */
export function shortcuts() {
  if (!document.querySelector(".site-header")) return;
  for (const select of document.querySelectorAll('select[name="shortcuts"]')) {
    const field = /** @type {HTMLSelectElement} */ (select);
    field.value = read("shortcuts", CHOICES);
    field.addEventListener("change", () => write("shortcuts", field.value));
  }
  const help = () => void import("./shortcut-help.js").then(({ show }) => show());
  for (const button of document.querySelectorAll('button[data-action="shortcuts"]')) {
    button.addEventListener("click", help);
  }
  let since = -Infinity;
  document.addEventListener("keydown", (event) => {
    const { key, target, timeStamp } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.defaultPrevented || typing(target) || read("shortcuts", CHOICES) === "off") return;
    const led = timeStamp - since < PATIENCE;
    since = key === "g" && !led ? timeStamp : -Infinity;
    if (led && Object.hasOwn(PLACES, key)) linkTo(PLACES[key])?.click();
    else if (key === "?") help();
    else if (key === "/") find();
    else if (key === "n" || key === "p") step(key === "n" ? 1 : -1);
    else return;
    event.preventDefault();
  });
}

/** Goes to the page's own search field, or to the search. */
function find() {
  const field = /** @type {HTMLInputElement | null} */ (
    document.querySelector('main form:not([hidden]) input[type="search"]')
  );
  if (!field) return linkTo(PLACES.s)?.click();
  field.focus();
  field.select();
}

/** Goes to the next or the previous exhibit. @param {number} by */
function step(by) {
  const figures = /** @type {HTMLElement[]} */ ([
    ...document.querySelectorAll("main figure:is(.exhibit, .map)"),
  ]);
  const at = figures.findIndex((figure) => figure.contains(document.activeElement));
  const tops = figures.map((figure) => figure.getBoundingClientRect().top);
  const above = tops.filter((top) => top < 1).length; // that begin above the view
  const to = at >= 0 ? at + by : by > 0 ? above : above - 1;
  const figure = figures[to];
  if (!figure) return;
  figure.tabIndex = -1;
  figure.focus({ preventScroll: true });
  figure.scrollIntoView({ block: "start" });
}
