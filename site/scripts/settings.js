// @ts-check
/**
 * What the reader chose, kept in this browser where it lets us: when Python starts, and the theme.
 *
 * @typedef {"always" | "touch" | "never"} Start
 */

/** @type {Map<string, string>} for browsers that refuse storage */
const memory = new Map();

/**
 * @param {string} name
 * @param {string[]} allowed the first is the default
 */
export function read(name, allowed) {
  let kept = memory.get(name);
  try {
    kept ??= localStorage.getItem(`workings-${name}`) ?? undefined;
  } catch {
    // refused: the choice lasts as long as the page
  }
  return kept !== undefined && allowed.includes(kept) ? kept : allowed[0];
}

/**
 * @param {string} name
 * @param {string} value
 */
export function write(name, value) {
  memory.set(name, value);
  try {
    localStorage.setItem(`workings-${name}`, value);
  } catch {
    // refused, as above
  }
}

const STARTS = ["touch", "always", "never"];

/** @returns {boolean} whether the reader asked to be sent little */
export function savesData() {
  const { connection } = /** @type {any} */ (navigator);
  return Boolean(connection?.saveData) || matchMedia("(prefers-reduced-data: reduce)").matches;
}

export function mayStartOnTouch() {
  return read("python", STARTS) !== "never" && !savesData();
}

export function mayStartAtOnce() {
  return read("python", STARTS) === "always" && !savesData();
}

/**
 * Fills `<select name="python">` (in `.settings`) and keeps what is chosen there.
 *
 * @param {() => void} changed
 */
export function settings(changed) {
  for (const select of document.querySelectorAll('select[name="python"]')) {
    const field = /** @type {HTMLSelectElement} */ (select);
    field.value = read("python", STARTS);
    field.addEventListener("change", () => {
      write("python", field.value);
      changed();
    });
  }
  for (const panel of document.querySelectorAll("details.settings")) {
    closing(/** @type {HTMLDetailsElement} */ (panel));
  }
}

/**
 * Closes a panel on Escape, and on a press or a focus outside it.
 *
 * @param {HTMLDetailsElement} panel
 */
function closing(panel) {
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !panel.open) return;
    panel.open = false;
    panel.querySelector("summary")?.focus();
  });
  for (const sign of ["pointerdown", "focusin"]) {
    document.addEventListener(sign, ({ target }) => {
      if (target instanceof Node && !panel.contains(target)) panel.open = false;
    });
  }
}
