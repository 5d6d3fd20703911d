// @ts-check
/**
 * The service worker's side in the page: registers it, and the buttons "keep this page offline"
 * (`data-action="keep-page"`) and "keep the whole site" (`keep-site`), which state their bytes.
 *
 * @typedef {import("./page.js").Page} Page
 */

import { endFirstView, firstViewDone } from "./first-view.js";
import { megabytes } from "./status.js";

const WITHIN = 1000; // milliseconds that Python's start waits for the service worker
/** @type {() => void} */
let settled = () => {};
/** @type {Promise<void>} the service worker stands between page and network, or never will */
const control = new Promise((settle) => (settled = settle));

/**
 * Waits a little for the service worker. What is asked for from then on is transferred once for page
 * and worker, even where the browser itself keeps nothing (Chromium's private windows keep no file of
 * some megabytes).
 */
export async function inControl() {
  endFirstView();
  await Promise.race([control, new Promise((late) => setTimeout(late, WITHIN))]);
}

/** @param {Page | null} page */
export async function offline(page) {
  const base = document.querySelector("[data-root]")?.getAttribute("data-root");
  const root = page?.data.root ?? base ?? "";
  if (!("serviceWorker" in navigator) || !/^https?:$/.test(location.protocol)) return settled();
  const { serviceWorker } = navigator;
  if (serviceWorker.controller) settled();
  else serviceWorker.addEventListener("controllerchange", settled, { once: true });
  await firstViewDone; // what is kept for later can come later
  try {
    await serviceWorker.register(new URL(`${root}sw.js`, location.href));
  } catch {
    return settled(); // refused by the browser or absent: the page does without
  }
  const { active } = await serviceWorker.ready;
  if (active?.state === "activated") settled(); // it has claimed this page, or was passed over
  if (!active) return;
  const ask = (/** @type {object} */ message, /** @type {(answer: any) => void} */ each) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => each(data);
    active.postMessage({ page: location.pathname, ...message }, [port2]);
  };
  // What Python needed is kept, so that the next visit starts it without a network.
  const keepRuntime = () => {
    if (page?.python.state === "ready") ask({ type: "keep", what: "runtime" }, () => {});
  };
  page?.python.addEventListener("state", keepRuntime);
  keepRuntime();
  for (const what of ["page", "site"]) {
    for (const element of document.querySelectorAll(`button[data-action="keep-${what}"]`)) {
      const button = /** @type {HTMLButtonElement} */ (element);
      ask({ type: "size", what }, ({ bytes, kept }) => label(button, what, bytes, kept));
      button.addEventListener("click", () => {
        button.disabled = true;
        ask({ type: "keep", what }, ({ done, share, error }) => {
          if (error) button.textContent = "Could not be kept; try again";
          else if (done) button.textContent = "Kept offline";
          else button.textContent = `Keeping … ${Math.round(share * 100)} %`;
          button.disabled = !error;
        });
      });
    }
  }
}

/**
 * @param {HTMLButtonElement} button
 * @param {string} what
 * @param {number} bytes
 * @param {boolean} kept
 */
function label(button, what, bytes, kept) {
  button.hidden = false;
  const name = what === "page" ? "this page" : "the whole site";
  button.textContent = kept ? "Kept offline" : `Keep ${name} offline (${megabytes(bytes)})`;
  button.disabled = kept;
}
