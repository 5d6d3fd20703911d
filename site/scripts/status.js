// @ts-check
/**
 * Says how Python is doing: in every `[data-python-status]` of the page, with the bytes before it
 * starts, a progress bar while it does, and Retry when it could not.
 *
 * @typedef {import("./python.js").Python} Python
 */

import { ANEW, button, outdated } from "./outdated.js";
import { mayStartOnTouch } from "./settings.js";

const FAILED = "Python could not start; the computed pictures still answer.";

/** @param {number} bytes */
export function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/**
 * @param {Python} python
 * @param {any} data the page's JSON
 * @returns {() => void} says it anew
 */
export function status(python, data) {
  const bytes = data.bytes?.python;
  const size = bytes ? ` (${megabytes(bytes)})` : "";
  const words = {
    get off() {
      const when = mayStartOnTouch() ? "when you touch a control" : "when you press Run live";
      return `Python starts ${when}${size}.`;
    },
    starting: `Starting Python${size} …`,
    ready: "Python is running in this page.",
    failed: FAILED,
  };
  const places = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-python-status]")]);
  const show = () => {
    for (const place of places) {
      const text = document.createElement("span");
      text.textContent = words[python.state];
      const parts = [text];
      if (python.state === "starting") {
        const bar = document.createElement("progress");
        bar.max = 1;
        bar.setAttribute("aria-label", "Starting Python");
        parts.push(bar);
      }
      if (python.state === "failed") {
        const anew = words.failed === ANEW;
        parts.push(anew ? button("Reload", "reload") : button("Retry", "start-python"));
      }
      place.replaceChildren(...parts.flatMap((part, i) => (i ? [" ", part] : [part])));
    }
  };
  python.addEventListener("state", async () => {
    show();
    if (python.state !== "failed") return;
    words.failed = (await outdated()) ? ANEW : FAILED;
    if (words.failed === ANEW) show();
  });
  python.addEventListener("progress", (event) => {
    const share = /** @type {CustomEvent<number>} */ (event).detail;
    for (const place of places) {
      const bar = place.querySelector("progress");
      // All bytes there, Python still has to boot: the bar then runs without an end.
      if (bar && share < 1) bar.value = share;
      else bar?.removeAttribute("value");
    }
  });
  show();
  return show;
}
