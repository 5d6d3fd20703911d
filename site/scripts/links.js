// @ts-check
/** Copies a link to exactly this picture, or what another site needs to show the exhibit. */

import { encode } from "./fragment.js";
import { pack } from "./packing.js";

/**
 * @param {import("./exhibit.js").Exhibit} exhibit
 * @param {string | null} source what the editor holds, where it differs from the published code
 * @returns {Promise<string>} the state as a fragment, without its #
 */
async function fragmentOf(exhibit, source) {
  const { name, controls, state, page } = exhibit;
  const code = source === null ? undefined : await pack(source);
  return encode([{ name, controls, state, code }], page.mutants()) || `exhibit-${name}`;
}

/**
 * @param {import("./exhibit.js").Exhibit} exhibit
 * @param {string | null} source
 */
export async function copyLink(exhibit, source) {
  const link = `${location.href.split("#")[0]}#${await fragmentOf(exhibit, source)}`;
  await copy(exhibit, link, "Link copied.", "Link to this picture");
}

/**
 * Copies an iframe. Code doesn't travel in it: what a reader edited runs nowhere but here.
 *
 * @param {import("./exhibit.js").Exhibit} exhibit
 */
export async function copyEmbed(exhibit) {
  const address = new URL(exhibit.element.dataset.embed ?? "", location.href);
  address.hash = await fragmentOf(exhibit, null);
  const frame = document.createElement("iframe");
  const title = exhibit.element.querySelector(".exhibit-title")?.textContent ?? "Exhibit";
  const height = Math.ceil(exhibit.element.getBoundingClientRect().height) + 120;
  const given = { src: address.href, title, width: "100%", height: String(height), loading: "lazy" };
  for (const [name, value] of Object.entries(given)) frame.setAttribute(name, value);
  frame.setAttribute("sandbox", "allow-scripts allow-same-origin allow-downloads allow-popups");
  await copy(exhibit, frame.outerHTML, "Copied: paste it into your page.", "HTML to embed");
}

/**
 * @param {import("./exhibit.js").Exhibit} exhibit
 * @param {string} text
 * @param {string} done
 * @param {string} label of the field that shows the text where it can't be copied
 */
async function copy(exhibit, text, done, label) {
  try {
    await navigator.clipboard.writeText(text);
    exhibit.say(done);
  } catch {
    const field = document.createElement("input");
    field.className = "link";
    field.readOnly = true;
    field.value = text;
    field.setAttribute("aria-label", label);
    exhibit.element.querySelector("input.link")?.remove();
    exhibit.element.querySelector(".actions")?.after(field);
    field.select();
  }
}
