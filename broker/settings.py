"""Settings: one model, from arguments, environment (BESKEDFORDELER_*) and defaults, in that order."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Durability = Literal["full", "relaxed", "memory"]
Auth = Literal["open", "plain", "token"]
MIB = 1024 * 1024
TEN_YEARS = 10 * 365 * 86400
"""Seconds.  Later ends of tokens could not be written."""


def _several(given: Any) -> Any:
    """In the environment several values are written with commas between."""
    return tuple(filter(None, map(str.strip, given.split(",")))) if isinstance(given, str) else given


Texts = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_several)]
Paths = Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_several)]


class Settings(BaseSettings):
    """How one emulator runs.  Port 0 = any free port; None = no such listener."""

    model_config = SettingsConfigDict(env_prefix="BESKEDFORDELER_", frozen=True, allow_inf_nan=False)

    data: Path = Field(default=Path("beskedfordeler-data"), description="Data directory; made where missing.")
    register_file: Path | None = Field(
        default=None, description="Register file (YAML); without one the built-in register."
    )
    register_reset: bool = Field(default=False, description="Let the register file win over changes made at run time.")
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    amqp_port: int | None = Field(default=5672, ge=0, le=65535, description="Plain AMQP.")
    amqps_port: int | None = Field(
        default=None, ge=0, le=65535, description="AMQP over TLS; 5671 with auth=token unless told otherwise."
    )
    https_port: int | None = Field(
        default=None, ge=0, le=65535, description="The STS (HTTPS); 8443 with auth=token unless told otherwise."
    )
    http_port: int | None = Field(
        default=None, ge=0, le=65535, description="VærdilisteRediger (SOAP) without TLS, for local work."
    )
    auth: Auth = Field(
        default="open",
        description="open: any password where the register names none; plain: a password for everyone; token: a token "
        "at every login and with every message sent.",
    )
    tls_cert: Path | None = Field(
        default=None, description="Server certificate chain, PEM; without it one of the development CA."
    )
    tls_key: Path | None = Field(
        default=None, description="Private key, PEM; without it taken from the certificate file."
    )
    san: Texts = Field(
        default=(), description="More names and addresses for the server certificate of the development CA."
    )
    ca_cert: Path | None = Field(
        default=None, description="Certificate of a CA to use instead of one made here, PEM; needs ca_key."
    )
    ca_key: Path | None = Field(default=None, description="Private key of ca_cert, PEM.")
    client_ca: Paths = Field(
        default=(), description="CAs beside the development CA whose client certificates are taken, PEM."
    )
    trust_issuer: Paths = Field(
        default=(), description="Signing certificates of other STSs whose tokens are taken, PEM."
    )
    token_lifetime: float = Field(
        default=8 * 3600, gt=0, le=TEN_YEARS, description="Seconds that a token of our STS is valid."
    )
    token_skew: float = Field(default=60, ge=0, description="Seconds that clocks may differ when a token is judged.")
    push_timeout: float = Field(default=10, gt=0, description="Seconds that a receiver may take to answer a push.")
    push_attempts: int = Field(
        default=20,
        ge=0,
        description="Answers other than 20 after which a pushed message goes to the fejlkø; 0 = no limit. "
        "A receiver that cannot be reached is tried for push_patience.",
    )
    push_patience: float = Field(
        default=0,
        ge=0,
        description="Seconds after which a message that cannot be pushed goes to the fejlkø; 0 = never.",
    )
    push_first_delay: float = Field(
        default=1, gt=0, description="Seconds before a push is tried again; doubled each time."
    )
    push_longest_delay: float = Field(default=60, gt=0, description="Seconds that this may grow to.")
    push_ca: Paths = Field(
        default=(),
        description="CAs of receivers' server certificates, PEM, beside the development CA and the system's.",
    )
    redelivery_limit: int = Field(
        default=0, ge=0, description="Times that a message may come back before it goes to the fejlkø; 0 = no limit."
    )
    admin_host: str | None = Field(
        default=None, description="Address of the admin API; elsewhere than on loopback it asks for admin_token."
    )
    admin_token: SecretStr | None = Field(
        default=None, description="What callers of the admin API must show; made up where needed and not given."
    )
    admin_port: int | None = Field(default=5680, ge=0, le=65535, description="HTTP admin API.")
    rabbitmq: SecretStr | None = Field(
        default=None,
        description="Keep messages in the quorum queues of this RabbitMQ, for any number of fronts: "
        "amqp://USER:PASSWORD@HOST:PORT,HOST:PORT/VHOST; needs database.",
    )
    rabbitmq_prefix: str = Field(
        default="bf", pattern=r"^[A-Za-z0-9_.-]{1,40}$", description="What the names of its queues begin with."
    )
    rabbitmq_patience: float = Field(
        default=30,
        gt=0,
        description="Seconds that a message waits for RabbitMQ or PostgreSQL until its sender is answered 53 "
        "(send it again).",
    )
    database: SecretStr | None = Field(
        default=None,
        description="Keep register and trace in this PostgreSQL, for any number of fronts: "
        "postgresql://USER:PASSWORD@HOST:PORT/DATABASE; needs rabbitmq.",
    )
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

    @model_validator(mode="before")
    @classmethod
    def _ports_of_auth(cls, given: Any) -> Any:
        """One flag switches security on: with it come the listeners that it needs."""
        if isinstance(given, dict) and given.get("auth") == "token":
            return {"amqps_port": 5671, "https_port": 8443, **given}
        return given
