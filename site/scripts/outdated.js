// @ts-check
/**
 * The site was published anew while this page was open: files that it has yet to ask for may be
 * gone. Where something could not be fetched, the page says whether that is why, and offers a reload
 * that takes the reader's work along in the address.
 *
 * @typedef {import("./page.js").Page} Page
 */

import { encode } from "./fragment.js";

export const ANEW = "The site was published anew since you opened this page; reload it to go on.";

/**
 * Says beside an exhibit why something could not be fetched.
 *
 * @param {import("./exhibit.js").Exhibit} exhibit @param {string} otherwise if that isn't why
 */
export async function excuse(exhibit, otherwise) {
  const anew = await outdated();
  exhibit.say(anew ? ANEW : otherwise);
  if (anew) exhibit.note.append(" ", button("Reload", "reload"));
}

/** @param {string} text @param {string} action */
export function button(text, action) {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: text });
  made.dataset.action = action;
  return made;
}

/** @returns {Promise<boolean>} whether the server now has another build of this page */
export async function outdated() {
  const data = document.getElementById("workings-page")?.textContent ?? "";
  const script = document.querySelector("script[type=module][src]")?.getAttribute("src") ?? "";
  try {
    const response = await fetch(location.href, { cache: "no-store" });
    const text = response.ok ? await response.text() : data + script;
    return !(text.includes(data) && text.includes(script));
  } catch {
    return false; // no server, no news
  }
}

/** Loads the page again, with every state and edit in its address. @param {Page} page */
export async function reload(page) {
  const exhibits = new Set([...page.recent, ...page.exhibits.values()]);
  const parts = [];
  for (const exhibit of exhibits) {
    const { name, controls, state } = exhibit;
    parts.push({ name, controls, state, code: await edited(exhibit) });
  }
  history.replaceState(history.state, "", `#${encode(parts, page.mutants())}`);
  location.reload();
}

/** @param {import("./exhibit.js").Exhibit} exhibit @returns {Promise<string | undefined>} packed */
async function edited(exhibit) {
  if (!exhibit.element.querySelector(".editor-code")) return undefined;
  const [{ sourceIn }, { pack }] = await Promise.all([import("./edit.js"), import("./packing.js")]);
  const source = sourceIn(exhibit);
  return source === null ? undefined : pack(source);
}
