"""`workings vendor`: fetch and verify the runtime's files."""

import sys
from pathlib import Path
from types import TracebackType
from typing import Any

import click

from workings_build.vendor.ensure import ensure
from workings_build.vendor.errors import VendorError
from workings_build.vendor.pins import LOCK, load_pins

DEFAULT_NEEDS = ("pyodide", "numpy", "matplotlib", "pyscript", "katex", "fonts")
EXIT_VENDOR = 3


class Failure(click.ClickException):
    """A `VendorError`, told on the command line."""

    exit_code = EXIT_VENDOR


class Bar:
    """One progress bar on standard error over all bytes that are missing."""

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        self.bar: Any = None

    def start(self, total: int) -> None:
        """Draw the bar."""
        if self.quiet or not total:
            return
        self.bar = click.progressbar(
            length=total,
            label="Fetching the runtime",
            file=sys.stderr,
            item_show_func=lambda text: text,
            show_pos=False,
        )
        self.bar.__enter__()

    def label(self, text: str) -> None:
        """Name what is being fetched."""
        if self.bar is not None:
            self.bar.update(0, text)

    def advance(self, count: int) -> None:
        """Move the bar."""
        if self.bar is not None:
            self.bar.update(count)

    def warn(self, text: str) -> None:
        """Tell of a source that could not help, above the bar."""
        click.echo(("\n" if self.bar is not None else "") + text, err=True)

    def finish(self) -> None:
        """End the line."""
        if self.bar is not None:
            self.bar.__exit__(None, None, None)
            self.bar = None

    def __enter__(self) -> "Bar":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.finish()


@click.command("vendor")
@click.argument("needs", nargs=-1)
@click.option("--mirror", metavar="URL|DIR", help="Take files from here first.")
@click.option("--only-mirror", is_flag=True, help="Ask the cache and the mirror alone.")
@click.option(
    "--cache",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep files here ($WORKINGS_CACHE, or ~/.cache/workings).",
)
@click.option(
    "--copy-to",
    type=click.Path(file_okay=False, path_type=Path),
    help="Lay the files out in this folder: a mirror for others.",
)
@click.option("--pin", is_flag=True, help=f"Write {LOCK.name} anew from runtime.in.toml.")
@click.option("-q", "--quiet", is_flag=True, help="No bar, no summary.")
def vendor_command(
    needs: tuple[str, ...],
    mirror: str | None,
    only_mirror: bool,
    cache: Path | None,
    copy_to: Path | None,
    pin: bool,
    quiet: bool,
) -> None:
    """Fetch and verify the files that pages need.

    NEEDS are names such as numpy or katex; without any, all that a build needs. Every file is
    verified by its pinned sha256 before it is put in place. Sources, in order: the cache, the
    mirror, the registries' packages. Exit code 3 where a file can't be had or has wrong bytes.
    """
    try:
        if pin:
            from workings_build.vendor.repin import write_lock

            write_lock(report=lambda text: None if quiet else click.echo(text, err=True))
        pins = load_pins()
        with Bar(quiet) as bar:
            vendored = ensure(
                needs or DEFAULT_NEEDS,
                mirror=mirror,
                cache=cache,
                progress=bar,
                registries=not only_mirror,
                pins=pins,
            )
        if copy_to is not None:
            vendored.copy_into(copy_to)
    except VendorError as error:
        raise Failure(str(error)) from error
    if not quiet:
        total = sum(one.bytes for one in vendored.pins)
        click.echo(f"{len(vendored.pins)} files, {total / 1e6:.1f} MB, verified.")
