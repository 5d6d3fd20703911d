// @ts-check
/// <reference lib="webworker" />
/**
 * The service worker, at the site's root. The build puts JSON in place of the one placeholder
 * below (docs/architecture.md, "Service worker"). Hashed files come from the cache first, pages
 * fresh first. A build has a cache of its own; an update waits until no page of the old build is
 * open, and only then the old cache goes, after what the reader kept was fetched anew: versions
 * never mix.
 */

/** @type {any} */
const MANIFEST = [/*MANIFEST*/][0];
const NAME = `workings-${MANIFEST.build}`;
const KEPT = "kept?"; // entries of the cache that name what the reader asked to keep
const SLOW = 4000; // a kept page is shown where the network takes longer than this
const self_ = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const ROOT = new URL("./", self_.location.href).href;
/** @type {Map<string, {response: Promise<Response>, stored: Promise<void>}>} */
const coming = new Map();
self_.addEventListener("install", (event) => event.waitUntil(carryOver()));
self_.addEventListener("activate", (event) => event.waitUntil(takeOver()));
self_.addEventListener("fetch", (event) => {
  const { request } = event;
  const path = request.url.startsWith(ROOT) ? request.url.slice(ROOT.length).split(/[?#]/)[0] : null;
  if (request.method !== "GET" || path === null || path === "sw.js") return;
  if (hashed(path)) event.respondWith(cacheFirst(path, request.cache === "reload"));
  else if (request.mode === "navigate") event.respondWith(freshFirst(request, page(path)));
});
self_.addEventListener("message", (event) => {
  const { ports: [port], data } = event;
  const { type, what } = data ?? {};
  const own = page(String(data?.page).slice(new URL(ROOT).pathname.length));
  if (!port || !["page", "site", "runtime"].includes(what)) return;
  if (type === "size") event.waitUntil(size(what, own).then((said) => port.postMessage(said)));
  if (type === "keep") event.waitUntil(keep(what, own, (said) => port.postMessage(said)));
});

/** Of any build: a page of another one fetches its own files. @param {string} path */
const hashed = (path) => /(^|\/)(assets|runtime|states|data)\//.test(path);
/** @param {string} path */
const page = (path) => path.replace(/index\.html$/, "");

/** @param {string} path @param {boolean} [afresh] @returns {Promise<Response>} */
async function cacheFirst(path, afresh = false) {
  const cache = await caches.open(NAME);
  const held = afresh ? undefined : await cache.match(ROOT + path);
  return held ?? (await transfer(cache, ROOT + path, afresh).response).clone();
}

/**
 * Fetches a file, once for all who ask, and keeps it.
 *
 * @param {Cache} cache @param {string} url
 * @param {boolean} [afresh] whether to pass over what the browser keeps
 */
function transfer(cache, url, afresh = false) {
  const under = coming.get(url);
  if (under) return under;
  const response = fetch(url, { cache: afresh ? "reload" : hashed(url) ? "default" : "no-cache" });
  const stored = response
    .then((got) => (got.ok && !got.redirected ? cache.put(url, got.clone()) : undefined))
    .catch(() => {}) // no room: it is served all the same
    .finally(() => coming.delete(url));
  coming.set(url, { response, stored });
  return { response, stored };
}
/** @param {Request} request @param {string} page */
async function freshFirst(request, page) {
  const cache = await caches.open(NAME);
  const held = await cache.match(ROOT + page);
  const fresh = fetch(request).then(async (response) => {
    const text = response.ok ? await response.clone().text() : "";
    if (await ours(text, page)) await cache.put(ROOT + page, response.clone()).catch(() => {});
    return response;
  });
  const late = new Promise((resolve) => setTimeout(resolve, SLOW, held));
  return held ? Promise.race([fresh.catch(() => held), late]) : fresh;
}

/** A page of another build is shown, not kept. @param {string} text @param {string} page */
async function ours(text, page) {
  const folders = text.match(/(assets|runtime)\/[0-9a-f]{8,}\//g) ?? [];
  const own = [...text.matchAll(/"((?:states|data)\/[^"]+)"/g)].map(([, file]) => file);
  const [known] = MANIFEST.pages[page] ?? [""];
  if (!folders.length || (await mark(own)) !== known) return false;
  return folders.every((folder) => MANIFEST.immutable.includes(folder));
}

/** As the build marks a page: by the files of its own that it names. @param {string[]} own */
async function mark(own) {
  if (!own.length) return "";
  const text = [...new Set(own)].sort().join("\n");
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const bytes = [...new Uint8Array(hash).slice(0, 4)];
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const others = async () =>
  (await caches.keys()).filter((name) => name.startsWith("workings-") && name !== NAME);

async function takeOver() {
  for (const name of await others()) await caches.delete(name);
  await self_.clients.claim();
}
