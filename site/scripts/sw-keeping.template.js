// @ts-check
/// <reference lib="webworker" />
/**
 * What the reader asked to keep, for reading offline. The build sets this after `sw.template.js`,
 * in the same file: names are shared.
 */

/** Other packages are kept once used. */
function shared() {
  const { assets, runtime, first } = MANIFEST;
  const start = first.map((/** @type {string} */ path) => [path, runtime[path]]);
  return { ...assets, ...Object.fromEntries(start) };
}

/** @param {string} what @param {string} page @returns {Promise<Record<string, number>>} */
async function files(what, page) {
  if (what === "runtime") return shared();
  const pages = await (await cacheFirst(MANIFEST.lists)).json();
  return Object.assign(shared(), ...(what === "page" ? [pages[page]] : Object.values(pages)));
}

/** @param {Record<string, number>} sizes */
const sum = (sizes) => Object.values(sizes).reduce((total, bytes) => total + bytes, 0);
/** @param {string} what @param {string} page */
const note = (what, page) => `${ROOT}${KEPT}${new URLSearchParams({ what, page })}`;
/** @param {string} what @param {string} page */
async function size(what, page) {
  const mine = await (await caches.open(NAME)).match(note(what, page));
  const { pages } = MANIFEST;
  const told = { page: [pages[page]], site: Object.values(pages) }[what] ?? [];
  const own = told.reduce((/** @type {number} */ total, /** @type {any} */ p) => total + (p?.[1] ?? 0), 0);
  return { bytes: sum(shared()) + own, kept: Boolean(mine) };
}

/** @param {string} what @param {string} page @param {(said: object) => void} say */
async function keep(what, page, say) {
  const cache = await caches.open(NAME);
  let done = 0;
  try {
    const wanted = await files(what, page);
    for (const [path, bytes] of Object.entries(wanted)) {
      if (!(await cache.match(ROOT + path))) {
        const { response, stored } = transfer(cache, ROOT + path);
        if (!(await response).ok) throw new Error(`${path}: HTTP ${(await response).status}`);
        await stored;
      }
      done += bytes;
      say({ share: done / sum(wanted) });
    }
    if (what !== "runtime") await cache.put(note(what, page), new Response(""));
    say({ done: true });
  } catch (error) {
    say({ error: String(error) });
  }
}

/** A new build fetches anew what the reader kept of the old ones; equal hashed files are copied. */
async function carryOver() {
  const cache = await caches.open(NAME);
  for (const name of await others()) {
    const old = await caches.open(name);
    const requests = await old.keys();
    for (const request of requests) {
      const path = request.url.slice(ROOT.length);
      const same = path in MANIFEST.assets || path in MANIFEST.runtime;
      const held = same && (await old.match(request));
      if (held) await cache.put(request, held);
    }
    for (const { url } of requests.filter((request) => request.url.startsWith(ROOT + KEPT))) {
      const asked = new URL(url).searchParams;
      await keep(asked.get("what") ?? "", asked.get("page") ?? "", () => {});
    }
  }
}
