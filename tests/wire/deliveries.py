"""Deliveries in dialogues: putting them in, and reading them off what was heard."""

from __future__ import annotations

from typing import cast

from pamqp import commands

from tests.wire.fake_front import POST
from tests.wire.playbook import Play, Stage

Deliver = commands.Basic.Deliver


def tags(play: Play) -> list[int]:
    """The delivery tags heard, and forgotten."""
    heard, play.heard = play.heard, []
    return [cast(int, one.method["delivery_tag"]) for one in heard if isinstance(one.method, Deliver)]


def bodies(play: Play) -> list[bytes | None]:
    """The bodies of the deliveries heard, and forgotten."""
    heard, play.heard = play.heard, []
    return [one.body for one in heard if isinstance(one.method, Deliver)]


def fill(stage: Stage, count: int, dueslag: str = POST) -> list[int]:
    return [stage.front.engine.put(dueslag, b"besked %d" % number) for number in range(1, count + 1)]
