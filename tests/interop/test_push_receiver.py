"""The strict receiver of these tests is itself held to what it is for: it must see what is wrong."""

from __future__ import annotations

import http.client
from collections.abc import Iterator

import pytest

from tests.interop import samples
from tests.support.receipts import Act, Arrival, Receipts
from tests.support.receiver import LIMIT, Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """One for this test alone."""
    with receiving() as receiver:
        yield receiver


def pushed() -> bytes:
    """A real push."""
    return (samples.REFERENCE / "messages" / "pko_poststatus_success.xml").read_bytes()


def post(receiver: Receiver, body: bytes) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", receiver.port, timeout=5)
    try:
        connection.request("POST", "/a", body, {"Content-Type": "application/xml"})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def test_real_push_is_taken(receiver: Receiver) -> None:
    """What KOMBIT's Beskedfordeler sent has nothing wrong with it."""
    status, answer = post(receiver, pushed())
    assert status == 200
    assert b"<StatusKode>20<" in answer
    (arrival,) = receiver.receipts("/a").arrivals
    assert (arrival.problem, arrival.forsoeg, arrival.taken) == ("", 1, True)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (b"<ns4:Modtag", b"<!DOCTYPE a><ns4:Modtag", "DTD"),
        (b"BeskedVersion>", b"Beskedversion>", "Beskedversion"),
        (b"ModtagBeskedInput", b"ModtagBeskedOutput", "not ModtagBeskedInput"),
        (b"</ns4:ModtagBeskedInput>", b"", "well-formed"),
        (b"<ns4:Modtag", b"<!--" + b"x" * LIMIT + b"--><ns4:Modtag", "octets"),
    ],
)
def test_bad_push_is_seen(receiver: Receiver, old: bytes, new: bytes, problem: str) -> None:
    """Broken, invalid, with a DTD, too large: 40, and the ledger says why."""
    status, answer = post(receiver, pushed().replace(old, new))
    assert status == 200
    assert b"<StatusKode>40<" in answer
    receipts = receiver.receipts("/a")
    assert problem in receipts.problems[0]
    assert receipts.taken == set()


def test_script_is_followed(receiver: Receiver) -> None:
    """An HTTP error, a reset, then 20; down is down, and up is the same port."""
    receiver.script("/a", Act(http_status=500), Act(how="reset"), Act(how="drop"))
    assert post(receiver, pushed())[0] == 500
    with pytest.raises((ConnectionError, http.client.IncompleteRead)):
        post(receiver, pushed())
    with pytest.raises(http.client.RemoteDisconnected):
        post(receiver, pushed())
    assert b">20<" in post(receiver, pushed())[1]
    receiver.down()
    with pytest.raises(ConnectionRefusedError):
        post(receiver, pushed())
    receiver.up()
    assert b">20<" in post(receiver, pushed())[1]


def arrival(besked_id: str, forsoeg: int, act: Act | None = None) -> Arrival:
    return Arrival("/a", 1, "application/xml", b"", 0.0, besked_id, forsoeg, act=act or Act(), answered=True)


@pytest.mark.parametrize(
    "came",
    [
        [("a", 1)],
        [("a", 1), ("b", 1), ("a", 2)],
        [("b", 1), ("a", 1)],
        [("a", 1), ("b", 1), ("b", 1)],
        [("a", 1), ("b", 1), ("c", 1)],
    ],
    ids=["lost", "overtaken", "out of order", "again unflagged", "never sent"],
)
def test_ledger_sees_what_is_wrong(came: list[tuple[str, int]]) -> None:
    """A loss, a message that did not wait, a wrong order, a repeat without a flag, a message out of nowhere."""
    receipts = Receipts(tuple(arrival(*one) for one in came))
    with pytest.raises(AssertionError):
        receipts.check(["a", "b"])


def test_ledger_sees_two_at_a_time() -> None:
    """A request that began before the other was answered."""
    first, second = arrival("a", 1), arrival("b", 1)
    Receipts((first, second)).check(["a", "b"])
    with pytest.raises(AssertionError, match="one at a time"):
        Receipts((first, second), ((first, second),)).check(["a", "b"])


def test_ledger_takes_what_is_right() -> None:
    """A message refused once and taken the second time, flagged."""
    came = (arrival("a", 1, Act(40)), arrival("a", 2), arrival("b", 1))
    Receipts(came).check(["a", "b"])
    assert Receipts(came).flagged == 1
