"""`workings bench --peers`, end to end, on a site and a peer that are a page each."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from workings_build.bench.report import PEER_ROWS

pytestmark = pytest.mark.browser

SITE = """<!doctype html>
<title>A site</title>
<h1>A site</h1>
<figure data-exhibit="scores" data-rung="html">
<form><input name="d_k" type="number" value="4"></form>
<div class="picture"><svg></svg></div>
</figure>
<script>
const figure = document.querySelector("figure");
document.querySelector("input").addEventListener("input", ({ target }) => {
  figure.dataset.rung = [1, 8, 12, 16].includes(Number(target.value)) ? "baked" : "live";
  figure.querySelector(".picture").innerHTML = `<svg><text>${target.value}</text></svg>`;
  document.documentElement.dataset.python = "ready";
});
</script>
"""
# The peer's control and picture come late, in a shadow root; it is moved by key, and shows images.
PEER = """<!doctype html>
<title>A peer</title>
<img src="https://example.org/elsewhere.png" alt="">
<x-app></x-app>
<script>
const picture = (n) => `data:image/svg+xml,${encodeURIComponent(
  `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>${n}</text></svg>`)}`;
setTimeout(() => {
  const root = document.querySelector("x-app").attachShadow({ mode: "open" });
  root.innerHTML = `<h1>A peer</h1><p role="slider" tabindex="0" aria-valuenow="9"></p><img>`;
  const [slider, image] = [root.querySelector("p"), root.querySelector("img")];
  image.src = picture(9);
  slider.addEventListener("keydown", ({ key }) => {
    const value = Number(slider.ariaValueNow) + (key === "ArrowRight" ? 1 : -1);
    slider.ariaValueNow = value;
    setTimeout(() => { image.src = picture(value); }, 5);
  });
}, 200);
</script>
"""
DEFINITION = """
name = "Fake"
version = "1.0"
control = "x-app >>> [role=slider]"
picture = "x-app >>> img"
text = "x-app >>> h1"
move = "keys"
"""


def slider() -> dict:
    kind = {"kind": "slider", "type": "int", "scale": "linear", "step": None}
    return {"name": "d_k", "default": 4, "stops": [1, 4, 8, 12, 16], "low": 1, "high": 16, **kind}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Give a folder with a built site, as far as the bench looks at it, and a folder of peers."""
    exhibit = {"name": "scores", "controls": [slider()], "needs": [], "states": {"count": 1}}
    page = {"slug": "page", "path": "page/", "exhibits": [exhibit]}
    for folder, start in (("dist/page", SITE), ("peers/fake", PEER)):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "index.html").write_text(start)
    (tmp_path / "dist/site.json").write_text(json.dumps({"version": 1, "pages": [page]}))
    (tmp_path / "peers/fake/peer.toml").write_text(DEFINITION)
    return tmp_path


def bench(place: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "workings_build", "bench", "--dist", "dist"]
    options = ["--peers", "peers", "--runs", "1", "--json", "found.json", "--quiet"]
    return subprocess.run(
        [*command, *options], cwd=place, env={**os.environ}, capture_output=True, text=True
    )


def test_a_peer_is_measured_beside_the_site_in_one_table(place: Path):
    done = bench(place)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[2].split() == ["site", "Fake", "1.0", "site/Fake"]
    found = json.loads((place / "found.json").read_text())
    rows = {row["what"]: row for row in found["summary"]["rows"]}
    assert list(rows) == [title for title, *_ in PEER_ROWS]
    for title, row in rows.items():
        assert row["site"] is not None, title
        assert (row["fake"] is None) == ("baked" in title), title
    # The peer has neither words nor picture before its script has run; the site has both at once.
    assert rows["readable"]["fake"] > 200 and rows["Python ready, cold"]["fake"] > 200
    assert lines[-1] == "fake asked elsewhere, in vain, for https://example.org/elsewhere.png"


def test_a_peer_that_is_not_as_described_ends_the_bench_with_its_file(place: Path):
    file = place / "peers/fake/peer.toml"
    file.write_text(DEFINITION.replace('"keys"', '"drag"'))
    done = bench(place)
    assert done.returncode == 1
    assert "fake/peer.toml: `move` is 'drag'" in done.stderr
