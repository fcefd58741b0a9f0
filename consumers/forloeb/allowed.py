"""What a side may send as the forløb stands."""

from __future__ import annotations

from consumers.forloeb.forloeb import Forloeb
from consumers.forloeb.ordering import LOEBENDE
from consumers.forloeb.tilstand import Tilstand
from consumers.standards.letters import BestillingSvar
from consumers.standards.standard import Rolle, Standard

_MYNDIGHED: dict[Tilstand, frozenset[Standard]] = {
    Tilstand.AFGJORT: frozenset({Standard.MATCH, Standard.BESTILLING}),
    Tilstand.MATCH_SENDT: frozenset({Standard.MATCH, Standard.BESTILLING}),
    Tilstand.AFVIST: frozenset({Standard.MATCH, Standard.BESTILLING}),
    Tilstand.NY_BESTILLING_VENTES: frozenset({Standard.MATCH, Standard.BESTILLING}),
    Tilstand.I_GANG: frozenset({Standard.ANMODNING, Standard.OPFOELGNING}),
    Tilstand.STATUS_MODTAGET: frozenset({Standard.OPFOELGNING}),
}
_UDFOERER: dict[Tilstand, frozenset[Standard]] = {
    Tilstand.BESTILT: frozenset({Standard.SVAR_BESTILLING}),
    Tilstand.STATUS_ANMODET: frozenset({Standard.STATUSNOTAT}),
}
_MATCH_SVARES = frozenset({Tilstand.MATCH_SENDT, Tilstand.AFVIST, Tilstand.NY_BESTILLING_VENTES})


def allowed(forloeb: Forloeb, side: Rolle | None = None) -> frozenset[Standard]:
    """The letters that ``side`` (this view's own by default) may send now.

    Of another side it tells what that one may send as far as this view knows.
    """
    side = side or forloeb.side
    may = set((_MYNDIGHED if side is Rolle.MYNDIGHED else _UDFOERER).get(forloeb.tilstand, frozenset()))
    if forloeb.tilstand is not Tilstand.AFSLUTTET and any(
        row.svar is BestillingSvar.ACCEPT for row in forloeb.bestillinger
    ):
        may.add(Standard.MARKANT_AENDRING)
    if any((row.modtager == forloeb.egen) is (side is forloeb.side) for row in forloeb.aabne):
        may.add(Standard.KVITTERING)
    if side is Rolle.MYNDIGHED and forloeb.tilstand in LOEBENDE and forloeb.ny_bestilling_varslet:
        may.add(Standard.BESTILLING)
    if side is Rolle.UDFOERER and forloeb.tilstand in _MATCH_SVARES and any(row.aaben for row in forloeb.matches):
        may.add(Standard.SVAR_MATCH)
    return frozenset(may)
