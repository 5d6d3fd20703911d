"""What the tests of vendoring share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.vendor.mirror import Mirror, serving


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    with serving() as running:
        yield running


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"
