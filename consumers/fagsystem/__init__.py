"""Simulated parties: a myndighed and a tilbud, each with a database of its own and nothing shared but letters."""

from consumers.fagsystem.calendar import Calendar, ScaledCalendar, SteppedCalendar
from consumers.fagsystem.citizen import Citizen
from consumers.fagsystem.errors import NotAllowed, StoreInUse
from consumers.fagsystem.events import Event, Kind
from consumers.fagsystem.journal import JournalEntry, Outcome, Retning
from consumers.fagsystem.myndighed import Myndighed
from consumers.fagsystem.profile import PROFILES, Profile
from consumers.fagsystem.receiving import PushEndpoint
from consumers.fagsystem.sagsgang import Sagsgang
from consumers.fagsystem.store import Store
from consumers.fagsystem.tilbud import Tilbud

__all__ = [
    "PROFILES",
    "Calendar",
    "Citizen",
    "Event",
    "JournalEntry",
    "Kind",
    "Myndighed",
    "NotAllowed",
    "Outcome",
    "Profile",
    "PushEndpoint",
    "Retning",
    "Sagsgang",
    "ScaledCalendar",
    "SteppedCalendar",
    "Store",
    "StoreInUse",
    "Tilbud",
]
