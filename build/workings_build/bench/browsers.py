"""Find and launch the browsers that tests and the bench drive.

Debian's own packages are taken where they are installed, Playwright's download elsewhere.
`python -m workings_build.bench.browsers` launches both once and says which they are.
"""

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Playwright

Name = Literal["chromium", "firefox"]
NAMES: tuple[Name, ...] = ("chromium", "firefox")
COMMANDS: dict[Name, tuple[str, ...]] = {  # in order of preference; the shell opens no window
    "chromium": ("chromium-headless-shell", "chromium"),
    "firefox": ("firefox-esr",),
}
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class BrowserMissing(RuntimeError):
    """A browser is not installed, or does not start."""


def installed(name: Name) -> str | None:
    """Return the path of a browser outside Playwright's own folder, if there is one.

    `WORKINGS_CHROMIUM` and `WORKINGS_FIREFOX` name another one than Debian's.
    """
    named = os.environ.get(f"WORKINGS_{name.upper()}")
    return named or next(filter(None, map(shutil.which, COMMANDS[name])), None)


def launch(playwright: "Playwright", name: Name, **options: Any) -> "Browser":
    """Launch a browser.

    Raises
    ------
    BrowserMissing
        Where it is not installed or does not start; never passed over.
    """
    from playwright.sync_api import Error

    path = installed(name)
    if name == "chromium":
        options.setdefault("args", list(CHROMIUM_FLAGS))
    elif path is not None:
        options["channel"] = "moz-firefox"  # a stock Firefox, driven over WebDriver BiDi
    try:
        return getattr(playwright, name).launch(executable_path=path, **options)
    except Error as error:
        first = (str(error).strip().splitlines() or ["no reason given"])[0]
        raise BrowserMissing(
            f"{name} ({path or 'of Playwright'}) did not start: {first}\n"
            "`make test` installs it; or name one with "
            f"WORKINGS_{name.upper()}=/path/to/it."
        ) from error


def launch_with_profile(
    playwright: "Playwright", folder: Path, flags: tuple[str, ...] = ()
) -> "BrowserContext":
    """Launch Chromium with a profile on disk, so that a second visit finds its caches.

    Raises
    ------
    BrowserMissing
        Where it is not installed or does not start.
    """
    from playwright.sync_api import Error

    try:
        return playwright.chromium.launch_persistent_context(
            folder, executable_path=installed("chromium"), args=[*CHROMIUM_FLAGS, *flags]
        )
    except Error as error:
        raise BrowserMissing(f"chromium did not start: {error}") from error


def main() -> int:
    """Launch every browser once and print its version."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        for name in NAMES:
            try:
                browser = launch(playwright, name)
            except BrowserMissing as error:
                print(error, file=sys.stderr)
                return 1
            print(f"{name} {browser.version}")
            browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
