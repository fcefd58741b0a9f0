"""R1 to R10 (docs/parties.md), each as something that a party does or does not do."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from consumers.fagsystem import Kind, Myndighed, NotAllowed, Outcome, Retning, Tilbud
from consumers.fagsystem.profile import OUTDATED_FFB
from consumers.retur import StandardRetur
from consumers.standards.blocks import Adresse, Samtykke, Samtykkestatus
from consumers.standards.codes import FFB_VERSION
from consumers.standards.envelope import read_envelope
from consumers.standards.letters import (
    LETTERS,
    Bestilling,
    BestillingSvar,
    Handling,
    Kvittering,
    Match,
    Opfoelgning,
    SvarBestilling,
)
from consumers.standards.standard import Standard
from tests.unit.fagsystem.post import AUTOMATIC, BIRKELY, BY_HAND, HAVBLIK, KILDEN, NORDBY, START, Post, citizen

CONFIDENTIAL = [standard for standard in Standard if standard.facts.fortrolig]


def running(post: Post) -> tuple[Myndighed, Tilbud, str]:
    """A forløb that is I_GANG at both sides, each step by hand."""
    nordby, birkely = post.myndighed(sagsgang=BY_HAND), post.tilbud()
    forloeb = nordby.open(nordby.enrol(citizen()))
    nordby.bestil(forloeb, BIRKELY, startdato=START.date())
    post.settle()
    return nordby, birkely, forloeb


def withdrawn(samtykke: Samtykke) -> Samtykke:
    return samtykke.model_copy(update={"status": Samtykkestatus.INAKTIV})


def expired(samtykke: Samtykke) -> Samtykke:
    return samtykke.model_copy(update={"gyldig_til": START.date() - timedelta(days=1)})


@pytest.mark.parametrize("why", [withdrawn, expired, lambda _samtykke: None])
@pytest.mark.parametrize("standard", [Standard.MATCH, Standard.BESTILLING])
def test_r1_myndighed(post: Post, standard: Standard, why: Callable[[Samtykke], Samtykke | None]) -> None:
    """R1: no match and no bestilling without an active samtykke; nothing is sent; with a stated hjemmel it is."""
    nordby = post.myndighed(sagsgang=BY_HAND)
    post.tilbud()
    somebody = citizen()
    assert somebody.samtykke is not None
    cpr = nordby.enrol(somebody.model_copy(update={"samtykke": why(somebody.samtykke)}))

    def send() -> None:
        if standard is Standard.MATCH:
            nordby.match(cpr, [BIRKELY])
        else:
            nordby.bestil(nordby.open(cpr), BIRKELY)

    with pytest.raises(NotAllowed, match="samtykke") as refused:
        send()
    assert refused.value.rule == "R1"
    post.settle()
    assert not post.sent
    nordby.state_hjemmel(cpr, "Forvaltningslovens § 28, stk. 2, nr. 3")
    send()
    post.settle()
    assert post.sent[0].beskedtype == standard.beskedtype


@pytest.mark.parametrize("standard", [Standard.STATUSNOTAT, Standard.MARKANT_AENDRING])
def test_r1_tilbud(post: Post, standard: Standard) -> None:
    """R1: what a tilbud knows of a withdrawn samtykke it keeps to: no statusnotat, no markant ændring."""
    nordby, birkely, forloeb = running(post)
    nordby.withdraw_consent(nordby.citizen_of(forloeb).cpr)
    nordby.anmod(forloeb)
    before = len(post.sent)
    post.settle()
    if standard is Standard.MARKANT_AENDRING:
        with pytest.raises(NotAllowed, match="R1"):
            birkely.tell(forloeb, "Borgeren er flyttet (syntetisk)")
    held = [entry for entry in birkely.journal(forloeb) if entry.udfald is Outcome.TILBAGEHOLDT]
    assert [(entry.standard, entry.text[:2]) for entry in held] == [(Standard.STATUSNOTAT, "R1")]
    assert [kuvert.beskedtype for kuvert in post.sent[before:]] == [Standard.ANMODNING.beskedtype]


def test_r1_between_decision_and_sending(post: Post) -> None:
    """R1: a samtykke that is withdrawn while a letter waits in the outbox keeps it there; the journal says why."""
    nordby = post.myndighed(sagsgang=BY_HAND)
    post.tilbud()
    somebody = citizen()
    forloeb = nordby.match(somebody, [BIRKELY])
    nordby.withdraw_consent(somebody.cpr)
    post.settle()
    (entry,) = nordby.journal(forloeb)
    assert (entry.udfald, entry.text[:2], post.sent) == (Outcome.TILBAGEHOLDT, "R1", [])
    assert nordby.alle_forloeb()[forloeb] == "AFGJORT"


def test_r1_is_the_same_for_all_confidential_letters() -> None:
    """R1 holds for messages 1, 3, 6 and 7, and for no other."""
    assert [standard.facts.nummer for standard in CONFIDENTIAL] == ["1", "3", "6", "7"]


def test_r2_validates_before_sending(post: Post) -> None:
    """R2: a letter that breaks a rule is not sent, and the caseworker is told which field and why."""
    nordby = post.myndighed(sagsgang=BY_HAND)
    somebody = citizen()
    double = somebody.model_copy(update={"maalgrupper": (somebody.maalgrupper[0],) * 2})
    with pytest.raises(NotAllowed, match=r"(?s)Maalgruppe.*\(FFB-4\)") as refused:
        nordby.match(double, [BIRKELY])
    assert refused.value.rule == "R2"
    assert nordby.alle_forloeb() == {}
    assert nordby.outgoing.empty


def test_r2_responsible_myndighed(post: Post) -> None:
    """R2: ObjektAnsvarligMyndighed is the sender's CVR number; a letter that says another is refused where it comes."""
    nordby, birkely = post.myndighed(sagsgang=BY_HAND), post.tilbud(HAVBLIK)
    nordby.match(citizen(), [HAVBLIK])
    post.collect(nordby)
    (letter,) = post.under_way
    assert letter.kuvert.myndighed == f"urn:oio:cvr-nr:{NORDBY.cvr}"
    forged = letter.message.replace(
        b"<k:ObjektAnsvarligMyndighed><s:URNIdentifikator>urn:oio:cvr-nr:99001001",
        b"<k:ObjektAnsvarligMyndighed><s:URNIdentifikator>urn:oio:cvr-nr:99001003",
    )
    assert forged != letter.message
    post.under_way[:] = [type(letter)(letter.fra, forged, letter.til)]
    post.settle()
    (entry,) = birkely.journal()
    assert (entry.udfald, entry.text[:2], birkely.letters()) == (Outcome.AFVIST, "R2", [])


