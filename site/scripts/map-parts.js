// @ts-check
/** What a map's viewer is made of: native controls, a canvas that takes keys, and its words. */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string>} attributes
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** @param {string} id @param {string} words @param {number} count */
function choice(id, words, count) {
  const options = Array.from({ length: count }, (_, i) =>
    element("option", { value: String(i) }, String(i)),
  );
  const select = element("select", { id, name: words.toLowerCase() }, ...options);
  const label = element("label", { for: id }, words);
  return { select, field: element("p", { class: "map-field" }, label, select) };
}

/** @param {string} words @param {string} name */
const button = (words, name) =>
  element("button", { type: "button", "data-map-action": name }, words);

const HELP =
  "Arrow keys move from pair to pair, with Shift ten at a time; + and − zoom, Home shows the whole " +
  "map. Drag to pan; pinch, or turn the wheel with Ctrl, to zoom.";

/**
 * @param {HTMLElement} figure
 * @param {import("./map-state.js").Plan} plan
 */
export function build(figure, plan) {
  const layer = choice(`${figure.id}-layer`, "Layer", plan.layers);
  const head = choice(`${figure.id}-head`, "Head", plan.heads);
  const [closer, wider, whole] = [
    button("Zoom in", "in"),
    button("Zoom out", "out"),
    button("Whole map", "whole"),
  ];
  const help = element("p", { class: "map-help", id: `${figure.id}-help` }, HELP);
  const canvas = element("canvas", {
    tabindex: "0",
    role: "application",
    "aria-roledescription": "attention map",
    "aria-describedby": help.id,
  });
  const said = element("p", { class: "map-said", "aria-hidden": "true" });
  const spoken = element("output", { class: "quiet", "aria-live": "polite" });
  const does = element("p", { class: "map-does" });
  const note = element("p", { class: "map-note", role: "status" });
  const controls = element(
    "form",
    { class: "map-controls", autocomplete: "off", "aria-label": `Controls: ${plan.title}` },
    element("div", { class: "map-fields" }, layer.field, head.field),
    element("p", { class: "map-zooms" }, closer, " ", wider, " ", whole),
  );
  const words = element("div", { class: "map-words" }, said, spoken, does, note, help);
  const frame = element("div", { class: "map-frame" }, canvas);
  figure.querySelector(".map-viewer")?.replaceChildren(controls, frame, words);
  const chosen = element("span", { class: "map-chosen", "aria-hidden": "true" });
  figure.querySelector(".map-overview")?.append(chosen);
  return {
    canvas, frame, controls, layer: layer.select, head: head.select,
    closer, wider, whole, said, spoken, does, note, chosen,
  };
}
