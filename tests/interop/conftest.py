"""Fixtures of the interop tests: the real emulator, in a process of its own."""

from tests.support.emulator import emulator, shared_emulator

__all__ = ["emulator", "shared_emulator"]
