"""What a folder of peers must hold, and what is told where it doesn't."""

import importlib.util
from pathlib import Path

import matplotlib
import pytest
from workings_build.bench.peers import BadPeer, read_peers

ROOT = Path(__file__).parents[3]
WHOLE = {
    "name": "slow",
    "version": "1.2",
    "control": "input",
    "picture": "svg",
    "text": "h1",
}


def peer(folder: Path, place: str = "slow", /, **changes: str | None) -> Path:
    keys = {key: value for key, value in {**WHOLE, **changes}.items() if value is not None}
    home = folder / place
    home.mkdir()
    (home / "index.html").touch()
    (home / "peer.toml").write_text("".join(f'{k} = "{v}"\n' for k, v in keys.items()))
    return folder


def test_peers_are_read_by_their_folders_names_in_order(tmp_path: Path):
    peer(peer(tmp_path, "second"), "first", name="First", ready=".here", move="keys")
    found = read_peers(tmp_path)
    assert list(found) == ["first", "second"]
    subject = found["first"].subject("first", (3, 6))
    assert (subject.path, subject.move, subject.between) == ("/peers/first/", "keys", (3, 6))
    assert (subject.ready, subject.text, subject.stops) == (".here", "h1", ())


def test_python_is_ready_with_the_first_picture_where_nothing_else_is_said(tmp_path: Path):
    assert read_peers(peer(tmp_path))["slow"].subject("slow", ()).ready == "svg"


def test_a_start_page_may_carry_a_query(tmp_path: Path):
    found = read_peers(peer(tmp_path, start="index.html?code=1"))
    assert found["slow"].subject("slow", ()).path == "/peers/slow/index.html?code=1"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"picture": None}, "`picture` is missing. Add it"),
        ({"text": " "}, "`text` is ' ': String should have at least 1 character"),
        ({"move": "drag"}, "`move` is 'drag': Input should be 'value' or 'keys'"),
        ({"pictures": "img"}, "`pictures` is no key of a peer. Remove it, or correct it to one of"),
        ({"start": "app.html"}, "`start` names app.html, and there is no such page beside it"),
    ],
)
def test_what_is_wrong_with_a_peer_is_told_with_file_and_remedy(
    tmp_path: Path, changes: dict, told: str
):
    with pytest.raises(BadPeer) as caught:
        read_peers(peer(tmp_path, **changes))
    assert str(caught.value).startswith(f"{tmp_path / 'slow' / 'peer.toml'}: {told}")


def test_all_faults_of_a_peer_are_told_at_once(tmp_path: Path):
    with pytest.raises(BadPeer) as caught:
        read_peers(peer(tmp_path, control=None, text=None))
    assert len(str(caught.value).splitlines()) == 2


def test_a_file_that_is_not_toml_is_told_with_the_place(tmp_path: Path):
    (peer(tmp_path) / "slow" / "peer.toml").write_text("name = slow")
    with pytest.raises(BadPeer, match=r"peer\.toml: this is not TOML: .*line 1.*Put that line"):
        read_peers(tmp_path)


def test_a_folder_without_peers_is_told_of(tmp_path: Path):
    with pytest.raises(BadPeer, match=r"no folder in it holds a peer\.toml\. docs/bench\.md says"):
        read_peers(tmp_path)


def test_our_own_columns_name_is_taken(tmp_path: Path):
    with pytest.raises(BadPeer, match="rename the folder"):
        read_peers(peer(tmp_path, "site"))


@pytest.mark.slow
def test_peers_compute_what_our_exhibit_computes():
    matplotlib.use("agg")
    theirs = load(ROOT / "docs/peers/softmax.py")
    ours = load(ROOT / "explainers/papers/attention/exhibits.py")
    for d_k in (1, 45, 512):
        for divide in (False, True):
            _, sentence = theirs.saturation(d_k, divide)
            assert sentence == ours.saturation(d_k, divide)[1]


def load(path: Path):
    spec = importlib.util.spec_from_file_location(f"of_{path.parent.name}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
