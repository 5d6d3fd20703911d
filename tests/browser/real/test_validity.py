"""The built files themselves: valid HTML, a schema kept to, budgets of bytes."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
from workings_build.passes.check import RULES

from .conftest import Built

PAGE_BUDGET = 300_000
EXHIBIT_BUDGET = 60_000


def test_every_page_is_valid_html(built: Built, html_problems: Callable[[Path], list[str]]):
    assert html_problems(built.folder) == []


def test_the_index_keeps_to_its_schema(built: Built):
    schema = json.loads((built.folder / "site.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(built.index, schema)


def test_every_page_has_what_its_kind_must_have(built: Built):
    by_slug = {page["slug"]: page for page in built.pages}
    assert {"attention", "rope", "solar-cells"} <= by_slug.keys()
    assert {page["kind"] for page in built.pages} == set(RULES)
    for page in built.pages:
        least = 3 if page["kind"] in ("paper", "article") else RULES[page["kind"]].exhibits
        assert len(page["exhibits"]) >= least, page["slug"]
        assert sum(bool(exhibit["play"]) for exhibit in page["exhibits"]) >= 1, page["slug"]
        assert len(page["claims"]) >= 4, page["slug"]
        kinds = [claim["kind"] for claim in page["claims"]]
        assert kinds.count("recomputed") >= 2, page["slug"]
        assert len(page["mutants"]) >= RULES[page["kind"]].mutants, page["slug"]
        if page["kind"] == "paper":  # an argument, and no more than a sitting
            assert 900 <= page["words"] <= 1800, (page["slug"], page["words"])


def test_states_keep_within_their_budgets(built: Built):
    for page in built.pages:
        files = sorted((built.folder / page["path"] / "states").glob("*.json"))
        sizes = {path.name: len(gzip.compress(path.read_bytes(), 9)) for path in files}
        assert sizes, page["slug"]
        assert max(sizes.values()) <= EXHIBIT_BUDGET, sizes
        assert sum(sizes.values()) <= PAGE_BUDGET, sizes
