"""`workings serve`: build, serve, watch, and build again in a process of its own each time.

A fresh process for each build sees every change, the builder's own code included, and nothing that
a page's Python does can touch the server.
"""

import subprocess
import sys
import threading
from pathlib import Path

import click

from workings_build.serve import Served, start
from workings_build.settings import Settings

WATCHED = ("kernels", "site", "build")
STARTING = b"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Workings</title></head>
<body><main><h1>Building \xe2\x80\xa6</h1><p>The terminal says how far it is. This page comes back
by itself.</p></main></body></html>
"""


def watch_and_serve(
    settings: Settings,
    port: int,
    quiet: bool = False,
    verbose: bool = False,
    stop: threading.Event | None = None,
) -> None:
    """Serve the site and keep it up to date until interrupted, or until `stop` is set."""
    served = Served(_waiting_room(settings))
    if (settings.out / "index.html").is_file():
        served.show(settings.out)
    stop = stop or threading.Event()
    changes = Changes(settings, stop)
    server, address = start(served, port)
    click.echo(f"Serving {address} (Ctrl-C ends it)")
    try:
        while not stop.is_set():
            rebuild(settings, served, quiet, verbose)
            names = changes.wait()
            if names and not quiet:
                click.echo(f"Changed: {', '.join(names[:5])}{' …' if len(names) > 5 else ''}")
    finally:
        stop.set()
        server.shutdown()
        server.server_close()


class Changes:
    """Watches the sources from the moment that it is made, also while a build runs."""

    def __init__(self, settings: Settings, stop: threading.Event) -> None:
        folders = [settings.source / "explainers", *(settings.root / name for name in WATCHED)]
        self._folders = [folder for folder in dict.fromkeys(folders) if folder.is_dir()]
        self._stop = stop
        self._names: set[str] = set()
        self._news = threading.Condition()
        self._watching = threading.Event()
        threading.Thread(target=self._watch, name="watch", daemon=True).start()
        self._watching.wait(10)

    def wait(self) -> list[str]:
        """Return the names of changed files as soon as there are any, or none when stopped."""
        with self._news:
            while not self._names and not self._stop.is_set():
                self._news.wait(0.5)
            names, self._names = sorted(self._names), set()
            return names

    def _watch(self) -> None:
        from watchfiles import watch

        # An empty set comes at every time-out, the first of them once the watch is set up.
        for found in watch(
            *self._folders,
            stop_event=self._stop,
            debounce=100,
            step=50,
            rust_timeout=100,
            yield_on_timeout=True,
        ):
            self._watching.set()
            if found:
                with self._news:
                    self._names |= {Path(path).name for _, path in found}
                    self._news.notify_all()


def rebuild(settings: Settings, served: Served, quiet: bool = False, verbose: bool = False) -> int:
    """Build in a process of its own and show the result; return that process's exit code."""
    command = build_command(settings, quiet, verbose)
    code = subprocess.run(command, cwd=settings.root, check=False).returncode
    if code == 0:
        served.show(settings.out)
    elif code == 1 and (settings.preview / "index.html").is_file():
        served.show(settings.preview)
    return code


def build_command(settings: Settings, quiet: bool, verbose: bool) -> list[str]:
    """Return the command line of one build."""
    command = [sys.executable, "-m", "workings_build", "build", "--keep-going"]
    command += ["--root", str(settings.root), "--explainers", str(settings.source)]
    command += ["--out", str(settings.out), "--cache", str(settings.cache)]
    command += ["--jobs", str(settings.jobs), "--time-limit", str(settings.time_limit)]
    for option, value in (
        ("--base-url", settings.base_url),
        ("--mirror", settings.mirror),
        ("--edit-url", settings.edit_base),
    ):
        command += [option, value] if value else []
    return [*command, *(["--quiet"] if quiet else []), *(["--verbose"] if verbose else [])]


def _waiting_room(settings: Settings) -> Path:
    """Make a folder with a page to show until the first build is done."""
    folder = settings.cache.parent / "starting"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("index.html", "404.html"):
        (folder / name).write_bytes(STARTING)
    return folder
