"""What a command says when AMQP or the STS says no."""

from __future__ import annotations

import pytest

from adapters.cli.amqp import failing_clearly
from adapters.cli.exits import Exit, Failure
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
