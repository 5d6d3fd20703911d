"""What befalls a build: the last good site stays as it was, and the next one is none the worse."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from workings_build import cli
from workings_build.pipeline import build
from workings_build.staging import Staging

from tests.unit.pipeline.project import contents, replace, settings_of

pytestmark = pytest.mark.slow

NOISY = "for _ in range(100):\n    print('x' * 1_000_000)\n"


def exhibits(project: Path) -> Path:
    return project / "explainers" / "papers" / "one" / "exhibits.py"


def left_over(project: Path) -> list[str]:
    return [path.name for path in project.iterdir() if path.name.startswith(".dist-")]


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(["build", "--quiet", *arguments])
    return int(ended.value.code or 0)


def started(project: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start a build in a process, and so in a session, of its own."""
    command = [sys.executable, "-m", "workings_build", "build", "--root", str(project)]
    return subprocess.Popen(
        [*command, *arguments], text=True, stderr=subprocess.PIPE, start_new_session=True
    )


def test_a_full_disk_is_told_and_costs_nothing(
    project: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    before = contents(project / "dist")
    replace(project / "explainers/papers/one/page.md", "Start with what", "Begin with what")
    write, room = Path.write_bytes, [200_000]

    def limited(self: Path, content: bytes) -> int:
        room[0] -= len(content)
        if room[0] < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(self, content)

    monkeypatch.setattr(Path, "write_bytes", limited)
    assert run("--root", str(project)) == cli.INTERNAL
    said = capfd.readouterr().err
    assert f"{project / 'dist'}{os.sep}" in said
    assert "No space left on device" in said and "Free some room" in said
    assert "Traceback" not in said
    assert contents(project / "dist") == before
    assert left_over(project) == []


def test_a_folder_that_can_not_be_written_is_told(
    project: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    before = contents(project / "dist")

    def refused(*given: object, **more: object) -> str:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(project / ".dist-next-x"))

    monkeypatch.setattr("workings_build.staging.tempfile.mkdtemp", refused)  # root may write all
    assert run("--root", str(project)) == cli.INTERNAL
    said = capfd.readouterr().err
    assert "Read-only file system" in said and "--out" in said
    assert contents(project / "dist") == before


def test_a_build_that_is_killed_leaves_the_old_site_and_the_next_one_clears_up(
    project: Path,
) -> None:
    before = contents(project / "dist")
    source = exhibits(project)
    source.write_text(source.read_text() + "while True: pass\n")
    killed = started(project, "--time-limit", "100")
    while len(descendants(killed.pid)) < 4:  # the build, its servers and a worker, which never ends
        assert killed.poll() is None
        time.sleep(0.2)
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate()
    deadline = time.monotonic() + 20
    while descendants(killed.pid) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert descendants(killed.pid) == [], "what it had started ends with it"
    assert contents(project / "dist") == before

    half = Staging(project / "dist")  # as one that was killed while it wrote leaves it
    half.write("index.html", "half")
    half._unlock()
    running = Staging(project / "dist")
    running.write("index.html", "still being written")
    assert not half.folder.exists()
    assert running.folder.exists(), "a running build's folder is its own"
    running.discard()
    assert left_over(project) == []


def descendants(session: int) -> list[int]:
    """Return the processes of a session that are there still."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            fields = (place / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(place.name))
    return found


def test_two_builds_at_once_both_end_well(project: Path) -> None:
    replace(exhibits(project), "0.8, 0.3", "0.7, 0.2")
    builds = [started(project) for _ in range(2)]
    for one in builds:
        _, said = one.communicate(timeout=120)
        assert one.returncode == 0, said
    once = contents(project / "dist")
    assert build(settings_of(project)).problems == ()
    assert contents(project / "dist") == once
    assert left_over(project) == []


def test_a_page_that_prints_without_measure_fills_neither_memory_nor_the_site(
    project: Path,
) -> None:
    source = exhibits(project)
    source.write_text(source.read_text() + NOISY)
    with started(project) as noisy:
        assert noisy.stderr is not None
        said = noisy.stderr.read(1_000_000)
    assert noisy.returncode == 0
    assert 10_000 < len(said) < 200_000
    assert "The rest of what it printed is left out." in said
