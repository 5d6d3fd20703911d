// @ts-check
/** The theme switch: buttons `data-theme-choice`; auto, light or dark. */

import { read, write } from "./settings.js";

const THEMES = ["auto", "light", "dark"];

export function theme() {
  const set = (/** @type {string} */ chosen) => {
    document.documentElement.dataset.theme = chosen;
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      const { themeChoice } = /** @type {HTMLElement} */ (button).dataset;
      button.setAttribute("aria-pressed", String(themeChoice === chosen));
    }
  };
  const choose = (/** @type {string} */ chosen) => {
    if (!THEMES.includes(chosen)) return;
    write("theme", chosen);
    set(chosen);
  };
  set(read("theme", THEMES));
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("[data-theme-choice]");
    if (button) choose(/** @type {HTMLElement} */ (button).dataset.themeChoice ?? "");
  });
}
