// @ts-check
/** Copies a link to exactly this picture, with the edited code where there is any. */

import { encode } from "./fragment.js";
import { pack } from "./packing.js";

/**
 * @param {import("./exhibit.js").Exhibit} exhibit
 * @param {string | null} source what the editor holds, where it differs from the published code
 * @returns {Promise<string>}
 */
export async function linkTo(exhibit, source) {
  const { name, controls, state, page } = exhibit;
  const code = source === null ? undefined : await pack(source);
  const fragment = encode([{ name, controls, state, code }], page.mutants());
  return `${location.href.split("#")[0]}#${fragment || `exhibit-${name}`}`;
}

/**
 * @param {import("./exhibit.js").Exhibit} exhibit
 * @param {string | null} source
 */
export async function copyLink(exhibit, source) {
  const link = await linkTo(exhibit, source);
  try {
    await navigator.clipboard.writeText(link);
    exhibit.say("Link copied.");
  } catch {
    const field = document.createElement("input");
    field.className = "link";
    field.readOnly = true;
    field.value = link;
    field.setAttribute("aria-label", "Link to this picture");
    exhibit.element.querySelector("input.link")?.remove();
    exhibit.element.querySelector(".actions")?.after(field);
    field.select();
  }
}
