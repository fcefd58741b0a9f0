"""The token of one connection, from the same machinery as every other client (`consumers.sts`)."""

from __future__ import annotations

from consumers.errors import ClientError, NoToken
from consumers.load.cast import Login, TokenLogin
from consumers.load.wire import Refusal, WireError
from consumers.sts import Sts
from consumers.token import TokenSource

_STS: dict[TokenLogin, Sts] = {}


async def token_of(login: Login, audience: str, *, refused: str | None = None) -> str | None:
    """None where the login is by password.  Raises WireError, Refusal."""
    if login.tokens is None:
        return None
    source = _source(login.tokens)
    try:
        return await (source.token(audience) if refused is None else source.renew(audience, refused))
    except NoToken as error:
        raise Refusal(str(error)) from error
    except ClientError as error:
        raise WireError(str(error)) from error


def _source(tokens: TokenLogin) -> TokenSource:
    """One for each system of a process, so that its connections share what was fetched."""
    sts = _STS.get(tokens)
    if sts is None:
        sts = _STS[tokens] = Sts(tokens.host, tokens.port, ca=tokens.ca, certificate=tokens.certificate)
    return sts.on_behalf_of(tokens.cvr)
