"""A cluster under load that loses a part: nothing that was answered 20 is lost, and what comes again says so.

Only with BESKEDFORDELER_LONG=1; so many messages a second, for so many seconds, reports there:

    BESKEDFORDELER_LONG=1 BESKEDFORDELER_FAULT_RATE=1000 BESKEDFORDELER_FAULT_SECONDS=180 \\
    BESKEDFORDELER_FAULT_REPORTS=reports pytest -s tests/story/test_cluster_faults.py

The table of docs/cluster.md is what this printed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.cluster import running
from tests.support.fault_run import meet
from tests.support.faults import FAULTS

LONG = os.environ.get("BESKEDFORDELER_LONG") == "1"
RATE = float(os.environ.get("BESKEDFORDELER_FAULT_RATE", "200"))
SECONDS = float(os.environ.get("BESKEDFORDELER_FAULT_SECONDS", "90"))
REPORTS = os.environ.get("BESKEDFORDELER_FAULT_REPORTS")

pytestmark = pytest.mark.skipif(not LONG, reason="takes minutes for each fault: BESKEDFORDELER_LONG=1")


@pytest.mark.parametrize("name", FAULTS)
def test_nothing_is_lost(name: str, tmp_path: Path) -> None:
    """Two fronts, three nodes, four senders and two receivers by the balancer; a cluster of its own for each fault."""
    folder = tmp_path if REPORTS is None else Path(REPORTS)
    folder.mkdir(parents=True, exist_ok=True)
    with running(nodes=3) as cluster:
        found = meet(cluster, FAULTS[name], RATE, SECONDS, folder)
    print(f"\n{found}\n{found.row}")
    assert (found.lost, found.duplicated, found.misrouted, found.refused, found.unanswered) == (0, 0, 0, 0, 0)
    assert found.complete, found.reasons
    assert found.accepted == found.attempted
