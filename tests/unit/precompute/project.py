"""A project in a folder of its own, with kernels and jobs that a test writes."""

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

from workings_build.precompute.plan import Plan, make_plan

ROOT = Path(__file__).parents[3]
HEAD = """
from kernels.jobs import Context, Tolerance, job
"""


class Project:
    """A root with `kernels/`, and a cache that is not the user's."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "project"
        self.cache = folder / "cache"
        (self.root / "site" / "runtime" / "workings").mkdir(parents=True)
        (self.root / "kernels").mkdir()
        for name in ("__init__.py", "jobs.py", "encoding.py"):
            shutil.copy(ROOT / "kernels" / name, self.root / "kernels" / name)

    def write(self, path: str, source: str, head: bool = False) -> Path:
        """Write a file below `kernels`; packages on the way get an `__init__.py`."""
        target = self.root / "kernels" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.suffix == ".py":
            (target.parent / "__init__.py").touch()
        text = textwrap.dedent(source)
        target.write_text((HEAD if head else "") + text, encoding="utf-8")
        return target

    def jobs(self, source: str, path: str = "toy/jobs.py") -> Path:
        """Write a module of jobs, with the vocabulary imported."""
        return self.write(path, source, head=True)

    def lock(self, text: str) -> None:
        """Write the lock file of carriers."""
        path = self.root / "build" / "locks" / "carriers.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")

    def plan(self) -> Plan:
        return make_plan(self.root)

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "WORKINGS_CACHE": str(self.cache)}

    def command(self, *arguments: str) -> list[str]:
        run = [sys.executable, "-m", "workings_build", "precompute", "--root", str(self.root)]
        return [*run, *arguments]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `workings precompute` to its end."""
        return subprocess.run(
            self.command(*arguments),
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def asset(self, path: str) -> str:
        return (self.root / "kernels" / "assets" / path).read_text(encoding="utf-8")
