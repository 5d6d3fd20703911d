"""What authors can write is what the documentation names, no less."""

from pathlib import Path

import pytest
import workings
from workings.claims import KINDS
from workings_build.cli import workings as command
from workings_build.frontmatter import FrontMatter, Source
from workings_build.markdown.directives import DIRECTIVES
from workings_build.markdown.roles import ROLES

AUTHORING = (Path(__file__).parents[2] / "docs/authoring.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(DIRECTIVES))
def test_directive_is_documented(name):
    assert f"`{{{name}}}" in AUTHORING
    for option in DIRECTIVES[name].options:
        assert f":{option.rstrip('!')}:" in AUTHORING


@pytest.mark.parametrize("name", sorted(ROLES))
def test_role_is_documented(name):
    assert f"`` {{{name}}}`" in AUTHORING


@pytest.mark.parametrize("key", sorted({*FrontMatter.model_fields, *Source.model_fields}))
def test_front_matter_key_is_documented(key):
    assert f"`{key}`" in AUTHORING


@pytest.mark.parametrize("name", workings.__all__)
def test_public_name_is_documented(name):
    assert f"`{name}" in AUTHORING or f"@{name}" in AUTHORING


@pytest.mark.parametrize("kind", KINDS)
def test_kind_of_claim_is_documented(kind):
    assert f"`{kind}`" in AUTHORING


@pytest.mark.parametrize("name", sorted(command.list_commands(None)))
def test_command_is_documented(name):
    assert f"`workings {name}" in AUTHORING
