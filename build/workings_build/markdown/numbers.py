"""Numbers in prose: a figure that is stated needs a citation or a claim in the same block.

Anything with a digit is a figure, but for: whole numbers up to twelve, years and dates, numbers of
sections, equations, tables and the like, and digits that belong to a name (`GPT-2`, `H100`,
`float64`). Code and mathematics are not looked at, nor are quotations, which have their source.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from markdown_it.token import Token

from workings_build.markdown.context import Context
from workings_build.markdown.roles import VOUCHING

MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
ONE = (
    r"(?:§|\b(?:section|sec|equation|eq|table|tab|figure|fig|appendix|chapter|page|p|line|theorem"
    r"|lemma|proposition|corollary|algorithm|note|footnote|panel)\b\.?)"
)
MANY = (
    r"(?:§§|\b(?:sections|secs|equations|eqs|tables|tabs|figures|figs|appendices|chapters|pages|pp"
    r"|lines|theorems|lemmas|propositions|corollaries|algorithms|notes|footnotes|panels)\b\.?)"
)
PLACE = r"\(?[A-Z]?\.?\d+(?:\.\d+)*[a-z]?\b(?!\s*%)\)?"
YEAR = r"(?:1[6-9]\d\d|20[0-3]\d)"

EXEMPT = re.compile(
    "|".join(
        (
            # eqs. (13) and (14), Tables 2–15, §§3.1, 3.2
            rf"{MANY}\s*{PLACE}(?:\s*(?:,\s*and|,|–|-|and|or|to)\s*{PLACE})*",
            # §3.2.1, Section 4, Figure 15a, §3.1–3.4
            rf"{ONE}\s*{PLACE}(?:[–-]{PLACE})?",
            # 2017-06-12, 2017-06
            rf"\b{YEAR}-\d\d(?:-\d\d)?\b",
            # 25 April 1954, April 25, 1954, 25 April
            rf"\b\d{{1,2}}\s+{MONTH}\b|\b{MONTH}\s+\d{{1,2}}\b(?!\s*%)",
        )
    ),
    re.IGNORECASE,
)
NUMBER = re.compile(
    r"""
    (?P<name>[^\W\d_]+[-‑_]?|[-‑_/.])?          # letters that the digits belong to
    (?P<digits>\d+(?:[  ,.]\d{3})*(?:[.,]\d+)*  # 28.4, 10,000, 3.2
      (?:(?:e[+-]?|\^)\d+)?)
    (?P<after>\s*[%‰°]|\s*×(?!\s*\d)|[^\W\d_]+)?  # 31 %, 3×, 7B, the D of 2D
    """,
    re.VERBOSE,
)
UNITS = re.compile(
    r"\s*(?:K|W|V|A|J|eV|nm|µm|mm|cm|m|km|s|ms|µs|ns|Hz|kHz|MHz|GHz|B|KB|MB|GB|TB|bits?"
    r"|bytes?|tokens?|steps?|parameters?|weights?|layers?|heads?|dimensions?|words?|GPUs?|FLOPs?"
    r"|hours?|days?|percent|degrees?|times)\b"
)
HARMLESS = re.compile(r"(?:st|nd|rd|th|D|d|s)$")
SMALL = 12


def figures(text: str) -> Iterator[tuple[int, str]]:
    """Find the figures in plain text: where each starts, and how it reads."""
    masked = EXEMPT.sub(lambda match: re.sub(r"\d", "x", match[0]), text)
    for match in NUMBER.finditer(masked):
        name, digits, after = match["name"] or "", match["digits"], match["after"] or ""
        start = match.start("digits")
        quantity = after.strip() in ("%", "‰", "×", "°")
        if name and name[0].isalpha() and not quantity:
            continue
        if masked[start - 1 : start].isalpha() and not quantity:
            continue
        shown = text[start : match.end()] if after else digits
        if quantity or (after and not HARMLESS.match(after)):
            yield start, " ".join(shown.split())
        elif digits.isdecimal() and _ordinary(digits, masked[match.end() :]):
            continue
        else:
            yield start, shown


def _ordinary(digits: str, following: str) -> bool:
    """Say whether a whole number is small, or a year."""
    if digits == "0" or not digits.startswith("0"):
        if int(digits) <= SMALL:
            return True
        return bool(re.fullmatch(YEAR, digits)) and not UNITS.match(following)
    return False


@dataclass
class Unit:
    """A paragraph, list item, table, heading or note: what one citation vouches for."""

    kind: str
    texts: list[tuple[int, str]] = field(default_factory=list)
    vouched: bool = False


UNITS_OPEN = {"list_item_open": "list item", "table_open": "table", "dd_open": "definition"}
UNITS_CLOSE = ("list_item_close", "table_close", "dd_close")
TEXT = ("text", "text_special")


def check_numbers(tokens: Sequence[Token], context: Context) -> None:
    """Report figures that nothing vouches for; tokens come from before footnotes are moved."""
    stack: list[Unit] = []
    quoted = 0
    kind = "paragraph"
    for token in tokens:
        if token.type in ("directive_open", "directive_close") and token.meta["call"].quotes:
            quoted += token.nesting
        elif token.type in UNITS_OPEN:
            stack.append(Unit(UNITS_OPEN[token.type]))
        elif token.type in UNITS_CLOSE:
            _judge(stack.pop(), context)
        elif token.type in ("heading_open", "note_open"):
            kind = token.type.removesuffix("_open")
        elif token.type == "inline" and not quoted:
            unit = stack[-1] if stack else Unit(kind)
            _gather(token, unit)
            if not stack:
                _judge(unit, context)
            kind = "paragraph"
        elif token.type == "inline":
            kind = "paragraph"


def _gather(token: Token, unit: Unit) -> None:
    row = token.map[0] if token.map else 0
    text = ""
    automatic = False
    for child in token.children or []:
        if child.type in ("link_open", "link_close"):
            automatic = child.type == "link_open" and child.markup == "autolink"
        elif child.type in TEXT and not automatic:
            text += child.content
        elif child.type in ("softbreak", "hardbreak"):
            unit.texts.append((row, text))
            row, text = child.meta["row"] + 1, ""
        elif child.type == "role":
            unit.vouched |= child.meta["name"] in VOUCHING
            text += " · "
        else:
            text += "" if child.type.endswith(("_open", "_close")) else " · "
    unit.texts.append((row, text))


def _judge(unit: Unit, context: Context) -> None:
    if unit.vouched:
        return
    rows = [row for row, text in unit.texts for _ in range(len(text) + 1)]
    found = list(figures("\n".join(text for _, text in unit.texts)))
    if not found:
        return
    shown = [f"'{number}'" for number in dict.fromkeys(number for _, number in found)]
    listed = ", ".join(shown[:4]) + (" …" if len(shown) > 4 else "")
    many = len(shown) > 1
    what = (
        f"The {'numbers' if many else 'number'} {listed} in this {unit.kind} "
        f"{'have' if many else 'has'} no source."
    )
    remedy = (
        "Leave it out of the heading, or set it as code or mathematics."
        if unit.kind == "heading"
        else "Add {cite}`key locator` or {claim}`name` to the same "
        f"{unit.kind}, or set it as code or mathematics if it is no finding."
    )
    context.problem(rows[found[0][0]], what, remedy)
