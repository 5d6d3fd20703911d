"""What makes a job stale: the code that it reaches, and nothing else."""

import ast
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from workings_build.precompute.sources import job_sources

from tests.unit.precompute.project import Project

JOBS = '''
import json
from kernels.toy import helper
from kernels.toy.other import unused

SCALE = 2
FOREIGN = 3

def shared(x):
    return SCALE * x

@job("mine", obtained="counted", parameters={"n": 1})
def mine(context: Context):
    """What is mine."""
    from .inside_torch import train
    for _ in range(3):
        pass
    return {"x.json": shared(helper.value) + train()}

@job("other", obtained="counted")
def other(context: Context):
    """Not mine."""
    from kernels.far import away
    return {"x.json": FOREIGN + unused + away.value}

@mine.recheck
def _(context: Context):
    from kernels.far import away
    return {"x": 0.0}
'''


@pytest.fixture
def toy(project: Project) -> Project:
    project.write("toy/helper.py", '"""Help."""\nfrom .deeper import value\n')
    project.write("toy/deeper.py", "value = 1\n")
    project.write("toy/other.py", "unused = 1\n")
    project.write("toy/inside_torch.py", "def train():\n    return 1\n")
    project.write("toy/table.json", "{}")
    project.write("far/away.py", "value = 1\n")
    project.jobs(JOBS.replace("parameters={", 'tolerance=Tolerance(why="x"), parameters={'))
    return project


def hashes(project: Project, name: str = "mine") -> dict[str, str]:
    return job_sources(project.plan().jobs[name], project.root).modules


def test_a_job_reaches_what_it_imports_anywhere(toy: Project):
    assert list(hashes(toy)) == [
        "kernels/__init__.py",
        "kernels/toy/__init__.py",
        "kernels/toy/deeper.py",
        "kernels/toy/helper.py",
        "kernels/toy/inside_torch.py",
        "kernels/toy/jobs.py",
        "kernels/toy/table.json",
    ]


def test_a_job_is_given_what_its_whole_module_imports(toy: Project):
    files = job_sources(toy.plan().jobs["mine"], toy.root).files
    assert {"kernels/toy/other.py", "kernels/far/away.py", "kernels/jobs.py"} <= set(files)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("toy/helper.py", '"""Help."""', '"""Help more."""\n# a comment\n\n'),
        ("toy/deeper.py", "value = 1", "value  =  1  # one"),
        ("toy/jobs.py", '"""What is mine."""', '"""What is mine.\n\n    At length."""'),
        ("toy/jobs.py", "FOREIGN = 3", "FOREIGN = 4"),
        ("toy/jobs.py", "FOREIGN + unused", "unused + FOREIGN + 1"),
        ("toy/jobs.py", 'return {"x": 0.0}', 'return {"x": 1.0}'),
        ("toy/jobs.py", 'why="x"', 'why="y"'),
        ("toy/other.py", "unused = 1", "unused = 2"),
        ("far/away.py", "value = 1", "value = 2"),
        ("jobs.py", "JOBS: list", "MORE = 1\nJOBS: list"),
    ],
)
def test_what_cannot_change_the_result_does_not_count(toy: Project, file, old, new):
    before = hashes(toy)
    edit(toy, file, old, new)
    assert hashes(toy) == before


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("toy/deeper.py", "value = 1", "value = 2"),
        ("toy/helper.py", "import value", "import value as value"),
        ("toy/inside_torch.py", "return 1", "return 1.0"),
        ("toy/jobs.py", "SCALE = 2", "SCALE = 3"),
        ("toy/jobs.py", "SCALE * x", "SCALE + x"),
        ("toy/jobs.py", "range(3)", "range(4)"),
        ("toy/table.json", "{}", "[]"),
    ],
)
def test_what_can_change_the_result_counts(toy: Project, file, old, new):
    before = hashes(toy)
    edit(toy, file, old, new)
    after = hashes(toy)
    changed = {name for name in before if before[name] != after.get(name)}
    assert changed == {f"kernels/{file}"}


def test_modules_that_strings_name_count(project: Project):
    project.jobs('''
        @job("mine", obtained="counted")
        def mine(context):
            """By name."""
            import importlib
            return importlib.import_module("kernels.far.away")
    ''')
    project.write("far/away.py", "value = 1\n")
    assert "kernels/far/away.py" in hashes(project)


def edit(project: Project, file: str, old: str, new: str) -> None:
    path = project.root / "kernels" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.slow
def test_a_module_that_does_not_parse_counts_by_its_bytes(toy: Project):
    toy.write("toy/inside_torch.py", "def train(:\n")
    before = hashes(toy)["kernels/toy/inside_torch.py"]
    toy.write("toy/inside_torch.py", "def train((:\n")
    assert hashes(toy)["kernels/toy/inside_torch.py"] != before


@pytest.mark.slow
def test_a_loop_at_the_top_of_a_module_counts_for_every_job(toy: Project):
    before = hashes(toy), hashes(toy, "other")
    jobs = JOBS.replace("parameters={", 'tolerance=Tolerance(why="x"), parameters={')
    toy.jobs(jobs + "\nfor number in range(3):\n    FOREIGN += number\n")
    assert all(
        hashes(toy, name) != old for name, old in zip(("mine", "other"), before, strict=True)
    )


def test_threads_parse_one_after_another(toy: Project, monkeypatch: pytest.MonkeyPatch):
    jobs, parse, at_once, inside = toy.plan().jobs, ast.parse, [], threading.Semaphore(1)

    def slowly(source: str | bytes) -> ast.Module:
        at_once.append(not inside.acquire(blocking=False))
        time.sleep(0.01)
        inside.release()
        return parse(source)

    with monkeypatch.context() as patched, ThreadPoolExecutor(2) as pool:
        patched.setattr(ast, "parse", slowly)
        list(pool.map(lambda name: job_sources(jobs[name], toy.root), ["mine", "other"] * 2))
    assert len(at_once) >= 4 and not any(at_once)
