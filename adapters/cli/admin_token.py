"""``admin.token`` in the data directory: what callers of the admin API must show, where it asks for a token."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.cli import runtime
from adapters.cli.exits import Exit, Failure
from broker.errors import StoreError

if TYPE_CHECKING:
    from broker.settings import Settings

NAME = "admin.token"
VARIABLE = "BESKEDFORDELER_ADMIN_TOKEN"
FORM = "16 to 512 visible ASCII characters without spaces"
_USABLE = re.compile(r"[!-~]{16,512}")


def host(settings: Settings) -> str:
    """The address that the admin API is to listen on: loopback unless --admin-host says otherwise."""
    if settings.admin_host is not None:
        return settings.admin_host
    return "::1" if settings.host == "::1" else "127.0.0.1"


def wanted(settings: Settings) -> str | None:
    """The token that callers must show, or None where only this machine can call and no token is given.

    The one given, else the one kept, else a new one, which `keep` has to write down once the data directory is ours.
    Raises Failure where the given one is no token, StoreError where the kept one cannot be read.
    """
    from adapters.rest.access import is_loopback

    if settings.admin_port is None:
        return None
    if settings.admin_token is not None:
        return _checked(settings.admin_token.get_secret_value(), f"--admin-token ({VARIABLE})")
    if is_loopback(host(settings)):
        return None
    return _kept(settings.data) or secrets.token_urlsafe(32)


def keep(data: Path, token: str) -> None:
    """Write it down for the commands and the next start, readable by this user only.  Raises StoreError."""
    try:
        runtime.write_whole(data / NAME, token + "\n", mode=0o600, sync=True)
    except OSError as error:
        raise StoreError(f"{data / NAME}: cannot be written ({error.strerror})") from None


def find(data: Path) -> str | None:
    """The one that is kept there, for a command; None where there is none that this user can read and use."""
    try:
        return _kept(data)
    except StoreError:
        return None


def from_environment() -> str | None:
    """What BESKEDFORDELER_ADMIN_TOKEN says to a command.  Raises Failure where that is no token."""
    given = os.environ.get(VARIABLE, "").strip()
    return _checked(given, VARIABLE) if given else None


def _checked(token: str, source: str) -> str:
    if _USABLE.fullmatch(token):
        return token
    raise Failure(Exit.USAGE, f"{source}: no usable token ({len(token)} characters); a token has {FORM}")


def _kept(data: Path) -> str | None:
    path = data / NAME
    try:
        token = path.read_text(encoding="ascii").strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UnicodeDecodeError:
        token = ""
    except OSError as error:
        raise StoreError(f"{path}: cannot be read ({error.strerror})") from None
    if _USABLE.fullmatch(token):
        return token
    raise StoreError(f"{path}: holds no usable token; delete it, and a new one is made (a token has {FORM})")
