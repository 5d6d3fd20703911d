// @ts-check
/** The list of keyboard shortcuts, in a dialog; fetched when first asked for. */

import { PLACES, linkTo } from "./shortcuts.js";

/** @returns {[string[], string][]} keys, and what they do on this page */
function known() {
  const exhibits = document.querySelector("main figure:is(.exhibit, .map)");
  const field = document.querySelector('main form:not([hidden]) input[type="search"]');
  /** @type {[string[], string][]} */
  const keys = [
    [["?"], "show this list"],
    [["/"], field ? "go to this page’s search field" : "search the whole text"],
  ];
  if (exhibits) keys.push([["n"], "next exhibit"], [["p"], "previous exhibit"]);
  for (const [key, path] of Object.entries(PLACES)) {
    const name = path ? linkTo(path)?.textContent?.toLowerCase() : "home page";
    if (name) keys.push([["g", key], name]);
  }
  return keys;
}

/** Opens the list. */
export function show() {
  const opened = /** @type {HTMLDialogElement | null} */ (document.querySelector("dialog.shortcuts"));
  const dialog = opened ?? document.body.appendChild(document.createElement("dialog"));
  if (dialog.open) return;
  dialog.className = "shortcuts";
  dialog.setAttribute("aria-labelledby", "shortcuts-title");
  const title = document.createElement("h2");
  title.id = "shortcuts-title";
  title.textContent = "Keyboard shortcuts";
  const list = document.createElement("dl");
  for (const [keys, what] of known()) {
    const row = document.createElement("div");
    const term = document.createElement("dt");
    const does = document.createElement("dd");
    for (const key of keys) {
      const shown = document.createElement("kbd");
      shown.textContent = key;
      term.append(...(term.childNodes.length ? [" then "] : []), shown);
    }
    does.textContent = what;
    row.append(term, does);
    list.append(row);
  }
  const note = document.createElement("p");
  note.textContent = "They rest while you type, and Settings can switch them off.";
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "Close";
  close.addEventListener("click", () => dialog.close());
  dialog.replaceChildren(title, list, note, close);
  dialog.showModal();
}
