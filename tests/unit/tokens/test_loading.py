"""What an emulator without tokens need not load."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["broker.tokens", "broker.ports", "adapters.sts"])
def test_tokens_are_not_paid_for_unless_used(module: str) -> None:
    """A start without tokens does not load cryptography or signxml, which take longer than all the rest."""
    code = f"import sys, {module}; print([name for name in ('cryptography', 'signxml') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
