// @ts-check
/** Attention maps: a map's viewer is fetched when it comes near the view, or the address names it. */

import { whenNear } from "./baked.js";

export function maps() {
  const figures = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("figure.map[data-map]")]);
  if (!figures.length) return;
  /** @type {Map<HTMLElement, Promise<import("./map.js").Viewer>>} */
  const viewers = new Map();
  const open = (/** @type {HTMLElement} */ figure) => {
    const coming =
      viewers.get(figure) ?? import("./map.js").then(({ Viewer }) => Viewer.open(figure));
    viewers.set(figure, coming);
    coming.catch(() => viewers.delete(figure)); // the still map stays; the next sight tries again
    return coming;
  };
  for (const figure of figures) whenNear(figure, () => open(figure).catch(() => {}));
  const arrive = () => {
    const figure = figures.find(({ id }) => location.hash.startsWith(`#${id}?`));
    if (!figure) return;
    figure.scrollIntoView({ block: "start" });
    open(figure).then((viewer) => viewer.arrive(location.hash), () => {});
  };
  addEventListener("hashchange", arrive);
  arrive();
}
