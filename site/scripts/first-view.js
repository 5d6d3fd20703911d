// @ts-check
/**
 * The first view has the network to itself: baked states wait for the reader's first sign of life,
 * or for a moment after everything has loaded.
 */

const SIGNS = ["pointermove", "pointerdown", "keydown", "focusin", "input", "wheel", "scroll"];
const QUIET_AFTER = 1000;

/** @type {Promise<void>} */
export const firstViewDone = new Promise((done) => {
  const seen = { capture: true, passive: true };
  const settle = () => {
    for (const sign of SIGNS) removeEventListener(sign, settle, seen);
    done();
  };
  const soon = () => setTimeout(settle, QUIET_AFTER);
  for (const sign of SIGNS) addEventListener(sign, settle, seen);
  if (document.readyState === "complete") soon();
  else addEventListener("load", soon, { once: true });
});
