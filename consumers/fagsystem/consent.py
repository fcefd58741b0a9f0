"""R1: confidential letters need the citizen's active samtykke, or a stated hjemmel."""

from __future__ import annotations

from datetime import date

from consumers.standards.blocks import Samtykke, Samtykkestatus
from consumers.standards.letters import Brev
from consumers.standards.standard import Standard


def missing(standard: Standard, samtykke: Samtykke | None, hjemmel: str | None, today: date) -> str | None:
    """Why a letter of this standard may not be sent; None where it may."""
    if not standard.facts.fortrolig or hjemmel:
        return None
    if samtykke is None:
        return f"{standard.navn} needs the citizen's samtykke or a stated hjemmel; there is neither"
    if samtykke.status is not Samtykkestatus.AKTIV:
        return f"{standard.navn} needs an active samtykke; it is {samtykke.status}, and no hjemmel is stated"
    if samtykke.gyldig_til is not None and samtykke.gyldig_til < today:
        return f"{standard.navn} needs an active samtykke; it held until {samtykke.gyldig_til}, no hjemmel is stated"
    return None


def missing_in(brev: Brev, today: date) -> str | None:
    """The same of a letter as it is."""
    return missing(brev.standard, brev.samtykke, brev.hjemmel, today)
