// @ts-check
/**
 * What PyScript imports in the worker; the build lays it beside `pyodide.mjs`, whose exports it
 * hands on.
 *
 * PyScript opens a database at its start, to remember resolved packages. Ours come by name from the
 * site (`packages_cache: "passthrough"`), so nothing is ever kept in it. A stand-in that holds
 * nothing saves that, and lets Python start where the browser refuses storage, as in a frame on
 * another site.
 */

export * from "./pyodide.mjs";

/** @param {unknown} result */
function answered(result) {
  /** @type {{onsuccess?: (event: object) => void}} */
  const request = {};
  queueMicrotask(() => request.onsuccess?.({ target: { result } }));
  return request;
}

const store = { getAllKeys: () => answered([]), clear: () => answered(undefined) };
const database = { transaction: () => ({ objectStore: () => store }), close: () => {} };
Object.defineProperty(globalThis, "indexedDB", {
  configurable: true, // worker.py takes it away, with the browser's own below it
  value: { open: () => answered(database) },
});
