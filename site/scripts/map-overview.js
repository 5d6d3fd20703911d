// @ts-check
/**
 * The overview of all heads, which a pointer may choose from; the head that is shown is marked. The
 * two fields beside the map do the same for the keyboard.
 *
 * @param {HTMLElement} figure
 * @param {import("./map-state.js").Plan} plan
 * @param {HTMLElement} chosen the mark
 * @param {(layer: number, head: number) => void} choose
 * @returns {(layer: number, head: number) => void} moves the mark
 */
export function overview(figure, plan, chosen, choose) {
  const image = figure.querySelector(".map-overview img");
  const { layers, heads } = plan;
  image?.addEventListener("click", (event) => {
    const box = image.getBoundingClientRect();
    const { clientX, clientY } = /** @type {MouseEvent} */ (event);
    const head = Math.floor(((clientX - box.left) / box.width) * heads);
    const layer = Math.floor(((clientY - box.top) / box.height) * layers);
    choose(Math.min(layers - 1, Math.max(0, layer)), Math.min(heads - 1, Math.max(0, head)));
  });
  return (layer, head) => {
    const share = (/** @type {number} */ part, /** @type {number} */ all) => `${(100 * part) / all}%`;
    chosen.style.left = share(head, heads);
    chosen.style.top = share(layer, layers);
    chosen.style.width = share(1, heads);
    chosen.style.height = share(1, layers);
  };
}
