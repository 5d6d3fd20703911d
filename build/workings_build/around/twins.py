"""Pages for machines that read: a Markdown twin of every page, and `llms.txt`, which lists them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from workings_build.around.lists import KINDS
from workings_build.page_views import Computed, measured_text
from workings_build.passes.load import PageSource
from workings_build.views import Entry, Link

TWIN = "index.md"
_FENCE = re.compile(r"^(?P<fence>:{3,}|`{3,})\{(?P<name>[a-z]+)\}\s*(?P<given>.*)$")
_ROLE = re.compile(r"\{(?P<name>cite|claim|measured|page|term)\}`(?P<text>[^`]+)`")
_TARGET = re.compile(r"^(?P<label>.*?)\s*<(?P<target>[^<>]+)>$", re.S)


def twin(source: PageSource, computed: Computed, links: Mapping[str, Link], root: str) -> str:
    """Write a page as plain Markdown: facts, text with every exhibit's sentence, claims.

    Parameters
    ----------
    links
        Where other pages lie, by slug.
    root
        The way from the page to the site's root, "../".
    """
    front = source.front
    facts = [("By", front.authors), ("Where", front.venue), ("Builds on", _names(front, links))]
    head = [f"# {front.title}", "", f"> {front.dek}", ""]
    head += [f"- {label}: {value}" for label, value in facts if value]
    head += [f"- Page of {front.date}; text under CC BY 4.0", ""]
    if front.why:
        head += [f"Why it matters: {front.why}", ""]
    body = _body(source.body.splitlines(), computed, links, root)
    claims = ["## Claims", ""]
    claims += [
        f"- {claim['sentence']} ({claim['locator']}; {claim['kind']}; "
        f"{'holds' if claim['ok'] else 'fails'})"
        for claim in computed.ran["claims"]
    ]
    limits = ["", "## What this page does not show", "", *(f"- {one}" for one in front.limits)]
    references = ["", "## References", ""]
    references += [
        f"- [{key}] {one.text}{f' {one.link}' if one.link else ''}"
        for key, one in front.references.items()
    ]
    text = "\n".join([*head, *body, "", *claims, *(limits if front.limits else []), *references])
    return re.sub(r"\n{3,}", "\n\n", _roles(text, computed, links, root)).strip() + "\n"


def _names(front: Any, links: Mapping[str, Link]) -> str:
    return ", ".join(links[slug].title if slug in links else slug for slug in front.builds_on)


def _body(
    lines: Sequence[str], computed: Computed, links: Mapping[str, Link], root: str
) -> list[str]:
    """Turn directives into plain paragraphs; everything else stays as it was written."""
    written: list[str] = []
    at = 0
    while at < len(lines):
        match = _FENCE.match(lines[at])
        if not match:
            written.append(lines[at])
            at += 1
            continue
        end = next((i for i in range(at + 1, len(lines)) if lines[i] == match["fence"]), len(lines))
        inside = lines[at + 1 : end]
        written += ["", *_directive(match["name"], match["given"], inside, computed), ""]
        at = end + 1
    return written


def _directive(name: str, given: str, inside: Sequence[str], computed: Computed) -> Iterable[str]:
    options = {
        key: value.strip()
        for key, _, value in (line[1:].partition(":") for line in inside if line.startswith(":"))
    }
    text = [line for line in inside if not re.match(r"^:[a-z]+:", line)]
    if name == "exhibit":
        default = computed.baked[given]["default"] if given in computed.baked else {}
        return [*text, "", f"[Exhibit, computed on the page: {default.get('sentence', given)}]"]
    if name == "quote":
        quoted = [f"> {line}" for line in text]
        return [*quoted, ">", f"> ({options.get('source', '')}, {options.get('locator', '')})"]
    if name == "kernel":
        return [f"[Source shown on the page: `{given}`]"]
    if name == "diff":
        return [f"[Diff shown on the page: `{'` to `'.join(given.split())}`]"]
    if name == "claim":
        known = {claim["name"]: claim for claim in computed.ran["claims"]}
        return [f"Checked: {known[given]['sentence']}" if given in known else given]
    if name in ("claims", "mutants", "map"):
        return []
    return [f"**{given}**" if given else "", *text]


def _roles(text: str, computed: Computed, links: Mapping[str, Link], root: str) -> str:
    """Turn roles into plain Markdown."""

    def put(match: re.Match[str]) -> str:
        named = _TARGET.match(match["text"])
        label, target = (named["label"], named["target"]) if named else (match["text"],) * 2
        if match["name"] == "cite":
            return f"[{match['text']}]"
        if match["name"] == "claim":
            return f"{label} (checked)" if named else "(checked)"
        if match["name"] == "measured":
            return _measured(match["text"], computed)
        link = links.get(target)
        if match["name"] == "page" and link is not None:
            label = label if named else link.title
            return f"[{label}]({root}{link.path}{TWIN})" if link.path else label
        return label

    return _ROLE.sub(put, text)


def _measured(text: str, computed: Computed) -> str:
    """Write a number that a claim has measured."""
    name, _, rest = text.partition(":")
    number, _, form = rest.partition(";")
    known = {claim["name"]: claim["measured"] for claim in computed.ran["claims"]}
    return measured_text(known.get(name.strip(), {}), number.strip(), form.strip())


def llms_txt(title: str, tagline: str, url: str, entries: Sequence[Entry]) -> str:
    """List the pages for language models, as llmstxt.org lays it down: title, blurb, sections."""
    lines = [f"# {title}", "", f"> {tagline}", ""]
    lines += [
        "Every page is also there as plain Markdown. Figures on a page are computed, counted or "
        "quoted with a locator; each claim is a function that every build runs.",
        "",
    ]
    for kind, name in KINDS.items():
        own = [entry for entry in entries if entry.kind == kind and entry.card]
        if own:
            lines += [f"## {name}", ""]
            lines += [f"- [{e.title}]({url}{e.path}{TWIN}): {e.card.dek}" for e in own if e.card]
            lines.append("")
    planned = [entry for entry in entries if not entry.written]
    if planned:
        lines += ["## Optional", ""]
        lines.append(
            f"- [The library]({url}library/): all {len(entries)} pages, "
            f"{len(planned)} of which are planned"
        )
    return "\n".join(lines).rstrip() + "\n"
