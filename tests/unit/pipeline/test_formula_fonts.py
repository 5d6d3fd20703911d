"""Which of KaTeX's fonts count in a page's first view."""

from pathlib import Path

from workings_build.assets import katex_styles
from workings_build.formula_fonts import formula_fonts
from workings_build.html_facts import facts_of
from workings_build.vendor import ensure

CSS = """
@font-face{font-family:KaTeX_Main;font-style:normal;font-weight:400;src:url(f/Main.woff2)}
@font-face{font-family:KaTeX_Main;font-style:normal;font-weight:700;src:url(f/Bold.woff2)}
@font-face{font-family:KaTeX_Size1;font-style:normal;font-weight:400;src:url(f/Size1.woff2)}
.katex{font:normal 1.21em KaTeX_Main,serif}
.katex .mathbf,.katex .textbf{font-family:KaTeX_Main;font-weight:700}
.katex .delimsizing.size1{font-family:KaTeX_Size1}.other{color:red}
"""


def test_a_page_without_formulas_fetches_none() -> None:
    assert formula_fonts(CSS, ["mathbf", "delimsizing size1"]) == []


def test_a_font_is_fetched_for_the_class_that_calls_for_it() -> None:
    assert formula_fonts(CSS, ["katex"]) == ["f/Main.woff2"]
    assert formula_fonts(CSS, ["katex", "mord mathbf"]) == ["f/Main.woff2", "f/Bold.woff2"]


def test_all_classes_of_one_element_are_needed() -> None:
    assert formula_fonts(CSS, ["katex", "delimsizing", "size1"]) == ["f/Main.woff2"]
    both = ["katex", "delimsizing size1 x"]
    assert formula_fonts(CSS, both) == ["f/Main.woff2", "f/Size1.woff2"]


def test_katex_own_stylesheet_is_read() -> None:
    css = katex_styles(ensure(["katex"]).path("katex/katex.min.css").read_text("utf-8"))
    found = [Path(name).name for name in formula_fonts(css, ["katex", "mord mathcal", "mathbb"])]
    assert sorted(found) == [
        "KaTeX_AMS-Regular.woff2",
        "KaTeX_Caligraphic-Regular.woff2",
        "KaTeX_Main-Regular.woff2",
    ]


def test_what_is_folded_away_calls_for_nothing() -> None:
    html = (
        '<p class="katex"></p><details><summary class="mathit"></summary><b class="mathbf"></b>'
        '</details><details open><b class="mathcal"></b></details><i class="katex"></i>'
    )
    assert facts_of(html).classes == ["katex", "mathit", "mathcal"]
