// @ts-check
/**
 * What moves a map's viewer: pointer and keys on the canvas, the controls beside it, the window's
 * size, and the page's theme.
 */

import { EDGE } from "./map-draw.js";
import { listen } from "./map-input.js";

const STEP = 1.5;

/** @param {import("./map.js").Viewer} viewer */
export function wire(viewer) {
  const { view, parts } = viewer;
  const { canvas, controls, closer, wider, whole, layer, head } = parts;
  const cell = (/** @type {number} */ x, /** @type {number} */ y) =>
    view.cell(x - EDGE.left, y - EDGE.top);
  const all = () => viewer.change(() => viewer.show(1));
  const point = (/** @type {number} */ x, /** @type {number} */ y) =>
    viewer.tell(cell(x, y) ?? viewer.cursor);
  listen(canvas, {
    pan: (x, y) => viewer.change(() => view.panBy(x, y)),
    zoom: (factor, x, y) => {
      viewer.change(() => view.zoomAt(factor, x - EDGE.left, y - EDGE.top));
      point(x, y); // the pair under the pointer is still meant, not the cursor's
    },
    point,
    pick: (x, y) => viewer.put(cell(x, y)),
    leave: () => viewer.tell(viewer.cursor),
    step: (rows, columns) => viewer.step(rows, columns),
    magnify: (factor) => viewer.magnify(factor),
    whole: all,
  });
  controls.addEventListener("submit", (event) => event.preventDefault());
  controls.addEventListener("input", () =>
    viewer.choose(Number(layer.value), Number(head.value)),
  );
  closer.addEventListener("click", () => viewer.magnify(STEP));
  wider.addEventListener("click", () => viewer.magnify(1 / STEP));
  whole.addEventListener("click", all);
  new ResizeObserver(() => viewer.fit()).observe(parts.frame);
  new MutationObserver(() => viewer.redraw()).observe(document.documentElement, {
    attributeFilter: ["data-theme"],
  });
  for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) {
    matchMedia(query).addEventListener("change", () => viewer.redraw());
  }
}
