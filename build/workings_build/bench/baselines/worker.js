// @ts-check
/** Pyodide in a worker, by hand: start, install a module, draw. */

import { loadPyodide } from "./runtime/pyodide/pyodide.mjs";

/** @type {any} */
let python;

/** @param {string} url */
const text = async (url) => (await fetch(url)).text();

/** @type {Record<string, (request: any) => Promise<object>>} */
const acts = {
  async start({ start, source }) {
    const coming = text(source);
    python = await loadPyodide({ packages: start });
    python.FS.writeFile("/home/pyodide/baseline.py", await coming);
    python.runPython("import baseline");
    return {};
  },
  async zip({ zip, source }) {
    python.unpackArchive(await (await fetch(zip)).arrayBuffer(), "zip");
    python.FS.writeFile("/home/pyodide/light.py", await text(source));
    python.runPython("import light");
    return {};
  },
  async draw({ module, name, k }) {
    const draw = python.globals.get(module).draw;
    const before = performance.now();
    const svg = draw(name, k);
    const milliseconds = performance.now() - before;
    draw.destroy();
    return { svg, milliseconds };
  },
};

let turn = Promise.resolve();
onmessage = ({ data }) => {
  const act = data.start ? acts.start : data.zip ? acts.zip : acts.draw;
  turn = turn.then(async () => {
    try {
      postMessage({ id: data.id, ...(await act(data)) });
    } catch (error) {
      postMessage({ id: data.id, error: String(error) });
    }
  });
};
