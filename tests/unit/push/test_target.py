"""A dueslag and its callback as people see them."""

from __future__ import annotations

import pytest

from adapters.push.target import target_of
from tests.unit.push.world import RECEIVER, dueslag

SHOWN = {
    "http://a.example/b": ("http://a.example/b", "a.example", 80),
    "https://a.example:8443/b?key=c": ("https://a.example:8443/b?…", "a.example", 8443),
    "https://[::1]/": ("https://[::1]/", "::1", 443),
    "http://navn:kode@a.example/b": ("http://a.example/b", "a.example", 80),
    "http://a.example/borger/0101010000": ("http://a.example/borger/010101-****", "a.example", 80),
}


@pytest.mark.parametrize("url", SHOWN)
def test_what_is_shown_holds_no_secret(url: str) -> None:
    """No password, no query, no CPR number; the peer is the receiver."""
    target = target_of(dueslag(1, url), RECEIVER)
    shown, host, port = SHOWN[url]
    peer = target.login.peer
    assert (target.shown, peer.host, peer.port, peer.tls) == (shown, host, port, url.startswith("https"))
    assert target.url == url
    assert target.login.system is RECEIVER
