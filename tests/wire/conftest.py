"""The stage that dialogues are played on."""

from __future__ import annotations

from collections.abc import Iterator
from logging import CRITICAL

import pytest
import structlog

from tests.wire.playbook import Stage


@pytest.fixture(params=[False, True], ids=["whole", "octet-by-octet"])
def stage(request: pytest.FixtureRequest) -> Stage:
    """A hub with a fake front; what clients say arrives in one piece, and in another run octet by octet."""
    return Stage(request.param)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Thousands of refusals are provoked here: only what is critical is logged."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(CRITICAL))
    yield
    structlog.reset_defaults()
