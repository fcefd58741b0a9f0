"""Which anvendersystem calls: by the SAML assertion in its WS-Security header, its certificate, or its password."""

from __future__ import annotations

import asyncio
import base64
import binascii
from dataclasses import dataclass
from functools import lru_cache
from typing import NoReturn

from lxml import etree

from adapters.soap.envelope import Envelope
from adapters.soap.faults import Code, SoapFault
from adapters.sts.names import WSSE, WSU
from broker.clock import iso
from broker.core.model import Anvendersystem
from broker.errors import AccessDenied, TokenExpired, TokenRefused
from broker.kuvert.tidspunkt import read_date_time
from broker.ports import Peer
from broker.service import Beskedfordeler
from broker.settings import Auth
from broker.tokens import AFSEND, MODTAG, Token, TokenVerifier
from broker.tokens.names import DS, SAML

SKEW = 60.0
"""Seconds that the clocks may differ when a Timestamp is judged."""
_NOTED = 10_000
"""Callers by password that are remembered, so that the trace has one line for each and not one for each call."""
_LARGE = 256 * 1024
"""Octets from which a signature is checked in a thread."""
_NO_TOKEN = (
    "the header Security (WS-Security) holds no SAML assertion: with --auth=token every call carries the one that "
    f"the STS gives for {MODTAG} (or {AFSEND}), as Assertion in Security"
)
_NOBODY = (
    "the call does not say which anvendersystem calls: log in by HTTP Basic (user = its id or navn, password = its "
    "adgangskode), show its function certificate (TLS), or put its SAML assertion into the header Security "
    "(WS-Security)"
)
_NOT_JUDGED = (
    "; the assertion was not looked at, as this emulator runs without TLS and tokens (--https-port, --auth=token)"
)
_NOT_LET_IN = "user or password is not taken; the trace of the emulator says why (beskedfordeler spor --what denied)"


@dataclass(frozen=True, slots=True)
class Asked:
    """One call, as far as it says who calls."""

    peer: Peer
    authorization: str | None
    """The HTTP header."""
    size: int
    """Octets of the request."""


@dataclass(frozen=True, slots=True)
class Caller:
    """An anvendersystem, and how it is known."""

    system: Anvendersystem
    how: str
    """"token", "certifikat" or "adgangskode"."""
    host: str


class Callers:
    """Judges who calls.  A token for either service of the Beskedfordeler is taken (ours: the entity id of
    VærdilisteRediger itself is not public), with or without a signature over the call (ours)."""

    def __init__(self, verifier: TokenVerifier | None, auth: Auth) -> None:
        self._verifier = verifier
        self._auth = auth
        self._noted: set[tuple[str, str]] = set()

    async def identify(self, service: Beskedfordeler, envelope: Envelope, asked: Asked) -> Caller:
        """Raises SoapFault; what is refused is in the trace."""
        host = asked.peer.host
        security = _security(envelope)
        try:
            if security is not None:
                _check_timestamp(security, service.clock.now())
                assertion = _assertion(security)
                if assertion is not None and self._verifier is not None:
                    token = self._judged(self._verifier, service, assertion, asked)
                    await _check_signature(envelope, security, assertion, token, asked)
                    return Caller(_holder(service, token), "token", host)
            if self._auth == "token":
                raise SoapFault(Code.INVALID_SECURITY, _NO_TOKEN)
        except SoapFault as fault:
            _note(service, asked, fault.reason)
            raise
        except (TokenRefused, TokenExpired) as error:
            raise _faulted(service, asked, error) from None
        return self._without_token(service, asked, _NOBODY + (_NOT_JUDGED if _holds_assertion(security) else ""))

    def _judged(
        self, verifier: TokenVerifier, service: Beskedfordeler, assertion: etree._Element, asked: Asked
    ) -> Token:
        raw = etree.tostring(assertion, with_tail=False)
        return verifier.verify(raw, service.clock.now(), asked.peer.certificate)

    def _without_token(self, service: Beskedfordeler, asked: Asked, nobody: str) -> Caller:
        host = asked.peer.host
        if asked.peer.certificate is not None:
            serienummer = _serienummer(asked.peer.certificate)
            system = service.catalogue.system_by_serienummer(serienummer) if serienummer is not None else None
            if system is not None:
                return Caller(system, "certifikat", host)
            nobody = f"the client certificate ({serienummer}) belongs to no anvendersystem in the register; {nobody}"
        if asked.authorization is None:
            _note(service, asked, nobody)
            raise SoapFault(Code.CLIENT, nobody, status=401)
        user, password = _basic(asked.authorization)
        return Caller(self._logged_in(service, user, password, asked.peer), "adgangskode", host)

    def _logged_in(self, service: Beskedfordeler, user: str, password: bytes, peer: Peer) -> Anvendersystem:
        known = (user, peer.host)
        try:
            if known in self._noted:
                try:
                    return service.gate.login("PLAIN", user, password, peer).system
                except AccessDenied:
                    self._noted.discard(known)  # and now for the trace
            login = service.login("PLAIN", user, password, peer)
        except AccessDenied:
            raise SoapFault(Code.CLIENT, _NOT_LET_IN, status=401) from None
        if len(self._noted) >= _NOTED:
            self._noted.clear()
        self._noted.add(known)
        return login.system


