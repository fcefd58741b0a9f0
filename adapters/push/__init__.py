"""BeskedFåTilsendt (SF1461 push): what comes into a dueslag is posted to its callback."""

from adapters.push.outlets import PushOutlets

__all__ = ["PushOutlets"]
