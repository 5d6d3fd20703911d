// @ts-check
/**
 * The search page: words in, a list of places out. The index and what reads it are fetched once
 * the reader looks for something, and the words stand in the address.
 */

import { item, walk } from "./found.js";

const FIRST = 8;
const PAUSE = 180; // milliseconds after the last key

/** @param {HTMLFormElement} form */
export function search(form) {
  const input = /** @type {HTMLInputElement} */ (form.elements.namedItem("q"));
  const output = /** @type {HTMLOutputElement} */ (form.querySelector("output"));
  const list = /** @type {HTMLOListElement} */ (document.querySelector("[data-found]"));
  const more = /** @type {HTMLElement} */ (document.querySelector("[data-more]"));
  const nothing = /** @type {HTMLElement | null} */ (document.querySelector("[data-nothing]"));
  const library = /** @type {HTMLAnchorElement | null} */ (document.querySelector("[data-in-library]"));
  /** @type {Promise<any> | undefined} */
  let engine;
  let asked = 0;
  let waiting = 0;

  /** Fetches the engine; a failure may be tried again. */
  const load = () =>
    (engine ??= start(form.dataset.index ?? "").catch((error) => {
      engine = undefined;
      throw error;
    }));

  const clear = (said = "") => {
    output.textContent = said;
    list.replaceChildren();
    more.hidden = true;
    if (nothing) nothing.hidden = true;
  };

  const run = async () => {
    const words = input.value.trim();
    const mine = ++asked;
    if (!words) return clear();
    try {
      output.textContent = engine ? output.textContent : "Fetching the index …";
      const { results } = await (await load()).search(words);
      if (mine !== asked) return;
      clear(told(results.length));
      if (nothing) nothing.hidden = results.length > 0;
      if (library) library.search = String(new URLSearchParams({ q: words.slice(0, 80) }));
      await show(results, mine);
    } catch (error) {
      if (mine === asked) clear("The index could not be fetched; are you offline?");
      console.warn(error);
    }
  };

  const show = async (results, mine) => {
    const next = results.slice(0, FIRST);
    const found = await Promise.all(next.map((result) => result.data()));
    if (mine !== asked) return;
    list.append(...found.map(item));
    more.hidden = results.length <= FIRST;
    const button = /** @type {HTMLButtonElement} */ (more.querySelector("button"));
    button.onclick = () => {
      const at = list.children.length;
      void show(results.slice(FIRST), mine).then(() => list.children[at]?.querySelector("a")?.focus());
    };
  };

  const remember = () => {
    const query = input.value.trim() ? `?${new URLSearchParams({ q: input.value.trim() })}` : "";
    history.replaceState(history.state, "", location.pathname + query);
  };

  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      remember();
      void run();
    }, PAUSE);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    remember();
    void run();
  });
  document.addEventListener("keydown", (event) => walk(event, input, list));
  addEventListener("popstate", () => {
    input.value = new URLSearchParams(location.search).get("q") ?? "";
    void run();
  });
  form.hidden = false;
  input.value ||= (new URLSearchParams(location.search).get("q") ?? "").slice(0, 120);
  if (input.value) void run();
  else input.focus({ preventScroll: true });
}

/** @param {string} folder */
async function start(folder) {
  const engine = await import(new URL(`${folder}pagefind.js`, location.href).href);
  const root = new URL(document.body.dataset.root || "./", location.href);
  await engine.options({ baseUrl: root.pathname, excerptLength: 24 });
  await engine.init();
  return engine;
}

/** @param {number} pages */
function told(pages) {
  if (!pages) return "Nothing found";
  return pages === 1 ? "1 page" : `${pages} pages`;
}
