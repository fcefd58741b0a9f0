"""Fixtures of the interop tests: the real emulator, in a process of its own."""

from tests.interop.token_world import no_messages, token_emulator
from tests.support.emulator import emulator, shared_emulator

__all__ = ["emulator", "no_messages", "shared_emulator", "token_emulator"]
