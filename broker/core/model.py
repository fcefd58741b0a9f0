"""What the register holds: frozen values, one class per noun.

All identifiers are canonical (lower-case UUIDs; CVR numbers as eight digits).  Times are seconds since
the epoch (UTC) or None.  The shapes of Serviceaftale follow the public pages on SF1461/SF1462; what is
ours is marked (ours).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

ALLE = "*"
"""Stands for "any value" in a Serviceaftale."""


@dataclass(frozen=True, slots=True)
class Myndighed:
    """A public authority, known by its CVR number (eight digits)."""

    cvr: str
    navn: str


@dataclass(frozen=True, slots=True)
class Anvendersystem:
    """An IT system that sends or fetches.

    ``adgangskode`` (ours): the password for SASL PLAIN and AMQPLAIN; None = any password is taken, for local work.
    ``certifikat``: SERIALNUMBER in the subject of its function certificate; None = as `serienummer` makes it.
    """

    id: str
    navn: str
    cvr: str
    adgangskode: str | None = None
    certifikat: str | None = None

    @property
    def serienummer(self) -> str:
        """By which its certificate is known: ``CVR:…-FID:…`` (OCES), the FID made of the id where none is given."""
        return self.certifikat or f"CVR:{self.cvr}-FID:{UUID(self.id).int % 10**13:013d}"


@dataclass(frozen=True, slots=True)
class Beskedtype:
    """A kind of message, by UUID."""

    id: str
    navn: str


class Service(StrEnum):
    """Which of the two services an agreement is about (SF1462 BeskedAfsend, SF1461 BeskedModtag)."""

    AFSEND = "afsend"
    MODTAG = "modtag"


@dataclass(frozen=True, slots=True)
class Serviceaftale:
    """An agreement that lets one system send or receive; ALLE ("*") in a tuple means any.

    ``forvaltningsomraader`` are KLE patterns as ``27.*`` or ``*``.  ``tilladte_myndigheder`` and
    ``afsendende_myndigheder`` are CVR numbers.  ``modtagende_dueslag`` (ours) are those that an agreement on
    receiving is about: version 2.0 takes effect per dueslag.
    """

    id: str
    anvendersystem: str
    service: Service
    version: str = "1.0"
    beskedtyper: tuple[str, ...] = (ALLE,)
    foelsomheder: tuple[str, ...] = (ALLE,)
    forvaltningsomraader: tuple[str, ...] = (ALLE,)
    afsendende_myndigheder: tuple[str, ...] = (ALLE,)
    tilladte_myndigheder: tuple[str, ...] = (ALLE,)
    gyldig_fra: float | None = None
    gyldig_til: float | None = None
    godkendt: bool = True
    modtagende_dueslag: tuple[str, ...] = (ALLE,)


@dataclass(frozen=True, slots=True)
class Dueslag:
    """A mailbox of one anvendersystem; its id is the AMQP queue name.

    ``callback``: URL that what comes is pushed to (SF1461 BeskedFåTilsendt); None = it is fetched only.
    """

    id: str
    navn: str
    anvendersystem: str
    callback: str | None = None


class Tilstand(StrEnum):
    """Whether an abonnement puts messages into its dueslag (ours: the public text only says start and stop)."""

    AKTIV = "aktiv"
    STOPPET = "stoppet"
    PAUSE = "pause"
    """Matches are kept back, and flow when the abonnement is resumed."""


@dataclass(frozen=True, slots=True)
class Abonnement:
    """A subscription: messages that ``filter`` accepts go to ``dueslag``.  An empty filter accepts all."""

    id: str
    navn: str
    dueslag: str
    filter: str = ""
    tilstand: Tilstand = Tilstand.AKTIV
    gyldig_fra: float | None = None
    gyldig_til: float | None = None

    def gaelder(self, tid: float) -> bool:
        """Whether ``tid`` lies in the validity period [gyldig_fra, gyldig_til)."""
        return (self.gyldig_fra is None or tid >= self.gyldig_fra) and (
            self.gyldig_til is None or tid < self.gyldig_til
        )


class Livscyklus(StrEnum):
    """LivscyklusKode (urn:oio:sagdok:3.0.0)."""

    OPSTAAET = "Opstaaet"
    IMPORTERET = "Importeret"
    PASSIVERET = "Passiveret"
    SLETTET = "Slettet"
    RETTET = "Rettet"


@dataclass(frozen=True, slots=True)
class Registrering:
    """What VærdilisteRediger says about a list beside its name and values: Registrering, Egenskab, Virkning.

    Times are seconds since the epoch; ``virkning_fra`` and ``virkning_til`` None = not stated.
    """

    tidspunkt: float
    livscyklus: Livscyklus
    bruger: str | None = None
    """BrugerRef: the anvendersystem that registered it, a UUID."""
    note: str = ""
    noegle: str = ""
    """BrugervendtNoegleTekst."""
    virkning_fra: float | None = None
    virkning_til: float | None = None
    aktoer: str | None = None
    """AktoerRef: a UUID or URN."""
    aktoer_type: str | None = None
    virkning_note: str = ""


@dataclass(frozen=True, slots=True)
class Vaerdiliste:
    """The head of a named list of values of one anvendersystem; the values are held apart, as they may be 100,000s.

    ``registrering``: None = it was made without VærdilisteRediger.  A passive list (Passiveret) holds nothing for
    filters (ours).
    """

    id: str
    navn: str
    anvendersystem: str
    registrering: Registrering | None = None
