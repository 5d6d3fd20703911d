"""What hosts are told: which answers may be kept for ever, and which are asked for again.

A path with a hash of its content in it never changes. Everything else (pages, feeds, `sw.js`) is
kept only to be compared: `no-cache` lets a browser keep an answer and has it ask, each time,
whether it still holds.
"""

FOREVER = "public, max-age=31536000, immutable"
AGAIN = "no-cache"

HASHED = (
    "/assets/*",
    "/runtime/*",
    "/data/*",
    "/:page/states/*",
    "/:page/data/*",
    "/:group/:page/states/*",
    "/:group/:page/data/*",
)
"""Paths below which names say their content: a file's, or its folder's. `:name` is one folder."""

SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def headers_file() -> str:
    """Write `_headers`, which Netlify and Cloudflare Pages read at the root of a site.

    Of a path that several rules fit, both hosts send the headers of all. So the general rule must
    not speak of caching; files without a rule of their own get each host's default, which is to
    ask again (`public, max-age=0, must-revalidate`).
    """
    lines = ["/*", *(f"  {name}: {value}" for name, value in SAFE.items())]
    for pattern in HASHED:
        lines += [pattern, f"  Cache-Control: {FOREVER}"]
    return "\n".join(lines) + "\n"