async def _check_signature(
    envelope: Envelope, security: etree._Element, assertion: etree._Element, token: Token, asked: Asked
) -> None:
    signatures = security.findall(f"{{{DS}}}Signature")
    if not signatures:
        return
    if len(signatures) > 1:
        raise SoapFault(Code.INVALID_SECURITY, f"the header Security holds {len(signatures)} Signature; expected one")
    from adapters.soap.signature import check  # cryptography, only where a call is signed

    if asked.size < _LARGE:
        check(envelope, signatures[0], assertion, token.holder.der)
    else:
        await asyncio.to_thread(check, envelope, signatures[0], assertion, token.holder.der)


def _security(envelope: Envelope) -> etree._Element | None:
    """The Security header.  Raises SoapFault where there are two: which one counts must be beyond doubt."""
    found = [] if envelope.header is None else envelope.header.findall(f"{{{WSSE}}}Security")
    if len(found) > 1:
        raise SoapFault(Code.INVALID_SECURITY, f"the Header holds {len(found)} Security; expected one")
    return found[0] if found else None


def _assertion(security: etree._Element) -> etree._Element | None:
    assertions = security.findall(f"{{{SAML}}}Assertion")
    if len(assertions) > 1:
        raise SoapFault(Code.INVALID_SECURITY, f"the header Security holds {len(assertions)} assertions; expected one")
    if not assertions and security.find(f"{{{SAML}}}EncryptedAssertion") is not None:
        raise SoapFault(Code.INVALID_SECURITY, "the assertion is encrypted; expected Assertion, as the STS gives it")
    return assertions[0] if assertions else None


def _holds_assertion(security: etree._Element | None) -> bool:
    return security is not None and security.find(f"{{{SAML}}}Assertion") is not None


def _holder(service: Beskedfordeler, token: Token) -> Anvendersystem:
    system = service.catalogue.system_by_serienummer(token.holder.serienummer)
    if system is None:
        raise TokenRefused(
            f"the token's certificate ({token.holder.serienummer}) belongs to no anvendersystem in the register "
            "(anvendersystemer[].certifikat)",
            about=token.about,
        )
    return system


def _check_timestamp(security: etree._Element, now: float) -> None:
    """A Timestamp, where there is one, must span now."""
    created = _moment(security, "Created")
    expires = _moment(security, "Expires")
    if (created is not None and now < created - SKEW) or (expires is not None and now >= expires + SKEW):
        raise SoapFault(Code.MESSAGE_EXPIRED, f"Timestamp: the call is not valid now; it is {iso(now)} here")


def _moment(security: etree._Element, name: str) -> float | None:
    text = security.findtext(f"{{{WSU}}}Timestamp/{{{WSU}}}{name}")
    if text is None:
        return None
    try:
        return read_date_time(text.strip())
    except (ValueError, OverflowError):
        raise SoapFault(Code.INVALID_SECURITY, f"Timestamp: {name} is not a dateTime") from None


def _faulted(service: Beskedfordeler, asked: Asked, error: TokenRefused | TokenExpired) -> SoapFault:
    """As it is noted: who forges one is told nothing, an honest mistake everything (ADR 0014)."""
    reason = error.reason if isinstance(error, TokenRefused) else str(error)
    _note(service, asked, reason, dict(error.about))
    forged = isinstance(error, TokenRefused) and not error.about
    return SoapFault(Code.FAILED_AUTHENTICATION if forged else Code.INVALID_SECURITY_TOKEN, str(error))


def _note(service: Beskedfordeler, asked: Asked, reason: str, about: dict[str, str] | None = None) -> None:
    known = about or {}
    system = service.catalogue.system_by_serienummer(known.get("serienummer", ""))
    detail = {"grund": reason[:500], "fra": asked.peer.host, "via": "soap", **known}
    service.note("denied", system=None if system is None else system.id, detail=detail)


@lru_cache(maxsize=1024)
def _serienummer(certificate: bytes) -> str | None:
    from broker.tokens.certificate import read_certificate  # cryptography, only where a certificate is shown

    try:
        return read_certificate(certificate).serienummer
    except ValueError:
        return None


def _basic(authorization: str) -> tuple[str, bytes]:
    """User and password of HTTP Basic (RFC 7617), UTF-8."""
    scheme, _, given = authorization.partition(" ")
    if scheme.lower() != "basic":
        _unread(f"Authorization is {scheme[:40]!r}")
    try:
        user, colon, password = base64.b64decode(given.strip(), validate=True).partition(b":")
        named = user.decode()
    except (binascii.Error, ValueError):
        _unread("Authorization is not base64 of UTF-8")
    if not colon:
        _unread("Authorization has no colon between user and password")
    return named, password


def _unread(what: str) -> NoReturn:
    raise SoapFault(Code.CLIENT, f"{what}; expected Basic, with user and password", status=401)
