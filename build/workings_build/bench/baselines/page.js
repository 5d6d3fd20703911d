// @ts-check
/** A page that drives a Pyodide worker by hand; the newest move wins, as on the site. */

const script = /** @type {HTMLScriptElement} */ (document.querySelector("script[data-packages]"));
const figure = /** @type {HTMLElement} */ (document.querySelector("figure"));
const field = /** @type {HTMLInputElement} */ (figure.querySelector("input"));
const picture = /** @type {HTMLElement} */ (figure.querySelector(".picture"));
const root = document.documentElement;

const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
/** @type {Map<number, (reply: any) => void>} */
const waiting = new Map();
let last = 0;

/** @param {object} request */
function ask(request) {
  return new Promise((settle) => {
    last += 1;
    waiting.set(last, settle);
    worker.postMessage({ id: last, ...request });
  });
}

worker.onmessage = ({ data }) => {
  waiting.get(data.id)?.(data);
  waiting.delete(data.id);
};

let busy = false;
let again = false;

async function answer() {
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  do {
    again = false;
    const reply = await ask({ module: "baseline", name: "line", k: Number(field.value) });
    picture.innerHTML = reply.svg;
    figure.dataset.rung = "live";
  } while (again);
  busy = false;
}

field.addEventListener("input", answer);
Object.assign(window, { baseline: { ask, picture } });

root.dataset.python = "starting";
await ask({
  start: script.dataset.packages?.split(" "),
  source: new URL(script.dataset.source ?? "", import.meta.url).href,
});
root.dataset.python = "ready";
