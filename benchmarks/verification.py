"""What it costs to judge a token: one never seen before, and one that is known."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from adapters.pki import Pki
from adapters.sts.assertion import Claims, Signer, build
from benchmarks import register
from broker.tokens import AFSEND
from broker.tokens.verifier import Issuer, Verifier

ISSUER = "https://saml.bench.example/runtime"
_LIFETIME = 8 * 3600.0
_KNOWN = 2_000


def verification(folder: Path, count: int) -> dict[str, float | None]:
    """Median and 99th percentile of `Verifier.verify` for ``count`` new tokens; medians for those seen before.

    ``token_known_us``: as from one sender, the same token again and again; ``token_known_of_many_us``: as from as
    many senders, each with its own in turn.

    ``folder`` gets the keys that the tokens are signed with.  The first few are not counted: what they cost is
    the first use of the libraries.
    """
    pki = Pki.open(folder)
    signing = pki.sts()
    tokens = _tokens(pki, count + 5)
    verifier = Verifier([Issuer(signing.certificate.public_bytes(Encoding.DER), ISSUER)])
    first = [_seconds(verifier, token) for token in tokens][5:]
    known = [_seconds(verifier, _arrived(tokens[-1])) for _ in range(_KNOWN)]
    many = [_seconds(verifier, _arrived(tokens[number % len(tokens)])) for number in range(_KNOWN)]
    return {
        "token_octets": float(len(tokens[-1])),
        "token_first_verification_ms": statistics.median(first) * 1e3,
        "token_first_verification_p99_ms": sorted(first)[int(len(first) * 0.99)] * 1e3,
        "token_known_us": statistics.median(known) * 1e6,
        "token_known_of_many_us": statistics.median(many) * 1e6,
    }


def _tokens(pki: Pki, count: int) -> list[bytes]:
    signing = pki.sts()
    signer = Signer(signing.key, signing.certificate)
    now = time.time()
    claims = Claims(
        issuer=ISSUER,
        audience=AFSEND,
        cvr=str(register.KOMMUNE),
        holder=pki.system(register.SENDING, "Testkommune (syntetisk)").certificate,
        not_before=now,
        not_on_or_after=now + _LIFETIME,
        issued=now,
    )
    return [signer.sign(build(claims)) for _ in range(count)]


def _arrived(token: bytes) -> bytes:
    """The same octets as a new object, as off a socket: nobody has asked for its hash yet."""
    return bytes(bytearray(token))


def _seconds(verifier: Verifier, token: bytes) -> float:
    """One judgement."""
    now = time.time()
    begun = time.perf_counter()
    verifier.verify(token, now)
    return time.perf_counter() - begun
