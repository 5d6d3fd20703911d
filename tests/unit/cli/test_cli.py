"""The command line: what it says, and the code with which it ends."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from workings_build import cli, pipeline
from workings_build.pipeline import Built, Checked
from workings_build.problems import Problem
from workings_build.vendor.errors import VendorError

ROOT = Path(__file__).parents[3]
COMMANDS = ("bench", "build", "check", "new", "serve", "vendor")


def run(*arguments: str) -> int:
    """Call the command line; return the code with which it ends."""
    try:
        cli.main(list(arguments))
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def built(monkeypatch: pytest.MonkeyPatch, result: Any) -> list[Any]:
    """Let `build` give a result or raise it; return the settings that it was given."""
    given: list[Any] = []

    def build(settings: Any, reporter: Any) -> Built:
        given.append(settings)
        if isinstance(result, BaseException):
            raise result
        return Built(*result)

    monkeypatch.setattr(pipeline, "build", build)
    return given


def test_help_lists_every_command_and_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    said = capsys.readouterr().out
    for command in COMMANDS:
        assert re.search(rf"\n  {command} +\w", said)
    for code in (0, 1, 2, 3, 4, 130):
        assert re.search(rf"\n +{code}  \w", said)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(command, "--help") == 0
    assert "Usage:" in capsys.readouterr().out


def test_the_exit_codes_are_documented() -> None:
    documented = (ROOT / "docs" / "cli.md").read_text()
    for code in (0, 1, 2, 3, 4, 130):
        assert f"| {code} |" in documented
    for command in COMMANDS:
        assert f"workings {command}" in documented


def test_a_good_build_ends_with_0_and_says_where_the_site_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (settings,) = (built(monkeypatch, (tmp_path, 3, ())),)
    assert run("build", "--root", str(ROOT), "--jobs", "3", "--out", str(tmp_path / "x")) == 0
    assert (settings[0].jobs, settings[0].out) == (3, tmp_path / "x")
    assert f"3 pages in 0.0 s: {tmp_path}" in capsys.readouterr().out


def test_quiet_says_nothing_of_a_good_build(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    built(monkeypatch, (tmp_path, 3, ()))
    assert run("build", "-q", "--root", str(ROOT)) == 0
    assert capsys.readouterr() == ("", "")


def test_problems_end_with_1_and_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    problem = Problem("explainers/papers/a/page.md", 7, "It is wrong.", "Put it right.")
    built(monkeypatch, (None, 1, (problem,)))
    assert run("build", "-q", "--root", str(ROOT)) == 1
    said = capsys.readouterr().err
    assert "explainers/papers/a/page.md:7: It is wrong.\n    Put it right." in said


@pytest.mark.parametrize(
    "arguments",
    [
        ("bild",),
        ("build", "--jobs", "0"),
        ("build", "--root", "/"),
        ("new",),
        ("new", "a", "--kind", "poem"),
        ("serve", "--port", "99999"),
        ("build", "--explainers", "/"),
    ],
)
def test_a_wrong_call_ends_with_2(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == 2
    assert "Error" in capsys.readouterr().err


def test_a_slug_that_can_not_be_ends_with_2(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "explainers").mkdir()
    assert run("new", "Not A Slug", "--root", str(ROOT), "--explainers", str(tmp_path)) == 2
    assert "can't be a slug" in capsys.readouterr().err


def test_what_can_not_be_vendored_ends_with_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    built(monkeypatch, VendorError("pyodide.mjs: wrong bytes from a mirror."))
    assert run("build", "--root", str(ROOT)) == 3
    assert "wrong bytes from a mirror" in capsys.readouterr().err


def test_a_fault_of_the_builder_ends_with_4_and_asks_for_a_report(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    built(monkeypatch, ZeroDivisionError("oh"))
    assert run("build", "--root", str(ROOT)) == 4
    said = capsys.readouterr().err
    assert "ZeroDivisionError: oh" in said and "Please report it" in said


def test_an_interrupted_build_ends_with_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    built(monkeypatch, KeyboardInterrupt())
    assert run("build", "--root", str(ROOT)) == 130
    assert "Interrupted" in capsys.readouterr().err


def test_new_writes_a_page_where_explainers_are(tmp_path: Path) -> None:
    (tmp_path / "explainers").mkdir()
    for source in (tmp_path, tmp_path / "explainers"):
        slug = f"page-{len(str(source))}"
        arguments = ("new", slug, "--kind", "course", "--explainers", str(source))
        assert run(*arguments, "--root", str(ROOT)) == 0
        assert (tmp_path / "explainers" / "course" / slug / "page.md").is_file()


def test_help_does_not_wait_for_what_it_does_not_need() -> None:
    code = (
        "import sys; from workings_build.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'jinja2', 'pydantic', 'markdown_it', 'playwright'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=60)


def test_the_module_can_be_run_as_the_command_is() -> None:
    command = [sys.executable, "-m", "workings_build", "--version"]
    said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    assert said.startswith("workings, version ")


PROBLEM = Problem("explainers/papers/a/page.md", 7, "It is wrong.", "Put it right.")


@pytest.mark.parametrize(
    ("result", "code", "out", "err"),
    [
        (Checked((), True), 0, "Nothing to put right.\n", ""),
        (Checked((), False), 0, "Nothing to put right.\n", "there is no Java"),
        (Checked((PROBLEM,), True), 1, "", "It is wrong.\n    Put it right."),
    ],
)
def test_a_check_says_what_it_found(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    result: Checked,
    code: int,
    out: str,
    err: str,
) -> None:
    monkeypatch.setattr(pipeline, "check", lambda settings, reporter: result)
    assert run("check", "--root", str(ROOT)) == code
    said = capsys.readouterr()
    assert said.out == out and err in said.err


def test_more_of_a_fault_is_shown_to_those_who_ask(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    built(monkeypatch, ZeroDivisionError("oh"))
    monkeypatch.setattr(sys, "argv", ["workings", "build", "-v"])
    assert run("build", "-v", "--root", str(ROOT)) == 4
    said = capsys.readouterr().err
    assert "pipeline.build(" in said and "ZeroDivisionError: oh" in said
