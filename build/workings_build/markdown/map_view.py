"""Attention maps: `:::{map} JOB` sets a figure that is complete without a script.

The figure holds the overview of all heads, what they do in a sentence, and every head's numbers.
`site/scripts/map.js` adds the viewer, which reads the map's tiles from the page's folder.
"""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workings_build.markdown.context import Context, escape
from workings_build.markdown.pictures import dimensions
from workings_build.page_assets import differs, map_files, plain_names
from workings_build.problems import listing, suggestion

if TYPE_CHECKING:
    from workings_build.markdown.directives import Call

Plan = Mapping[str, Any]
MEASURES = {
    "entropy": ("Entropy, bits", "{:.2f}"),
    "distance": ("Mean distance, tokens", "{:.1f}"),
    "first_token": ("On the first token", "{:.1%}"),
    "previous_token": ("On the previous token", "{:.1%}"),
}
NEEDED = ("title", "layers", "heads", "rows", "columns", "tokens", "levels", "statistics")


def map_open(context: Context, call: "Call") -> str:
    """Open the figure up to its lead; without such a map, report it and set an empty place."""
    name = call.argument
    plan = _plan(context, call)
    if plan is None:
        call.data = None
        return '<div class="missing">\n'
    path = context.site.assets.file(f"{name}/map.json")
    assert path is not None
    files = map_files(name, path.parent)
    folder = next(file for file in files if file.endswith("/map.json")).removesuffix("map.json")
    overview = plan["levels"][-1]["file"]
    context.place(f"The map '{name}'", call.row)
    context.maps.append(name)
    call.data = (plan, f"{folder}{overview}", dimensions(path.parent / overview))
    wide = " map-wide" if plan["columns"] >= 2 * plan["rows"] else ""
    return (
        f'<figure class="map{wide}" id="map-{name.replace("/", "-")}" '
        f'data-map="{escape(folder)}map.json">\n'
        f'<p class="map-title">{escape(plan["title"])}</p>\n'
        + ('<div class="map-lead">\n' if call.body.strip() else "")
    )


def map_close(context: Context, call: "Call") -> str:
    """Set the viewer's place, the overview, the numbers and the sentence."""
    if call.data is None:
        return "</div>\n"
    plan, overview, size = call.data
    sized = f' width="{size[0]}" height="{size[1]}"' if size else ""
    return (
        ("</div>\n" if call.body.strip() else "")
        + '<div class="map-viewer"></div>\n'
        + f'<div class="map-overview"><img src="{escape(overview)}" alt=""{sized} '
        + 'loading="lazy"></div>\n'
        + _numbers(plan)
        + f'<figcaption class="map-sentence">{escape(sentence(plan))}</figcaption>\n</figure>\n'
    )


def _plan(context: Context, call: "Call") -> Plan | None:
    """Read `map.json` and see that it has what the page and the viewer ask of it."""
    name, assets = call.argument, context.site.assets
    path = assets.file(f"{name}/map.json")
    if path is None:
        end = "/map.json"
        known = [n.removesuffix(end) for n in assets.names() if n.endswith(end)]
        what = f"There is no map '{name}' in kernels/assets/."
        otherwise = f"Maps: {listing(known)}." if known else "Run `workings precompute` first."
        context.problem(call.row, what, suggestion(name, known, otherwise))
        return None
    job = name.split("/")[0]
    remedy = f"Run `workings precompute {job}`."
    receipt = assets.receipt(job)
    if receipt is None:
        context.problem(call.row, f"The map '{name}' has no receipt that can be read.", remedy)
        return None
    try:
        plan = json.loads(path.read_bytes())
    except ValueError:
        plan = None
    if not isinstance(plan, dict) or plan.get("version") != 1:
        context.problem(call.row, f"'{name}/map.json' is no map of version 1.", remedy)
        return None
    missing = [key for key in NEEDED if not plan.get(key)]
    if not missing and not (path.parent / plan["levels"][-1]["file"]).is_file():
        missing = [plan["levels"][-1]["file"]]
    if missing:
        what = f"The map '{name}' lacks {', '.join(missing)}."
        context.problem(call.row, what, remedy)
        return None
    for file, content in plain_names(name, path.parent).items():
        if differs(receipt, file, content):
            what = f"The map '{name}' has other bytes than its receipt says, in {file}."
            context.problem(call.row, what, f"Run `workings precompute {job} --force`.")
            return None
    return plan


def sentence(plan: Plan) -> str:
    """Say what the map shows, from its statistics."""
    layers, heads = plan["layers"], plan["heads"]
    found = plan["statistics"]
    even = even_entropy(plan)
    parts = [
        f"Each square is one of {layers} × {heads} heads, over {plan['rows']} tokens: a row is a "
        "query, a column a key, and ink is weight. Layers and heads are counted from 0."
    ]
    value, place = _extreme(found["entropy"], min)
    parts.append(
        f"The sharpest, {_named(place)}, has {value:.2f} bits of entropy, where even attention "
        f"would have {even:.2f}."
    )
    value, place = _extreme(found["first_token"], max)
    parts.append(f"The most weight on the first token, {value:.0%}, has {_named(place)}.")
    if found.get("previous_token"):
        value, place = _extreme(found["previous_token"], max)
        parts.append(f"The most on the token just before, {value:.0%}, has {_named(place)}.")
    return " ".join(parts)


def even_entropy(plan: Plan) -> float:
    """Return the entropy of attention that is the same for all keys a query sees, in bits."""
    rows, columns = plan["rows"], plan["columns"]
    if plan.get("causal") and plan.get("keys") is None:
        return sum(math.log2(row + 1) for row in range(rows)) / rows
    return math.log2(columns)


def _extreme(
    values: Sequence[Sequence[float]], pick: Callable[..., tuple[float, tuple[int, int]]]
) -> tuple[float, tuple[int, int]]:
    return pick(
        (value, (layer, head)) for layer, row in enumerate(values) for head, value in enumerate(row)
    )


def _named(place: tuple[int, int]) -> str:
    return f"head {place[1]} of layer {place[0]}"


def _numbers(plan: Plan) -> str:
    """Set every head's statistics as a table behind a fold."""
    found = {key: plan["statistics"][key] for key in MEASURES if plan["statistics"].get(key)}
    heads = "".join(f'<th scope="col">{MEASURES[key][0]}</th>' for key in found)
    title = escape(plan["title"])
    return (
        '<details class="map-numbers">\n<summary>Every head in numbers</summary>\n'
        f'<div class="table" role="region" tabindex="0" aria-label="Heads of {title}">\n<table>\n'
        f'<caption class="quiet">Every head of {title}, averaged over queries</caption>\n'
        f'<thead><tr><th scope="col">Layer</th><th scope="col">Head</th>{heads}</tr></thead>\n'
        f"<tbody>\n{''.join(_rows(plan, found))}</tbody>\n</table>\n</div>\n</details>\n"
    )


def _rows(plan: Plan, found: Mapping[str, Any]) -> Iterator[str]:
    for layer in range(plan["layers"]):
        for head in range(plan["heads"]):
            cells = "".join(
                f'<td class="number">{MEASURES[key][1].format(values[layer][head])}</td>'
                for key, values in found.items()
            )
            yield f'<tr><td class="number">{layer}</td><td class="number">{head}</td>{cells}</tr>\n'
