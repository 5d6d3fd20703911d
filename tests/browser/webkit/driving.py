"""Start WebKitGTK's MiniBrowser on a display of its own and work a page with it.

`python -m tests.browser.webkit.driving` starts it once and prints its version.
"""

import os
import shutil
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium.common.exceptions import WebDriverException
from selenium.webdriver import WebKitGTK
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

WIDTH, HEIGHT = 1280, 900
MISSING = (
    "{what} is missing: WebKit is driven by Debian's packages webkit2gtk-driver and xvfb, which "
    "`make test` installs there; elsewhere, leave its tests out with `-m 'not webkit'`."
)


class WebKitMissing(RuntimeError):
    """WebKit is not installed, or does not start."""


def minibrowser() -> Path:
    """Return the path of WebKitGTK's small browser; it stands outside the PATH."""
    found = sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))
    if not found:
        raise WebKitMissing(MISSING.format(what="MiniBrowser"))
    return found[-1]


@contextmanager
def display() -> Iterator[str]:
    """Give the name of a display that nobody looks at; it ends with the block."""
    if not (path := shutil.which("Xvfb")):
        raise WebKitMissing(MISSING.format(what="Xvfb"))
    reading, writing = os.pipe()
    screen = ("-screen", "0", f"{WIDTH + 100}x{HEIGHT + 200}x24", "-nolisten", "tcp")
    server = subprocess.Popen(
        [path, "-displayfd", str(writing), *screen],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            number = told.readline().strip()
        if not number:
            raise WebKitMissing("Xvfb did not start.")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


class WebKit:
    """A browser window with a profile of its own, which goes when it is closed."""

    def __init__(self, screen: str, *, script: bool = True, dark: bool = False):
        options = Options()
        options.binary_location = str(minibrowser())
        options.add_argument("--automation")
        if not script:  # what pages bring does not run; what a test asks for does
            options.add_argument("--enable-javascript-markup=false")
        path = shutil.which("WebKitWebDriver")
        if not path:
            raise WebKitMissing(MISSING.format(what="WebKitWebDriver"))
        theme = {"GTK_THEME": "Adwaita:dark"} if dark else {}
        env = {**os.environ, "DISPLAY": screen, "NO_AT_BRIDGE": "1", **theme}
        try:
            with warnings.catch_warnings():  # Selenium calls itself in a way that it deprecates
                warnings.simplefilter("ignore", DeprecationWarning)
                self.driver = WebKitGTK(options=options, service=Service(path, env=env))
        except WebDriverException as error:
            raise WebKitMissing(f"WebKit did not start: {error}") from error
        self.driver.set_window_size(WIDTH, HEIGHT)

    @property
    def version(self) -> str:
        """WebKitGTK's version."""
        return str(self.driver.capabilities["browserVersion"])

    def open(self, url: str) -> None:
        """Go to a page as if it had not been open before, and wait for its script, if it runs."""
        self.driver.get("about:blank")
        self.driver.get(url)

    def run(self, function: str, *values: object) -> Any:
        """Call a JavaScript function in the page, and return what it gives."""
        return self.driver.execute_script(f"return ({function})(...arguments)", *values)

    def wait(self, function: str, *values: object, seconds: float = 20) -> Any:
        """Call a JavaScript function until what it gives is truthy, and return that."""
        end = time.monotonic() + seconds
        while not (given := self.run(function, *values)):
            if time.monotonic() > end:
                raise AssertionError(f"Waited {seconds} s in vain for {function} {values}")
            time.sleep(0.05)
        return given

    def click(self, selector: str) -> None:
        """Press what the selector names first."""
        self.run("(s) => document.querySelector(s).click()", selector)

    def close(self) -> None:
        """End the browser and its driver."""
        self.driver.quit()


def main() -> int:
    """Start WebKit once and print its version."""
    try:
        with display() as screen:
            browser = WebKit(screen)
            print(f"webkitgtk {browser.version}")
            browser.close()
    except WebKitMissing as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
