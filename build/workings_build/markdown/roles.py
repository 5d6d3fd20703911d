"""Roles: {term}`…`, {page}`…`, {cite}`…`, {claim}`…`, {measured}`…`: from text to HTML."""

import re
from collections.abc import Callable

from markdown_it.rules_inline import StateInline

from workings_build.markdown.context import Context, escape
from workings_build.markdown.slots import closing, opening

ROLE = re.compile(r"\{([A-Za-z][\w-]*)\}(`+)(.+?)(?<!`)\2(?!`)", re.DOTALL)
MEASURED = re.compile(r"^(?P<claim>\w+):\s*(?P<number>[^;]+?)\s*(?:;\s*(?P<form>[^;]+))?$")
TITLED = re.compile(r"^(?P<text>.+?)\s*<(?P<key>[^<>]+)>$")

VOUCHING = ("cite", "claim")
"""The roles that give a number in prose its source."""


def role_rule(state: StateInline, silent: bool) -> bool:
    """Read a role in running text."""
    match = ROLE.match(state.src, state.pos)
    if not match or match.end() > state.posMax:
        return False
    if not silent:
        token = state.push("role", "", 0)
        token.content = " ".join(match[3].split())
        token.meta = {"name": match[1]}
    state.pos = match.end()
    return True


def parts(content: str) -> tuple[str | None, str]:
    """Part `text <key>` into both; a bare key has no text of its own."""
    match = TITLED.match(content)
    return (match["text"], match["key"].strip()) if match else (None, content)


def term(context: Context, content: str, row: int) -> str:
    """Link a term to its definition at the end of the page."""
    text, key = parts(content)
    slug = key.casefold().replace(" ", "-")
    glossary = context.site.glossary
    if slug not in glossary:
        context.unknown(row, "term", key, list(glossary))
        return escape(text or key)
    if slug not in context.terms:
        context.terms.append(slug)
    return f'<a class="term" href="#term-{slug}">{escape(text or key)}</a>'


def page(context: Context, content: str, row: int) -> str:
    """Link another page; one that is only planned is plain text with a mark."""
    text, slug = parts(content)
    links = context.site.links
    if slug not in links:
        context.unknown(row, "page", slug, list(links))
        return escape(text or slug)
    if slug not in context.pages:
        context.pages.append(slug)
    link = links[slug]
    shown = escape(text or link.title)
    if link.path is None:
        return f'<span class="planned" title="planned">{shown}</span>'
    root = "../" * context.source.page_path.count("/")
    return f'<a class="page" href="{root}{link.path}">{shown}</a>'


def cite(context: Context, content: str, row: int) -> str:
    """Cite works: `key locator`, several separated by semicolons."""
    links = []
    for part in content.split(";"):
        key, _, locator = part.strip().partition(" ")
        if not key:
            context.problem(row, "A citation names no reference.", "Write {cite}`key locator`.")
            continue
        links.append(citation(context, key, locator.strip(), row))
    return " ".join(links)


def citation(context: Context, key: str, locator: str, row: int) -> str:
    """Set one citation as a link to the list of references."""
    reference = context.cite(key, row)
    if reference is None:
        return f"[{escape(key)}]"
    shown = f"{reference.number}, {locator}" if locator else str(reference.number)
    title = escape(reference.text)
    return f'<a class="cite" href="#ref-{key}" title="{title}">[{escape(shown)}]</a>'


def claim(context: Context, content: str, row: int) -> str:
    """Link the claim that vouches for the numbers hereabouts."""
    text, name = parts(content)
    claims = context.source.declared.claims
    if name not in claims:
        context.unknown(row, "claim", name, list(claims))
        return escape(text or name)
    shown = text or "checked"
    label = escape(f"{shown}: {claims[name].sentence}")
    return (
        f'<a class="claim-link" href="#claim-{name}" title="{escape(claims[name].sentence)}"'
        f' aria-label="{label}">{escape(shown)}</a>'
    )


def measured(context: Context, content: str, row: int) -> str:
    """Set a number that a claim has measured: `claim: number`, or `claim: number; .0%`."""
    match = MEASURED.match(content)
    if not match:
        remedy = "Write {measured}`claim: number`, or {measured}`claim: number; .0%`."
        context.problem(row, f"'{content}' names no measured number.", remedy)
        return escape(content)
    name, number, form = match["claim"], match["number"], match["form"] or ""
    claims = context.source.declared.claims
    if name not in claims:
        context.unknown(row, "claim", name, list(claims))
        return escape(number)
    if number not in claims[name].measured:
        context.unknown(row, f"number of '{name}'", number, list(claims[name].measured))
        return escape(number)
    try:
        format(1.0, form)
    except ValueError:
        remedy = "Use one of Python's for numbers, such as `.0%`, `,.0f` or `.3g`."
        context.problem(row, f"'{form}' is no format.", remedy)
        return escape(number)
    return f"{opening('measured', name)}{number};{form}{closing()}"


ROLES: dict[str, Callable[[Context, str, int], str]] = {
    "cite": cite,
    "claim": claim,
    "measured": measured,
    "page": page,
    "term": term,
}


def render_role(context: Context, name: str, content: str, row: int) -> str:
    """Render a role by name."""
    if name not in ROLES:
        context.unknown(row, "role", name, list(ROLES))
        return f"<code>{escape(content)}</code>"
    return ROLES[name](context, content, row)
