"""What a page's Markdown may refer to: pages, terms, kernels, and the one who sets formulas."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from workings_build.catalog import Catalog, load_catalog
from workings_build.glossary import Term, load_glossary
from workings_build.katex import Formula
from workings_build.kernel_source import kernels_folder
from workings_build.page_assets import Assets
from workings_build.passes.load import PageSource
from workings_build.problems import Problem
from workings_build.views import Link


@dataclass(frozen=True)
class Site:
    """The surroundings of a page.

    `formula` sets LaTeX (`Katex.render`); where it is `None`, formulas stay as they were written.
    """

    root: Path
    kernels: Path
    catalog: Catalog = field(default_factory=Catalog)
    glossary: Mapping[str, Term] = field(default_factory=dict)
    links: Mapping[str, Link] = field(default_factory=dict)
    formula: Callable[[str, bool], Formula] | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def assets(self) -> Assets:
        """What jobs have left for pages."""
        return Assets.of(self.root, self.kernels)

    @classmethod
    def load(
        cls,
        root: Path,
        sources: Iterable[PageSource],
        formula: Callable[[str, bool], Formula] | None = None,
        kernels: Path | None = None,
    ) -> "Site":
        """Read the catalogue and the glossary of `root/explainers`, and know the given pages.

        `kernels` is the package's folder; by default the root's own, else the installed one.
        """
        catalog, faults = load_catalog(root / "explainers" / "catalog.toml", root)
        glossary, more = load_glossary(root / "explainers" / "glossary.toml", root)
        links = {p.slug: Link(p.slug, p.name, None) for p in catalog.pages.values()}
        for track in catalog.tracks.values():
            links[track.slug] = Link(track.slug, track.title, f"tracks/{track.slug}/")
        for source in sources:
            title = source.matter.short_title if source.matter else source.slug
            links[source.slug] = Link(source.slug, title, source.page_path)
        problems = (*faults, *more)
        folder = kernels or kernels_folder(root)
        return cls(root, folder, catalog, glossary, links, formula, problems)
