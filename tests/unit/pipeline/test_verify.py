"""The verify pass: every promise of a page, kept and broken."""

import os
from pathlib import Path

import pytest
from workings_build import budgets
from workings_build.cache import Cache
from workings_build.passes import verify as module
from workings_build.passes.verify import POLICY, Expected, verify
from workings_build.problems import Problem

from tests.unit.pipeline.project import write

FIGURE = """<figure class="exhibit" id="exhibit-a" data-exhibit="a" data-rung="html"
 data-states="states/a.json">
<form><input name="n"></form>
<div class="picture"><svg class="figure"><defs><linearGradient id="a-g"/></defs>
<rect fill="url(#a-g)"/></svg></div>
<figcaption><output aria-live="polite">A sentence.</output></figcaption>
<script type="application/json" class="exhibit-schema">{"controls": [{"name": "n"}]}</script>
</figure>"""

HTML = f"""<!doctype html><html lang="en"><head>
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<title>A page</title>
<link rel="canonical" href="https://workings.example/a/">
<link rel="stylesheet" href="../assets/1/styles/main.css">
<link rel="preload" as="font" href="../assets/1/fonts/serif.woff2">
<script type="module" src="../assets/1/scripts/main.js"></script></head>
<body><h2 id="top-part">Part</h2>
<a href="../">Home</a> <a href="#top-part">Part</a> <a href="https://example.org/">Elsewhere</a>
<a href="../b/#there">There</a> <a href="#exhibit-a?n=3">A state</a>
{FIGURE}
</body></html>"""

OTHER = HTML.replace(FIGURE, "").replace('"top-part"', '"there"').replace('"#top-part"', '"#there"')
OTHER = OTHER.replace('<a href="#exhibit-a?n=3">A state</a>', "")

PAGES = [Expected("a/index.html", ("a",), "explainers/papers/a/page.md", "one\n[There](gone/)\n")]


def site(folder: Path, html: str = HTML) -> Path:
    write(folder / "a" / "index.html", html)
    write(folder / "a" / "states" / "a.json", "{}")
    write(folder / "b" / "index.html", OTHER)
    write(folder / "index.html", OTHER.replace("../", "./"))
    write(folder / "assets/1/styles/main.css", "body{}")
    write(folder / "assets/1/scripts/main.js", "import { x } from './other.js';\nx();")
    write(folder / "assets/1/scripts/other.js", "export const x = () => import('./late.js');")
    write(folder / "assets/1/scripts/late.js", "// late\n")
    write(folder / "assets/1/fonts/serif.woff2", "font")
    return folder


def problems(folder: Path, pages: list[Expected] = PAGES) -> list[Problem]:
    return verify(folder, pages, Cache(folder.parent / "cache"))


