"""One CA and one STS for all fronts: a token of one holds on each, and a client trusts them all at once.

Imported only for ``auth=token``: cryptography takes a tenth of a second to load.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from adapters.cluster.ports import HOST
from adapters.pki import Pki, names_served
from adapters.pki.pki import DIRECTORY
from broker.errors import StoreError


def share(fronts: Sequence[Path]) -> Path:
    """Make CA, STS and server certificate in the first data directory and copy them to the others, where they are
    missing; the CA bundle that clients are to trust.  Raises StoreError."""
    first, *others = fronts
    first.mkdir(mode=0o700, exist_ok=True)
    pki = Pki.open(first)
    pki.server(names_served([HOST], []))
    pki.sts()
    pki.beskedfordeler()
    for data in others:
        if (data / DIRECTORY).exists():
            continue
        try:
            data.mkdir(mode=0o700, exist_ok=True)
            shutil.copytree(first / DIRECTORY, data / DIRECTORY)
        except OSError as error:
            raise StoreError(f"{data / DIRECTORY}: {error.strerror or error}") from None
    return pki.ca_path
