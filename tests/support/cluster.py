"""A cluster of processes for tests: `adapters.cluster`, skipped where its programs are missing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from adapters.cluster import Topology, programs


@contextmanager
def running(
    *, nodes: int = 1, fronts: int = 2, auth: str = "open", arguments: tuple[str, ...] = ()
) -> Iterator[Topology]:
    """Up within the block.  Skips the test where something is not installed; with CI=true that is a failure."""
    if packages := programs.missing():
        reason = f"needs {', '.join(packages)}: apt-get install {' '.join(packages)}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with Topology(nodes=nodes, fronts=fronts, auth=auth, front_arguments=arguments) as cluster:
        yield cluster
