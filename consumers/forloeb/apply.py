"""One letter, sent or received, and all that it sets free."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from consumers.forloeb import aendringer, matching, ordering, status
from consumers.forloeb.admission import admit, recipient_fits
from consumers.forloeb.allowed import allowed
from consumers.forloeb.dage import FRISTER, Frister, day, woken
from consumers.forloeb.forloeb import Forloeb, HoldtBrev
from consumers.forloeb.regler import Regel
from consumers.forloeb.skridt import Post, Skridt, reason, uden
from consumers.forloeb.tilstand import Hvad, Retning
from consumers.standards.letters import Brev
from consumers.standards.standard import Rolle, Standard


@dataclass(frozen=True, slots=True)
class Udfald:
    """What became of a letter.

    ``anvendte``: this letter, where it was applied, then the held ones that it set free, in the order in which they
    were applied.  ``overhalede``: BeskedIds of those among them that a later letter had overtaken: noted, but nothing
    is to be done about them.  ``afviste``: letters that had been held and are now refused, with reasons.
    """

    hvad: Hvad
    regel: Regel
    grund: str
    forloeb: Forloeb
    anvendte: tuple[Brev, ...] = ()
    overhalede: tuple[str, ...] = ()
    afviste: tuple[tuple[Brev, str], ...] = ()


_TAKE: dict[Standard, Callable[[Forloeb, Any, Post], Skridt]] = {
    Standard.MATCH: matching.take_match,
    Standard.SVAR_MATCH: matching.take_svar,
    Standard.BESTILLING: ordering.take_bestilling,
    Standard.SVAR_BESTILLING: ordering.take_svar,
    Standard.ANMODNING: status.take_anmodning,
    Standard.STATUSNOTAT: status.take_statusnotat,
    Standard.OPFOELGNING: status.take_opfoelgning,
    Standard.MARKANT_AENDRING: aendringer.take_aendring,
    Standard.KVITTERING: aendringer.take_kvittering,
}
_LATE = frozenset({Regel.L1, Regel.L2, Regel.L3})


def apply(
    forloeb: Forloeb | None, brev: Brev, *, egen: str, side: Rolle, today: date, frister: Frister = FRISTER
) -> Udfald:
    """``brev`` applied to ``forloeb`` (None: the first letter of it that ``egen``, on ``side``, sees).

    A letter whose sender is ``egen`` is one that it wants to send: it is applied or refused, never held, and a refusal
    leaves ``forloeb`` as it was, because then nothing is sent.  A received one that is refused is remembered as seen.
    Never raises for what a letter says.
    """
    egen = egen.lower()
    if forloeb is None:
        forloeb = Forloeb(brev.forloebs_id, side, egen)
    if brev.besked_id in forloeb.kendte:
        return Udfald(Hvad.KENDT, Regel.K1, reason(Regel.K1), forloeb)
    forloeb = day(forloeb, today)
    if brev.afsender.organisation_id == egen:
        return _send(forloeb, brev, today)
    return _receive(forloeb, brev, today, frister)


def _send(forloeb: Forloeb, brev: Brev, today: date) -> Udfald:
    skridt = _sent(forloeb, brev, Post(Retning.SENDT, forloeb.side, today))
    if skridt.forloeb is None:
        return Udfald(Hvad.AFVIST, skridt.regel, skridt.grund, forloeb)
    return _released(_noted(skridt.forloeb, brev, today), brev, skridt, today)


def _sent(forloeb: Forloeb, brev: Brev, post: Post) -> Skridt:
    if fejl := admit(forloeb, brev, post):
        return fejl
    if brev.standard not in allowed(forloeb):
        return uden(Regel.S1, f"{brev.standard} in {forloeb.tilstand}")
    if forloeb.egen_seneste is not None and brev.data_tidspunkt <= forloeb.egen_seneste:
        return uden(Regel.S2)
    if fejl := recipient_fits(forloeb, brev):
        return fejl
    return _TAKE[brev.standard](forloeb, brev, post)


def _receive(forloeb: Forloeb, brev: Brev, today: date, frister: Frister) -> Udfald:
    skridt = _received(forloeb, brev, today)
    if skridt.forloeb is not None:
        return _released(_noted(skridt.forloeb, brev, today), brev, skridt, today)
    if skridt.regel.hvad is Hvad.HOLDT and len(forloeb.holdte) >= frister.holdte_breve:
        skridt = uden(Regel.A8, skridt.grund)
    forloeb = replace(forloeb, kendte=forloeb.kendte | {brev.besked_id})
    if skridt.regel.hvad is Hvad.HOLDT:
        holdt = HoldtBrev(brev, skridt.regel, skridt.grund, today)
        rows = sorted((*forloeb.holdte, holdt), key=lambda row: (row.brev.data_tidspunkt, row.brev.besked_id))
        forloeb = replace(forloeb, holdte=tuple(rows))
    return Udfald(skridt.regel.hvad, skridt.regel, skridt.grund, forloeb)


def _received(forloeb: Forloeb, brev: Brev, today: date) -> Skridt:
    rolle = Rolle.UDFOERER if forloeb.side is Rolle.MYNDIGHED else Rolle.MYNDIGHED
    post = Post(Retning.MODTAGET, rolle, today)
    if fejl := admit(forloeb, brev, post):
        return fejl
    return _TAKE[brev.standard](woken(forloeb), brev, post)


def _noted(forloeb: Forloeb, brev: Brev, today: date) -> Forloeb:
    """What every applied letter leaves: its id, its day, and, the first one, the case and its myndighed."""
    sag = brev.sagsreference
    own = brev.afsender.organisation_id == forloeb.egen
    myndighed = forloeb.egen if forloeb.side is Rolle.MYNDIGHED else brev.afsender.organisation_id
    return replace(
        forloeb,
        kendte=forloeb.kendte | {brev.besked_id},
        sidst=today,
        myndighed=forloeb.myndighed or myndighed,
        sagsnummer=forloeb.sagsnummer or sag.sagsnummer,
        sag_id=forloeb.sag_id or sag.sag_id,
        egen_seneste=brev.data_tidspunkt if own else forloeb.egen_seneste,
    )


def _released(forloeb: Forloeb, brev: Brev, skridt: Skridt, today: date) -> Udfald:
    """Held letters that have become possible, the oldest first, until none is left that has."""
    anvendte, afviste = [brev], list[tuple[Brev, str]]()
    overhalede = [brev.besked_id] if skridt.regel in _LATE else []
    while free := _first_free(forloeb, today):
        row, step = free
        forloeb = replace(step.forloeb or forloeb, holdte=tuple(held for held in forloeb.holdte if held is not row))
        if step.forloeb is None:
            afviste.append((row.brev, step.grund))
            continue
        forloeb = _noted(forloeb, row.brev, today)
        anvendte.append(row.brev)
        if step.regel in _LATE:
            overhalede.append(row.brev.besked_id)
    return Udfald(Hvad.ANVENDT, skridt.regel, skridt.grund, forloeb, tuple(anvendte), tuple(overhalede), tuple(afviste))


def _first_free(forloeb: Forloeb, today: date) -> tuple[HoldtBrev, Skridt] | None:
    for row in forloeb.holdte:
        step = _received(forloeb, row.brev, today)
        if step.regel.hvad is not Hvad.HOLDT:
            return row, step
    return None
