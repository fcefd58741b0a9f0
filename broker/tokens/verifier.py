"""Judges tokens: octets in, a Token that holds out.

In this order: known already (then only its times and the presented certificate are looked at) → size, well-formed,
no DOCTYPE (`tree`) → one signature of the one form that is taken, by a pinned certificate (`signature`) → what the
signed subtree says (`statements`) → its times → the certificate presented.  Until the signature holds, the client is
told nothing but that the token is refused; the reason goes to the trace.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree
from signxml.verifier import SignatureConfiguration

from broker.clock import iso
from broker.errors import TokenExpired, TokenRefused
from broker.tokens.cache import Cache, Known
from broker.tokens.names import saml
from broker.tokens.refusals import quoted, unsound
from broker.tokens.signature import certificates_shown, check_form, configuration, signed_by
from broker.tokens.statements import read_token
from broker.tokens.token import Token
from broker.tokens.tree import make_parser, read_tree


@dataclass(frozen=True, slots=True)
class Issuer:
    """An STS that is trusted."""

    certificate: bytes
    """DER of the certificate that it signs with: pinned, no chain is built."""
    name: str | None = None
    """What Issuer must say; None = anything (an external STS)."""


@dataclass(frozen=True, slots=True)
class _Pinned:
    issuer: Issuer
    certificate: x509.Certificate
    config: SignatureConfiguration
    begins: float
    ends: float


class Verifier:
    """The TokenVerifier for assertions signed by one of ``issuers`` (ValueError: not the certificate of an RSA key).

    ``skew``: seconds that clocks may differ; ``max_size``: bytes of an assertion; ``cached``: tokens remembered.
    """

    def __init__(
        self, issuers: Iterable[Issuer], *, skew: float = 60.0, max_size: int = 64 * 1024, cached: int = 10_000
    ) -> None:
        self._pinned = [_pin(issuer) for issuer in issuers]
        self._skew = skew
        self._max_size = max_size
        self._cache = Cache(cached)
        self._last: Known | None = None
        self._parser = make_parser()

    def verify(self, raw: bytes, now: float, presented: bytes | None = None) -> Token:
        """As `broker.tokens.TokenVerifier`."""
        known = self._last
        if known is None or known.raw != raw:
            known = self._cache.find(raw)
        if known is None or not known.begins <= now < known.ends:
            known = self._verify(raw, now)
        self._last = known
        if presented is not None and presented != known.token.holder.der:
            raise TokenRefused(
                "the certificate presented is not the one of the token's holder "
                f"({known.token.holder.serienummer}): connect with the certificate that the token was issued to",
                about=known.token.about,
            )
        return known.token

    def _verify(self, raw: bytes, now: float) -> Known:
        root = read_tree(raw, self._parser, self._max_size)
        signed, pinned = self._signed(raw, root, now)
        token = read_token(signed, pinned.issuer.name)
        self._check_times(token, now)
        known = Known(
            raw=raw,
            token=token,
            begins=max(token.not_before, pinned.begins) - self._skew,
            ends=min(token.not_on_or_after, pinned.ends) + self._skew,
        )
        self._cache.keep(known, now)
        return known

    def _signed(self, raw: bytes, root: etree._Element, now: float) -> tuple[etree._Element, _Pinned]:
        shown = certificates_shown(check_form(root))
        candidates = [pinned for pinned in self._pinned if shown is None or pinned.issuer.certificate in shown]
        if not candidates:
            raise unsound(_stranger(root, shown))
        for pinned in candidates:
            signed = signed_by(pinned.certificate, pinned.config, raw, root, self._parser)
            if signed is not None:
                self._check_certificate(pinned, now)
                return signed, pinned
        raise unsound("the signature does not hold: altered after it was signed, or signed with another key")

    def _check_certificate(self, pinned: _Pinned, now: float) -> None:
        if not pinned.begins - self._skew <= now < pinned.ends + self._skew:
            raise TokenRefused(
                f"the certificate that the STS signs with is valid from {iso(pinned.begins)} until "
                f"{iso(pinned.ends)}, and the clock of the Beskedfordeler says {iso(now)}"
            )

    def _check_times(self, token: Token, now: float) -> None:
        if now >= token.not_on_or_after + self._skew:
            raise TokenExpired(
                f"the token expired at {iso(token.not_on_or_after)}: "
                "get a new one from the STS and send the message again",
                about=token.about,
            )
        if now < token.not_before - self._skew:
            raise TokenRefused(
                f"the token is not valid yet: it is valid from {iso(token.not_before)} until "
                f"{iso(token.not_on_or_after)}, and the clock of the Beskedfordeler says {iso(now)}",
                about=token.about,
            )


def _stranger(root: etree._Element, shown: list[bytes] | None) -> str:
    """Why no pinned certificate is worth trying: what the token claims of itself, so that one finds its STS."""
    if shown is None:
        return "no STS is trusted here (setting trust_issuer)"
    prints = ", ".join(sha256(der).hexdigest() for der in shown[:3])
    return (
        f"the token is signed with a certificate that is not trusted here (setting trust_issuer): SHA-256 {prints}; "
        f"it calls its issuer {quoted(root.findtext(saml('Issuer')))}"
    )


def _pin(issuer: Issuer) -> _Pinned:
    try:
        certificate = x509.load_der_x509_certificate(issuer.certificate)
    except (ValueError, x509.InvalidVersion) as error:
        raise ValueError(f"the certificate of the STS cannot be read: {error}") from error
    if not isinstance(certificate.public_key(), rsa.RSAPublicKey):
        raise ValueError("the certificate of the STS has no RSA key, and tokens are signed with rsa-sha256")
    return _Pinned(
        issuer=issuer,
        certificate=certificate,
        config=configuration(certificate),
        begins=certificate.not_valid_before_utc.timestamp(),
        ends=certificate.not_valid_after_utc.timestamp(),
    )
