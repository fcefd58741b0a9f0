"""Where AMQP is and how to log in, for `send` and `hent`: as the emulator says, unless the user says otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.cli.api import Api, connect
from adapters.cli.exits import Exit, Failure
from adapters.cli.keys import reached, trusted
from adapters.cli.login import Given

if TYPE_CHECKING:
    from consumers.client import Endpoint, TokenSource

_HERE = "127.0.0.1"
_Address = tuple[str, int]


class Role:
    """Who does the task where nobody is named."""

    sends = False

    def system(self, api: Api) -> str:
        raise AssertionError(f"{type(self).__name__} names nobody")


class Sender(Role):
    """The first anvendersystem with an approved agreement to send."""

    sends = True

    def system(self, api: Api) -> str:
        for aftale in api.get("/register/serviceaftaler"):
            if aftale["service"] == "afsend" and aftale["godkendt"]:
                return str(aftale["anvendersystem"])
        raise Failure(Exit.USAGE, "no anvendersystem in the register may send; name one with --system")


class Owner(Role):
    """The anvendersystem that the dueslag belongs to."""

    def __init__(self, dueslag: dict[str, Any]) -> None:
        self._dueslag = dueslag

    def system(self, api: Api) -> str:
        return str(self._dueslag["anvendersystem"])


@dataclass(frozen=True, slots=True)
class Way:
    """How one command gets in."""

    endpoint: Endpoint
    header: str | None = None
    """The token to send with each message instead of one from the STS."""


def find_way(given: Given, role: Role) -> Way:
    """Raises Failure; StoreError where a file of the emulator's cannot be used."""
    from adapters.cli.files import read_token
    from consumers.errors import ClientError

    shown = None if given.token is None else read_token(given.token)
    try:
        return _Elsewhere(given, role, shown).way() if given.elsewhere else _Here(given, role, shown).way()
    except ClientError as error:  # a file of the user's cannot be used
        raise Failure(Exit.USAGE, str(error)) from None


class _Elsewhere:
    """Everything is as the options say."""

    def __init__(self, given: Given, role: Role, shown: str | None) -> None:
        self._given = given
        self._role = role
        self._shown = shown

    def way(self) -> Way:
        tokens, header = self._tokens(), self._shown if self._role.sends else None
        if tokens is None and self._shown is not None and (self._given.amqps is not None or not self._role.sends):
            tokens = _given_token(self._shown)
        return Way(
            _endpoint(self._given, *_named(self._given), str(self._given.system), tokens, self._given.ca), header
        )

    def _tokens(self) -> TokenSource | None:
        given = self._given
        if not given.wants_tokens:
            return None
        missing = [
            option
            for option, value in (("--sts", given.sts), ("--cert", given.cert), ("--cvr", given.cvr))
            if value is None
        ]
        if given.sts is None or given.cert is None or given.cvr is None:
            raise Failure(Exit.USAGE, f"to get a token elsewhere {' and '.join(missing)} must be given as well")
        from consumers.client import Sts

        return Sts(*_parse("--sts", given.sts), ca=given.ca, certificate=given.cert).on_behalf_of(given.cvr)


class _Here:
    """What the options leave open, the admin API of the emulator says."""

    def __init__(self, given: Given, role: Role, shown: str | None) -> None:
        self._given = given
        self._role = role
        self._shown = shown
        self._api = connect(given.admin, given.data)
        self._status: dict[str, Any] = self._api.get("/status")
        self._only_tokens = self._status.get("auth") == "token"
        self._system = given.system or role.system(self._api)

    def way(self) -> Way:
        tokens = self._tokens()
        address, tls = self._address(tokens is not None)
        ca = self._given.ca or trusted(self._status)
        header = self._shown if self._role.sends else None
        return Way(_endpoint(self._given, address, tls, self._system, tokens, ca), header)

    def _tokens(self) -> TokenSource | None:
        """What to log in with; None = a password.

        A token that is to be shown is the login's where one fetches.  Where one sends it is the message's, so that
        refusals of 40 and 41 can be seen; the login is then a good one, if one can be had here.
        """
        if self._shown is not None and not self._role.sends:
            return _given_token(self._shown)
        if not (self._only_tokens or self._given.wants_tokens):
            return None
        try:
            return self._from_sts()
        except Failure:
            if self._shown is None:
                raise
            return _given_token(self._shown)

    def _from_sts(self) -> TokenSource:
        from adapters.cli.keys import find_system, function_certificate, sts_client

        given = self._given
        system = find_system(self._api, self._system)
        certificate = given.cert or function_certificate(self._api, self._status, system).path
        at = None if given.sts is None else _parse("--sts", given.sts)
        sts = sts_client(self._api, self._status, certificate, at, given.ca)
        return sts.on_behalf_of(given.cvr or system.cvr)

    def _address(self, by_token: bool) -> tuple[_Address, bool]:
        if self._given.amqp is not None or self._given.amqps is not None:
            return _named(self._given)
        plain, tls = self._status.get("amqp"), self._status.get("amqps")
        if tls is not None and (by_token or plain is None):
            return reached(self._api, tls), True
        if plain is None:
            raise Failure(Exit.UNREACHABLE, "the emulator has no AMQP listener; start it with --amqp-port")
        return reached(self._api, plain), False


def _endpoint(
    given: Given, address: _Address, tls: bool, system: str, tokens: TokenSource | None, ca: Path | None
) -> Endpoint:
    """Over TLS the certificate that was named is presented as well; one that was found by ourselves is not."""
    from consumers.client import Endpoint, client_context

    context = client_context(ca, given.cert) if tls else None
    if given.password is None:
        return Endpoint(*address, system, tls=context, tokens=tokens)
    return Endpoint(*address, system, given.password, tls=context, tokens=tokens)


def _given_token(text: str) -> TokenSource:
    from consumers.client import GivenToken

    return GivenToken(text)


def _named(given: Given) -> tuple[_Address, bool]:
    """The address that was given, and whether it is one over TLS."""
    if given.amqps is not None:
        if given.amqp is not None:
            raise Failure(Exit.USAGE, "--amqp or --amqps, not both")
        return _parse("--amqps", given.amqps), True
    return _parse("--amqp", str(given.amqp)), False


def _parse(option: str, address: str) -> _Address:
    host, _, port = address.rpartition("://")[2].rstrip("/").rpartition(":")
    if not (port.isascii() and port.isdigit()) or not 0 < int(port) < 65536:
        raise Failure(Exit.USAGE, f"{option} '{address}' is no address; expected HOST:PORT")
    return host.strip("[]") or _HERE, int(port)
