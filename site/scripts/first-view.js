// @ts-check
/**
 * The first view has the network to itself: baked states and the service worker wait for the
 * reader's first sign of life, for Python, or for a moment after everything has loaded.
 */

const SIGNS = ["pointermove", "pointerdown", "keydown", "focusin", "input", "wheel", "scroll"];
const QUIET_AFTER = 1000;

/** @type {() => void} */
let done = () => {};
/** @type {Promise<void>} */
export const firstViewDone = new Promise((settle) => (done = settle));

export function endFirstView() {
  for (const sign of SIGNS) removeEventListener(sign, endFirstView, { capture: true });
  done();
}

for (const sign of SIGNS) addEventListener(sign, endFirstView, { capture: true, passive: true });
const soon = () => setTimeout(endFirstView, QUIET_AFTER);
if (document.readyState === "complete") soon();
else addEventListener("load", soon, { once: true });
