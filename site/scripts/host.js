// @ts-check
/**
 * One Python worker, started through PyScript on the site's own Pyodide, and shut in: the page
 * calls it, it never calls the page.
 *
 * @typedef {object} Place
 * @property {string} runtime URL of the runtime's folder
 * @property {string} name the page's name
 * @property {() => Promise<string>} source the page's exhibits.py
 * @property {{name: string, url: string, sha256: string}[]} assets what that reads, by absolute URL
 * @typedef {{call(method: string, request: object): Promise<any>, end(): void}} Host
 */

const MOST_CHARACTERS = 12_000_000;
const EMPTY_MODULE = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);

/** @type {Promise<any> | null} */
let library = null;
let failures = 0; // a browser never asks again for a module that it could not have

/**
 * Loads PyScript without what it does for tags in a page (custom elements, editors, terminals,
 * a plugin for each): PyScript skips them where it finds itself set up already.
 *
 * @param {string} runtime
 * @returns {Promise<any>} the module `core.js`
 */
export function pyscript(runtime) {
  const mark = Symbol.for("@pyscript/core");
  if (!(mark in globalThis)) Object.defineProperty(globalThis, mark, { value: { config: {} } });
  const again = failures ? `?again=${failures}` : "";
  library ??= import(new URL(`pyscript/core.js${again}`, runtime).href).catch((error) => {
    library = null;
    failures += 1;
    throw error;
  });
  return library;
}

/**
 * @param {Place} place
 * @param {string[]} packages
 * @returns {Promise<Host>}
 */
export async function spawn(place, packages) {
  new WebAssembly.Module(EMPTY_MODULE); // refused here, it is refused in the worker, unheard
  const url = (/** @type {string} */ path) => new URL(path, place.runtime).href;
  const source = place.source();
  source.catch(() => {}); // told below, once the worker waits for it
  await pyscript(place.runtime);
  const { XWorker } = /** @type {any} */ (globalThis)[Symbol.for("polyscript")];
  const worker = new XWorker(url("python/worker.py"), {
    type: "pyodide",
    version: url("pyodide/start.mjs"),
    config: { packages, packages_cache: "passthrough", index_urls: [], sync_main_only: true },
  });
  /** @type {(reason: Error) => void} */
  let fail = () => {};
  const failed = new Promise((_, reject) => (fail = reject));
  failed.catch(() => {});
  worker.onerror = (/** @type {any} */ event) => {
    fail(event?.error instanceof Error ? event.error : new Error("The worker could not start."));
  };
  const end = () => {
    worker.terminate();
    fail(new Error("stopped"));
  };
  try {
    await Promise.race([worker.ready, failed]);
    shutIn(worker.sync);
    const call = async (/** @type {string} */ method, /** @type {object} */ request) =>
      read(await Promise.race([worker.sync[method](JSON.stringify(request)), failed]));
    const { name, assets } = place;
    const zip = url("python/workings.zip");
    const started = await call("start", { zip, source: await source, name, assets });
    if (!started.ok) throw new Error(started.error.message);
    worker.onerror = () => {}; // from here on an error is told as an answer; others are forged
    return { call, end };
  } catch (error) {
    end();
    throw error;
  }
}

/**
 * PyScript lets a worker call functions of the page, some of which reach its whole window. All are
 * replaced before a line of a reader's code can run.
 *
 * @param {Record<PropertyKey, unknown>} sync
 */
function shutIn(sync) {
  for (const name of Reflect.ownKeys(sync)) {
    sync[name] = () => {
      throw new Error("The page takes no calls.");
    };
  }
}

/** @param {unknown} reply */
function read(reply) {
  if (typeof reply !== "string" || reply.length > MOST_CHARACTERS) {
    throw new Error("Python gave no readable answer.");
  }
  const value = JSON.parse(reply);
  if (typeof value !== "object" || value === null) throw new Error("Python gave no answer.");
  return value;
}
