"""The emulator's STS as a client of its REST variant uses it: mutual TLS, JSON, one token to a request.

Request and answer: SF1514, `POST /runtime/api/rest/wstrust/v1/issue`.
"""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.cluster.ports import HOST
from benchmarks.emulator import Emulator, EmulatorError

_PATH = "/runtime/api/rest/wstrust/v1/issue"
_TRUST = "http://docs.oasis-open.org/ws-sx/ws-trust/200512"
_ASSERTION = "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV2.0"
_TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class Sts:
    """Where it is, and as whom it is asked."""

    port: int
    context: ssl.SSLContext
    certificate: str
    """The client's, base64 of the DER on one line (UseKey)."""
    cvr: str

    @classmethod
    def of(cls, emulator: Emulator, identity: Path, cvr: str) -> Sts:
        """The STS of an emulator, for who has the key and the certificate in the PEM file ``identity``."""
        context = ssl.create_default_context(cafile=emulator.ca)
        context.load_cert_chain(identity)
        return cls(emulator.https_port, context, _certificate(identity.read_text()), cvr)

    def connection(self) -> http.client.HTTPSConnection:
        """One that is not yet open; the first request opens it."""
        return http.client.HTTPSConnection(HOST, self.port, timeout=_TIMEOUT, context=self.context)

    def token(self, audience: str) -> str:
        """One token: the decoded assertion.  Raises OSError, EmulatorError."""
        connection = self.connection()
        try:
            return self.ask(connection, audience)
        finally:
            connection.close()

    def ask(self, connection: http.client.HTTPSConnection, audience: str) -> str:
        """One token over a connection that stays open.  Raises OSError, EmulatorError."""
        connection.request("POST", _PATH, json.dumps(self._request(audience)), {"Content-Type": "application/json"})
        response = connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise EmulatorError(f"the STS answers {response.status}: {body[:500].decode(errors='replace')}")
        return base64.b64decode(json.loads(body)["RequestedSecurityToken"]["Assertion"]).decode()

    def _request(self, audience: str) -> dict[str, Any]:
        return {
            "TokenType": _ASSERTION,
            "RequestType": f"{_TRUST}/Issue",
            "KeyType": f"{_TRUST}/PublicKey",
            "AnvenderKontekst": {"Cvr": self.cvr},
            "UseKey": self.certificate,
            "AppliesTo": {"EndpointReference": {"Address": audience}},
            "OnBehalfOf": None,
        }


def issuing(sts: Sts, audience: str, requests: int) -> dict[str, float | None]:
    """Tokens a second and ms to a token from one client, over one connection and over a new one for each."""
    kept = sts.connection()
    try:
        sts.ask(kept, audience)  # the handshake is not counted
        keeping = _times(lambda: sts.ask(kept, audience), requests)
    finally:
        kept.close()
    anew = _times(lambda: sts.token(audience), requests)
    return {
        "sts_issue_per_s": len(keeping) / sum(keeping),
        "sts_issue_p50_ms": statistics.median(keeping) * 1e3,
        "sts_issue_new_connection_per_s": len(anew) / sum(anew),
        "sts_issue_new_connection_p50_ms": statistics.median(anew) * 1e3,
    }


def _times(once: Callable[[], object], count: int) -> list[float]:
    """Seconds that each of so many calls took."""
    times: list[float] = []
    for _ in range(count):
        begun = time.perf_counter()
        once()
        times.append(time.perf_counter() - begun)
    return times


def _certificate(pem: str) -> str:
    """The certificate of a PEM file that may hold a key too: base64 on one line."""
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    return "".join(pem[pem.index(begin) + len(begin) : pem.index(end)].split())
