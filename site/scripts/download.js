// @ts-check
/**
 * Saves an exhibit: SVG and CSV from what the page shows, PNG and PDF drawn by Matplotlib in the
 * reader's Python, which is fetched for it then.
 *
 * @typedef {import("./exhibit.js").Exhibit} Exhibit
 */

import { megabytes } from "./status.js";

const NAMES = { svg: "SVG", csv: "Data (CSV)", png: "PNG", pdf: "PDF" };
const TYPES = { svg: "image/svg+xml", csv: "text/csv", png: "image/png", pdf: "application/pdf" };

/** Opens or closes the choice of formats. @param {Exhibit} exhibit @param {HTMLElement} button */
export function download(exhibit, button) {
  const given = /** @type {keyof NAMES | undefined} */ (button.dataset.format);
  if (given) return save(exhibit, given);
  let menu = /** @type {HTMLElement | null} */ (exhibit.element.querySelector(".download-menu"));
  if (!menu) {
    menu = Object.assign(document.createElement("div"), { className: "download-menu", hidden: true });
    menu.setAttribute("role", "group");
    menu.setAttribute("aria-label", "Download as");
    const { python, data } = exhibit.page;
    const extra = python.packages.includes("matplotlib") ? 0 : data.bytes?.matplotlib;
    for (const format of /** @type {(keyof NAMES)[]} */ (Object.keys(NAMES))) {
      const choice = Object.assign(document.createElement("button"), { type: "button" });
      const drawn = format === "png" || format === "pdf";
      choice.textContent = NAMES[format] + (drawn && extra ? ` (fetches ${megabytes(extra)})` : "");
      choice.dataset.format = format;
      choice.addEventListener("click", () => save(exhibit, format));
      menu.append(choice);
    }
    exhibit.element.querySelector(".actions")?.after(menu);
  }
  menu.hidden = !menu.hidden;
  button.setAttribute("aria-expanded", String(!menu.hidden));
}

/** @param {Exhibit} exhibit @param {keyof NAMES} format */
async function save(exhibit, format) {
  const name = `${exhibit.page.data.slug}-${exhibit.name}.${format}`;
  if (format === "svg") return hand(name, [picture(exhibit)], TYPES.svg);
  const table = format === "csv" && (exhibit.shown ?? (await published(exhibit)))?.table;
  if (table) return hand(name, [csv(table)], TYPES.csv);
  const { python } = exhibit.page;
  exhibit.say("Matplotlib is being loaded …");
  await python.need(format === "csv" ? [] : ["matplotlib"]);
  const { state } = exhibit;
  const request = { exhibit: exhibit.name, state, mutants: exhibit.page.mutants(), format };
  const reply = await python.ask("download", request, `download ${exhibit.name}`);
  if (!reply?.ok || typeof reply.base64 !== "string") {
    return exhibit.say(`Could not be drawn: ${reply?.error?.message ?? "Python did not answer."}`);
  }
  const bytes = Uint8Array.from(atob(reply.base64), (character) => character.charCodeAt(0));
  exhibit.say("");
  hand(name, [bytes], TYPES[format]);
}

/** @param {Exhibit} exhibit */
async function published(exhibit) {
  await exhibit.baked.load();
  return exhibit.baked.find(exhibit.state, [])?.answer;
}

/** @param {string} name @param {BlobPart[]} parts @param {string} type */
function hand(name, parts, type) {
  const url = URL.createObjectURL(new Blob(parts, { type }));
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

const RESOLVED = (
  "color fill stroke stroke-width stroke-dasharray opacity fill-opacity stroke-opacity " +
  "font-family font-size font-weight font-style text-anchor"
).split(" ");

const INITIAL = /** @type {Record<string, string>} */ ({
  stroke: "none",
  "stroke-width": "1px",
  "stroke-dasharray": "none",
  opacity: "1",
  "fill-opacity": "1",
  "stroke-opacity": "1",
});

/** The picture as it looks on paper, with colours in place of classes. @param {Exhibit} exhibit */
function picture(exhibit) {
  const root = document.documentElement;
  const { theme } = root.dataset;
  root.dataset.theme = "light";
  const shown = /** @type {SVGSVGElement} */ (exhibit.picture.querySelector("svg"));
  const saved = /** @type {SVGSVGElement} */ (shown.cloneNode(true));
  const from = [shown, ...shown.querySelectorAll("*")];
  [saved, ...saved.querySelectorAll("*")].forEach((element, i) => {
    if (!element.closest("defs") || element.hasAttribute("class")) {
      const look = getComputedStyle(from[i]);
      for (const name of RESOLVED) {
        const value = look.getPropertyValue(name);
        const text = element.localName === "text" || element.localName === "tspan";
        if (!text && /^(font|text)/.test(name)) continue;
        if (value !== INITIAL[name]) element.setAttribute(name, value);
      }
    }
    element.removeAttribute("class");
  });
  root.dataset.theme = theme;
  saved.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  saved.removeAttribute("aria-hidden");
  const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
  title.textContent = exhibit.output.textContent;
  saved.prepend(title);
  return new XMLSerializer().serializeToString(saved);
}

/** @param {{columns: unknown[], rows: unknown[][]}} table */
function csv(table) {
  const cell = (/** @type {unknown} */ value) => {
    const text = value === null ? "" : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  };
  return [table.columns, ...table.rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}
