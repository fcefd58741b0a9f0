"""What keeps a cluster from running."""

from __future__ import annotations


class ClusterError(RuntimeError):
    """A program is missing or did not start; the text says which, and what to do, or ends with its log."""
