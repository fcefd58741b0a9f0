"""What a command says when AMQP or the STS says no."""

from __future__ import annotations

import pytest

from adapters.cli.amqp import failing_clearly, with_reason
from adapters.cli.exits import Exit, Failure
from adapters.cli.login import Given
from consumers.client import ClientError, ConnectionLost, Endpoint, GivenToken, NoAnswer, NoToken, NotPermitted
from consumers.errors import NotOffered, StsUnreachable


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (NotPermitted("ACCESS_REFUSED - no"), Exit.REFUSED, "h:1 refuses 'S': ACCESS_REFUSED - no"),
        (NotPermitted("NOT_FOUND - no queue"), Exit.NOT_FOUND, "NOT_FOUND"),
        (ConnectionLost("gone\naway"), Exit.UNREACHABLE, "no answer over AMQP from h:1: gone away"),
        (NoAnswer("none"), Exit.UNREACHABLE, "none"),
        (NoToken("the STS at s:1 refuses: no"), Exit.REFUSED, "no token: the STS at s:1 refuses: no"),
        (StsUnreachable("the STS at s:1 cannot be reached"), Exit.UNREACHABLE, "no token: the STS at s:1"),
        (NotOffered("it offers EXTERNAL"), Exit.REFUSED, r"leave out --amqp and --amqps .* --sts, --cert and --cvr"),
        (ClientError("x.pem: no key"), Exit.USAGE, r"^x\.pem: no key$"),
    ],
)
async def test_failures(error: ClientError, code: Exit, text: str) -> None:
    """One line that says who refuses what, and the exit code of its kind."""
    with pytest.raises(Failure, match=text) as failure:
        async with failing_clearly(Endpoint("h", 1, "S")):
            raise error
    assert failure.value.code is code
    assert len(str(failure.value).splitlines()) == 1


async def test_token_where_only_passwords_are_taken() -> None:
    """The plain port does not offer EXTERNAL: the one over TLS does."""
    with pytest.raises(Failure, match="--amqps HOST:PORT"):
        async with failing_clearly(Endpoint("h", 1, "S", tokens=GivenToken("x"))):
            raise NotOffered("it offers PLAIN")


REFUSED = Failure(Exit.REFUSED, "h:1 refuses 'S': ACCESS_REFUSED - Login was refused")


class Spor:
    """An admin API that knows of these refusals."""

    def __init__(self, *reasons: object) -> None:
        self.records = [{"detail": {"grund": reason}} for reason in reasons]
        self.asked: list[dict[str, object]] = []

    def get(self, path: str, **query: object) -> object:
        assert path == "/spor"
        self.asked.append(query)
        return self.records


def answering(monkeypatch: pytest.MonkeyPatch, spor: Spor) -> Spor:
    monkeypatch.setattr("adapters.cli.amqp.connect", lambda *_: spor)
    return spor


def test_why_the_login_was_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """403 gives no reason; the trace does, in the same line, with the command that shows more."""
    spor = answering(monkeypatch, Spor("wrong adgangskode\nfor 'S'\x1b[2J"))
    told = with_reason(REFUSED, Given())
    assert told.code is Exit.REFUSED
    assert str(told) == f"{REFUSED}; why: wrong adgangskode for 'S'\ufffd[2J (beskedfordeler spor --what denied)"
    [query] = spor.asked
    assert (query["what"], query["limit"]) == ("denied", 1)
    assert "since" in query, "what was refused long ago is not the reason"


def test_where_to_look_when_the_trace_does_not_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """No record, or no admin API that answers: the command alone."""
    answering(monkeypatch, Spor())
    assert str(with_reason(REFUSED, Given())) == f"{REFUSED}; why: beskedfordeler spor --what denied"

    def nobody(*_: object) -> None:
        raise Failure(Exit.UNREACHABLE, "nobody")

    monkeypatch.setattr("adapters.cli.amqp.connect", nobody)
    assert str(with_reason(REFUSED, Given())) == f"{REFUSED}; why: beskedfordeler spor --what denied"


@pytest.mark.parametrize("given", [Given(amqp="h:1"), Given(amqps="h:1"), Given(amqps="h:1", system="S")])
def test_an_address_that_was_named_may_be_another_s(monkeypatch: pytest.MonkeyPatch, given: Given) -> None:
    """Nobody is asked: the emulator here need not be the one that refused."""
    spor = answering(monkeypatch, Spor("another's"))
    assert with_reason(REFUSED, given) is REFUSED
    assert spor.asked == []


def test_other_failures_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a 403 hides its reason."""
    spor = answering(monkeypatch, Spor("another's"))
    failure = Failure(Exit.NOT_FOUND, "NOT_FOUND - no queue")
    assert with_reason(failure, Given()) is failure
    assert spor.asked == []
