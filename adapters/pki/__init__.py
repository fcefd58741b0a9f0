"""The development CA and what it issues: the certificates in ``<data>/certs``.

Synthetic throughout: nothing here is an OCES certificate, it only looks like one.  An emulator without TLS must not
import this package: it loads cryptography.
"""

from adapters.pki.context import server_context
from adapters.pki.identity import Identity
from adapters.pki.names import names_served
from adapters.pki.pki import Pki

__all__ = ["Identity", "Pki", "names_served", "server_context"]
