"""An operator at the admin API of an emulator in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.unit.rest.desk import Desk, open_desk


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """With the built-in register."""
    async with open_desk() as opened:
        yield opened
