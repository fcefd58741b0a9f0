"""An emulator with `--auth=token`, and what a vendor gets before the first message: trust, certificates, tokens.

Everything comes the way a vendor gets it: certificates by `beskedfordeler certs export`, tokens from the STS over
mutual TLS or, for a tester's faulty ones, by `beskedfordeler token`.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from broker.tokens import AFSEND, MODTAG
from tests.interop import samples
from tests.support.emulator import Emulator, command, running

CVR = "99999999"
"""The myndighed of `SENDER` and `RECEIVER`, and of KOMBIT's sample message."""
SENDER, RECEIVER, DUESLAG = samples.SENDER, samples.TEST_RECEIVER, samples.TEST_DUESLAG
OTHER_SENDER = "TestAnvenderSystem"
"""Of the same myndighed; may send as well."""
P12_PASSWORD = "hemmelig-p12"
ARGUMENTS = ("--auth=token", "--amqps-port", "0", "--https-port", "0", "--token-skew", "0")

_TRUST = "http://docs.oasis-open.org/ws-sx/ws-trust/200512"
_SAML_TOKEN = "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV2.0"


@dataclass(slots=True)
class TokenWorld:
    """The emulator, and a directory where its vendors keep what they were given."""

    emulator: Emulator
    directory: Path
    _tokens: dict[tuple[str, ...], bytes] = field(default_factory=dict)

    @property
    def ca(self) -> Path:
        """What clients trust, by `certs export --format ca`."""
        return self._exported("ca.pem", "--format", "ca")

    def pem(self, system: str) -> Path:
        """Key and function certificate of a system in one file, as the public Python client wants them."""
        return self._exported(f"{system}.pem", system, "--format", "pem")

    def p12(self, system: str) -> Path:
        """The same as PKCS#12, as Java and .NET want it; the password is `P12_PASSWORD`."""
        return self._exported(f"{system}.p12", system, "--format", "p12", "--password", P12_PASSWORD)

    def certificate(self, system: str) -> x509.Certificate:
        """The function certificate of a system."""
        return x509.load_pem_x509_certificate(self.pem(system).read_bytes())

    def serial(self, system: str) -> str:
        """The number of that certificate, as the trace has it."""
        return str(self.certificate(system).serial_number)

    def token(self, system: str, *options: str) -> bytes:
        """`beskedfordeler token SYSTEM …`: a decoded assertion; the same one for the same words."""
        key = (system, *options)
        if key not in self._tokens:
            self._tokens[key] = self._run("token", *key).strip()
        return self._tokens[key]

    def afsend(self, system: str = SENDER) -> bytes:
        """A good token for sending, from the STS."""
        return self._good(system, AFSEND)

    def modtag(self, system: str = RECEIVER) -> bytes:
        """A good token for fetching, from the STS."""
        return self._good(system, MODTAG)

    def _good(self, system: str, entity_id: str) -> bytes:
        key = (system, entity_id)
        if key not in self._tokens:
            self._tokens[key] = self.rest_token(CVR, self.pem(system), entity_id)
        return self._tokens[key]

    def rest_token(self, cvr: str, pem: Path, entity_id: str) -> bytes:
        """The decoded assertion, asked for and read as the public Python client does it."""
        payload: dict[str, object] = {
            "TokenType": _SAML_TOKEN,
            "RequestType": f"{_TRUST}/Issue",
            "KeyType": f"{_TRUST}/PublicKey",
            "AnvenderKontekst": {"Cvr": cvr},
            "UseKey": _one_line(pem),
            "AppliesTo": {"EndpointReference": {"Address": entity_id}},
            "OnBehalfOf": None,
        }
        answer = self._post("/runtime/api/rest/wstrust/v1/issue", payload, pem)
        assert datetime.strptime(answer["Lifetime"], "%m/%d/%Y %H:%M:%S") > datetime.now()
        return base64.b64decode(answer["RequestedSecurityToken"]["Assertion"], validate=True)

    def context(self, pem: Path | None = None) -> ssl.SSLContext:
        """TLS as a client sets it up: the exported CA, names verified; ``pem`` = the client certificate presented."""
        context = ssl.create_default_context(cafile=str(self.ca))
        if pem is not None:
            context.load_cert_chain(pem)
        return context

    def spor(self, **query: str) -> list[dict[str, Any]]:
        """The trace, oldest first."""
        terms = "&".join(f"{name}={value}" for name, value in query.items())
        records: list[dict[str, Any]] = self.emulator.admin.request("GET", f"/spor?{terms}")
        return records

    def the_one(self, what: str) -> dict[str, Any]:
        """The only record of this kind."""
        records = self.spor(what=what)
        assert len(records) == 1, records
        return records[0]

    def _post(self, path: str, payload: dict[str, object], pem: Path) -> Any:
        connection = http.client.HTTPSConnection(
            "localhost", self.emulator.https_port, context=self.context(pem), timeout=10
        )
        try:
            connection.request("POST", path, json.dumps(payload).encode(), {"Content-Type": "application/json"})
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        assert response.status == 200, content
        return json.loads(content)

    def _exported(self, name: str, *arguments: str) -> Path:
        path = self.directory / name
        if not path.exists():
            self._run("certs", "export", *arguments, "--out", str(path))
        return path

    def _run(self, *arguments: str) -> bytes:
        """What one command prints; it must do."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("BESKEDFORDELER_")}
        done = subprocess.run(
            [*command(), *arguments, "--data", str(self.emulator.data)],
            capture_output=True,
            timeout=60,
            check=False,
            env=environment,
        )
        assert done.returncode == 0, (arguments, done.stdout[-2000:], done.stderr[-2000:])
        return done.stdout


def _one_line(pem: Path) -> str:
    """The first certificate of a file, as UseKey has it."""
    certificate = x509.load_pem_x509_certificate(pem.read_bytes())
    return "".join(certificate.public_bytes(Encoding.PEM).decode().splitlines()[1:-1])


@contextmanager
def token_world(directory: Path, *arguments: str) -> Iterator[TokenWorld]:
    """An emulator of its own with ``--auth=token`` and the built-in register; ``arguments`` go to `serve` as well."""
    vendors = directory / "leverandoer"
    vendors.mkdir()
    with running(directory / "data", *ARGUMENTS, *arguments) as emulator:
        yield TokenWorld(emulator, vendors)


@pytest.fixture(scope="session")
def token_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TokenWorld]:
    """One for all tests that take it."""
    with token_world(tmp_path_factory.mktemp("token")) as world:
        yield world


@pytest.fixture
def no_messages(token_emulator: TokenWorld) -> None:
    """The test begins with no messages and no trace."""
    token_emulator.emulator.admin.request("POST", "/reset")
