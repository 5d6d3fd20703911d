"""A small project for the builder's tests: real runtime and kernels, plain templates, two pages."""

import shutil
from pathlib import Path

from workings_build.passes.verify import POLICY
from workings_build.scaffold import scaffold
from workings_build.settings import Settings, make_settings

ROOT = Path(__file__).parents[3]

BASE = f"""<!doctype html>
<html lang="en" data-python="off" data-theme="auto"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<title>{{% block title %}}{{{{ site.title }}}}{{% endblock %}}</title>
<link rel="stylesheet" href="{{{{ frame.assets }}}}styles/main.css">
{{% if frame.needs_formulas %}}
<link rel="stylesheet" href="{{{{ frame.assets }}}}styles/katex.css">
{{% endif %}}
{{% if frame.formulas %}}<link rel="stylesheet" href="{{{{ frame.formulas }}}}">{{% endif %}}
<script type="module" src="{{{{ frame.assets }}}}scripts/main.js"></script>
</head><body><a href="{{{{ frame.root }}}}./">Home</a>
{{% block main %}}{{% endblock %}}</body></html>
"""

PAGE = """{% extends "base.html" %}
{% block title %}{{ page.title }}{% endblock %}
{% block main %}<h1>{{ page.title }}</h1>{{ page.body }}
<ol>{% for r in page.references %}<li id="ref-{{ r.key }}">{{ r.text }}</li>{% endfor %}</ol>
{% for link in page.builds_on %}<a href="{{ frame.root }}{{ link.path }}">{{ link.title }}</a>
{% endfor %}
{% for link in page.built_upon_by %}<a href="{{ frame.root }}{{ link.path }}">{{ link.title }}</a>
{% endfor %}
<script type="application/json" id="workings-page">{{ page.page_json }}</script>
{% endblock %}
"""

HOME = """{% extends "base.html" %}
{% from "_exhibit.html" import exhibit %}
{% block main %}{% for card in site.cards %}
<a href="{{ frame.root }}{{ card.path }}">{{ card.title }}</a>
{% endfor %}
{% if shown %}{{ exhibit(shown.exhibit) }}
<script type="application/json" id="workings-page">{{ shown.page_json }}</script>{% endif %}
{% endblock %}
"""

EXHIBIT = """{% macro exhibit(view) %}
<figure class="exhibit" id="exhibit-{{ view.name }}" data-exhibit="{{ view.name }}"
 data-rung="html"{% if view.states_url %} data-states="{{ view.states_url }}"{% endif %}>
{{ view.lead }}
<form>{% for c in view.controls %}<input name="{{ c.name }}">{% endfor %}</form>
<div class="picture">{{ view.svg }}</div>
<figcaption><output aria-live="polite">{{ view.sentence }}</output></figcaption>
<script type="application/json" class="exhibit-schema">{{ view.schema_json }}</script>
</figure>
{% endmacro %}
"""

CLAIMS = """{% macro claims(page) %}<table class="claims" id="claims">
{% for claim in page.claims %}<tr id="claim-{{ claim.name }}"><td>{{ claim.sentence }}</td>
<td><pre><code>{{ claim.source_html }}</code></pre></td></tr>{% endfor %}
</table>{% endmacro %}
{% macro claim(view) %}<p>{{ view.sentence }}</p>{% endmacro %}
"""

MUTANTS = """{% macro mutants(page) %}<form class="mutants" id="mutants">
{% for m in page.mutants %}<input type="checkbox" name="break" value="{{ m.name }}">{% endfor %}
</form>{% endmacro %}
"""

EMBED = """{% extends "base.html" %}
{% from "_exhibit.html" import exhibit %}
{% block main %}{{ exhibit(shown.exhibit) }}
<script type="application/json" id="workings-page">{{ shown.page_json }}</script>{% endblock %}
"""

OWN = '{% extends "base.html" %}{% block main %}<h1>{{ heading }}</h1>{% endblock %}'
"""What stands for a page of the site's own: its heading alone."""

TEMPLATES = {
    "base.html": BASE,
    "page.html": PAGE,
    "home.html": HOME,
    "embed.html": EMBED,
    "404.html": '{% extends "base.html" %}{% block main %}Not found.{% endblock %}',
    "_exhibit.html": EXHIBIT,
    "_claims.html": CLAIMS,
    "_mutants.html": MUTANTS,
}


def make_project(root: Path) -> Path:
    """Write a project with the pages `one`, a paper, and `two`, an article that builds on it."""
    for folder in ("runtime", "scripts"):
        shutil.copytree(
            ROOT / "site" / folder,
            root / "site" / folder,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
    left_behind = ("__pycache__", "assets", "jobs*.py", "*_triton.py", "*_torch.py")
    shutil.copytree(ROOT / "kernels", root / "kernels", ignore=shutil.ignore_patterns(*left_behind))
    write(root / "site" / "styles" / "main.css", "body { color: black }\n")
    own = {path.name: OWN for path in (ROOT / "site" / "templates").glob("[a-z]*.html")}
    for name, text in {**own, **TEMPLATES}.items():
        write(root / "site" / "templates" / name, text)
    scaffold(root, "one", "paper", "2026-11-22")
    scaffold(root, "two", "article", "2026-11-22")
    return root


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def replace(path: Path, old: str, new: str) -> None:
    """Edit a file; the text to be replaced has to be there."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {path}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def settings_of(root: Path, **given: object) -> Settings:
    return make_settings(root, jobs=2, **given)  # type: ignore[arg-type]


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder by its path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