def test_r3_author(post: Post) -> None:
    """R3: each letter says who answers for it, and the journals of both sides keep it."""
    nordby, birkely, forloeb = running(post)
    assert all(letter.forfatter.navn and letter.forfatter.titel for letter in nordby.letters(forloeb))
    entries = [*nordby.journal(forloeb), *birkely.journal(forloeb)]
    authors = {(entry.besked_id, entry.forfatter) for entry in entries}
    assert len(entries) == 2 * len(authors) == 4


def test_r4_redelivery(post: Post) -> None:
    """R4: a letter makes one journal entry, however often it is delivered; nothing is answered twice."""
    nordby, birkely = post.myndighed(), post.tilbud()
    forloeb = nordby.match(citizen(), [BIRKELY])
    while len(post.sent) < 4:
        assert post.collect(nordby) or post.collect(birkely) or birkely.run_due() or post.under_way
        post.under_way += post.under_way[:1]
        post.deliver()
    post.settle()
    for party in (nordby, birkely):
        ids = [entry.besked_id for entry in party.journal(forloeb)]
        assert len(ids) == len(set(ids)) == 4
    assert post.told(Kind.AGAIN)
    assert len(post.sent) == 4


def test_r4_known_content(post: Post) -> None:
    """R4: what a letter says that was said before makes no second entry, also under a new BeskedId."""
    nordby, birkely, forloeb = running(post)
    birkely.tell(forloeb, "Borgeren er flyttet (syntetisk)")
    post.settle()
    birkely.tell(forloeb, "Borgeren er flyttet (syntetisk)")
    post.settle()
    entries = [entry for entry in nordby.journal(forloeb) if entry.standard is Standard.MARKANT_AENDRING]
    assert len(entries) == 1
    view = nordby.forloeb(forloeb)
    assert view is not None
    assert len(view.aabne_aendringer) == 2


