"""`workings`: the command line. Each command imports what it needs when it runs."""

import errno
import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from workings_build.settings import Settings

OK, PROBLEMS, USAGE, VENDOR, INTERNAL = 0, 1, 2, 3, 4

EXIT_CODES = """\b
Exit codes:
  0  done
  1  something in the pages or templates has to be put right
  2  the command was called wrongly
  3  a file of the runtime can't be had, or has wrong bytes
  4  the builder itself failed (please report it), or the machine refused it a file or room
  130  interrupted
"""

ELSEWHERE = {
    "vendor": ("workings_build.vendor.command", "vendor_command"),
    "bench": ("workings_build.bench", "bench_command"),
    "precompute": ("workings_build.precompute.command", "precompute_command"),
}


class Workings(click.Group):
    """A group that imports some of its commands only when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name all commands."""
        return sorted({*super().list_commands(ctx), *ELSEWHERE})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, imported if it lives elsewhere."""
        if cmd_name not in ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        module, name = ELSEWHERE[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with a line each, without importing those that live elsewhere."""
        rows = [
            (name, _ELSEWHERE_HELP.get(name) or self.commands[name].get_short_help_str(80))
            for name in self.list_commands(ctx)
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


_ELSEWHERE_HELP = {
    "vendor": "Fetch and verify the runtime's files.",
    "bench": "Measure the site against plain Pyodide pages, in a browser.",
    "precompute": "Run the jobs that are stale, with receipts.",
}


def _source(ctx: click.Context, param: click.Parameter, value: Path | None) -> Path | None:
    """Accept the folder `explainers`, or the one that holds it."""
    if value is None or (value / "explainers").is_dir():
        return value
    if value.name == "explainers":
        return value.parent
    raise click.BadParameter(f"{value} neither is nor holds a folder named explainers.")


def _options(*names: str) -> Callable[[Any], Any]:
    """Add options that several commands share."""
    folder = click.Path(file_okay=False, path_type=Path)
    known = {
        "root": click.option(
            "--root", type=folder, help="The project's folder, if not this one or one above."
        ),
        "explainers": click.option(
            "--explainers", type=folder, callback=_source, help="Pages from another folder."
        ),
        "out": click.option("--out", type=folder, help="Where the site goes.  [default: dist]"),
        "base-url": click.option(
            "--base-url", metavar="URL", help="The site's own address, for sitemap and metadata."
        ),
        "jobs": click.option(
            "-j", "--jobs", type=click.IntRange(1), help="Processes at once.  [default: one a core]"
        ),
        "time-limit": click.option(
            "--time-limit",
            type=click.FloatRange(min=0, min_open=True),
            default=120.0,
            show_default=True,
            help="Seconds for one piece of a page's own Python.",
        ),
        "mirror": click.option(
            "--mirror", metavar="URL|DIR", help="Take the runtime's files from here first."
        ),
        "edit-url": click.option(
            "--edit-url", metavar="URL", help="Where sources can be edited; pages link there."
        ),
        "commit": click.option(
            "--commit", metavar="ID", default="", help="Name this revision on the pages."
        ),
        "cache": click.option("--cache", type=folder, help="Where results are kept."),
        "quiet": click.option("-q", "--quiet", is_flag=True, help="Say nothing but problems."),
        "verbose": click.option("-v", "--verbose", is_flag=True, help="Say more."),
    }

    def add(function: Any) -> Any:
        for name in reversed(names):
            function = known[name](function)
        return function

    return add


@click.group(cls=Workings, epilog=EXIT_CODES, context_settings={"max_content_width": 100})
@click.version_option(package_name="workings")
def workings() -> None:
    """Build, check and serve the site of explainers."""


@workings.command()
@_options("root", "explainers", "out", "base-url", "jobs", "time-limit", "mirror", "edit-url")
@_options("commit", "cache", "quiet", "verbose")
@click.option(
    "--precompress",
    is_flag=True,
    help="Put .br and .gz beside each file, for hosts that send them.",
)
@click.option(
    "--keep-going",
    is_flag=True,
    help="Build in spite of problems, into .cache/preview; broken pages show what is wrong.",
)
def build(quiet: bool, verbose: bool, **options: Any) -> None:
    """Build the site into dist/; where anything is wrong, leave the last one as it is."""
    import time

    from workings_build import pipeline

    started = time.perf_counter()
    built = pipeline.build(_settings(**options), _reporter(quiet, verbose))
    _tell(built.problems)
    if built.out is not None and not quiet:
        pages = "1 page" if built.pages == 1 else f"{built.pages} pages"
        click.echo(f"{pages} in {time.perf_counter() - started:.1f} s: {built.out}")
    if built.problems:
        raise SystemExit(PROBLEMS)


@workings.command()
@_options("root", "explainers", "jobs", "time-limit", "cache", "quiet", "verbose")
def check(quiet: bool, verbose: bool, **options: Any) -> None:
    """Check everything that a build does, HTML and the list of features too; write nothing."""
    from workings_build import pipeline

    checked = pipeline.check(_settings(**options), _reporter(quiet, verbose))
    _tell(checked.problems)
    if not checked.validated:
        click.echo("HTML was not validated: there is no Java. `make test` brings one.", err=True)
    if checked.problems:
        raise SystemExit(PROBLEMS)
    if not quiet:
        click.echo("Nothing to put right.")


@workings.command()
@_options("root", "explainers", "out", "base-url", "jobs", "time-limit", "mirror", "quiet")
@_options("verbose")
@click.option("-p", "--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
def serve(port: int, quiet: bool, verbose: bool, **options: Any) -> None:
    """Build, serve on 127.0.0.1 and build again whenever a source changes.

    Where PORT is taken, the next free one is used. A page with problems shows them in its place.
    """
    from workings_build.watch import watch_and_serve

    watch_and_serve(_settings(**options), port, quiet=quiet, verbose=verbose)


@workings.command()
@click.argument("slug")
@click.option(
    "--kind",
    type=click.Choice(["paper", "article", "comparison", "course", "track"]),
    default="paper",
    show_default=True,
)
@click.option("--date", metavar="YYYY-MM-DD", help="The page's date.  [default: today]")
@_options("root", "explainers")
def new(slug: str, kind: str, date: str | None, **options: Any) -> None:
    """Write a new page that builds and passes at once."""
    from workings_build.scaffold import ScaffoldError, scaffold

    try:
        folder = scaffold(_settings(**options).source, slug, kind, date)
    except ScaffoldError as fault:
        raise click.UsageError(str(fault)) from fault
    click.echo(f"{folder}: edit page.md and exhibits.py, and see them with `workings serve`.")


def _settings(root: Path | None = None, **options: Any) -> "Settings":
    from workings_build.settings import RootNotFound, find_root, make_settings

    try:
        found = find_root(root.resolve() if root else Path.cwd())
    except RootNotFound as fault:
        raise click.UsageError(str(fault)) from fault
    names = {"explainers": "source", "edit_url": "edit_base"}
    given = {names.get(name, name): value for name, value in options.items() if value is not None}
    return make_settings(found, **given)


def _reporter(quiet: bool, verbose: bool) -> Any:
    from workings_build.reporting import Silent, Terminal

    return Silent() if quiet else Terminal(verbose)


def _tell(problems: Any) -> None:
    from workings_build.problems import format_problems

    if problems:
        click.echo(format_problems(problems), err=True)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; whatever happens ends in one of the documented exit codes."""
    try:
        workings.main(args=arguments, prog_name="workings", standalone_mode=False)
    except click.ClickException as fault:
        fault.show()
        raise SystemExit(fault.exit_code) from None
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        raise SystemExit(130) from None
    except Exception as fault:
        raise SystemExit(_failed(fault)) from None


_ROOM = "Free some room, or name a folder that has some with --out or --cache."
_RIGHT = "Name a folder that can be written with --out or --cache."
_REFUSED = {
    errno.ENOSPC: _ROOM,
    errno.EDQUOT: _ROOM,
    errno.EROFS: _RIGHT,
    errno.EACCES: _RIGHT,
    errno.EPERM: _RIGHT,
}


def _failed(fault: Exception) -> int:
    """Tell of an exception and return the exit code that stands for it."""
    from workings_build.vendor.errors import VendorError

    if isinstance(fault, VendorError):
        click.echo(str(fault), err=True)
        return VENDOR
    if isinstance(fault, OSError) and fault.errno in _REFUSED:
        where = f"{fault.filename}: " if fault.filename else ""
        remedy = _REFUSED[fault.errno]
        click.echo(
            f"{where}{fault.strerror}.\n    {remedy} The last site stands as it was.", err=True
        )
        return INTERNAL
    import traceback

    if "-v" in sys.argv or "--verbose" in sys.argv:
        traceback.print_exception(fault)
    else:
        click.echo("".join(traceback.format_exception(fault)[-3:]).rstrip(), err=True)
        click.echo("The builder itself failed; -v shows more. Please report it.", err=True)
    return INTERNAL
