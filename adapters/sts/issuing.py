"""Who gets a token: the certificate says who asks, the register whether they may (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from adapters.sts.assertion import Claims
from adapters.sts.names import KEY_TYPE, REQUEST_TYPE, TOKEN_TYPE
from adapters.sts.refusals import Kind, TokenDenied
from adapters.sts.text import not_xml
from broker.catalogue import Catalogue
from broker.clock import iso
from broker.core.model import ALLE, Anvendersystem, Service, Serviceaftale
from broker.tokens import AFSEND, MODTAG, service_of
from broker.tokens.certificate import describe

_ROLE = "http://entityid.example/roles/servicesystemrole/bfo_{service}/1"
"""The role that a token gives (ours, synthetic: the real ones are not public)."""
_KLE = "http://sts.kombit.dk/constraints/KLE/1"
_FOELSOMHED = "http://sts.kombit.dk/constraints/foelsomhed/1"
_LISTS = {Service.AFSEND: "afsendende_myndigheder", Service.MODTAG: "tilladte_myndigheder"}
"""Which list of a serviceaftale says for whom its system may act."""


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What was asked for, by REST or by SOAP; None = not said."""

    certificate: x509.Certificate
    """What the asker proved to hold the key of."""
    audience: str | None
    cvr: str | None
    use_key: bytes | None
    """DER of the certificate that the token is to be bound to; None = that of the asker."""
    token_type: str | None = None
    request_type: str | None = None
    key_type: str | None = None
    on_behalf_of: bool = False
    expires: float | None = None
    """Lifetime: no later than this (seconds since the epoch)."""


def grant(request: TokenRequest, catalogue: Catalogue, now: float, issuer: str, lifetime: float) -> Claims:
    """What the token is to say.  ``lifetime`` is in seconds.  Raises TokenDenied."""
    system = _system(request.certificate, catalogue)
    _check_wishes(request)
    audience, service = _service(request.audience)
    cvr = _myndighed(request.cvr, catalogue)
    aftale = _aftale(catalogue.content.serviceaftaler.values(), system, service, cvr, now)
    return Claims(
        issuer=issuer,
        audience=audience,
        cvr=cvr,
        holder=request.certificate,
        not_before=now,
        not_on_or_after=_end(request.expires, now, lifetime),
        issued=now,
        privileges=(_ROLE.format(service=service.value),),
        constraints=_constraints(aftale),
    )


def _system(certificate: x509.Certificate, catalogue: Catalogue) -> Anvendersystem:
    try:
        described = describe(certificate)
    except ValueError as error:
        raise TokenDenied(Kind.UNKNOWN_CERTIFICATE, str(error)) from None
    serienummer = described.serienummer
    if problem := not_xml(described.subject):
        raise TokenDenied(Kind.UNKNOWN_CERTIFICATE, f"the certificate's subject {problem}")
    system = catalogue.system_by_serienummer(serienummer)
    if system is None:
        raise TokenDenied(
            Kind.UNKNOWN_CERTIFICATE,
            f"the certificate ({serienummer[:80]}) belongs to no anvendersystem in the register: set "
            "anvendersystemer[].certifikat to that, or use the certificate that `beskedfordeler certs export SYSTEM` "
            "gives",
        )
    return system


def _check_wishes(request: TokenRequest) -> None:
    if request.use_key is not None and request.use_key != request.certificate.public_bytes(Encoding.DER):
        raise TokenDenied(
            Kind.USE_KEY,
            "UseKey is not the certificate that the request was made with: a token is issued to the holder of its key "
            "only; send the same certificate in both places",
        )
    if request.on_behalf_of:
        raise TokenDenied(Kind.UNSUPPORTED, "OnBehalfOf is not supported: leave it out, or null")
    if request.request_type is None:
        raise TokenDenied(Kind.BAD_REQUEST, f"RequestType is missing; expected {REQUEST_TYPE}")
    for name, asked, supported in (
        ("RequestType", request.request_type, REQUEST_TYPE),
        ("TokenType", request.token_type, TOKEN_TYPE),
        ("KeyType", request.key_type, KEY_TYPE),
    ):
        if asked is not None and asked != supported:
            raise TokenDenied(Kind.UNSUPPORTED, f"{name} '{asked[:120]}' is not supported; expected {supported}")


