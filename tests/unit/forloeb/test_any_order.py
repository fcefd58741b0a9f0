"""Letters in any order: parties that send what they may end with views that agree."""

from __future__ import annotations

import random
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from consumers.forloeb.allowed import allowed
from consumers.forloeb.forloeb import Forloeb
from consumers.forloeb.tilstand import Hvad, Tilstand
from consumers.standards.codes import StatusPaaIndsats
from consumers.standards.letters import BestillingSvar, Brev, Handling, MatchSvar
from consumers.standards.standard import Rolle, Standard
from tests.unit.forloeb.netvaerk import Netvaerk
from tests.unit.forloeb.skriver import EFTER, KOMMUNE

LOEBER = {Tilstand.AFTALT, Tilstand.I_GANG, Tilstand.STATUS_ANMODET, Tilstand.STATUS_MODTAGET}


class EnhverRaekkefoelge(RuleBasedStateMachine):
    """A myndighed and up to three tilbud; letters come late, twice, and in any order, and are lost for a while."""

    @initialize(tilbud=st.integers(1, 3))
    def begynd(self, tilbud: int) -> None:
        self.net = Netvaerk(tilbud)

    @rule(valg=st.integers(0, 2**32))
    def myndighed_sender(self, valg: int) -> None:
        self._send(KOMMUNE, random.Random(valg))

    @rule(valg=st.integers(0, 2**32), hvem=st.integers(0, 2))
    def tilbud_sender(self, valg: int, hvem: int) -> None:
        self._send(self.net.tilbud[hvem % len(self.net.tilbud)], random.Random(valg))

    @precondition(lambda self: self.net.paa_vej)
    @rule(nummer=st.integers(0, 1000), behold=st.booleans())
    def et_brev_kommer(self, nummer: int, behold: bool) -> None:
        hvad = self.net.aflever(nummer % len(self.net.paa_vej), behold=behold)
        assert hvad is not Hvad.AFVIST

    @rule()
    def starten_kommer(self) -> None:
        self.net.gaa_til(EFTER)

    @invariant()
    def hvert_syn_haenger_sammen(self) -> None:
        for syn in self.net.syn.values():
            sammenhaeng(syn.forloeb)

    def teardown(self) -> None:
        if hasattr(self, "net"):
            alt_kommer(self.net, random.Random(len(self.net.skrevet)))
            assert not list(self.net.afvigelser())

    def _send(self, egen: str, valg: random.Random) -> None:
        if brev := skriv(self.net, egen, valg):
            assert self.net.send(brev) is Hvad.ANVENDT


def skriv(net: Netvaerk, egen: str, valg: random.Random) -> Brev | None:
    """A letter that ``egen`` may send, or None."""
    forloeb, skriver = net.syn[egen].forloeb, net.skriver
    may = sorted(allowed(forloeb))
    if not may:
        return None
    match valg.choice(may):
        case Standard.MATCH:
            return skriver.match(*valg.sample(net.tilbud, valg.randint(1, len(net.tilbud))))
        case Standard.SVAR_MATCH:
            aaben = valg.choice([row for row in forloeb.matches if row.aaben])
            return skriver.svar_match(aaben.besked_id, egen, valg.choice(list(MatchSvar)))
        case Standard.BESTILLING:
            til = [
                tilbud
                for tilbud in net.tilbud
                if ((match := forloeb.match_svar(tilbud)) is None or match.svar is not MatchSvar.AFSLAG)
                and (forloeb.tilstand not in LOEBER or tilbud == forloeb.udfoerer)
            ]
            if not til:
                return None
            udfoerer = valg.choice(til)
            match = forloeb.match_svar(udfoerer)
            return skriver.bestilling(udfoerer, svarer=valg.choice([None, match and match.svar_id]))
        case Standard.SVAR_BESTILLING:
            svar = valg.choice([BestillingSvar.ACCEPT, BestillingSvar.ACCEPT, BestillingSvar.AFVIS])
            return skriver.svar_bestilling(str(forloeb.bestilling_id), egen, svar)
        case Standard.ANMODNING:
            return skriver.anmodning(str(forloeb.udfoerer))
        case Standard.STATUSNOTAT:
            return skriver.statusnotat(str(forloeb.anmodning_id), egen)
        case Standard.OPFOELGNING:
            resultat = valg.choice([*[StatusPaaIndsats.FORTSAETTELSE] * 5, *StatusPaaIndsats])
            return skriver.opfoelgning(
                str(forloeb.udfoerer),
                valg.choice([None, forloeb.statusnotat]),
                ny_bestilling=valg.random() < 0.3,
                resultat=resultat,
            )
        case Standard.MARKANT_AENDRING:
            til = [tilbud for tilbud in net.tilbud if forloeb.aftale(tilbud)]
            return skriver.aendring(egen, valg.choice(til) if egen == KOMMUNE else KOMMUNE)
        case Standard.KVITTERING:
            aendring = valg.choice([row for row in forloeb.aabne if row.modtager == egen])
            return skriver.kvittering(aendring.besked_id, egen, aendring.afsender, valg.choice(list(Handling)))


def alt_kommer(net: Netvaerk, valg: random.Random) -> None:
    """All that is under way, in any order, some of it twice."""
    net.gaa_til(EFTER + timedelta(days=1))
    while net.paa_vej:
        net.aflever(valg.randrange(len(net.paa_vej)), behold=valg.random() < 0.2)
    net.gaa_til(EFTER + timedelta(days=1))


def sammenhaeng(forloeb: Forloeb) -> None:
    """What must hold of any view at any time."""
    bestilling, anmodning = forloeb.bestilling, forloeb.anmodning
    svar = bestilling.svar if bestilling else None
    match forloeb.tilstand:
        case Tilstand.AFGJORT | Tilstand.MATCH_SENDT:
            assert bestilling is None
            assert bool(forloeb.matches) is (forloeb.tilstand is Tilstand.MATCH_SENDT)
        case Tilstand.BESTILT:
            assert bestilling is not None
            assert svar is None
        case Tilstand.AFVIST:
            assert svar is BestillingSvar.AFVIS
        case _:
            assert svar is BestillingSvar.ACCEPT
    match forloeb.tilstand:
        case Tilstand.STATUS_ANMODET:
            assert anmodning is not None
            assert anmodning.statusnotat is None
        case Tilstand.STATUS_MODTAGET:
            assert anmodning is not None
            assert anmodning.statusnotat is not None
        case _:
            assert anmodning is None
    anvendte = [trin.besked_id for trin in forloeb.historik if trin.standard]
    holdte = [row.brev.besked_id for row in forloeb.holdte]
    assert len({*anvendte, *holdte}) == len(anvendte) + len(holdte)
    assert forloeb.kendte >= {*anvendte, *holdte}
    if forloeb.side is Rolle.UDFOERER:
        assert {row.tilbud for row in forloeb.matches} | {row.udfoerer for row in forloeb.bestillinger} <= {
            forloeb.egen
        }


EnhverRaekkefoelge.TestCase.settings = settings(
    max_examples=100, stateful_step_count=60, deadline=None, suppress_health_check=list(HealthCheck)
)
TestEnhverRaekkefoelge = EnhverRaekkefoelge.TestCase
