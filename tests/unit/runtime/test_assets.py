"""`workings.asset`: what a job has left, as a page reads it."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from workings import asset
from workings.assets import AssetError, provide, verified
from workings.page import Page
from workings.session import Session

from kernels.encoding import encode

VALUES = {
    "job/numbers.json": {"rows": [1, 2.5, None]},
    "job/array.npy": np.arange(6.0).reshape(2, 3),
    "job/arrays.npz": {"w": np.ones(3, np.float16), "b": np.zeros((2, 2))},
    "job/words.txt": "Two\nlines\n",
    "job/losses.csv": "step,loss\n0,1.5\n",
    "job/part/raw.bin": b"\x00\x01",
}


@pytest.fixture
def provided() -> Iterator[dict[str, bytes]]:
    files = {name: encode(name, value) for name, value in VALUES.items()}
    provide(files)
    yield files
    provide(None)


@pytest.mark.usefixtures("provided")
def test_a_suffix_says_what_comes_back() -> None:
    for name in ("job/numbers.json", "job/words.txt", "job/losses.csv", "job/part/raw.bin"):
        assert asset(name) == VALUES[name]
    np.testing.assert_array_equal(asset("job/array.npy"), VALUES["job/array.npy"])
    arrays = asset("job/arrays.npz")
    assert list(arrays) == ["w", "b"]
    assert arrays["w"].dtype == np.float16


@pytest.mark.usefixtures("provided")
def test_arrays_can_not_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        asset("job/array.npy")[0, 0] = 9
    arrays = asset("job/arrays.npz")
    with pytest.raises(ValueError, match="read-only"):
        arrays["w"] += 1
    with pytest.raises(TypeError):
        arrays["w"] = np.zeros(3)


@pytest.mark.usefixtures("provided")
def test_nothing_is_read_beyond_what_the_page_names() -> None:
    with pytest.raises(AssetError, match=r'no asset "job/other.json".*job/array.npy'):
        asset("job/other.json")


@pytest.mark.parametrize("name", ["", "job", "../jobs.py", "job/../../jobs.py", "/etc/passwd"])
def test_a_name_that_leaves_the_folder_is_no_asset(name: str) -> None:
    provide(None)
    with pytest.raises(AssetError, match="There is no asset"):
        asset(name)


def test_a_name_that_is_no_text_is_told() -> None:
    with pytest.raises(TypeError, match=r'a name such as "job/file\.json", not 3'):
        asset(3)  # type: ignore[arg-type]


def test_natively_files_lie_with_the_kernels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import kernels

    folder = tmp_path / "assets" / "job"
    folder.mkdir(parents=True)
    (folder / "numbers.json").write_bytes(b"[1,2]\n")
    monkeypatch.setattr(kernels, "__path__", [str(tmp_path)])
    assert asset("job/numbers.json") == [1, 2]


def test_other_bytes_than_the_page_was_built_with_are_refused() -> None:
    content = b"[1]\n"
    assert verified("job/a.json", content, hashlib.sha256(content).hexdigest()) == content
    with pytest.raises(AssetError, match=r"job/a\.json came with other bytes"):
        verified("job/a.json", b"[2]\n", hashlib.sha256(content).hexdigest())


SOURCE = '''
from workings import asset, breaks, claim, exhibit, figure

HEIGHTS = asset("job/array.npy")

def tallest():
    return float(HEIGHTS.max())

@exhibit
def bars():
    """Bars."""
    fig, ax = figure()
    ax.bar(range(3), HEIGHTS[1])
    return fig, f"Up to {tallest():g}."

@claim("§1")
def five_is_tallest():
    """Five is the tallest."""
    assert tallest() == 5.0, f"it is {tallest()}"

@breaks("five_is_tallest", replaces=tallest)
def flattened():
    """The bars are cut off."""
    HEIGHTS[:] = 1.0
    return 1.0
'''


@pytest.mark.usefixtures("provided")
def test_not_even_a_mutant_changes_an_asset() -> None:
    session = Session(Page.from_source(SOURCE, "page"))
    broken = session.claim({"name": "five_is_tallest", "mutants": ["flattened"]})
    assert not broken["ok"]
    assert "read-only" in broken["message"]
    assert session.claim({"name": "five_is_tallest"})["ok"]
    assert session.answer({"exhibit": "bars"})["sentence"] == "Up to 5."


@pytest.mark.usefixtures("provided")
def test_a_readers_edit_may_read_the_pages_own_assets() -> None:
    session = Session(Page.from_source(SOURCE, "page"))
    edit = """@exhibit
def bars():
    fig, ax = figure()
    rows = asset("job/numbers.json")["rows"]
    return fig, f"{len(rows)} rows."
"""
    assert session.edit({"exhibit": "bars", "source": edit})["ok"]
    assert session.answer({"exhibit": "bars"})["sentence"] == "3 rows."
    other = edit.replace("job/numbers.json", "job/secret.json")
    assert session.edit({"exhibit": "bars", "source": other})["ok"]
    answer = session.answer({"exhibit": "bars"})
    assert 'no asset "job/secret.json"' in answer["error"]["message"]
