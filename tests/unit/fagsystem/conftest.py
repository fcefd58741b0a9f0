"""The post of a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.fagsystem.post import Post


@pytest.fixture
def post() -> Iterator[Post]:
    made = Post()
    yield made
    made.close()
