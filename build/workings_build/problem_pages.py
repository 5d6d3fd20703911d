"""Pages that say what has to be put right, in the place of those that could not be built."""

import html
from collections.abc import Sequence

from workings_build.assembly import Assembled
from workings_build.passes.load import PageSource
from workings_build.passes.verify import POLICY
from workings_build.problems import Problem


def touches(source: PageSource, files: set[str]) -> bool:
    """Whether one of these files, named as problems name them, belongs to a page."""
    folder = source.page_file.rpartition("/")[0]
    return any(file == folder or file.startswith(f"{folder}/") for file in files)


def problem_pages(
    sources: Sequence[PageSource], problems: Sequence[Problem], site: Assembled
) -> dict[str, bytes]:
    """Make a page of problems in the place of each page that is missing, and of a missing home."""
    pages = {}
    for source in sources:
        path = f"{source.page_path}index.html"
        if path not in site.files:
            own = [problem for problem in problems if touches(source, {problem.file})]
            pages[path] = problem_page(source.slug, own or problems, path.count("/"), site.assets)
    if "index.html" not in site.files:
        pages["index.html"] = problem_page("The site", problems, 0, site.assets)
    return pages


def problem_page(title: str, problems: Sequence[Problem], depth: int, assets_path: str) -> bytes:
    """Write a page that says what has to be put right."""
    items = "".join(
        f"<li><p><code>{html.escape(p.file)}{f':{p.line}' if p.line else ''}</code></p>"
        f"<p>{html.escape(p.what)}</p><p>{html.escape(p.remedy)}</p></li>\n"
        for p in problems
    )
    shown = html.escape(title)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width">
<title>{shown}: problems</title>
<link rel="stylesheet" href="{"../" * depth}{assets_path}styles/main.css">
</head>
<body>
<main class="problems">
<h1>{shown} can’t be built yet</h1>
<ol>
{items}</ol>
</main>
</body>
</html>
""".encode()
