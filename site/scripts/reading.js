// @ts-check
/** Which pages a reader has finished, and which one was opened last; kept in this browser alone. */

const READ = "workings-read";
const OPEN = "workings-open";

/** @returns {Set<string>} the slugs of pages that were read to their end */
export function finished() {
  try {
    const kept = JSON.parse(localStorage.getItem(READ) ?? "[]");
    return new Set(Array.isArray(kept) ? kept.filter((slug) => typeof slug === "string") : []);
  } catch {
    return new Set(); // no storage, or something else's value
  }
}

/** @returns {string} the page that was opened last, or nothing */
export function opened() {
  try {
    return localStorage.getItem(OPEN) ?? "";
  } catch {
    return "";
  }
}

/** @param {Set<string>} slugs */
export function keep(slugs) {
  store(READ, slugs.size ? JSON.stringify([...slugs]) : null);
}

/** @param {string} key @param {string | null} value */
function store(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Storage is refused: it is then simply forgotten.
  }
}

/** Note that a page was opened, and that it was read once its end comes into view. */
export function reading(/** @type {string} */ slug) {
  store(OPEN, slug);
  const end = document.querySelector(".apparatus, .site-footer");
  if (!end || !("IntersectionObserver" in window)) return;
  const watch = new IntersectionObserver((seen) => {
    if (!seen.some((one) => one.isIntersecting)) return;
    keep(finished().add(slug));
    watch.disconnect();
  });
  watch.observe(end);
}
