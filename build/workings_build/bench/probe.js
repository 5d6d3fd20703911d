// @ts-check
/**
 * Put into every page before its own scripts: notes when things happen, in milliseconds from the
 * start of the navigation, and moves controls as a reader would: at once, where there is a plan.
 */
(() => {
  /** @type {Record<string, number>} */
  const marks = {};
  new PerformanceObserver((list) => {
    for (const entry of list.getEntriesByName("first-contentful-paint")) {
      marks.painted = entry.startTime;
    }
  }).observe({ type: "paint", buffered: true });
  document.addEventListener("DOMContentLoaded", () => {
    marks.parsed = performance.now();
    const { benchPlan } = /** @type {any} */ (window);
    if (benchPlan) first(benchPlan.exhibit, benchPlan.control, benchPlan.values);
  });
  new MutationObserver(() => {
    if (document.documentElement?.dataset.python === "ready") marks.ready ??= performance.now();
  }).observe(document, { attributes: true, subtree: true, attributeFilter: ["data-python"] });

  /** @param {string} exhibit */
  const find = (exhibit) =>
    /** @type {HTMLElement} */ (document.querySelector(`[data-exhibit="${CSS.escape(exhibit)}"]`));

  /** @param {string} exhibit brings it into view, as a reader does before touching it */
  function approach(exhibit) {
    find(exhibit).scrollIntoView({ behavior: "instant", block: "center" });
  }

  /** @param {string} exhibit @param {string} control @param {number} value */
  function set(exhibit, control, value) {
    const form = /** @type {HTMLFormElement} */ (find(exhibit).querySelector("form"));
    const field = /** @type {HTMLInputElement} */ (form.elements.namedItem(control));
    field.value = String(value);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** @param {string} exhibit @param {string | null} rung */
  const changed = (exhibit, rung) =>
    new Promise((settle, fail) => {
      const figure = find(exhibit);
      const late = setTimeout(() => fail(new Error(`${exhibit} gave no answer`)), 120_000);
      const watch = new MutationObserver(() => {
        if (rung && figure.dataset.rung !== rung) return;
        watch.disconnect();
        clearTimeout(late);
        settle(performance.now());
      });
      const picture = /** @type {Node} */ (figure.querySelector(".picture"));
      watch.observe(picture, { childList: true, subtree: true });
    });

  /**
   * Moves a control as soon as the page is parsed, and again until a picture answers.
   *
   * @param {string} exhibit @param {string} control @param {number[]} values
   */
  function first(exhibit, control, values) {
    approach(exhibit);
    const answered = changed(exhibit, null);
    let turn = 0;
    const hand = setInterval(() => set(exhibit, control, values[turn++ % values.length]), 50);
    answered.then((at) => {
      clearInterval(hand);
      marks.answered = at;
    });
  }

  /**
   * Moves a control through values, each after the last was answered; how long each took.
   *
   * @param {string} exhibit @param {string} control @param {number[]} values
   * @param {string | null} rung
   */
  async function answers(exhibit, control, values, rung) {
    const times = [];
    approach(exhibit);
    for (const value of values) {
      const answered = changed(exhibit, rung);
      const start = performance.now();
      set(exhibit, control, value);
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