def test_r5_newest_data(post: Post) -> None:
    """R5: what changes between decision and sending is in the letter; what changes later is not in the resent one."""
    nordby = post.myndighed(sagsgang=BY_HAND)
    post.tilbud()
    somebody = citizen()
    forloeb = nordby.open(nordby.enrol(somebody))
    nordby.bestil(forloeb, BIRKELY)
    moved = Adresse(linje="Nyvej 1", postnr="0101", by="Nordby")
    nordby.change_citizen(somebody.cpr, adresse=moved)
    number, _forloeb = nordby.outgoing.take() or (0, "")
    first = nordby.fix(number)
    nordby.change_citizen(somebody.cpr, adresse=somebody.borger.adresse)
    assert first is not None
    assert nordby.fix(number) == first
    (letter,) = nordby.letters(forloeb)
    assert isinstance(letter, Bestilling)
    assert letter.borger.adresse == moved


def test_r6_nothing_shared(post: Post) -> None:
    """R6: parties have a database each, and what one knows of the other it knows by letters."""
    nordby, birkely = post.myndighed(sagsgang=BY_HAND), post.tilbud()
    nordby.match(citizen(), [BIRKELY])
    post.collect(nordby)
    assert nordby.store.db is not birkely.store.db
    assert (birkely.alle_forloeb(), birkely.letters()) == ({}, [])
    post.deliver()
    assert [letter.standard for letter in birkely.letters()] == [Standard.MATCH]


def test_r7_every_field_has_a_source() -> None:
    """R7: no field is asked for that has no source in KL's texts or public profiles, or is marked as ours."""
    for letter in LETTERS.values():
        for name, field in letter.model_fields.items():
            extra = field.json_schema_extra
            assert isinstance(extra, dict), name
            assert extra["kilde"], f"{letter.__name__}.{name}"


def test_r8_outdated_version(post: Post) -> None:
    """R8: a letter of an older FFB version is taken, and flagged in journal and events."""
    nordby = post.myndighed(sagsgang=BY_HAND)
    post.tilbud(BIRKELY, "outdated")
    post.tilbud(HAVBLIK)
    forloeb = nordby.match(citizen(), [BIRKELY, HAVBLIK])
    post.settle()
    flags = {entry.other: entry.flags for entry in nordby.journal(forloeb) if entry.retning is Retning.IND}
    assert [flag[:2] for flag in flags[BIRKELY.navn]] == ["R8"]
    assert OUTDATED_FFB in flags[BIRKELY.navn][0]
    assert flags[HAVBLIK.navn] == ()
    assert any("R8" in event.text for event in post.told(Kind.JOURNAL))
    assert FFB_VERSION != OUTDATED_FFB


def test_r9_match_binds_nobody(post: Post) -> None:
    """R9: one match asks several tilbud; a yes keeps no place and makes no agreement; it names no citizen."""
    nordby = post.myndighed(sagsgang=BY_HAND)
    tilbud = [post.tilbud(where, pladser=1) for where in (BIRKELY, HAVBLIK, KILDEN)]
    somebody = citizen()
    forloeb = nordby.match(somebody, [BIRKELY, HAVBLIK, KILDEN])
    post.settle()
    view = nordby.forloeb(forloeb)
    assert view is not None
    assert [row.svar for row in view.matches] == ["ACCEPT"] * 3
    assert (view.tilstand, view.bestilling) == ("MATCH_SENDT", None)
    assert [one.free_places() for one in tilbud] == [1, 1, 1]
    letter = read_envelope(post.sent[0])
    assert isinstance(letter, Match)
    text = letter.model_dump_json()
    assert somebody.cpr not in text
    assert not any(re.search(rf"\b{name}\b", text) for name in somebody.borger.fornavne)


