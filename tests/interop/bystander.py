"""A vendor who sends all the while: what others do on their connections must not touch this one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pika.exceptions

from consumers.retur import StandardRetur
from tests.interop import samples
from tests.interop.token_client import LONGEST, Sender, logged_in
from tests.interop.token_world import TokenWorld


class Bystander:
    """One connection in a thread of its own, one message after the other, each answered with 20."""

    def __init__(self, world: TokenWorld) -> None:
        self._world = world
        self._token = world.afsend()
        samples.extern_test_besked()  # skips or fails here where there is none: in the thread nobody would learn why
        self._answered = 0
        self._trouble: object = None
        self._stop = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            with logged_in(self._world, self._token) as connection:
                sender = Sender(connection)
                while not self._stop:
                    answer = sender.send(samples.extern_test_besked().xml, self._token.decode())
                    self._note(None if answer == StandardRetur(20, "") else answer)
                    connection.sleep(0.01)
        except (pika.exceptions.AMQPError, AssertionError, OSError) as error:
            self._note(error)

    def _note(self, trouble: object) -> None:
        with self._changed:
            self._answered += 1
            self._trouble = self._trouble or trouble
            self._changed.notify_all()

    def goes_on(self) -> None:
        """Two more messages are sent and answered from now on; nothing ever went wrong."""
        with self._changed:
            wanted = self._answered + 2
            self._changed.wait_for(lambda: self._answered >= wanted or self._trouble, LONGEST)
            assert self._trouble is None, self._trouble
            assert self._answered >= wanted, "no answer any more"

    @contextmanager
    def sending(self) -> Iterator[Bystander]:
        self._thread.start()
        try:
            yield self
        finally:
            self._stop = True
            self._thread.join(LONGEST)
