"""Formulas look the same with classes, as pages have them, as with KaTeX's inline styles."""

from typing import Any

import pytest
from playwright.sync_api import Page
from workings_build.katex import Katex, stylesheet
from workings_build.vendor import ensure

pytestmark = pytest.mark.browser

FORMULAS = [
    r"\mathrm{softmax}\!\left(\frac{QK^\top}{\sqrt{d_k}}\right)V",
    r"\sum_{i=1}^{n} \int_0^\infty \frac{x_i^2}{1+\hat y}\,dx",
    r"\begin{pmatrix}\cos m\theta & -\sin m\theta \\ \sin m\theta & \cos m\theta\end{pmatrix}",
    r"\overbrace{a+\cdots+z}^{26}\underline{b}\overline{c}\boxed{d}\cancel{e}",
    r"\left\{\begin{array}{c|c} \tfrac12 & \sqrt[3]{2} \\ \hline x & \vec{v} \end{array}\right.",
    r"\Big(\widetilde{abc}\Big)\xrightarrow{\text{if } n \to \infty} \color{red} \rule{1em}{2em}",
    r"\begin{aligned} f(x) &= \lVert x \rVert \\ &\le \binom{n}{k} \mathbb{E}[X] \end{aligned}",
]

MEASURE = """() => [...document.querySelectorAll('.katex-html, .katex-html *')].map((element) => {
  const box = element.getBoundingClientRect();
  const style = getComputedStyle(element);
  return [
    [box.x, box.y, box.width, box.height],
    [style.color, style.borderBottomWidth, style.padding, style.top, style.verticalAlign],
  ];
})"""

INLINE = """(rules) => {
  for (const [name, rule] of Object.entries(rules)) {
    for (const element of document.querySelectorAll(`.${name}`)) {
      element.classList.remove(name);
      element.style.cssText = rule;
    }
  }
}"""


def test_classes_stand_in_for_inline_styles(tab: Page):
    vendored = ensure(["katex"])
    with Katex(vendored.path("katex/katex.min.js").parent) as katex:
        formulas = [katex.render(tex, display=True) for tex in FORMULAS]
    rules = {name: rule for formula in formulas for name, rule in formula.rules.items()}
    body = "".join(f"<p>{formula.html}</p>" for formula in formulas)
    css = vendored.path("katex/katex.min.css").read_text("utf-8")
    boxes: dict[str, list[Any]] = {}
    looks: dict[str, list[Any]] = {}
    for name, sheet in (("classes", css + stylesheet(rules)), ("inline", css), ("bare", css)):
        tab.set_content(f"<!doctype html><style>{sheet}</style>{body}")
        if name == "inline":
            tab.evaluate(INLINE, rules)
        measured = tab.evaluate(MEASURE)
        boxes[name] = [length for box, _ in measured for length in box]
        looks[name] = [look for _, look in measured]
    assert len(looks["classes"]) > 300
    assert looks["classes"] == looks["inline"]
    assert boxes["classes"] == pytest.approx(boxes["inline"], abs=0.1)
    assert boxes["classes"] != pytest.approx(boxes["bare"], abs=0.1)
