// @ts-check
/** Shows on reading paths what was read, and on the first page what to go on with. */

import { finished, keep, opened } from "./reading.js";

/** Offer the page that was opened last and not finished. */
function goOn() {
  const offer = /** @type {HTMLElement | null} */ (document.querySelector("[data-continue]"));
  const link = offer?.querySelector("a");
  const slug = opened();
  if (!offer || !link || !slug || finished().has(slug)) return;
  const page = /** @type {HTMLAnchorElement | null} */ (
    document.querySelector(`.card a[data-slug="${CSS.escape(slug)}"]`)
  );
  if (!page) return;
  link.href = page.href;
  link.textContent = page.textContent;
  offer.hidden = false;
}

function show() {
  const done = finished();
  for (const entry of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-page]"))) {
    entry.toggleAttribute("data-read", done.has(entry.dataset.page ?? ""));
  }
  for (const place of document.querySelectorAll("[data-progress]")) {
    const track = /** @type {HTMLElement | null} */ (place.closest("[data-track]"));
    const pages = (track?.dataset.track ?? "").split(" ");
    const had = pages.filter((slug) => done.has(slug)).length;
    place.textContent = had ? `${had} of ${pages.length} read` : "";
  }
  const reset = /** @type {HTMLElement | null} */ (document.querySelector(".track-reset"));
  if (reset) reset.hidden = !done.size;
}

/** Wire what shows reading progress. */
export function progress() {
  goOn();
  show();
  addEventListener("storage", show);
  document.querySelector('[data-action="forget-progress"]')?.addEventListener("click", () => {
    keep(new Set());
    show();
  });
}
