// @ts-check
/**
 * A map's pointer, wheel and keys, told as what the reader means. One finger pans where the map is
 * larger than its window, and else scrolls the page; two fingers zoom. The wheel zooms with Ctrl,
 * or while the map has the focus.
 *
 * @typedef {object} Meaning
 * @property {(x: number, y: number) => void} pan by CSS pixels
 * @property {(factor: number, x: number, y: number) => void} zoom about a point of the canvas
 * @property {(x: number, y: number) => void} point at a place
 * @property {(x: number, y: number) => void} pick a place
 * @property {() => void} leave
 * @property {(rows: number, columns: number) => void} step the cursor
 * @property {(factor: number) => void} magnify about the cursor
 * @property {() => void} whole show all of the map
 */

const SLACK = 4; // CSS pixels that a press may move
const STEP = 1.5;
const FAR = 10;
const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** @param {HTMLElement} element @param {Meaning} meaning */
export function listen(element, meaning) {
  /** @type {Map<number, {x: number, y: number}>} */
  const down = new Map();
  let moved = false;
  const at = (/** @type {MouseEvent} */ event) => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  element.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    moved = down.size > 0; // a second finger makes it no press
    down.set(event.pointerId, at(event));
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener("pointermove", (event) => {
    const place = at(event);
    const last = down.get(event.pointerId);
    if (!last) return meaning.point(place.x, place.y);
    const others = [...down].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
    const far = Math.hypot(place.x - last.x, place.y - last.y);
    if (!moved && far < SLACK) return;
    moved = true;
    down.set(event.pointerId, place);
    if (others.length === 1) pinch(last, place, others[0], meaning);
    else if (!others.length) meaning.pan(place.x - last.x, place.y - last.y);
  });
  const up = (/** @type {PointerEvent} */ event) => {
    if (!down.delete(event.pointerId)) return;
    const { x, y } = at(event);
    if (event.type === "pointerup" && !moved) meaning.pick(x, y);
  };
  element.addEventListener("pointerup", up);
  element.addEventListener("pointercancel", up);
  element.addEventListener("pointerleave", () => down.size || meaning.leave());
  element.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !event.metaKey && document.activeElement !== element) return;
      event.preventDefault();
      const { x, y } = at(event);
      const turned = event.deltaY * (event.deltaMode ? 16 : 1) * (event.ctrlKey ? 0.01 : 0.002);
      meaning.zoom(Math.exp(-Math.min(0.7, Math.max(-0.7, turned))), x, y);
    },
    { passive: false },
  );
  element.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !key(event, meaning)) return;
    event.preventDefault();
  });
}

/** @param {KeyboardEvent} event @param {Meaning} meaning @returns {boolean} whether it means anything */
function key(event, meaning) {
  if (Object.hasOwn(ARROWS, event.key)) {
    const [rows, columns] = ARROWS[/** @type {keyof typeof ARROWS} */ (event.key)];
    const far = event.shiftKey ? FAR : 1;
    meaning.step(rows * far, columns * far);
  } else if (event.key === "+" || event.key === "=") meaning.magnify(STEP);
  else if (event.key === "-" || event.key === "_") meaning.magnify(1 / STEP);
  else if (event.key === "Home" || event.key === "0") meaning.whole();
  else return false;
  return true;
}

/**
 * @typedef {{x: number, y: number}} Point
 * @param {Point} last
 * @param {Point} now
 * @param {Point} other the finger that rests
 * @param {Meaning} meaning
 */
function pinch(last, now, other, meaning) {
  const before = Math.hypot(last.x - other.x, last.y - other.y);
  const after = Math.hypot(now.x - other.x, now.y - other.y);
  const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
  meaning.pan((now.x - last.x) / 2, (now.y - last.y) / 2);
  if (before > 1) meaning.zoom(after / before, middle.x, middle.y);
}
