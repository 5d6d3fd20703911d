// @ts-check
// Answers requests in Pyodide under Node: one JSON object a line in, one JSON object a line out.
// Arguments: folder of Pyodide's files and wheels, then the folders to put on Python's path.
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [pyodideFolder, ...folders] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(join(pyodideFolder, "pyodide.mjs")).href);
const pyodide = await loadPyodide({
  indexURL: pyodideFolder,
  packages: ["numpy"],
  stdout: (/** @type {string} */ line) => process.stderr.write(`${line}\n`),
});

/** Copy a package's Python files into Pyodide's file system. */
function copy(/** @type {string} */ from, /** @type {string} */ to) {
  pyodide.FS.mkdirTree(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    if (entry.isDirectory()) copy(source, `${to}/${entry.name}`);
    else if (entry.name.endsWith(".py")) {
      pyodide.FS.writeFile(`${to}/${entry.name}`, readFileSync(source));
    }
  }
}

for (const folder of folders) copy(folder, `/code/${basename(folder)}`);
pyodide.runPython(`
import base64, json, sys
sys.path.insert(0, "/code")
from workings.assets import provide
from workings.page import Page
from workings.session import Session
_pages = {}

def serve(line):
    request = json.loads(line)
    if request["do"] == "open":
        provide({name: base64.b64decode(text) for name, text in request["assets"].items()})
        page = Page.from_source(request["source"], request["page"], request["filename"])
        _pages[request["page"]] = Session(page)
        return json.dumps({"ok": True})
    answer = getattr(_pages[request["page"]], request["do"])(request)
    return json.dumps(answer)
`);
const serve = pyodide.globals.get("serve");
process.stdout.write("ready\n");
for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${serve(line)}\n`);
}
