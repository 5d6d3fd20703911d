"""Writes a small site by hand, without the builder: a page, its states and the runtime."""

import html
import io
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

from workings.page import Page
from workings.session import Session
from workings_build.vendor import ensure

ROOT = Path(__file__).parents[2]
PAGES = Path(__file__).parent / "pages"
SLUG = "handmade"
ASSETS, RUNTIME = "assets/0123abcd/", "runtime/4567cdef/"


def write_site(folder: Path) -> Path:
    """Write the site into `folder` and return it."""
    source = (PAGES / "exhibits.py").read_text(encoding="utf-8")
    page = Page.from_source(source, SLUG)
    session = Session(page)
    files = _runtime(folder / RUNTIME)
    _assets(folder / ASSETS)
    states = folder / SLUG / "states"
    states.mkdir(parents=True)
    (states / "exhibits.aaaa.py").write_text(source, encoding="utf-8")
    figures = "\n".join(_figure(session, name, states) for name in page.exhibits)
    data = {
        "version": 1,
        "slug": SLUG,
        "exhibits_source": "states/exhibits.aaaa.py",
        "runtime": f"../{RUNTIME}",
        "root": "../",
        "needs": ["numpy"],
        "bytes": {"python": sum(size for _, size in files)},
        "files": files,
        "claims": [{"name": name} for name in page.claims],
        "mutants": [
            {"name": m.name, "claim": m.claim, "sentence": m.sentence}
            for m in page.mutants.values()
        ],
    }
    text = (PAGES / "page.html").read_text(encoding="utf-8")
    for mark, value in {
        "@ROOT@": "../",
        "@ASSETS@": ASSETS,
        "@EXHIBITS@": figures,
        "@MUTANTS@": "".join(
            f'<label><input type="checkbox" name="break" value="{n}">{n}</label>'
            for n in page.mutants
        ),
        "@CLAIMS@": "".join(
            f'<tr id="claim-{n}" data-claim="{n}" data-result="pass"><td>{n}</td><td>'
            '<button type="button" data-action="run-claim">Run</button> <output></output></td></tr>'
            for n in page.claims
        ),
        "@PAGE@": script_json(data),
    }.items():
        text = text.replace(mark, value)
    (folder / SLUG / "index.html").write_text(text, encoding="utf-8")
    write_worker(folder, "one")
    return folder


def script_json(value: Any) -> str:
    """Return JSON that can't end the script element which holds it."""
    return json.dumps(value).replace("<", "\\u003c")


def write_worker(folder: Path, build: str, assets: str = ASSETS) -> None:
    """Fill the service worker's manifest, as the builder does."""
    sizes = {
        path.relative_to(folder).as_posix(): path.stat().st_size
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "sw.js"
    }
    runtime = {p: n for p, n in sizes.items() if p.startswith(RUNTIME)}
    later = ("contourpy", "fonttools", "kiwisolver", "matplotlib", "pillow", "codemirror")
    manifest = {
        "build": build,
        "immutable": [assets, RUNTIME],
        "assets": {p: n for p, n in sizes.items() if p.startswith(assets)},
        "runtime": runtime,
        "first": [p for p in runtime if not any(name in p for name in later)],
        "pages": {
            f"{SLUG}/": {
                p.removesuffix("index.html"): n
                for p, n in sizes.items()
                if p.startswith(f"{SLUG}/")
            }
        },
    }
    template = (ROOT / "site/scripts/sw.template.js").read_text(encoding="utf-8")
    (folder / "sw.js").write_text(
        template.replace("/*MANIFEST*/", json.dumps(manifest)), encoding="utf-8"
    )


def _runtime(folder: Path) -> list[tuple[str, int]]:
    ensure(["pyodide", "numpy", "matplotlib", "pyscript"]).copy_into(folder)
    (folder / "python").mkdir()
    shutil.copyfile(ROOT / "site/runtime/worker.py", folder / "python/worker.py")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for top in (ROOT / "site/runtime", ROOT):
            package = "workings" if top.name == "runtime" else "kernels"
            for path in sorted((top / package).rglob("*.py")):
                archive.write(path, path.relative_to(top))
    (folder / "python/workings.zip").write_bytes(packed.getvalue())
    first = ["pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip"]
    names = [f"pyodide/{name}" for name in [*first, "pyodide-lock.json"]]
    names += [f"pyodide/{path.name}" for path in (folder / "pyodide").glob("numpy-*.whl")]
    names += ["python/worker.py", "python/workings.zip"]
    return [(name, (folder / name).stat().st_size) for name in names]


