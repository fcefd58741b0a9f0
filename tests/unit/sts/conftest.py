"""The STS on a TLS socket; its certificates are made once, and it is opened once for each file of tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from adapters.pki import Pki
from tests.unit.sts.office import Office, open_office


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    """A development CA."""
    return Pki.open(tmp_path_factory.mktemp("sts"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(pki: Pki) -> AsyncIterator[Office]:
    """For tests that leave clock and register as they are."""
    async with open_office(pki) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def own_office(pki: Pki) -> AsyncIterator[Office]:
    """For one test, which may do as it likes."""
    async with open_office(pki) as opened:
        yield opened
