"""Pages written for one test, sound unless the test spoils them."""

from pathlib import Path
from textwrap import dedent

from workings_build.passes.load import PageSource, load_page

FRONT = """\
title: A Page
short_title: Page
dek: One sentence.
kind: paper
slug: demo
authors: Ann Example
organisation: Works
venue: Venue
year: 1999
field: waves
era: [Early]
tags: [Tag]
builds_on: [planned]
why: Because.
date: 2026-11-20
changes:
  - 2026-11-20: First published.
limits:
  - A limit.
references:
  one1999:
    text: One, A Page, Venue 1999.
    arxiv: "1706.03762"
    bibtex: "@misc{one1999}"
  two2000:
    text: Two, Another, Venue 2000.
    doi: 10.1000/two
"""

BODY = """\
Text {cite}`one1999; two2000`.

:::{exhibit} first
:::
:::{exhibit} second
:::
:::{quote}
:source: one1999

Words.
:::
:::{kernel} kernels.demo.core.double
:::
"""

EXHIBITS = """\
from kernels.demo.core import double
from workings import breaks, claim, exhibit


@exhibit
def first():
    \"\"\"The first.\"\"\"


@exhibit(title="Second")
def second():
    \"\"\"The second.\"\"\"


@claim("§1")
def doubled():
    \"\"\"Two ones are two.\"\"\"


@breaks("doubled", replaces=double)
def tripled(x):
    \"\"\"Triples.\"\"\"
"""

KERNEL = '''\
"""A kernel."""

import a_package_that_is_not_there


def double(x):
    """Return twice `x`."""
    return 2 * x  # twice


class Pair:
    """Two."""

    def swap(self):
        """Swap."""
        return self
'''

CATALOG = """\
field = [{ slug = "waves", name = "Waves" }]
era = [{ name = "Early" }]
page = [{ slug = "planned", kind = "paper", title = "Planned Page", short_title = "Planned" }]
"""

GLOSSARY = """\
[term.turn]
name = "turn"
text = "A rotation by an {term}`angle`."
see = ["planned"]

[term.angle]
name = "angle"
text = "How far, $\\\\theta$."

[term.dot-product]
name = "dot product"
text = "A sum."
"""


def root_at(path: Path) -> Path:
    """Write a root without pages: catalogue, glossary and a kernel."""
    files = {
        "explainers/catalog.toml": CATALOG,
        "explainers/glossary.toml": GLOSSARY,
        "kernels/__init__.py": "",
        "kernels/demo/__init__.py": "from .core import double as twice\nfrom .lost import gone\n",
        "kernels/demo/core.py": KERNEL,
    }
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text, "utf-8")
    return path


def page_at(
    root: Path,
    body: str = BODY,
    front: str = FRONT,
    exhibits: str | None = EXHIBITS,
    group: str = "papers",
    slug: str = "demo",
) -> PageSource:
    """Write a page's folder and load it; the body starts on line `first_row(front)`."""
    folder = root / "explainers" / group / slug
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "page.md").write_text(f"---\n{front}---\n{body}", "utf-8")
    if exhibits is not None:
        (folder / "exhibits.py").write_text(dedent(exhibits), "utf-8")
    return load_page(folder, root)


def first_row(front: str = FRONT) -> int:
    """Return the file's line on which the body starts."""
    return front.count("\n") + 3
