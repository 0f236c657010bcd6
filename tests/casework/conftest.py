"""A house for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.house import House, open_house
from unhijack.casework import asking
from unhijack.collect.own_site import OwnWord
from unhijack.collect.probe import Budget, Probe
from unhijack.core.site import Address


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = open_house(tmp_path)
    yield opened
    opened.store.close()


@pytest.fixture
def wordless(monkeypatch: pytest.MonkeyPatch) -> None:
    """The town's sites name nobody: no imprint, no security.txt."""

    async def nothing(_probe: Probe, _address: Address, _budget: Budget) -> OwnWord:
        return OwnWord()

    monkeypatch.setattr(asking, "own_word", nothing)