def _service(audience: str | None) -> tuple[str, Service]:
    if not audience:
        raise TokenDenied(
            Kind.BAD_REQUEST, f"AppliesTo.EndpointReference.Address is missing; expected {AFSEND} or {MODTAG}"
        )
    service = service_of(audience)
    if service is None:
        raise TokenDenied(
            Kind.UNKNOWN_APPLIES_TO,
            f"AppliesTo '{audience[:120]}' is no service of this Beskedfordeler; expected {AFSEND} or {MODTAG}",
        )
    return audience, service


def _myndighed(cvr: str | None, catalogue: Catalogue) -> str:
    if not cvr:
        raise TokenDenied(Kind.BAD_REQUEST, "the CVR number is missing: AnvenderKontekst.Cvr (REST), Claims (SOAP)")
    if cvr not in catalogue.content.myndigheder:
        raise TokenDenied(
            Kind.UNKNOWN_CVR,
            f"no myndighed with the CVR number '{cvr[:20]}' in the register: add it (myndigheder[].cvr), or ask for "
            "another",
        )
    return cvr


def _aftale(
    aftaler: Iterable[Serviceaftale], system: Anvendersystem, service: Service, cvr: str, now: float
) -> Serviceaftale:
    """One that lets the system act for ``cvr`` now: in force, approved, and the myndighed in its list (ours)."""
    own = [aftale for aftale in aftaler if aftale.anvendersystem == system.id and aftale.service is service]
    who = f"anvendersystem '{system.navn}' ({system.id})"
    if not own:
        raise TokenDenied(
            Kind.NO_SERVICEAFTALE,
            f"{who} has no serviceaftale about '{service.value}': add one to the register (serviceaftaler[])",
        )
    field = _LISTS[service]
    naming = [aftale for aftale in own if not {ALLE, cvr}.isdisjoint(getattr(aftale, field))]
    if not naming:
        raise TokenDenied(
            Kind.NO_SERVICEAFTALE,
            f"no serviceaftale about '{service.value}' lets {who} act for CVR {cvr}: add {cvr} to "
            f"serviceaftaler[].{field} of {', '.join(aftale.id for aftale in own[:3])}",
        )
    problems = [(aftale, _not_in_force(aftale, now)) for aftale in naming]
    if standing := next((aftale for aftale, problem in problems if problem is None), None):
        return standing
    told = "; ".join(f"{aftale.id} {problem}" for aftale, problem in problems[:3])
    raise TokenDenied(
        Kind.SERVICEAFTALE_NOT_IN_FORCE,
        f"the serviceaftale about '{service.value}' that would let {who} act for CVR {cvr} is not in force: {told}",
    )


def _not_in_force(aftale: Serviceaftale, now: float) -> str | None:
    if not aftale.godkendt:
        return "is not approved (serviceaftaler[].godkendt)"
    if aftale.gyldig_fra is not None and now < aftale.gyldig_fra:
        return f"is valid from {iso(aftale.gyldig_fra)} (serviceaftaler[].gyldig_fra)"
    if aftale.gyldig_til is not None and now >= aftale.gyldig_til:
        return f"was valid until {iso(aftale.gyldig_til)} (serviceaftaler[].gyldig_til)"
    return None


def _end(asked: float | None, now: float, lifetime: float) -> float:
    if asked is None:
        return now + lifetime
    if asked <= now:
        raise TokenDenied(Kind.TIME_RANGE, f"Lifetime ends at {iso(asked)}, which is past: it is {iso(now)} here")
    return min(asked, now + lifetime)


def _constraints(aftale: Serviceaftale) -> tuple[tuple[str, str], ...]:
    """The limits of the agreement that have public constraint ids."""
    return (
        *((_KLE, pattern) for pattern in aftale.forvaltningsomraader),
        *((_FOELSOMHED, value) for value in aftale.foelsomheder if value != ALLE),
    )
