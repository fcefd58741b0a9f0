"""Wiring: what the settings mean for the parts."""

from __future__ import annotations

from pathlib import Path

import pytest

from broker.app import running
from broker.errors import StoreError
from broker.settings import MIB, Settings


async def test_a_message_that_could_never_be_stored_is_refused_not_waited_with(tmp_path: Path) -> None:
    """With a bounded store the largest message is half of it, else one letter would block every sender for ever."""
    settings = Settings(data=tmp_path, amqp_port=0, max_store=4 * MIB)
    async with running(settings) as app:
        assert app.service.limits.max_bytes == 2 * MIB
        assert app.amqp is not None
        assert app.amqps is None


async def test_tls_without_a_certificate_says_what_to_give(tmp_path: Path) -> None:
    """Nothing is started half."""
    with pytest.raises(StoreError, match="--tls-cert"):
        async with running(Settings(data=tmp_path / "data", amqps_port=0)):
            pass
    assert not (tmp_path / "data").exists()
