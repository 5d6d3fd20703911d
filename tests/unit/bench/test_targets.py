"""Which control the bench moves."""

import json
from pathlib import Path

import pytest
from workings_build.bench.targets import NoTarget, find_target, values_between


def slider(**changes) -> dict:
    return {
        "name": "d_k",
        "kind": "slider",
        "type": "int",
        "default": 64,
        "low": 1,
        "high": 512,
        "scale": "log2",
        "step": None,
        "stops": [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
        **changes,
    }


def site(folder: Path, *exhibits: dict) -> Path:
    page = {"slug": "attention", "path": "attention/", "exhibits": list(exhibits)}
    (folder / "site.json").write_text(json.dumps({"version": 1, "pages": [page]}))
    return folder


def exhibit(name: str, *controls: dict, needs=(), states: dict | None = None) -> dict:
    states = states or {"path": "x", "count": 1, "bytes": 1}
    return {"name": name, "controls": list(controls), "needs": list(needs), "states": states}


def test_values_lie_between_neighbouring_stops_on_the_sliders_own_scale():
    assert values_between(slider()) == (3, 6, 11, 23, 45, 91, 181, 362)
    assert values_between(slider(type="float", scale="linear", stops=[0.0, 0.5, 1.0])) == (
        0.25,
        0.75,
    )


def test_values_keep_to_the_step():
    coarse = slider(type="int", scale="linear", low=0, high=40, step=10, stops=[0, 20, 40])
    assert values_between(coarse) == (10, 30)
    assert values_between(slider(scale="linear", low=0, high=3, step=1, stops=[0, 1, 2, 3])) == ()


def test_the_first_slider_with_room_between_its_stops_is_moved(tmp_path: Path):
    toggle = {"name": "scaled", "kind": "toggle", "stops": [False, True], "default": True}
    full = slider(scale="linear", low=0, high=3, stops=[0, 1, 2, 3], default=0)
    dist = site(
        tmp_path,
        exhibit("plotted", slider(), needs=["matplotlib"]),
        exhibit("whole", full),
        exhibit("scores", toggle, slider()),
    )
    target = find_target(dist, None)
    assert (target.path, target.exhibit, target.control) == ("attention/", "scores", "d_k")
    assert 64 not in target.stops
    assert len(target.stops) == 9


def test_a_site_that_is_not_built_is_told_of(tmp_path: Path):
    with pytest.raises(NoTarget, match="run `workings build` first"):
        find_target(tmp_path, None)


def test_an_unknown_page_is_told_with_the_known_ones(tmp_path: Path):
    with pytest.raises(NoTarget, match=r"no page rope\. There are: attention"):
        find_target(site(tmp_path), "rope")


def test_a_site_without_such_a_slider_is_told_of(tmp_path: Path):
    with pytest.raises(NoTarget, match="no exhibit has a slider"):
        find_target(site(tmp_path, exhibit("still")), None)
