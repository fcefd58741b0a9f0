"""Whether the emulator can be used, and how it stands."""

from __future__ import annotations

import pytest
import structlog

from adapters.cli.status import _lines
from tests.unit.rest.desk import Answer, Desk, sample_besked


async def test_ready(desk: Desk) -> None:
    """200 when messages can be sent and fetched."""
    assert await desk.get("/health/ready") == {"ready": True, "reason": ""}
    assert (await desk.get("/health/live"))["ready"] is True


async def test_not_ready_while_starting(desk: Desk) -> None:
    """Until the emulator runs: alive, 503 with what is waited for, and no endpoint that needs it answers."""
    desk.admin.emulator, desk.admin.reason = None, "reading the register"
    answer = await desk.call("GET", "/health/ready")
    assert (answer.status, answer.json) == (503, {"ready": False, "reason": "reading the register"})
    assert (await desk.call("GET", "/health/live")).status == 200
    refused = await desk.call("GET", "/status")
    assert refused.status == 503
    assert "reading the register" in refused.error


async def test_not_ready_when_the_store_is_blocked(desk: Desk) -> None:
    """A full disk: 503 with the reason, but the status can still be read."""

    class Blocked:
        """The engine of the desk, with a full disk."""

        def __init__(self, engine: object) -> None:
            self._engine = engine

        blocked = "disk full"

        def __getattr__(self, name: str) -> object:
            return getattr(self._engine, name)

    desk.service.engine = Blocked(desk.service.engine)  # type: ignore[assignment]
    answer = await desk.call("GET", "/health/ready")
    assert answer.status == 503
    assert "disk full" in answer.json["reason"]
    status = await desk.get("/status")
    assert status["ready"] is False
    assert "disk full" in status["reason"]


async def test_status_tells_what_else_is_amiss(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The register's database that does not answer, and records that the trace could not keep; nothing where all is
    well.  The command says so too."""
    status = await desk.get("/status")
    assert (status["register_lost"], status["trace_dropped"]) == (None, 0)
    assert "trace" not in dict(_lines(status))
    monkeypatch.setattr(desk.service.register, "lost", "connection refused", raising=False)
    desk.service.trace.dropped = 3
    status = await desk.get("/status")
    assert (status["register_lost"], status["trace_dropped"]) == ("connection refused", 3)
    lines = dict(_lines(status))
    assert "connection refused" in lines["register"]
    assert lines["trace"].startswith("3 records")


async def test_status_counts(desk: Desk) -> None:
    """What was accepted and refused, what lies in the dueslag, who is connected, what the register holds."""
    await desk.send(sample_besked())
    await desk.send(b"<nonsense/>")
    desk.clock.advance(90)
    status = await desk.get("/status")
    assert (status["accepted"], status["refused"]) == (1, 1)
    assert status["depth"] == {"ready": 1, "out": 0, "held": 0, "dead": 0, "consumers": 0}
    assert status["amqp"] == {"host": "127.0.0.1", "port": 5672}
    assert status["amqps"] is None
    assert status["uptime"] == 90
    assert status["connections"][0]["name"] == "127.0.0.1:1"
    assert status["register"]["dueslag"] == 3


async def test_reset(desk: Desk) -> None:
    """Messages and trace are forgotten, the register stays."""
    await desk.send()
    await desk.post("/reset")
    assert (await desk.get("/status"))["depth"]["ready"] == 0
    assert await desk.get("/spor", what="accepted") == []
    assert (await desk.get("/dueslag"))["total"] == 3


async def test_what_is_not_there(desk: Desk) -> None:
    """An unknown path and a wrong method are answered in the same shape as any refusal."""
    answer = await desk.call("GET", "/nope")
    assert (answer.status, answer.json["kode"]) == (404, 44)
    assert "/nope" in answer.error
    assert (await desk.call("DELETE", "/status")).status == 405


async def test_openapi_describes_every_path(desk: Desk) -> None:
    """The description is there, and each operation says what it does."""
    description = await desk.get("/openapi.json")
    operations = [one for path in description["paths"].values() for one in path.values()]
    assert len(operations) > 30
    assert all(one.get("description") for one in operations)


async def test_bug_is_no_refusal(desk: Desk) -> None:
    """A failure of ours is 500 in the promised shape, without a traceback in the answer, and is logged."""

    async def fail() -> None:
        raise ZeroDivisionError("secret")

    desk.service.reset = fail  # type: ignore[method-assign]
    answers: list[Answer] = []
    with structlog.testing.capture_logs() as logs, pytest.raises(ZeroDivisionError):  # passed on for the server's log
        await desk.call_into(answers, "POST", "/reset")
    assert answers[0].status == 500
    assert "ZeroDivisionError" in answers[0].error
    assert "secret" not in answers[0].error
    assert logs[0]["path"] == "/reset"
