// @ts-check
/**
 * "Break it": switches that put a named fault in place of the real function, everywhere on the
 * page. The pictures and the claim that catches the fault are shown together.
 *
 * @typedef {import("./page.js").Page} Page
 */

import { tell } from "./claims.js";

/** @returns {HTMLInputElement[]} */
function switches() {
  return [...document.querySelectorAll('form.mutants input[name="break"]')].map(
    (input) => /** @type {HTMLInputElement} */ (input),
  );
}

/** @returns {string[]} the faults switched on */
export function mutantsOn() {
  return switches().filter((input) => input.checked).map((input) => input.value);
}

/** @param {Page} page @param {string[]} names */
export function switchMutants(page, names) {
  for (const input of switches()) input.checked = names.includes(input.value);
  mark();
  verdicts(page);
}

/** Marks the page while anything is broken on it. */
function mark() {
  const on = mutantsOn();
  if (on.length) document.documentElement.dataset.broken = on.join(" ");
  else delete document.documentElement.dataset.broken;
}

/** @param {Page} page @param {(name: string) => Promise<void>} runClaim */
export function mutants(page, runClaim) {
  const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form.mutants"));
  form?.addEventListener("submit", (event) => event.preventDefault());
  form?.addEventListener("change", (event) => {
    mark();
    verdicts(page);
    for (const exhibit of page.exhibits.values()) {
      exhibit.touched = true;
      exhibit.refresh();
    }
    page.write();
    page.python.touch();
    const { value } = /** @type {HTMLInputElement} */ (event.target);
    const { claim } = page.data.mutants.find((/** @type {any} */ m) => m.name === value) ?? {};
    if (claim && page.python.state === "ready") runClaim(claim);
  });
}

/**
 * What the build proved stands at once: a fault makes the claim fail that it names.
 *
 * @param {Page} page
 */
function verdicts(page) {
  const on = mutantsOn();
  for (const claim of page.data.claims ?? []) {
    const faults = page.data.mutants.filter((/** @type {any} */ m) => m.claim === claim.name);
    if (!faults.length) continue;
    const breaking = faults.some((/** @type {any} */ m) => on.includes(m.name));
    for (const place of document.querySelectorAll(`[data-claim="${CSS.escape(claim.name)}"]`)) {
      const told = breaking ? "Fails, as the build found." : "";
      tell(/** @type {HTMLElement} */ (place), breaking ? "fail" : "pass", told);
    }
  }
}
