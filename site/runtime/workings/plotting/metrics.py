"""Widths of text, from a compact table of a humanist-to-grotesque sans, in thousandths of the size.

The page's font may differ by a few per cent, so `SAFETY` is added wherever text must not collide.
"""

_GROUPS = {
    222: "ijl'’",
    278: "I/ .,:;!ft[]\\ ",
    333: 'r()-{}“”"`',
    365: "⁰¹²³⁴⁵⁶⁷⁸⁹⁻*°",
    500: "cksvxyzJ",
    556: "abdeghnopqu0123456789L_?$#–…αβγδεηκλνπρστφχθ",
    584: "−+=<>~×±÷≤≥≈·√",
    611: "FTZ",
    667: "ABEKPSVXY&",
    722: "CDHNRUwΔΣ",
    778: "GOQω",
    833: "mM",
    889: "%",
    944: "W",
    1000: "—@→←",
    200: "\u2009\u202f|",
}
_WIDTHS = {char: width for width, chars in _GROUPS.items() for char in chars}
SAFETY = 1.06


def text_width(text: str, size: float) -> float:
    """Estimated width in pixels of `text` at a font size, a little on the wide side."""
    get = _WIDTHS.get
    return sum(get(char, 600) for char in text) * size * (SAFETY / 1000.0)
