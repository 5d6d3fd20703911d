"""What is wrong with the assets that a page names, found without running it."""

import ast
from collections.abc import Iterator

from workings_build.assets import is_packed
from workings_build.budgets import over_asset_budget
from workings_build.imports import imported_names, module_files
from workings_build.markdown.site import Site
from workings_build.page_assets import RECEIPT, differs, sent_bytes
from workings_build.passes.load import PageSource
from workings_build.problems import Problem, listing


def check_assets(source: PageSource, site: Site) -> Iterator[Problem]:
    """Return a problem for each asset that isn't there or has no receipt, and for their weight."""
    assets = site.assets
    sizes: dict[str, int] = {}
    for name, line in source.declared.assets.items():
        path = assets.file(name)
        job = name.split("/")[0]
        if path is None:
            near = assets.near(name)
            remedy = f"Did you mean '{near}'?" if near else _remedy(job, assets.names())
            what = f"There is no asset '{name}' in kernels/assets/."
            yield Problem(source.exhibits_file, line, what, remedy)
            continue
        content = path.read_bytes()
        sizes[name] = sent_bytes(name, content)
        receipt = assets.receipt(job)
        if receipt is not None and differs(receipt, name.partition("/")[2], content):
            what = f"The asset '{name}' has other bytes than its receipt says."
            remedy = f"Take back the change, or run `workings precompute {job} --force`."
            yield Problem(source.exhibits_file, line, what, remedy)
        if receipt is None:
            what = f"The asset '{name}' has no receipt that can be read ({job}/{RECEIPT})."
            remedy = f"Run `workings precompute {job}`: no number is shown without one."
            yield Problem(source.exhibits_file, line, what, remedy)
    over = over_asset_budget(sizes)
    if over:
        heaviest = max(sizes, key=lambda name: sizes[name])
        line = source.declared.assets[heaviest]
        yield Problem(source.exhibits_file, line, *over)
    yield from _left_behind(source, site)


def _remedy(job: str, names: list[str]) -> str:
    own = [name for name in names if name.startswith(f"{job}/")]
    if own:
        return f"The job has left {listing(own)}."
    return f"`workings precompute {job}` computes it, if there is such a job."


def _left_behind(source: PageSource, site: Site) -> Iterator[Problem]:
    """Report modules that the page imports and that readers don't get."""
    base = site.kernels.parent
    try:
        tree = ast.parse(source.exhibits_source)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        reached = (module_files(name, base) for name in sorted(imported_names(node, "")))
        names = {path.relative_to(base).as_posix() for files in reached for _, path in files}
        for name in sorted(names):
            if not is_packed(name):
                what = f"{name} is imported, which readers don't get."
                remedy = "Import the NumPy reference, or read what a job has left with asset()."
                yield Problem(source.exhibits_file, node.lineno, what, remedy)
