// @ts-check
/// <reference lib="webworker" />
/**
 * The service worker, at the site's root. The build replaces the one placeholder below with JSON:
 * `{"build": id, "immutable": [prefixes whose paths carry a hash], "assets": {path: bytes},
 * "runtime": {path: bytes}, "first": [what the first start of Python fetches of it],
 * "pages": {"attention/": {path: bytes}}}`, paths relative to the root.
 *
 * Hashed files come from the cache first, pages fresh first. A build has a cache of its own; an
 * update waits until no page of the old build is open, and only then the old cache goes, after
 * what the reader kept has been fetched anew. So versions never mix.
 */

/** @type {any} */
const MANIFEST = [/*MANIFEST*/][0];
const NAME = `workings-${MANIFEST.build}`;
const KEPT = "kept?"; // entries of the cache that name what the reader asked to keep
const SLOW = 4000;
const self_ = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const ROOT = new URL("./", self_.location.href).href;
/** @type {Map<string, Promise<Response>>} one transfer at a time of each file */
const coming = new Map();

self_.addEventListener("install", (event) => event.waitUntil(carryOver()));
self_.addEventListener("activate", (event) => event.waitUntil(tidy()));

self_.addEventListener("fetch", (event) => {
  const { request } = event;
  const path = request.url.startsWith(ROOT) ? request.url.slice(ROOT.length).split(/[?#]/)[0] : null;
  if (request.method !== "GET" || path === null || path === "sw.js") return;
  if (hashed(path)) event.respondWith(cacheFirst(path));
  else if (request.mode === "navigate") event.respondWith(freshFirst(request, path));
});

self_.addEventListener("message", (event) => {
  const [port] = event.ports;
  const { type, what, page } = event.data ?? {};
  const own = String(page).slice(new URL(ROOT).pathname.length);
  if (!port || !["page", "site", "runtime"].includes(what)) return;
  if (type === "size") event.waitUntil(size(what, own).then((said) => port.postMessage(said)));
  if (type === "keep") event.waitUntil(keep(what, own, (said) => port.postMessage(said)));
});

/** Of any build: a page of another one fetches its own files. @param {string} path */
function hashed(path) {
  return /(^|\/)(assets|runtime|states)\//.test(path);
}

/** @param {string} path @returns {Promise<Response>} */
async function cacheFirst(path) {
  const url = ROOT + path;
  const held = await (await caches.open(NAME)).match(url);
  if (held) return held;
  let transfer = coming.get(url);
  if (!transfer) {
    transfer = download(url).finally(() => coming.delete(url));
    coming.set(url, transfer);
  }
  return (await transfer).clone();
}

/** @param {string} url */
async function download(url) {
  const response = await fetch(url);
  if (response.ok && !response.redirected) {
    const cache = await caches.open(NAME);
    await cache.put(url, response.clone()).catch(() => {}); // no room: serve it all the same
  }
  return response;
}

/** @param {Request} request @param {string} path */
async function freshFirst(request, path) {
  const cache = await caches.open(NAME);
  const url = ROOT + path.replace(/index\.html$/, "");
  const fresh = fetch(request).then(async (response) => {
    const text = response.ok ? await response.clone().text() : "";
    if (ours(text, path)) await cache.put(url, response.clone()).catch(() => {});
    return response;
  });
  fresh.catch(() => {});
  const held = await cache.match(url);
  if (!held) return fresh;
  const late = new Promise((resolve) => setTimeout(resolve, SLOW, held));
  return Promise.race([fresh.catch(() => held), late]);
}

/**
 * A page of another build needs files that this cache may lack: it is shown, not kept.
 *
 * @param {string} text
 * @param {string} path
 */
function ours(text, path) {
  const page = path.replace(/index\.html$/, "");
  const folders = text.match(/(assets|runtime)\/[0-9a-f]{8,}\//g) ?? [];
  const states = text.match(/states\/[\w-]+\.[0-9a-f]+\.\w+/g) ?? [];
  return (
    folders.length > 0 &&
    folders.every((folder) => MANIFEST.immutable.includes(folder)) &&
    states.every((file) => page + file in (MANIFEST.pages[page] ?? {}))
  );
}

/**
 * Packages beyond the first start of Python are kept once they were used.
 *
 * @param {string} what
 * @param {string} page
 * @returns {Record<string, number>}
 */
function files(what, page) {
  const { assets, runtime, first, pages } = MANIFEST;
  const start = first.map((/** @type {string} */ path) => [path, runtime[path]]);
  const shared = { ...assets, ...Object.fromEntries(start) };
  if (what === "runtime") return shared;
  return Object.assign(shared, ...(what === "page" ? [pages[page]] : Object.values(pages)));
}

/** @param {string} what @param {string} page */
async function size(what, page) {
  const bytes = Object.values(files(what, page)).reduce((sum, each) => sum + each, 0);
  return { bytes, kept: Boolean(await (await caches.open(NAME)).match(mark(what, page))) };
}

/** @param {string} what @param {string} page */
function mark(what, page) {
  return `${ROOT}${KEPT}${new URLSearchParams({ what, page })}`;
}

/** @param {string} what @param {string} page @param {(said: object) => void} say */
async function keep(what, page, say) {
  const cache = await caches.open(NAME);
  const wanted = Object.entries(files(what, page));
  const total = wanted.reduce((sum, [, bytes]) => sum + bytes, 0);
  let done = 0;
  try {
    for (const [path, bytes] of wanted) {
      const response = await cacheFirst(path);
      if (!response.ok) throw new Error(`${path}: HTTP ${response.status}`);
      await response.body?.cancel();
      done += bytes;
      say({ share: done / total });
    }
    if (what !== "runtime") await cache.put(mark(what, page), new Response(""));
    say({ done: true });
  } catch (error) {
    say({ error: String(error) });
  }
}

/** A new build fetches anew what the reader kept of the old ones; equal hashed files are copied. */
async function carryOver() {
  const cache = await caches.open(NAME);
  for (const name of await caches.keys()) {
    if (!name.startsWith("workings-") || name === NAME) continue;
    const old = await caches.open(name);
    for (const request of await old.keys()) {
      const path = request.url.slice(ROOT.length);
      if (path in MANIFEST.assets || path in MANIFEST.runtime) {
        const held = await old.match(request);
        if (held) await cache.put(request, held);
      }
    }
    for (const request of await old.keys()) {
      if (!request.url.startsWith(ROOT + KEPT)) continue;
      const asked = new URL(request.url).searchParams;
      await keep(asked.get("what") ?? "", asked.get("page") ?? "", () => {});
    }
  }
}

async function tidy() {
  const old = (await caches.keys()).filter((name) => name.startsWith("workings-") && name !== NAME);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self_.clients.claim();
}