def _assets(folder: Path) -> None:
    (folder / "styles").mkdir(parents=True)
    shutil.copyfile(PAGES / "main.css", folder / "styles/main.css")
    without = shutil.ignore_patterns("sw.template.js")
    shutil.copytree(ROOT / "site/scripts", folder / "scripts", ignore=without)


def _figure(session: Session, name: str, states: Path) -> str:
    exhibit = session.page.exhibits[name]
    parts: list[str] = []

    def packed(state: dict[str, Any], mutants: list[str]) -> dict[str, Any]:
        answer = session.answer({"exhibit": name, "state": state, "mutants": mutants})
        assert answer["ok"], answer
        lines = answer["svg"].split("\n")
        parts.extend(line for line in dict.fromkeys(lines) if line not in parts)
        svg = [parts.index(line) for line in lines]
        return {"svg": svg, "sentence": answer["sentence"], "table": answer["table"]}

    baked = {exhibit.key(state): packed(state, []) for state in exhibit.lattice()}
    default = exhibit.state({})
    mutants = {m: packed({}, [m]) for m in session.page.mutants}
    mutants = {m: entry for m, entry in mutants.items() if entry != baked[exhibit.key(default)]}
    file = {"version": 1, "exhibit": name, "parts": parts, "states": baked, "mutants": mutants}
    (states / f"{name}.bbbb.json").write_text(json.dumps(file), encoding="utf-8")
    first = session.answer({"exhibit": name, "state": {}, "mutants": []})
    schema = exhibit.schema() | {"source": exhibit.source}
    fields = "".join(_field(name, control) for control in schema["controls"])
    buttons = "".join(
        f'<button type="button" data-action="{action}">{action}</button>'
        for action in ("run", "edit", "reset", "play", "data", "link", "download")
    )
    return f"""<figure class="exhibit" id="exhibit-{name}" data-exhibit="{name}" data-rung="html"
 data-states="states/{name}.bbbb.json">
<p class="exhibit-title">{name}</p><form autocomplete="off">{fields}</form>
<div class="picture">{first["svg"]}</div>
<figcaption><output aria-live="polite">{html.escape(first["sentence"])}</output>
<span class="rung-note"></span></figcaption><div class="actions">{buttons}</div>
<div class="data" hidden><table><tbody></tbody></table></div><div class="editor" hidden></div>
<script type="application/json" class="exhibit-schema">{script_json(schema)}</script></figure>"""


def _field(exhibit: str, control: dict[str, Any]) -> str:
    name, label = control["name"], control["label"]
    where = f'name="{name}" id="{exhibit}-{name}"'
    if control["kind"] == "toggle":
        checked = " checked" if control["default"] else ""
        return f'<label><input type="checkbox" {where}{checked}>{label}</label>'
    if control["kind"] == "choice":
        radios = "".join(
            f'<label><input type="radio" name="{name}" value="{stop}"'
            f"{' checked' if stop == control['default'] else ''}>{stop}</label>"
            for stop in control["stops"]
        )
        return f"<fieldset><legend>{label}</legend>{radios}</fieldset>"
    if control["kind"] == "text":
        return (
            f'<label>{label}<input type="text" {where} pattern="{control["pattern"]}" '
            f'maxlength="{control["max_length"]}" value="{control["default"]}"></label>'
        )
    step = 1 if control["type"] == "int" else "any"
    top = len(control["stops"]) - 1 if control["type"] == "int" else 1000
    return (
        f'<label>{label}<input type="number" {where} min="{control["low"]}" '
        f'max="{control["high"]}" step="{step}" value="{control["default"]}"></label>'
        f'<input type="range" data-slider="{name}" aria-label="{label}" min="0" max="{top}">'
    )
