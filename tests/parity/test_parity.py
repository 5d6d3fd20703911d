"""Native Python and Pyodide give the same numbers, sentences and structure of pictures."""

import json
import math
import random
import subprocess
import xml.etree.ElementTree as ElementTree
from base64 import b64encode
from pathlib import Path

import pytest
from workings.assets import provide
from workings.page import Page
from workings.session import Session
from workings_build import declared
from workings_build.page_assets import Assets
from workings_build.vendor import ensure, find_node

from tests.browser.workbench import SOURCE
from tests.explainers import ROOT, claim_names, exhibit_names, pages

WORKBENCH = SOURCE / "explainers" / "articles" / "workbench"
RTOL = 1e-9
PIXEL = 0.02
SAMPLE = 12


class WebAssembly:
    """Pyodide under Node, answering one request at a time."""

    def __init__(self, pyodide: Path) -> None:
        program = Path(__file__).with_name("pyodide_node.mjs")
        folders = [ROOT / "site/runtime/workings", ROOT / "kernels"]
        self._process = subprocess.Popen(
            [str(find_node()), str(program), str(pyodide), *map(str, folders)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        assert self._line() == "ready\n"

    def ask(self, **request) -> dict:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return json.loads(self._line())

    def open(self, slug: str, source: str, assets: Assets | None = None) -> dict:
        """Execute a page with the assets that it names."""
        assets = assets or Assets.of(ROOT, ROOT / "kernels")
        names, problems = declared.read(source, "exhibits.py")
        assert not problems
        files = {name: assets.file(name) for name in names.assets}
        packed = {name: b64encode(path.read_bytes()).decode() for name, path in files.items()}
        return self.ask(do="open", page=slug, source=source, filename="exhibits.py", assets=packed)

    def close(self) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()

    def _line(self) -> str:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, f"Pyodide stopped with exit code {self._process.wait(timeout=30)}"
        return line


@pytest.fixture(scope="module")
def wasm(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pyodide")
    ensure(["pyodide", "numpy"]).copy_into(folder)
    running = WebAssembly(folder / "pyodide")
    for slug, page in pages().items():
        opened = running.open(slug, page.source)
        assert opened == {"ok": True}
    yield running
    running.close()


def test_assets_are_the_same_arrays_and_as_read_only(wasm):
    source = (WORKBENCH / "exhibits.py").read_text(encoding="utf-8")
    assets = Assets.of(SOURCE, ROOT / "kernels")
    assert wasm.open("workbench", source, assets) == {"ok": True}
    names, _ = declared.read(source, "exhibits.py")
    provide({name: assets.file(name) for name in names.assets})
    try:
        session = Session(Page.from_source(source, "workbench"))
    finally:
        provide(None)
    for row in range(3):
        state = {"row": row, "factor": 0.7}
        request = {"exhibit": "kept", "state": state, "raw": True}
        same_answer(session.answer(request), wasm.ask(do="answer", page="workbench", **request))
    edit = "@exhibit\ndef kept():\n    HEIGHTS[0] = 1\n"
    assert wasm.ask(do="edit", page="workbench", exhibit="kept", source=edit)["ok"]
    refused = wasm.ask(do="answer", page="workbench", exhibit="kept", state={})
    assert "read-only" in refused["error"]["message"]


@pytest.mark.parametrize(("slug", "name"), claim_names())
def test_claims_agree(wasm, slug, name):
    claim = pages()[slug].claims[name]
    here = Session(pages()[slug]).claim({"name": name})
    there = wasm.ask(do="claim", page=slug, name=name)
    assert here["ok"] and there["ok"], (here, there)
    assert here["measured"].keys() == there["measured"].keys()
    for measured, number in here["measured"].items():
        assert math.isclose(number, there["measured"][measured], rel_tol=claim.rtol, abs_tol=1e-12)


@pytest.mark.parametrize(("slug", "name"), exhibit_names())
def test_sampled_states_agree(wasm, slug, name):
    exhibit = pages()[slug].exhibits[name]
    lattice = exhibit.lattice()
    drawn = random.Random(f"{slug} {name}")
    sample = [exhibit.state({}), *drawn.sample(lattice, min(SAMPLE, len(lattice)))]
    session = Session(pages()[slug])
    for state in sample:
        request = {"exhibit": name, "state": state, "raw": True}
        same_answer(session.answer(request), wasm.ask(do="answer", page=slug, **request))


def same_answer(here: dict, there: dict) -> None:
    """Compare two answers: words equal, numbers close, pictures alike element by element."""
    assert here["ok"] and there["ok"], (here, there)
    assert here["sentence"] == there["sentence"]
    for mine, theirs in zip(here["numbers"], there["numbers"], strict=True):
        assert math.isclose(mine, theirs, rel_tol=RTOL, abs_tol=1e-12)
    mine, theirs = (list(ElementTree.fromstring(a["svg"]).iter()) for a in (here, there))
    assert [e.tag for e in mine] == [e.tag for e in theirs]
    for one, other in zip(mine, theirs, strict=True):
        assert one.text == other.text
        assert one.attrib.keys() == other.attrib.keys()
        for attribute, value in one.attrib.items():
            same_attribute(value, other.attrib[attribute])


def same_attribute(mine: str, theirs: str) -> None:
    """Compare two attribute values; coordinates may differ by less than a reader could see."""
    split = (
        value.replace(",", " ").replace("M", " ").replace("L", " ") for value in (mine, theirs)
    )
    for one, other in zip(*(part.split() for part in split), strict=True):
        try:
            assert abs(float(one) - float(other)) <= PIXEL
        except ValueError:
            assert one == other
