"""`workings bench`: measure the built site against two baseline pages, or against peers."""

import json
import platform
import sys
from pathlib import Path
from typing import Any

import click

from workings_build.bench.load import bench_load
from workings_build.bench.synthetic import bench_build

EXIT_BENCH = 1


class Failure(click.ClickException):
    """What kept the bench from measuring."""

    exit_code = EXIT_BENCH


@click.group("bench", invoke_without_command=True)
@click.pass_context
@click.option(
    "--dist",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("dist"),
    show_default=True,
    help="The built site.",
)
@click.option("--page", "slug", metavar="SLUG", help="The page to measure; any, by default.")
@click.option("--runs", type=click.IntRange(1), default=3, show_default=True)
@click.option(
    "--json",
    "json_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write every sample here.",
)
@click.option(
    "--peers",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Measure the builds of peers in this folder instead of the baselines.",
)
@click.option("--mirror", metavar="URL|DIR", help="Take the runtime's files from here first.")
@click.option("-q", "--quiet", is_flag=True, help="No progress, only the tables.")
def bench_command(
    ctx: click.Context,
    dist: Path,
    slug: str | None,
    runs: int,
    json_file: Path | None,
    peers: Path | None,
    mirror: str | None,
    quiet: bool,
) -> None:
    """Measure the site against plain Pyodide pages, in a browser.

    Serves the built site and two baseline pages (Pyodide with NumPy, Pyodide with Matplotlib, both
    by hand) on 127.0.0.1, drives Chromium over them in turn, and prints bytes, times and ratios.
    With --peers, ready-made builds of other tools stand in the baselines' place.
    Exit code 1 where there is nothing to measure, no browser, or a page that doesn't answer.
    """
    if ctx.invoked_subcommand is not None:
        return
    from workings_build.bench.browsers import BrowserMissing
    from workings_build.bench.measure import NoAnswer
    from workings_build.bench.peers import BadPeer
    from workings_build.bench.report import peer_tables, summary, tables
    from workings_build.bench.targets import NoTarget
    from workings_build.vendor import VendorError
    from workings_build.vendor.command import Failure as VendorFailure

    try:
        measured = _measure(dist, slug, runs, peers, mirror, quiet)
    except (NoTarget, BrowserMissing, BadPeer, NoAnswer) as error:
        raise Failure(str(error)) from error
    except VendorError as error:
        raise VendorFailure(str(error)) from error
    found = summary(measured)
    target = measured["target"]
    click.echo(
        f"{measured['browser']}, {measured['cores']} cores, {runs} run(s); "
        f"/{target['path']} {target['exhibit']}.{target['control']}\n"
    )
    click.echo(peer_tables(measured, found) if peers else tables(found))
    if json_file is not None:
        json_file.write_text(json.dumps({**measured, "summary": found}, indent=1) + "\n")


bench_command.add_command(bench_build)
bench_command.add_command(bench_load)


def _measure(
    dist: Path, slug: str | None, runs: int, peers: Path | None, mirror: str | None, quiet: bool
) -> dict[str, Any]:
    """Lay out what is served, and measure it."""
    import os
    from dataclasses import asdict
    from functools import partial

    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise Failure("Playwright is not installed: `make bench` installs it.") from error
    from workings_build.bench.browsers import launch
    from workings_build.bench.measure import measure, steps
    from workings_build.bench.peers import measure_peers, read_peers
    from workings_build.bench.server import serving
    from workings_build.bench.targets import find_target

    target = find_target(dist, slug)
    if peers is None:
        folders, files = _baselines(dist, mirror)
        work, length = partial(measure, target=target, runs=runs), steps(runs)
    else:
        read = read_peers(peers)
        folders, files = {"/peers/": peers}, {}
        work = partial(measure_peers, target=target, peers=read, runs=runs)
        length = steps(runs, 1 + len(read), redraws=False)
    with serving({"/site/": dist, **folders}, files) as server, sync_playwright() as playwright:
        browser = launch(playwright, "chromium")
        version = f"Chromium {browser.version}"
        browser.close()
        with click.progressbar(
            length=length,
            label="Measuring",
            file=sys.stderr,
            hidden=quiet,
            item_show_func=lambda text: text,
        ) as bar:
            measured = work(playwright, server, progress=lambda text: bar.update(1, text))
    return {
        "browser": version,
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "runs": runs,
        "target": asdict(target),
        **measured,
    }


def _baselines(dist: Path, mirror: str | None) -> tuple[dict[str, Path], dict[str, Path]]:
    """Name the folders and files that the baselines are made of."""
    from workings_build.vendor import ensure

    vendored = ensure(["pyodide", "numpy", "matplotlib"], mirror=mirror)
    files = {f"/baseline/runtime/{name}": path for name, path in vendored.paths.items()}
    listing = json.loads((dist / "site.json").read_text(encoding="utf-8"))
    files["/baseline/workings.zip"] = dist / listing["runtime"] / "python" / "workings.zip"
    return {"/baseline/": Path(__file__).with_name("baselines")}, files
