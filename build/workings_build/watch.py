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
    from watchfiles import watch

    served = Served(_waiting_room(settings))
    if (settings.out / "index.html").is_file():
        served.show(settings.out)
    server, address = start(served, port)
    click.echo(f"Serving {address} (Ctrl-C ends it)")
    try:
        rebuild(settings, served, quiet, verbose)
        folders = [settings.source / "explainers", *(settings.root / name for name in WATCHED)]
        there = [folder for folder in dict.fromkeys(folders) if folder.is_dir()]
        for changes in watch(*there, stop_event=stop, debounce=100, step=50, recursive=True):
            if not quiet:
                names = sorted({Path(path).name for _, path in changes})
                click.echo(f"Changed: {', '.join(names[:5])}{' …' if len(names) > 5 else ''}")
            rebuild(settings, served, quiet, verbose)
    finally:
        server.shutdown()
        server.server_close()


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
