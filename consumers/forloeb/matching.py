"""Match and its answers: one question to several tilbud, one answer from each."""

from __future__ import annotations

from dataclasses import replace

from consumers.forloeb.forloeb import Forloeb, MatchForespoergsel
from consumers.forloeb.regler import Regel
from consumers.forloeb.skridt import Post, Skridt, anvend, besvaret, overhalet, put, swap, uden
from consumers.forloeb.tilstand import Tilstand
from consumers.standards.letters import Match, MatchSvar, SvarMatch
from consumers.standards.standard import Rolle


def take_match(forloeb: Forloeb, brev: Match, post: Post) -> Skridt:
    """1: a question to each recipient; a tilbud sees its own part only."""
    if forloeb.tilstand is Tilstand.AFSLUTTET and not overhalet(forloeb, brev):
        return uden(Regel.A7)
    asked = dict.fromkeys(modtager.organisation_id for modtager in brev.modtagere)
    if forloeb.side is Rolle.UDFOERER:
        asked = {forloeb.egen: None}
    new = (MatchForespoergsel(tilbud, brev.besked_id, brev.data_tidspunkt) for tilbud in asked)
    til = Tilstand.MATCH_SENDT if forloeb.tilstand is Tilstand.AFGJORT else None
    return anvend(forloeb, brev, post, Regel.T1, til=til, matches=put(forloeb.matches, *new))


def take_svar(forloeb: Forloeb, brev: SvarMatch, post: Post) -> Skridt:
    """2: the newest answer of this tilbud counts, while the one before it was VENTELISTE; it never moves the state."""
    if fejl := besvaret(forloeb, brev):
        return fejl
    match = _asked(forloeb, brev)
    if match is None:
        return uden(Regel.A4, "this tilbud was not asked by that match")
    older = match.svar_tidspunkt is not None and brev.data_tidspunkt < match.svar_tidspunkt
    if older and brev.svar is MatchSvar.VENTELISTE and not post.sendt:
        return anvend(forloeb, brev, post, Regel.L3)
    if not match.aaben or older:
        return uden(Regel.A5, f"with {match.svar}")
    svaret = replace(
        match,
        svar=brev.svar,
        svar_id=brev.besked_id,
        svar_tidspunkt=brev.data_tidspunkt,
        venteliste=brev.venteliste,
    )
    regel = Regel.T2 if match.svar is None else Regel.V1
    return anvend(forloeb, brev, post, regel, note=brev.svar, matches=swap(forloeb.matches, match, svaret))


def _asked(forloeb: Forloeb, brev: SvarMatch) -> MatchForespoergsel | None:
    asked = brev.besvarer_besked_id, brev.afsender.organisation_id
    return next((match for match in forloeb.matches if (match.besked_id, match.tilbud) == asked), None)