def test_a_page_that_keeps_its_promises_passes(tmp_path: Path) -> None:
    assert problems(site(tmp_path / "dist")) == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('href="../b/#there"', 'href="gone/"', "The link gone/ leads to nothing"),
        ('href="../b/#there"', 'href="../b/#nowhere"', "names a place that isn't on its page"),
        ('href="#top-part"', 'href="#part"', "names a place that isn't on its page"),
        ('href="../b/#there"', 'href="/b/"', "doesn't stay below the site's own folder"),
        ('href="../b/#there"', 'href="../../x/"', "leads to nothing"),
        ('href="../b/#there"', 'href="javascript:alert(1)"', "a javascript: address"),
        ('src="../assets', 'src="https://cdn.example/assets', "nothing may come from elsewhere"),
        ('src="../assets', 'src="//cdn.example/assets', "nothing may come from elsewhere"),
        ("styles/main.css", "styles/gone.css", "The page needs ../assets/1/styles/gone.css"),
        ("states/a.json", "states/b.json", "The page needs states/b.json"),
        ("</body>", '<img src="../a.png"></body>', "The page needs ../a.png"),
        ("</body>", '<img srcset="x.png 2x"></body>', "The page needs x.png"),
        ("</body>", '<svg><use href="#no"/></svg></body>', "#no names no element of the page"),
        ("'wasm-unsafe-eval'", "'unsafe-eval'", "content security policy isn't the one"),
        ("form-action 'none'; ", "", "content security policy isn't the one"),
        ("</body>", '<p style="color:red">x</p></body>', 'style="color:red" on <p>'),
        ("</body>", "<style>p{}</style></body>", "a <style> element"),
        ("</body>", "<script>x()</script></body>", "an inline <script>"),
        ("</body>", '<p onclick="x()">x</p></body>', "the handler onclick on <p>"),
        ("</body>", '<iframe src="../"></iframe></body>', "a <iframe> element"),
        ("</body>", '<p id="top-part">x</p></body>', 'The id "top-part" stands twice'),
        (' lang="en"', "", "<html> has no lang"),
        ("<title>A page</title>", "", "has no title"),
        ('data-rung="html"', 'data-rung="live"', "starts with data-rung='live'"),
        ('id="exhibit-a"', 'id="a"', "has the id 'a'"),
        ("<form>", "<form></form><form>", "has 2 forms"),
        ('name="n">', 'name="m">', "lacks an input"),
        ("A sentence.", "", "has no sentence"),
        ('class="picture"', 'class="image"', "has 0 elements of class picture"),
        ('{"controls"', '{"control', "has no readable schema"),
        ('data-exhibit="a"', 'data-exhibit="b"', "missing: a"),
        (FIGURE, FIGURE + FIGURE, "set twice: a"),
    ],
)
def test_a_broken_promise_is_told(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in HTML
    found = problems(site(tmp_path / "dist", HTML.replace(old, new)))
    assert any(says in problem.what for problem in found), found


def test_a_dead_link_names_the_line_of_the_text_that_has_it(tmp_path: Path) -> None:
    html = HTML.replace('href="../b/#there"', 'href="gone/"')
    (problem,) = problems(site(tmp_path / "dist", html))
    assert (problem.file, problem.line) == ("explainers/papers/a/page.md", 2)


def test_a_page_that_was_not_written_is_missed(tmp_path: Path) -> None:
    found = problems(site(tmp_path / "dist"), [*PAGES, Expected("c/index.html")])
    assert [problem.file for problem in found] == ["c/index.html"]


def test_scripts_have_a_budget_of_their_own(tmp_path: Path) -> None:
    folder = site(tmp_path / "dist")
    noise = os.urandom(42_000).hex()
    write(folder / "assets/1/scripts/late.js", f"// {noise}")
    assert problems(folder) == []  # fetched only when it is asked for
    write(folder / "assets/1/scripts/other.js", f"export const x = 1; // {noise}")
    found = problems(folder)
    assert "The page's scripts take" in found[0].what
    assert "other.js" in found[0].remedy
    assert found[0].file == "a/index.html" or found[0].file.endswith("page.md")


def test_the_first_view_counts_html_styles_fonts_and_scripts(tmp_path: Path) -> None:
    folder = site(tmp_path / "dist")
    (folder / "assets/1/fonts/serif.woff2").write_bytes(os.urandom(100_000))
    assert problems(folder) == []
    write(folder / "assets/1/styles/main.css", f"/* {os.urandom(55_000).hex()} */")
    assert "The page's first view takes 16" in problems(folder)[0].what
    assert (budgets.VIEW_BUDGET, budgets.SCRIPT_BUDGET) == (150_000, 40_000)


def test_fonts_that_styles_name_are_there_and_count(tmp_path: Path) -> None:
    folder = site(tmp_path / "dist")
    style = folder / "assets/1/styles/main.css"
    write(style, '@font-face { src: url("../fonts/sans.woff2") }')
    (problem,) = {found.what: found for found in problems(folder)}.values()
    assert "names assets/1/fonts/sans.woff2, which isn't there" in problem.what
    assert problem.file == "assets/1/styles/main.css"
    (folder / "assets/1/fonts/sans.woff2").write_bytes(os.urandom(160_000))
    assert "The page's first view takes 16" in problems(folder)[0].what
    write(style, "@font-face { src: url(../fonts/KaTeX_Main.woff2) }")
    (folder / "assets/1/fonts/KaTeX_Main.woff2").write_bytes(os.urandom(160_000))
    assert problems(folder) == []


def test_what_is_known_of_a_page_is_not_read_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = site(tmp_path / "dist", HTML.replace('href="#top-part"', 'href="#part"'))
    first = problems(folder)

    def refuse(html: str) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr(module, "facts_of", refuse)
    assert problems(folder) == first != []
