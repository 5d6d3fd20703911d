// @ts-check
/**
 * The claims table: a Run button a claim and one for all. A verdict comes from the reader's own
 * Python, under whatever faults are switched on.
 *
 * @typedef {import("./page.js").Page} Page
 */

/**
 * @param {Page} page
 * @returns {(name: string) => Promise<void>} runs one claim
 */
export function claims(page) {
  const run = (/** @type {string} */ name) => runClaim(page, name);
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("button[data-action]");
    if (!button) return;
    const { action } = /** @type {HTMLElement} */ (button).dataset;
    if (action === "run-claim") {
      const row = /** @type {HTMLElement | null} */ (button.closest("[data-claim]"));
      if (row?.dataset.claim) run(row.dataset.claim);
    } else if (action === "run-claims") {
      for (const row of document.querySelectorAll("#claims [data-claim]")) {
        run(/** @type {HTMLElement} */ (row).dataset.claim ?? "");
      }
    }
  });
  return run;
}

/**
 * @param {Page} page
 * @param {string} name
 */
async function runClaim(page, name) {
  const places = /** @type {HTMLElement[]} */ ([
    ...document.querySelectorAll(`[data-claim="${CSS.escape(name)}"]`),
  ]);
  const say = (/** @type {string} */ result, /** @type {string} */ text) => {
    for (const place of places) tell(place, result, text);
  };
  const before = places[0]?.dataset.result ?? "pass";
  const { python } = page;
  say("running", python.state === "ready" ? "Running …" : "Python is starting …");
  if (python.state === "off" || python.state === "failed") python.start();
  const reply = await python.ask("claim", { name, mutants: page.mutants() }, `claim ${name}`);
  if (!reply) {
    const failed = python.state === "failed";
    if (places[0]?.dataset.result === "running") say(before, failed ? "Python could not start." : "");
    return;
  }
  const { ok, message = reply.error?.message ?? "", measured = {}, seconds } = reply;
  const numbers = Object.entries(measured)
    .slice(0, 12)
    .map(([key, value]) => `${key} = ${format(value)}`)
    .join(", ");
  const took = typeof seconds === "number" ? `${seconds.toFixed(2)} s` : "";
  const verdict = ok ? "Holds" : "Fails";
  const detail = [ok ? "" : String(message).slice(0, 400), numbers].filter(Boolean).join("; ");
  say(ok ? "pass" : "fail", `${verdict}${detail ? `: ${detail}` : ""}${took ? ` (${took})` : ""}`);
}

const WORDS = { pass: "holds", fail: "fails", running: "is being checked" };

/**
 * @param {HTMLElement} place a claim in the table or in the text
 * @param {string} result
 * @param {string} text
 */
export function tell(place, result, text) {
  place.dataset.result = result;
  const output = place.querySelector("output");
  if (output) output.textContent = text;
  const mark = place.querySelector(".mark .quiet");
  if (mark) mark.textContent = WORDS[/** @type {keyof WORDS} */ (result)];
}

/** @param {unknown} value */
function format(value) {
  return typeof value === "number" ? String(Number(value.toPrecision(6))) : String(value).slice(0, 80);
}
