"""The programs that a cluster is made of, where Debian puts them or on the PATH."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from adapters.cluster.errors import ClusterError

_RABBITMQ = (Path("/usr/lib/rabbitmq/bin"), Path("/opt/homebrew/sbin"))
"""Debian's /usr/sbin/rabbitmq-server is a wrapper that changes to the user rabbitmq; the scripts behind it do not."""


def rabbitmq() -> Path | None:
    """The folder of rabbitmq-server and rabbitmqctl."""
    for folder in _RABBITMQ:
        if os.access(folder / "rabbitmq-server", os.X_OK):
            return folder
    return _folder_of("rabbitmq-server")


def rabbitmq_version(folder: Path) -> str:
    """Of the RabbitMQ whose scripts lie there, off the folder above; "unknown" where that does not say."""
    home = folder.resolve().parent.name
    return home.rpartition("-")[2] if "-" in home else "unknown"


def epmd() -> Path | None:
    """Erlang's name daemon."""
    found = shutil.which("epmd")
    return Path(found) if found else None


def postgres() -> Path | None:
    """The folder of initdb and postgres, newest version first; that in PG_BIN before all."""
    if named := os.environ.get("PG_BIN"):
        return Path(named)
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else _folder_of("initdb")


def haproxy() -> Path | None:
    """The balancer; Debian has it where only root has a PATH to."""
    found = shutil.which("haproxy", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    return Path(found) if found else None


def beskedfordeler() -> list[str]:
    """The installed console command, beside the interpreter that runs this."""
    installed = Path(sys.executable).with_name("beskedfordeler")
    if installed.exists():
        return [str(installed)]
    return [sys.executable, "-c", "from adapters.cli.main import main; main()"]


def missing(balancer: bool = True) -> list[str]:
    """Debian's names of the packages that have to be installed first."""
    needed = {
        "rabbitmq-server": rabbitmq() and epmd(),
        "postgresql": postgres(),
        "haproxy": haproxy() if balancer else True,
    }
    return [package for package, found in needed.items() if not found]


def require(balancer: bool = True) -> None:
    """Raises ClusterError, naming what to install."""
    if packages := missing(balancer):
        raise ClusterError(
            f"not installed: {', '.join(packages)}; on Debian: apt-get install --no-install-recommends "
            f"{' '.join(packages)} (the programs are enough, no service need run)"
        )


def found(folder: Path | None, package: str) -> Path:
    """Raises ClusterError where it is None."""
    if folder is None:
        raise ClusterError(f"not installed: {package}; on Debian: apt-get install {package}")
    return folder


def _folder_of(program: str) -> Path | None:
    on_path = shutil.which(program)
    return Path(on_path).resolve().parent if on_path else None
