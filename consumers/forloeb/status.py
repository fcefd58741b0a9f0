"""Anmodning, statusnotat and opfølgning: the round that a running course goes through again and again."""

from __future__ import annotations

from dataclasses import replace

from consumers.forloeb.forloeb import AnmodningStand, Forloeb
from consumers.forloeb.regler import Regel
from consumers.forloeb.skridt import Post, Skridt, anvend, besvaret, overhalet, put, swap, uden
from consumers.forloeb.tilstand import Tilstand
from consumers.standards.codes import StatusPaaIndsats
from consumers.standards.letters import Anmodning, Opfoelgning, Statusnotat
from consumers.standards.standard import Rolle

RUNDE = frozenset({Tilstand.STATUS_ANMODET, Tilstand.STATUS_MODTAGET})


def take_anmodning(forloeb: Forloeb, brev: Anmodning, post: Post) -> Skridt:
    """5: asks for status.

    A tilbud takes it before the start date too: the myndighed sends it only once the indsats runs, and their days may
    differ by one.
    """
    late = overhalet(forloeb, brev)
    if forloeb.tilstand is Tilstand.AFSLUTTET and not late:
        return uden(Regel.A7)
    udfoerer = brev.modtagere[0].organisation_id if forloeb.side is Rolle.MYNDIGHED else forloeb.egen
    stand = AnmodningStand(udfoerer, brev.besked_id, brev.data_tidspunkt, brev.svarfrist)
    rows = put(forloeb.anmodninger, stand)
    if late:
        return anvend(forloeb, brev, post, Regel.L1, anmodninger=rows)
    if forloeb.tilstand in RUNDE:
        return uden(Regel.H4, f"the forløb is {forloeb.tilstand}")
    if forloeb.tilstand not in (Tilstand.AFTALT, Tilstand.I_GANG):
        return uden(Regel.H2, f"the forløb is {forloeb.tilstand}")
    return anvend(
        forloeb,
        brev,
        post,
        Regel.T7,
        til=Tilstand.STATUS_ANMODET,
        anmodninger=rows,
        anmodning_id=brev.besked_id,
        bevaeget=brev.data_tidspunkt,
    )


def take_statusnotat(forloeb: Forloeb, brev: Statusnotat, post: Post) -> Skridt:
    """6: the answer to an anmodning; moves the state only while that one counts."""
    if fejl := besvaret(forloeb, brev):
        return fejl
    stand = next(row for row in forloeb.anmodninger if row.besked_id == brev.besvarer_besked_id)
    if stand.udfoerer != brev.afsender.organisation_id:
        return uden(Regel.A4, "the anmodning went to another udfører")
    if stand.statusnotat is not None:
        return uden(Regel.A5, f"by {stand.statusnotat}")
    rows = swap(forloeb.anmodninger, stand, replace(stand, statusnotat=brev.besked_id))
    if stand.besked_id != forloeb.anmodning_id:
        return anvend(forloeb, brev, post, Regel.L2, anmodninger=rows)
    return anvend(forloeb, brev, post, Regel.T8, til=Tilstand.STATUS_MODTAGET, anmodninger=rows)


def take_opfoelgning(forloeb: Forloeb, brev: Opfoelgning, post: Post) -> Skridt:
    """8: after a statusnotat, or of the course itself while no status is asked for (S0: answers 6 "or the course")."""
    late = overhalet(forloeb, brev)
    if forloeb.tilstand is Tilstand.AFSLUTTET and not late:
        return uden(Regel.A7)
    if fejl := besvaret(forloeb, brev):
        return fejl
    stand = next((row for row in forloeb.anmodninger if row.statusnotat == brev.besvarer_besked_id is not None), None)
    rows = forloeb.anmodninger
    if stand is not None:
        if stand.opfoelgning is not None:
            return uden(Regel.A5, f"by {stand.opfoelgning}")
        rows = swap(rows, stand, replace(stand, opfoelgning=brev.besked_id))
    if late:
        return anvend(forloeb, brev, post, Regel.L1, anmodninger=rows)
    if forloeb.tilstand is Tilstand.STATUS_ANMODET:
        return uden(Regel.H5, f"anmodning {forloeb.anmodning_id}")
    if forloeb.tilstand not in (Tilstand.AFTALT, Tilstand.I_GANG, Tilstand.STATUS_MODTAGET):
        return uden(Regel.H2, f"the forløb is {forloeb.tilstand}")
    til, regel = outcome(brev)
    return anvend(
        forloeb, brev, post, regel, til=til, anmodninger=rows, anmodning_id=None, bevaeget=brev.data_tidspunkt
    )


def outcome(brev: Opfoelgning) -> tuple[Tilstand, Regel]:
    """Where an opfølgning leads: ny bestilling before the result, because only it promises another letter."""
    if brev.ny_bestilling:
        return Tilstand.NY_BESTILLING_VENTES, Regel.T10
    if brev.resultat is StatusPaaIndsats.FORTSAETTELSE:
        return Tilstand.I_GANG, Regel.T9
    return Tilstand.AFSLUTTET, Regel.T11
