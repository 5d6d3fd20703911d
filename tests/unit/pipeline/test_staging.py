"""The swap of the new site for the old one."""

from pathlib import Path

import pytest
from workings_build import staging
from workings_build.staging import Staging, exchange

from tests.unit.pipeline.project import contents


def old_site(folder: Path) -> Path:
    out = folder / "dist"
    (out / "old").mkdir(parents=True)
    (out / "old" / "page.html").write_text("old")
    return out


def new_site(out: Path) -> Staging:
    new = Staging(out)
    new.write("index.html", "new")
    new.write("a/b/c.txt", b"deep")
    return new


@pytest.mark.parametrize("swaps", [True, False])
def test_a_new_site_takes_the_place_of_the_old_one_as_a_whole(
    tmp_path: Path, swaps: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not swaps:
        monkeypatch.setattr(staging, "exchange", lambda one, other: False)
    out = old_site(tmp_path)
    new_site(out).publish()
    assert contents(out) == {"index.html": b"new", "a/b/c.txt": b"deep"}
    assert [path.name for path in tmp_path.iterdir()] == ["dist"]
    assert out.stat().st_mode & 0o777 == 0o755


def test_the_first_site_is_put_in_place(tmp_path: Path) -> None:
    out = tmp_path / "somewhere" / "dist"
    new_site(out).publish()
    assert (out / "index.html").read_text() == "new"


def test_nothing_is_seen_before_and_nothing_is_left_after_giving_up(tmp_path: Path) -> None:
    out = old_site(tmp_path)
    new = new_site(out)
    assert contents(out) == {"old/page.html": b"old"}
    new.discard()
    assert [path.name for path in tmp_path.iterdir()] == ["dist"]


def test_discard_after_publish_does_nothing(tmp_path: Path) -> None:
    new = new_site(tmp_path / "dist")
    new.publish()
    new.discard()
    assert (tmp_path / "dist" / "index.html").exists()


def test_where_the_move_fails_the_old_site_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "exchange", lambda one, other: False)
    out = old_site(tmp_path)
    new = new_site(out)
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self == new.folder:
            raise OSError("no room")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OSError, match="no room"):
        new.publish()
    assert contents(out) == {"old/page.html": b"old"}


def test_exchange_swaps_two_folders_or_says_that_it_cannot(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
        (folder / folder.name).touch()
    if exchange(one, other):
        assert (one / "other").exists() and (other / "one").exists()
    else:
        assert (one / "one").exists() and (other / "other").exists()


def test_a_staged_site_can_become_another_folders(tmp_path: Path) -> None:
    out = old_site(tmp_path)
    moved = new_site(out).moved(tmp_path / "preview")
    moved.publish()
    assert (tmp_path / "preview" / "index.html").read_text() == "new"
    assert contents(out) == {"old/page.html": b"old"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dist", "preview"]


def test_a_site_that_a_killed_swap_moved_aside_comes_back(tmp_path: Path) -> None:
    out = tmp_path / "dist"
    aside = old_site(tmp_path).rename(tmp_path / "kept")
    (tmp_path / ".dist-last-a").mkdir()
    aside.rename(tmp_path / ".dist-last-a" / "dist")
    new_site(out).discard()
    assert contents(out) == {"old/page.html": b"old"}
    assert [path.name for path in tmp_path.iterdir()] == ["dist"]
