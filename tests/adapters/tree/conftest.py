"""A docroot for each test."""

from pathlib import Path

import pytest

from tests.support.repairs import Site, make_site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return make_site(tmp_path)
