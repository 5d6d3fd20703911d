"""The ledger: every claim of every page, with its kind, its place in the paper and its result."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from workings_build.around.lists import Option, SitePage
from workings_build.page_views import Computed, claim_view
from workings_build.passes.load import PageSource
from workings_build.views import ClaimView

KIND_ORDER = ("recomputed", "reproduced small", "quoted")


@dataclass(frozen=True)
class Account:
    """One page's claims."""

    slug: str
    title: str
    path: str
    claims: tuple[ClaimView, ...]
    mutants: int


def ledger(pages: Sequence[tuple[PageSource, Computed]]) -> SitePage:
    """Gather all claims, with totals by kind."""
    accounts = [
        Account(
            source.slug,
            source.front.short_title,
            source.page_path,
            tuple(claim_view(claim) for claim in computed.ran["claims"]),
            len(computed.ran["mutants"]),
        )
        for source, computed in sorted(pages, key=lambda pair: pair[0].front.short_title)
        if computed.ran["claims"]
    ]
    counts = Counter(claim.kind for account in accounts for claim in account.claims)
    total = sum(counts.values())
    context = {
        "accounts": accounts,
        "total": total,
        "holding": sum(claim.ok for account in accounts for claim in account.claims),
        "mutants": sum(account.mutants for account in accounts),
        "options": {
            "kind": [Option(kind, kind, counts[kind]) for kind in KIND_ORDER if counts[kind]],
            "of": [Option(a.slug, a.title, len(a.claims)) for a in accounts],
        },
    }
    return SitePage("claims/", "ledger.html", "Claims", context)
