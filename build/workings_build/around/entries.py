"""Every page of the catalogue as lists show it, whether it is written or only planned."""

from collections.abc import Iterable, Mapping, Sequence

from workings_build.catalog import Catalog, Planned
from workings_build.passes.load import PageSource
from workings_build.views import Card, Entry, Link


def entries_of(
    catalog: Catalog,
    sources: Sequence[PageSource],
    cards: Mapping[str, Card],
    links: Mapping[str, Link],
) -> tuple[Entry, ...]:
    """Merge the catalogue with the pages that are written; these speak for themselves.

    Parameters
    ----------
    cards
        What a built page shows of itself, by slug.
    links
        Titles and paths of all pages, by slug.

    Returns
    -------
        Entries in the catalogue's order, then written pages that it doesn't have, by title.
    """
    written = {source.slug: source for source in sources if source.slug in cards}
    plans = dict(catalog.pages)
    for slug, source in sorted(written.items()):
        plans.setdefault(slug, _plan_of(source))
    builds = {
        slug: tuple(written[slug].front.builds_on) if slug in written else plan.builds_on
        for slug, plan in plans.items()
    }
    upon = turned(builds, plans)
    about = turned({slug: (*plan.compares, *plan.about) for slug, plan in plans.items()}, plans)

    def entry(plan: Planned) -> Entry:
        slug = plan.slug
        front = written[slug].front if slug in written else None
        field = front.field if front else plan.field
        return Entry(
            slug=slug,
            kind=plan.kind,
            path=links[slug].path if slug in links else None,
            title=front.title if front else plan.title,
            short_title=front.short_title if front else plan.name,
            byline=plan.byline,
            organisation=plan.organisation,
            venue=plan.venue,
            year=plan.year,
            appeared=plan.appeared or (str(plan.year) if plan.year else ""),
            field=field,
            field_name=catalog.fields[field].name if field in catalog.fields else field,
            era=tuple(front.era) if front else plan.era,
            tags=tuple(front.tags) if front else plan.tags,
            question=plan.question,
            why=front.why if front else "",
            written=front is not None,
            card=cards.get(slug),
            builds_on=_links(builds[slug], links),
            built_upon_by=_links(upon.get(slug, ()), links),
            related=_links(about.get(slug, ()), links),
        )

    return tuple(entry(plan) for plan in plans.values())


def _plan_of(source: PageSource) -> Planned:
    """Make a row for a page that the catalogue doesn't have."""
    front = source.front
    return Planned(
        slug=source.slug,
        kind=front.kind,
        title=front.title,
        short_title=front.short_title,
        byline=front.authors,
        organisation=front.organisation,
        venue=front.venue,
        year=front.year,
        field=front.field,
        era=front.era,
        tags=front.tags,
        builds_on=tuple(front.builds_on),
    )


def turned(edges: Mapping[str, Iterable[str]], known: Iterable[str]) -> dict[str, list[str]]:
    """Turn "names" into "is named by", in the catalogue's order."""
    found: dict[str, list[str]] = {slug: [] for slug in known}
    for slug, named in edges.items():
        for other in dict.fromkeys(named):
            if other in found:
                found[other].append(slug)
    return found


def _links(slugs: Iterable[str], links: Mapping[str, Link]) -> tuple[Link, ...]:
    return tuple(links.get(slug, Link(slug, slug, None)) for slug in slugs)
