"""What one letter does: applied with a new view, held, or refused, each by a rule."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar

from consumers.forloeb.forloeb import Aendring, AnmodningStand, BestillingStand, Forloeb, MatchForespoergsel, Trin
from consumers.forloeb.regler import Regel
from consumers.forloeb.tilstand import Retning, Tilstand
from consumers.standards.letters import Brev
from consumers.standards.standard import Rolle


@dataclass(frozen=True, slots=True)
class Post:
    """How a letter came: sent or received, by which side, on which day."""

    retning: Retning
    rolle: Rolle
    """The side that wrote it."""
    dag: date

    @property
    def sendt(self) -> bool:
        return self.retning is Retning.SENDT


@dataclass(frozen=True, slots=True)
class Skridt:
    """A rule with its reason; ``forloeb`` is the new view where the letter is applied, else None."""

    regel: Regel
    grund: str
    forloeb: Forloeb | None = None


def uden(regel: Regel, detail: str = "") -> Skridt:
    """Held or refused."""
    return Skridt(regel, reason(regel, detail))


def reason(regel: Regel, detail: str = "") -> str:
    """ "H1: the letter that it answers has not come (…)"."""
    return f"{regel}: {regel.tekst}" + (f" ({detail})" if detail else "")


def anvend(
    forloeb: Forloeb,
    brev: Brev,
    post: Post,
    regel: Regel,
    *,
    til: Tilstand | None = None,
    note: str = "",
    **aendret: Any,
) -> Skridt:
    """Applied: the fields changed, and the step in the history."""
    tilstand = til or forloeb.tilstand
    trin = Trin(
        post.dag,
        regel,
        forloeb.tilstand,
        tilstand,
        brev.standard,
        brev.besked_id,
        brev.afsender.organisation_id,
        note,
    )
    ny = replace(forloeb, tilstand=tilstand, historik=(*forloeb.historik, trin), **aendret)
    return Skridt(regel, reason(regel, note), ny)


Raekke = TypeVar("Raekke", bound=MatchForespoergsel | BestillingStand | AnmodningStand | Aendring)


def put(rows: tuple[Raekke, ...], *new: Raekke) -> tuple[Raekke, ...]:
    """``rows`` with ``new``, by time."""
    return tuple(sorted((*rows, *new), key=_order))


def swap(rows: tuple[Raekke, ...], old: Raekke, new: Raekke) -> tuple[Raekke, ...]:
    """``rows`` with ``new`` where ``old`` was."""
    return tuple(new if row is old else row for row in rows)


def _order(row: MatchForespoergsel | BestillingStand | AnmodningStand | Aendring) -> tuple[Any, ...]:
    return row.tidspunkt, row.besked_id, row.tilbud if isinstance(row, MatchForespoergsel) else ""


def besvaret(forloeb: Forloeb, brev: Brev) -> Skridt | None:
    """H1 or A6 where the letter answers one that is unknown, or of a kind that it may not answer; else None."""
    if (svarer := brev.besvarer_besked_id) is None:
        if not brev.standard.facts.skal_besvare:
            return None
        return uden(Regel.A6, "besvarerBeskedId is missing")
    trin = next((trin for trin in forloeb.historik if trin.besked_id == svarer), None)
    if trin is None or trin.standard is None:
        return uden(Regel.H1, f"BeskedId {svarer}")
    if trin.standard not in brev.standard.facts.besvarer:
        return uden(Regel.A6, f"{svarer} is a {trin.standard}")
    return None


def overhalet(forloeb: Forloeb, brev: Brev) -> bool:
    """Whether the myndighed sent, after this letter of its, another that has moved the state (L1)."""
    return forloeb.bevaeget is not None and brev.data_tidspunkt < forloeb.bevaeget
