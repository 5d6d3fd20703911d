"""What all tests share: browsers, which must be there, and a run that must be whole."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import Phase, settings
from playwright.sync_api import Browser, Page, Playwright, sync_playwright
from workings_build.bench.browsers import launch
from workings_build.cache import Cache
from workings_build.passes.validate import find_java, validate
from workings_build.vendor import ensure

# No test fails for being slow: a busy machine would decide the outcome.
settings.register_profile("workings", deadline=None)
settings.register_profile("quick", deadline=None, max_examples=10)  # for `make check`
settings.register_profile(
    "mutation",  # for `make mutation`: the same examples each time, and no smaller one looked for
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
)
settings.load_profile("workings")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("least_tests", "How many tests a whole run executes at least.", default="1")
    parser.addoption(
        "--whole",
        action="store_true",
        help="Fail where a test was skipped, or fewer ran than `least_tests` says.",
    )


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Make a run fail that passed only because tests did not run."""
    config = session.config
    if not config.getoption("whole") or hasattr(config, "workerinput") or exitstatus:
        return
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    ran = sum(len(reporter.stats.get(outcome, [])) for outcome in ("passed", "xfailed", "failed"))
    skipped = len(reporter.stats.get("skipped", []))
    least = int(config.getini("least_tests"))
    if skipped or ran < least:
        reporter.write_line(
            f"not whole: {ran} tests ran ({least} at least are expected), {skipped} were skipped",
            red=True,
        )
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = launch(playwright, "chromium")
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def firefox(playwright: Playwright) -> Iterator[Browser]:
    browser = launch(playwright, "firefox")
    yield browser
    browser.close()


@pytest.fixture(params=["chromium", "firefox"])
def each_browser(request: pytest.FixtureRequest) -> Browser:
    """Run a test in Chromium and in Firefox."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Page]:
    """Give a page in a fresh Chromium profile; errors that nobody catches fail the test."""
    context = chromium.new_context()
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert not errors


@pytest.fixture(scope="session")
def axe_source() -> str:
    """Give the accessibility checker's script, for `page.evaluate`."""
    return ensure(["axe"]).path("axe/axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def html_problems(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], list[str]]:
    """Give a function that lists what the reference validator finds wrong below a folder."""
    java = find_java()
    assert java, "the tests' own packages bring one"
    cache = Cache(tmp_path_factory.mktemp("validated"))
    return lambda folder: [str(problem) for problem in validate(folder, java, cache)]
