// @ts-check
/**
 * Put into every page before its own scripts, behind a plan that says where things are: notes when
 * things happen, in milliseconds from the start of the navigation, and moves controls as a reader
 * would: at once, where the plan has values.
 */
(() => {
  if (window !== top) return;
  /**
   * Places are selectors; ` >>> ` goes on in the shadow root of what was found so far.
   *
   * @typedef {{control: string, picture: string, ready: string, text: string,
   *   move: "value" | "keys", values?: number[]}} Plan
   */
  /** @type {{benchPlan: Plan}} */
  const { benchPlan: plan } = /** @type {any} */ (window);
  /** @type {Record<string, number>} */
  const marks = {};
  new PerformanceObserver((list) => {
    for (const entry of list.getEntriesByName("first-contentful-paint")) {
      marks.painted = entry.startTime;
    }
  }).observe({ type: "paint", buffered: true });
  document.addEventListener("DOMContentLoaded", () => {
    marks.parsed = performance.now();
    if (plan.values) first(plan.values);
  });

  /**
   * @param {string} path
   * @param {(root: Document | ShadowRoot) => void} [meet] is shown every root on the way
   */
  function find(path, meet) {
    /** @type {Document | ShadowRoot} */
    let root = document;
    /** @type {HTMLElement | null} */
    let found = null;
    for (const [depth, part] of path.split(" >>> ").entries()) {
      if (depth > 0) {
        if (!found?.shadowRoot) return null;
        root = found.shadowRoot;
      }
      meet?.(root);
      found = root.querySelector(part);
    }
    return found;
  }

  /** @param {Element | null} element is there, and, where it is an image, can be seen */
  const shown = (element) =>
    element !== null &&
    (!(element instanceof HTMLImageElement) || (element.complete && element.naturalWidth > 0));

  function note() {
    for (const name of /** @type {const} */ (["text", "ready"])) {
      if (!(name in marks) && shown(find(plan[name]))) marks[name] = performance.now();
    }
    if ("text" in marks && "ready" in marks) {
      noting.disconnect();
      clearInterval(ticking);
    }
  }
  const noting = new MutationObserver(note);
  noting.observe(document, {
    attributes: true,
    attributeFilter: ["data-python", "src"],
    childList: true,
    subtree: true,
  });
  const ticking = setInterval(note, 20); // an image that comes, a change in a shadow root

  const control = () => /** @type {HTMLElement} */ (find(plan.control));

  /** Brings the control into view, as a reader does before touching it. */
  function approach() {
    const part = control().closest("[data-exhibit]") ?? control();
    part.scrollIntoView({ behavior: "instant", block: "center" });
  }

  const SWEEP = 8; // moves by arrow key before turning back

  /** @param {number} value @param {number} turn how often it was moved before */
  function set(value, turn) {
    const element = control();
    if (plan.move === "keys") {
      const key = Math.floor(turn / SWEEP) % 2 ? "ArrowRight" : "ArrowLeft";
      const keyCode = key === "ArrowRight" ? 39 : 37;
      element.focus({ preventScroll: true });
      for (const type of ["keydown", "keyup"]) {
        const init = { key, code: key, keyCode, bubbles: true, cancelable: true, composed: true };
        element.dispatchEvent(new KeyboardEvent(type, init));
      }
      return;
    }
    // Past the setter that frameworks put on the element to tell their own changes from a reader's.
    const setter = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set;
    setter?.call(element, String(value));
    element.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /**
   * Waits for another picture: what is in its place is new, or another element is in its place; an
   * image counts once it has come.
   *
   * @param {string | null} rung
   */
  const changed = (rung) =>
    new Promise((settle, fail) => {
      const before = find(plan.picture);
      const source = before?.getAttribute("src") ?? null;
      let touched = false;
      const roots = new Set();
      const late = setTimeout(() => fail(new Error("no other picture came")), 120_000);

      /** @param {MutationRecord[]} [records] */
      function check(records = []) {
        const now = find(plan.picture, meet);
        touched ||= now !== before || records.some(({ target }) => now?.contains(target));
        if (!touched || !now || !shown(now)) return;
        if (now instanceof HTMLImageElement && now.getAttribute("src") === source) return;
        const figure = /** @type {HTMLElement | null} */ (now.closest("[data-rung]"));
        if (rung && figure && figure.dataset.rung !== rung) return;
        watch.disconnect();
        clearTimeout(late);
        clearInterval(tick);
        for (const root of roots) root.removeEventListener("load", loaded, true);
        settle(performance.now());
      }
      const watch = new MutationObserver(check);
      const loaded = () => check();

      /** @param {Document | ShadowRoot} root */
      function meet(root) {
        if (roots.has(root)) return;
        roots.add(root);
        root.addEventListener("load", loaded, true);
        const what = { attributes: true, attributeFilter: ["src"], childList: true, subtree: true };
        watch.observe(root, what);
      }
      const tick = setInterval(check, 50, []); // shadow roots that came meanwhile
      find(plan.picture, meet);
    });

  /**
   * Moves the control as soon as it and a place for the picture are there, and again until a
   * picture answers; by keys only until the control has taken one, so that moves don't pile up.
   *
   * @param {number[]} values
   */
  function first(values) {
    let turn = 0;
    let taken = "";
    const hand = setInterval(() => {
      const element = control();
      if (!element || !shown(find(plan.picture))) return;
      if (turn === 0) {
        approach();
        changed(null).then((at) => {
          clearInterval(hand);
          marks.answered = at;
        });
      }
      const place = element.getAttribute("aria-valuenow") ?? "";
      if (plan.move === "keys" && taken && place !== taken) return;
      taken ||= place;
      set(values[turn % values.length], turn);
      turn += 1;
    }, 50);
  }

  /**
   * Moves the control through values, each after the last was answered; how long each took.
   *
   * @param {number[]} values
   * @param {string | null} rung
   */
  async function answers(values, rung) {
    const times = [];
    approach();
    for (const [turn, value] of values.entries()) {
      const answered = changed(rung);
      const start = performance.now();
      set(value, turn);
      times.push((await answered) - start);
      await new Promise((next) => setTimeout(next, 30));
    }
    return times;
  }

  /**
   * Redraws on a baseline page, in turns by each of the modules, round trip and insertion included.
   *
   * @param {string[]} modules @param {string} name @param {number} count
   */
  async function redraws(modules, name, count) {
    const { ask, picture } = /** @type {any} */ (window).baseline;
    const times = Object.fromEntries(modules.map((m) => [m, { whole: [], python: [] }]));
    for (let turn = -3; turn < count; turn += 1) {
      for (const module of modules) {
        const start = performance.now();
        const reply = await ask({ module, name, k: 1 + turn / 100 });
        if (reply.error) throw new Error(reply.error);
        picture.innerHTML = reply.svg;
        picture.getBoundingClientRect();
        if (turn < 0) continue; // warming up
        times[module].whole.push(performance.now() - start);
        times[module].python.push(reply.milliseconds);
      }
    }
    return times;
  }

  /**
   * Waits for a mark; the page's own policy lets no one poll from outside.
   *
   * @param {string} name @param {number} patience in milliseconds
   */
  async function until(name, patience) {
    while (!(name in marks)) {
      if (document.documentElement.dataset.python === "failed") throw new Error("Python failed");
      if (performance.now() > patience) throw new Error(`nothing ${name} in ${patience} ms`);
      await new Promise((next) => setTimeout(next, 20));
    }
    return marks;
  }

  Object.assign(window, { bench: { marks, until, first, answers, redraws } });
})();
