"""Settings: one model, from arguments, environment (BESKEDFORDELER_*) and defaults, in that order."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

Durability = Literal["full", "relaxed", "memory"]
MIB = 1024 * 1024


class Settings(BaseSettings):
    """How one emulator runs.  Port 0 = any free port; None = no such listener."""

    model_config = SettingsConfigDict(env_prefix="BESKEDFORDELER_", frozen=True)

    data: Path = Field(default=Path("beskedfordeler-data"), description="Data directory; made where missing.")
    register_file: Path | None = Field(
        default=None, description="Register file (YAML); without one the built-in register."
    )
    register_reset: bool = Field(default=False, description="Let the register file win over changes made at run time.")
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    amqp_port: int | None = Field(default=5672, ge=0, le=65535, description="Plain AMQP.")
    amqps_port: int | None = Field(default=None, ge=0, le=65535, description="AMQP over TLS; needs a certificate.")
    tls_cert: Path | None = Field(default=None, description="Server certificate chain, PEM.")
    tls_key: Path | None = Field(
        default=None, description="Private key, PEM; without it taken from the certificate file."
    )
    admin_port: int | None = Field(default=5680, ge=0, le=65535, description="HTTP admin API; loopback only.")
    durability: Durability = Field(
        default="full",
        description="full: on disk before it is answered; relaxed: may lose the last moments when the machine (not "
        "the emulator) dies; memory: nothing is kept.",
    )
    max_body: int = Field(default=128 * MIB, ge=1024, description="Bytes of the largest message taken.")
    memory_limit: int = Field(default=64 * MIB, ge=MIB, description="Bytes of queued messages held in memory.")
    retention: float = Field(default=0, ge=0, description="Seconds that settled messages are kept.")
    min_free_disk: int = Field(
        default=50 * MIB, ge=0, description="Bytes of free disk below which senders are blocked."
    )
    max_store: int | None = Field(default=None, ge=MIB, description="Bytes that the message store may grow to.")
    trace_records: int = Field(default=1_000_000, ge=0, description="Records that the trace keeps.")
    heartbeat: int = Field(default=60, ge=0, le=65535, description="Seconds, as proposed to AMQP clients; 0 = off.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least severe log lines."
    )
