"""Wiring: what the settings mean for the parts."""

from __future__ import annotations

from pathlib import Path

import pytest

from broker.app import running
from broker.core.stored import StoredBesked
from broker.ports import Outcome
from broker.settings import MIB, Settings


async def test_a_message_that_could_never_be_stored_is_refused_not_waited_with(tmp_path: Path) -> None:
    """With a bounded store the largest message is half of it, else one letter would block every sender for ever."""
    settings = Settings(data=tmp_path, amqp_port=0, max_store=4 * MIB)
    async with running(settings) as app:
        assert app.service.limits.max_bytes == 2 * MIB
        assert app.amqp is not None
        assert app.amqps is None


async def test_without_keys_there_is_no_tls_listener(tmp_path: Path) -> None:
    """Who has no certificate gives no TLS context, and nothing is listened for."""
    async with running(Settings(data=tmp_path / "data", amqp_port=0, amqps_port=0)) as app:
        assert app.amqps is None


def test_auth_token_brings_its_listeners() -> None:
    """One flag: AMQPS and the STS are there unless another port, or none, is asked for."""
    settings = Settings(auth="token")
    assert (settings.amqps_port, settings.https_port) == (5671, 8443)
    assert Settings(auth="token", amqps_port=0, https_port=None).amqps_port == 0
    assert Settings(auth="plain").https_port is None


def test_several_values_come_with_commas_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """BESKEDFORDELER_SAN=a,b is two names."""
    monkeypatch.setenv("BESKEDFORDELER_SAN", "bf.local, 10.0.0.1")
    monkeypatch.setenv("BESKEDFORDELER_CLIENT_CA", "a.pem,b.pem")
    settings = Settings()
    assert settings.san == ("bf.local", "10.0.0.1")
    assert settings.client_ca == (Path("a.pem"), Path("b.pem"))


async def test_the_commits_of_the_engine_are_counted_with_the_rest(tmp_path: Path) -> None:
    """Service and engine of one emulator have the same meters."""
    async with running(Settings(data=tmp_path, amqp_port=0)) as app:
        answers: list[Outcome] = []
        app.service.engine.accept(StoredBesked("a", "b", "c", "d", b"", b"<x/>", b"", 0.0), (), answers.append)
        await app.service.engine.flushed()
        assert answers == [Outcome.ACCEPTED]
        assert app.service.meters.commits.total == 1
