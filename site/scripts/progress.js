// @ts-check
/** Which pages a reader has finished, kept in this browser alone, and shown on reading paths. */

const KEY = "workings-read";
const OPEN = "workings-open"; // the page opened last, to be gone on with

/** @returns {Set<string>} */
function read() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return new Set(Array.isArray(kept) ? kept.filter((slug) => typeof slug === "string") : []);
  } catch {
    return new Set(); // no storage, or something else's value
  }
}

/** @param {Set<string>} slugs */
function keep(slugs) {
  try {
    if (slugs.size) localStorage.setItem(KEY, JSON.stringify([...slugs]));
    else localStorage.removeItem(KEY);
  } catch {
    // Storage is refused: the path then simply forgets.
  }
}

/** Note that a page was read once its end has been in view. @param {string} slug */
function noteWhenRead(slug) {
  const end = document.querySelector(".apparatus, .site-footer");
  if (!end || !("IntersectionObserver" in window)) return;
  const watch = new IntersectionObserver((seen) => {
    if (!seen.some((one) => one.isIntersecting)) return;
    keep(read().add(slug));
    watch.disconnect();
  });
  watch.observe(end);
}

/** Offer the page that was opened last and not finished. */
function goOn() {
  const offer = /** @type {HTMLElement | null} */ (document.querySelector("[data-continue]"));
  const link = offer?.querySelector("a");
  if (!offer || !link) return;
  let slug = "";
  try {
    slug = localStorage.getItem(OPEN) ?? "";
  } catch {
    return;
  }
  const page = /** @type {HTMLAnchorElement | null} */ (
    document.querySelector(`.card a[data-slug="${CSS.escape(slug)}"]`)
  );
  if (!slug || !page || read().has(slug)) return;
  link.href = page.href;
  link.textContent = page.textContent;
  offer.hidden = false;
}

function show() {
  const done = read();
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

/** Wire reading progress. @param {string | undefined} slug the page's, where it is one to be read */
export function progress(slug) {
  if (slug) {
    noteWhenRead(slug);
    try {
      localStorage.setItem(OPEN, slug);
    } catch {
      // Storage is refused: there is then nothing to go on with.
    }
  }
  goOn();
  show();
  addEventListener("storage", (event) => event.key === KEY && show());
  document.querySelector('[data-action="forget-progress"]')?.addEventListener("click", () => {
    keep(new Set());
    show();
  });
}
