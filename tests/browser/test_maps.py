"""A map's viewer, driven as readers do: pointer, wheel, fingers, keys, address, no script."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator

from kernels.maps import tiles
from tests.maps import make_map, weights

from .building import shared_site
from .conftest import Visit, Visiting
from .real.test_accessibility import faults
from .serving import Site
from .workbench import PAGE, SOURCE

pytestmark = pytest.mark.browser

LAYERS, HEADS, SIZE = 2, 3, 150
TOKENS = [f"w{i}" for i in range(SIZE)]
NAME = "map-demo-map"
READING = re.compile(r"Query (\d+) “w(\d+)” → key (\d+) “w(\d+)”: ([\d.]+) ± ([\d.]+)")
EDGE = (72, 56)


@pytest.fixture(scope="session")
def maps_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the workbench with a map on it, whose first level has nine tiles a head."""
    source = tmp_path_factory.mktemp("maps") / "source"
    shutil.copytree(SOURCE, source, ignore=shutil.ignore_patterns("__pycache__"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiles, "TILE", 64)
        made = make_map(source / "kernels" / "assets", "demo-map", LAYERS, HEADS, TOKENS)
    assert np.array_equal(made, expected())
    page = source / "explainers" / "articles" / "workbench" / "page.md"
    text = page.read_text(encoding="utf-8").replace("Dot products grow", "Products grow")
    page.write_text(f"{text}\n:::{{map}} demo-map\nLook at the *diagonal*.\n:::\n\nThe end.\n")
    return shared_site(tmp_path_factory, "maps-site", source)


def expected() -> np.ndarray:
    return weights(LAYERS, HEADS, SIZE, SIZE)


@pytest.fixture
def site(maps_folder: Path) -> Iterator[Site]:
    served = Site(maps_folder)
    yield served
    served.close()


@dataclass
class Map:
    """The map as a reader works it."""

    visit: Visit

    @property
    def figure(self) -> Locator:
        return self.visit.page.locator(f"#{NAME}")

    @property
    def canvas(self) -> Locator:
        return self.figure.locator("canvas")

    @property
    def hash(self) -> str:
        return self.visit.page.evaluate("location.hash")

    def wait_for_hash(self, expected: str) -> None:
        """Wait until the address is this one."""
        self.visit.page.wait_for_function("hash => location.hash === hash", arg=expected)

    def zoomed(self) -> float:
        """Wait until the address says that the map is zoomed, and return how much."""
        self.visit.page.wait_for_function("() => location.hash.includes('zoom=')")
        self.visit.page.wait_for_timeout(300)  # more of the same movement may come
        match = re.search(r"zoom=([\d.]+)", self.hash)
        assert match
        return float(match[1])

    def come_to_rest(self) -> None:
        """Wait until the page scrolls no more: it glides to what has the focus."""
        self.visit.page.evaluate("at = { y: -1, since: 0 }")
        self.visit.page.wait_for_function(
            "() => { if (at.y !== scrollY) at = { y: scrollY, since: performance.now() };"
            " return performance.now() - at.since > 500; }"
        )

    def drawn(self) -> "Map":
        """Wait until everything in sight is drawn."""
        self.visit.page.wait_for_selector(f"#{NAME} canvas[data-drawn=whole]", timeout=60_000)
        return self

    def said(
        self, row: int | None = None, column: int | None = None
    ) -> tuple[int, int, float, float]:
        """Return the pair in words: row, column, weight and error; wait for a certain pair."""
        pattern = re.compile(f"Query {row} .*key {column} .*±" if row is not None else "±")
        place = self.figure.locator(".map-said", has_text=pattern)
        place.wait_for()
        match = READING.fullmatch(place.inner_text())
        assert match, place.inner_text()
        i, row_token, j, column_token = map(int, match.groups()[:4])
        assert (i, j) == (row_token, column_token)
        return i, j, float(match[5]), float(match[6])

    def place(self, row: int, column: int, zoom: float = 1.0) -> tuple[float, float]:
        """Return where a cell's middle lies on the canvas of a map that is wholly in sight."""
        box = self.canvas.bounding_box()
        assert box
        width, height = box["width"] - EDGE[0], box["height"] - EDGE[1]
        scale = min(width, height) / SIZE
        left, top = (width - SIZE * scale) / 2, (height - SIZE * scale) / 2
        return EDGE[0] + left + (column + 0.5) * scale, EDGE[1] + top + (row + 0.5) * scale


def arrive(visit: Visit, fragment: str = "?zoom=1") -> Map:
    visit.page.goto(visit.site.url(PAGE) + f"#{NAME}{fragment}")
    return Map(visit).drawn()


def test_the_page_is_valid_html(maps_folder: Path, html_problems: Callable[[Path], list[str]]):
    assert html_problems(maps_folder / PAGE) == []


def test_without_a_script_the_figure_is_complete(visiting: Visiting, each_browser: Browser):
    # Firefox is driven without a switch for scripts; blocking them all comes to the same.
    visit = visiting(each_browser)
    visit.page.route("**/*.js", lambda route: route.abort())
    visit.page.goto(visit.site.url(PAGE))
    figure = visit.page.locator(f"#{NAME}")
    image = figure.locator(".map-overview img")
    image.scroll_into_view_if_needed()
    visit.page.wait_for_function("(image) => image.naturalWidth > 0", arg=image.element_handle())
    assert not figure.locator(".map-viewer").is_visible()
    assert "The sharpest, head" in figure.locator("figcaption").inner_text()
    figure.locator("summary").click()
    assert figure.locator("tbody tr").count() == LAYERS * HEADS
    visit.errors.clear()


def test_the_viewer_is_fetched_only_when_the_map_comes_near(visit: Visit, site: Site):
    visit.page.set_viewport_size({"width": 1000, "height": 300})
    visit.open()
    visit.page.wait_for_timeout(1500)
    assert not [path for path in site.requests if "map.js" in path]
    assert not [path for path in site.requests if "/data/demo-map/" in path and "map.json" in path]
    visit.page.locator(f"#{NAME}").scroll_into_view_if_needed()
    Map(visit).drawn()
    assert [path for path in site.requests if path.endswith("/map.js")]


def test_the_keyboard_reads_out_every_weight_within_its_stated_error(
    visiting: Visiting, each_browser: Browser
):
    shown = arrive(visiting(each_browser), "?layer=1&head=2&row=70&column=66&zoom=6")
    keyboard = shown.visit.page.keyboard
    true = expected()[1, 2]
    shown.canvas.focus()
    row, column = 70, 66
    moves = [("ArrowRight", 0, 1), ("ArrowDown", 1, 0), ("Shift+ArrowLeft", 0, -10)]
    moves += [("ArrowUp", -1, 0), ("Shift+ArrowDown", 10, 0), ("ArrowLeft", 0, -1)]
    errors = []
    for key, down, across in [*moves, *moves, *([("Shift+ArrowLeft", 0, -10)] * 6)]:
        keyboard.press(key)
        row, column = row + down, max(0, column + across)
        *_, weight, error = shown.said(row, column)
        assert abs(weight - true[row, column]) <= error
        assert error < 0.004
        errors.append(error)
    assert len(set(errors)) > 3, "the error stated is the weight's own"
    assert column == 0
    spoken = shown.figure.locator("output[aria-live=polite]")
    spoken.filter(has_text=f"Query {row} ").wait_for(state="attached")
    visit = shown.visit
    visit.page.wait_for_function("part => location.hash.includes(part)", arg=f"row={row}&column=0")


def test_every_tile_is_where_it_belongs(visiting: Visiting, chromium: Browser):
    shown = arrive(visiting(chromium))
    generator = np.random.default_rng(0)
    page = shown.visit.page
    for _ in range(12):
        layer, head = generator.integers(LAYERS), generator.integers(HEADS)
        row, column = (int(i) for i in generator.integers(SIZE, size=2))
        page.evaluate(
            "(hash) => { location.hash = hash; }",
            f"{NAME}?layer={layer}&head={head}&row={row}&column={column}&zoom=8",
        )
        *_, weight, error = shown.said(row, column)
        assert abs(weight - expected()[layer, head, row, column]) <= error


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_picture_is_the_weight_in_the_pages_ink(
    visiting: Visiting, each_browser: Browser, scheme: str
):
    shown = arrive(
        visiting(each_browser, color_scheme=scheme), "?layer=0&head=1&row=75&column=75&zoom=12"
    )
    read = """(canvas, cells) => {
      const pen = canvas.getContext("2d");
      const ink = getComputedStyle(canvas).color.match(/[\\d.]+/g).slice(0, 3).map(Number);
      return [ink, cells.map(([x, y]) =>
        [...pen.getImageData(x * devicePixelRatio, y * devicePixelRatio, 1, 1).data])];
    }"""
    box = shown.canvas.bounding_box()
    assert box
    width, height = box["width"] - EDGE[0], box["height"] - EDGE[1]
    scale = min(width, height) / SIZE * 12
    cells, true = [], []
    for row, column in [(73, 72), (74, 77), (77, 73), (78, 78), (72, 76), (76, 74)]:
        x = EDGE[0] + width / 2 + (column - 75) * scale
        y = EDGE[1] + height / 2 + (row - 75) * scale
        cells.append([x, y])
        true.append(expected()[0, 1, row, column])
    ink, pixels = shown.canvas.evaluate(read, cells)
    for (*colour, alpha), weight in zip(pixels, true, strict=True):
        assert abs(alpha - 255 * np.sqrt(weight)) <= 1.5
        if alpha > 60:
            assert np.abs(np.array(colour) - ink).max() <= 3


def test_a_press_puts_the_cursor_and_hovering_reads_without_moving_it(visit: Visit):
    shown = arrive(visit)
    x, y = shown.place(40, 90)
    shown.canvas.click(position={"x": x, "y": y})
    assert shown.said(40, 90)[:2] == (40, 90)
    shown.wait_for_hash(f"#{NAME}?row=40&column=90")
    x, y = shown.place(10, 20)
    shown.canvas.hover(position={"x": x, "y": y})
    assert shown.said(10, 20)[:2] == (10, 20)
    shown.wait_for_hash(f"#{NAME}?row=40&column=90")
    visit.page.mouse.move(0, 0)
    assert shown.said(40, 90)[:2] == (40, 90)


def test_buttons_keys_and_wheel_zoom_and_a_drag_pans(visiting: Visiting, each_browser: Browser):
    visit = visiting(each_browser)
    shown = arrive(visit)
    keyboard, mouse = visit.page.keyboard, visit.page.mouse
    out = shown.figure.get_by_role("button", name="Zoom out")
    assert out.get_attribute("aria-disabled") == "true"
    x, y = shown.place(30, 100)
    shown.canvas.click(position={"x": x, "y": y})
    keyboard.press("+")
    shown.wait_for_hash(f"#{NAME}?row=30&column=100&zoom=1.5")
    keyboard.press("-")
    shown.wait_for_hash(f"#{NAME}?row=30&column=100")
    shown.figure.get_by_role("button", name="Zoom in").click()
    shown.figure.get_by_role("button", name="Zoom in").click()
    shown.wait_for_hash(f"#{NAME}?row=30&column=100&zoom=2.25")
    whole = shown.figure.get_by_role("button", name="Whole map")
    whole.click()
    assert whole.evaluate("(button) => button === document.activeElement")
    shown.wait_for_hash(f"#{NAME}?row=30&column=100")
    # The wheel: where the map has no focus it scrolls the page, with the focus it zooms.
    x, y = shown.place(60, 40)
    shown.canvas.hover(position={"x": x, "y": y})
    at = visit.page.evaluate("scrollY")
    visit.page.evaluate("document.activeElement.blur()")
    mouse.wheel(0, -60)
    visit.page.wait_for_function("at => scrollY < at", arg=at)
    assert "zoom" not in shown.hash
    shown.canvas.focus()
    mouse.move(0, 0)  # so that coming back is a move, wherever the page has scrolled to
    shown.come_to_rest()
    shown.canvas.hover(position={"x": x, "y": y})
    shown.said(60, 40)
    mouse.wheel(0, -600)
    assert shown.zoomed() > 1.5
    assert shown.said(60, 40)[:2] == (60, 40), "zooming goes on speaking of what is pointed at"
    box = shown.canvas.bounding_box()
    assert box
    x, y = box["x"] + x, box["y"] + y
    mouse.move(x + 1, y)
    assert shown.said(60, 40)[:2] == (60, 40), "what is under the pointer stays there"
    # A drag takes the map along.
    mouse.down()
    mouse.move(x + 81, y + 40, steps=4)
    mouse.up()
    mouse.move(x + 80, y + 40)
    assert shown.said(60, 40)[:2] == (60, 40)
    keyboard.press("Home")
    shown.wait_for_hash(f"#{NAME}?row=30&column=100")


def test_two_fingers_zoom_and_one_pans_what_is_larger_than_its_window(
    visiting: Visiting, chromium: Browser
):
    visit = visiting(chromium, has_touch=True, viewport={"width": 390, "height": 800})
    shown = arrive(visit)
    shown.canvas.scroll_into_view_if_needed()
    box = shown.canvas.bounding_box()
    assert box
    touch = visit.context.new_cdp_session(visit.page)

    def fingers(kind: str, *points: tuple[float, float]) -> None:
        places = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    assert (
        visit.page.locator(f"#{NAME} canvas").evaluate(
            "(canvas) => getComputedStyle(canvas).touchAction"
        )
        == "pan-y"
    )
    fingers("touchStart", (x - 20, y), (x + 20, y))
    for spread in (30, 40, 60, 80):
        fingers("touchMove", (x - spread, y), (x + spread, y))
    fingers("touchEnd")
    assert 2.5 < shown.zoomed() < 5
    assert (
        visit.page.locator(f"#{NAME} canvas").evaluate(
            "(canvas) => getComputedStyle(canvas).touchAction"
        )
        == "none"
    )
    before = shown.hash
    fingers("touchStart", (x, y))
    for step in range(1, 6):
        fingers("touchMove", (x - 20 * step, y - 20 * step))
    fingers("touchEnd")
    visit.page.wait_for_function("before => location.hash !== before", arg=before)
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390
    shown.canvas.tap(position={"x": 150, "y": 150})
    assert shown.said()[2] >= 0


def test_the_address_restores_what_was_shown(visiting: Visiting, each_browser: Browser):
    fragment = "?layer=1&head=2&row=17&column=4&zoom=2"
    shown = arrive(visiting(each_browser), fragment)
    figure = shown.figure
    assert figure.locator("select[name=layer]").input_value() == "1"
    assert figure.locator("select[name=head]").input_value() == "2"
    assert shown.said(17, 4)[:2] == (17, 4)
    assert figure.locator(".map-does").inner_text().startswith("Layer 1, head 2: entropy ")
    plan_statistics = json.loads(
        next(shown.visit.site.folder.glob(f"{PAGE}data/demo-map/*/map.json")).read_text()
    )
    entropy = plan_statistics["statistics"]["entropy"][1][2]
    assert f"entropy {entropy:.2f} bits" in figure.locator(".map-does").inner_text()
    figure.locator("select[name=head]").select_option("0")
    shown.wait_for_hash(f"#{NAME}?layer=1&row=17&column=4&zoom=2")
    shown.visit.page.reload()
    shown.drawn()
    assert shown.said(17, 4)[:2] == (17, 4)
    assert figure.locator("select[name=head]").input_value() == "0"
    assert figure.evaluate("(f) => f.getBoundingClientRect().top < innerHeight")


def test_an_address_that_asks_too_much_says_so(visit: Visit):
    shown = arrive(visit, "?layer=9&head=1&nonsense=4&row=3&zoom=100000")
    assert "that this map does not have" in shown.figure.locator(".map-note").inner_text()
    assert shown.figure.locator("select[name=layer]").input_value() == "1"
    assert shown.figure.locator("select[name=head]").input_value() == "1"


def test_a_press_on_the_overview_chooses_a_head(visit: Visit):
    shown = arrive(visit)
    image = shown.figure.locator(".map-overview img")
    box = image.bounding_box()
    assert box
    image.click(position={"x": box["width"] * 2.5 / HEADS, "y": box["height"] * 0.5 / LAYERS})
    shown.wait_for_hash(f"#{NAME}?head=2")
    mark = shown.figure.locator(".map-chosen").bounding_box()
    assert mark
    assert mark["x"] + mark["width"] / 2 == pytest.approx(
        box["x"] + box["width"] * 2.5 / HEADS, abs=3
    )


def test_a_level_is_drawn_that_the_screen_can_show(visiting: Visiting, chromium: Browser):
    visit = visiting(chromium, viewport={"width": 200, "height": 700})
    shown = arrive(visit)
    assert shown.canvas.get_attribute("data-level") == "1"
    shown.canvas.focus()
    for _ in range(4):
        visit.page.keyboard.press("+")
    visit.page.wait_for_selector(f"#{NAME} canvas[data-level='0'][data-drawn=whole]")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(visiting: Visiting, chromium: Browser, axe_source: str, scheme: str):
    visit = visiting(chromium, color_scheme=scheme, bypass_csp=True, reduced_motion="reduce")
    shown = arrive(visit, "?layer=1&row=17&column=4&zoom=2")
    shown.said(17, 4)
    shown.figure.locator("summary").click()
    visit.page.locator(".receipt summary").first.click()
    assert faults(visit.page, axe_source) == []
    moving = shown.figure.evaluate(
        """(figure) => [figure, ...figure.querySelectorAll("*")].filter((element) => {
          const style = getComputedStyle(element);
          return [style.transitionDuration, style.animationDuration]
            .some((value) => value.split(",").some((part) => parseFloat(part) > 0.01));
        }).length"""
    )
    assert moving == 0


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_there_is_room_at_every_width(visiting: Visiting, chromium: Browser, width: int):
    visit = visiting(chromium, viewport={"width": width, "height": 900})
    shown = arrive(visit, "?row=17&column=4&zoom=2")
    wide = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    scroll, client = visit.page.evaluate(wide)
    assert scroll <= client
    box = shown.canvas.bounding_box()
    assert box and box["width"] > 0.85 * min(width, 600)


def test_a_kept_page_has_its_maps_without_a_network(visit: Visit, site: Site):
    visit.open()
    visit.page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    visit.settings().locator("button[data-action=keep-page]").click()
    visit.page.get_by_role("button", name="Kept offline").wait_for(timeout=30_000)
    site.down = True
    shown = arrive(visit, "?layer=1&head=2&row=100&column=101&zoom=5")
    visit.page.reload()
    shown.drawn()
    *_, weight, error = shown.said(100, 101)
    assert abs(weight - expected()[1, 2, 100, 101]) <= error


def test_a_part_that_can_not_be_fetched_is_told(visiting: Visiting, chromium: Browser):
    visit = visiting(chromium, service_workers="block")
    visit.page.route("**/tiles/1-*", lambda route: route.abort())
    visit.page.goto(visit.site.url(PAGE) + f"#{NAME}?layer=1&row=1&column=1&zoom=4")
    shown = Map(visit)
    shown.figure.locator(".map-note", has_text="could not be fetched").wait_for()
    shown.figure.locator(".map-said", has_text="could not be fetched").wait_for()