@pytest.mark.parametrize(("profile", "svar"), [("prompt", BestillingSvar.ACCEPT), ("refusing", BestillingSvar.AFVIS)])
def test_r10_answer_to_an_order(post: Post, profile: str, svar: BestillingSvar) -> None:
    """R10: a svar på bestilling is receipt (when it came) and acceptance, or says why not."""
    nordby = post.myndighed(sagsgang=BY_HAND)
    post.tilbud(BIRKELY, profile)
    forloeb = nordby.open(nordby.enrol(citizen()))
    nordby.bestil(forloeb, BIRKELY)
    post.settle()
    answer = nordby.letters(forloeb)[-1]
    assert isinstance(answer, SvarBestilling)
    assert (answer.svar, answer.modtaget) == (svar, START)
    assert (answer.begrundelse is None) is (svar is BestillingSvar.ACCEPT)


@pytest.mark.parametrize("new", [False, True])
def test_r10_follow_up_says_whether_a_new_order_comes(post: Post, new: bool) -> None:
    """R10: an opfølgning states whether a new bestilling follows; where it does, that one comes."""
    nordby, _birkely, forloeb = running(post)
    nordby.sagsgang = AUTOMATIC
    nordby.opfoelg(forloeb, ny_bestilling=new)
    post.settle()
    letters = nordby.letters(forloeb)[2:]
    assert isinstance(letters[0], Opfoelgning)
    assert letters[0].ny_bestilling is new
    assert [letter.standard for letter in letters[1:]] == [Standard.BESTILLING, Standard.SVAR_BESTILLING] * new


@pytest.mark.parametrize("handling", list(Handling))
def test_r10_receipt_for_a_change(post: Post, handling: Handling) -> None:
    """R10: a markant ændring gets a receipt with the action taken, and the action is taken."""
    nordby, birkely, forloeb = running(post)
    nordby.sagsgang = type(AUTOMATIC)(aendring=handling, opfoelgninger=1)
    birkely.tell(forloeb, "Borgeren er flyttet (syntetisk)")
    post.settle()
    (receipt,) = [letter for letter in nordby.letters(forloeb) if isinstance(letter, Kvittering)]
    assert receipt.handling is handling
    if handling is not Handling.INGEN:
        post.until(lambda: len(nordby.letters(forloeb)) > 4)
    following = {letter.standard for letter in nordby.letters(forloeb)[4:]}
    assert following >= _FOLLOWS[handling]


_FOLLOWS: dict[Handling, set[Standard]] = {
    Handling.INGEN: set(),
    Handling.OPFOELGNING_PLANLAGT: {Standard.ANMODNING},
    Handling.STATUSNOTAT_ANMODES: {Standard.ANMODNING},
    Handling.NY_BESTILLING: {Standard.BESTILLING},
}


def test_refused_by_the_beskedfordeler(post: Post) -> None:
    """A letter that is answered 40 is not sent again; the journal says why, and the forløb is as before it."""
    nordby = post.myndighed(sagsgang=BY_HAND)
    post.tilbud()
    forloeb = nordby.match(citizen(), [BIRKELY])
    post.collect(nordby, StandardRetur(40, "Beskedtype: no serviceaftale"))
    (entry,) = nordby.journal(forloeb)
    assert (entry.udfald, entry.text) == (Outcome.AFVIST, "40 Beskedtype: no serviceaftale")
    assert (nordby.alle_forloeb()[forloeb], nordby.outgoing.empty) == ("AFGJORT", True)
    nordby.match(nordby.citizen_of(forloeb), [BIRKELY], forloeb=forloeb)
    post.settle()
    assert nordby.alle_forloeb()[forloeb] == "MATCH_SENDT"


def test_no_cpr_in_events(post: Post) -> None:
    """Events and journal texts hold no CPR number."""
    nordby, _birkely, forloeb = running(post)
    cpr = nordby.citizen_of(forloeb).cpr
    assert cpr not in "".join(event.text for event in post.events)
    assert cpr not in "".join(entry.text for entry in nordby.journal())


def test_each_rule_has_a_test() -> None:
    """R1 to R10 are each named by a test here."""
    named = {found for name in globals() for found in re.findall(r"^test_(r\d+)_", name)}
    assert named == {f"r{number}" for number in range(1, 11)}
    assert inspect.getdoc(test_r4_redelivery)
