"""The stage that dialogues are played on."""

from __future__ import annotations

import pytest

from tests.wire.playbook import Stage


@pytest.fixture(params=[False, True], ids=["whole", "octet-by-octet"])
def stage(request: pytest.FixtureRequest) -> Stage:
    """A hub with a fake front; what clients say arrives in one piece, and in another run octet by octet."""
    return Stage(request.param)
