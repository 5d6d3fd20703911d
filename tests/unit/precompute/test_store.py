"""A job's folder is there as a whole, or as it was."""

import contextlib
from pathlib import Path

import pytest
from workings_build.precompute import store
from workings_build.precompute.store import job_folders, mend, read_files, write_folder


def test_a_folder_is_written_and_replaced_as_a_whole(tmp_path: Path):
    folder = tmp_path / "assets" / "toy"
    write_folder(folder, {"a.json": b"1", "tiles/0.png": b"2", "receipt.json": b"{}"})
    assert read_files(folder) == {"a.json": b"1", "tiles/0.png": b"2"}
    write_folder(folder, {"b.json": b"3", "receipt.json": b"{}"})
    assert read_files(folder) == {"b.json": b"3"}
    assert [path.name for path in folder.parent.iterdir()] == ["toy"]


@pytest.mark.parametrize("stop_at", range(1, 7))
def test_a_stop_at_any_step_leaves_the_last_one_or_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop_at: int
):
    """Every rename and every write is made to fail once, as a kill would, without cleaning up."""
    folder = tmp_path / "kernels" / "assets" / "toy"
    old, new = {"a.json": b"old", "b.json": b"old"}, {"a.json": b"new", "c.json": b"new"}
    write_folder(folder, old)
    steps = 0

    class Killed(BaseException):
        pass

    def counting(function):
        def step(*arguments, **options):
            nonlocal steps
            steps += 1
            if steps >= stop_at:
                raise Killed
            return function(*arguments, **options)

        return step

    with monkeypatch.context() as patched:
        patched.setattr(store, "_write", counting(store._write))
        patched.setattr(Path, "rename", counting(Path.rename))
        patched.setattr(store.shutil, "rmtree", counting(store.shutil.rmtree))
        with contextlib.suppress(Killed):
            write_folder(folder, new)
    mend(tmp_path)
    assert read_files(folder) in (old, new)
    assert [path.name for path in folder.parent.iterdir()] == ["toy"]


def test_what_a_kill_left_is_no_job(tmp_path: Path):
    assets = tmp_path / "kernels" / "assets"
    (assets / ".new-toy.abc" / "whole").mkdir(parents=True)
    (assets / "toy").mkdir()
    assert [path.name for path in job_folders(tmp_path)] == ["toy"]
    mend(tmp_path)
    assert not (assets / ".new-toy.abc").exists()
