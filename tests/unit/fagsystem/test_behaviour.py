"""How a myndighed goes on by itself, and how tilbud of each profile answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from consumers.fagsystem import PROFILES, Kind, NotAllowed, Outcome, Profile, Sagsgang
from consumers.standards.letters import Bestilling, Handling, Hastegrad, Match, MatchSvar, SvarMatch
from consumers.standards.standard import Standard
from tests.unit.fagsystem.post import BIRKELY, BY_HAND, HAVBLIK, KILDEN, START, Post, citizen

ALL = [BIRKELY, HAVBLIK, KILDEN]


def ordered_from(post: Post, forloeb: str) -> list[str]:
    """Names of those from whom the municipality ordered, in order."""
    (nordby,) = [party for party in post.parties.values() if not party.part.er_tilbud]
    return [letter.modtagere[0].navn for letter in nordby.letters(forloeb) if isinstance(letter, Bestilling)]


@pytest.mark.parametrize(
    ("profiles", "chosen"),
    [
        (("prompt", "prompt", "prompt"), "the first that answered"),
        (("refusing", "waiting", "prompt"), KILDEN.navn),
        (("refusing", "prompt", "vanishing-at-once"), HAVBLIK.navn),
        (("slow", "refusing", "refusing"), BIRKELY.navn),
        (("refusing", "refusing", "refusing"), None),
        (("waiting", "refusing", "vanishing-at-once"), None),
    ],
)
def test_choice(post: Post, profiles: tuple[str, ...], chosen: str | None) -> None:
    """The order goes to who accepts, after all answers or the deadline; a silent tilbud holds nobody up for ever."""
    nordby = post.myndighed()
    silent = Profile("vanishing-at-once", vanishes_after=0)
    for where, name in zip(ALL, profiles, strict=True):
        post.tilbud(where, silent if name == "vanishing-at-once" else name)
    forloeb = nordby.match(citizen(), ALL)
    if chosen is None:
        post.until(lambda: any("accept" in event.text for event in post.told(Kind.NOTE)))
        assert ordered_from(post, forloeb) == []
        return
    post.until(lambda: ordered_from(post, forloeb))
    if chosen in {one.navn for one in ALL}:
        assert ordered_from(post, forloeb) == [chosen]
    if "vanishing-at-once" in profiles:
        assert post.calendar.now() >= START + timedelta(days=14)


def test_waiting_list(post: Post) -> None:
    """Nobody accepts, two wait; a place that becomes free goes to the first on the list, who is ordered from."""
    nordby, birkely = post.myndighed(), post.tilbud(BIRKELY, "waiting")
    first = nordby.match(citizen(1), [BIRKELY])
    second = nordby.match(citizen(2), [BIRKELY])
    post.settle()
    answers = [letter for letter in nordby.letters() if isinstance(letter, SvarMatch)]
    assert [answer.venteliste and answer.venteliste.antal_foran for answer in answers] == [0, 1]
    assert birkely.waiting_list() == [first, second]
    birkely.add_places()
    post.settle()
    assert nordby.alle_forloeb() == {first: "AFTALT", second: "MATCH_SENDT"}
    assert (birkely.waiting_list(), birkely.free_places()) == ([second], 0)


def test_a_place_falls_vacant(post: Post) -> None:
    """An indsats that ends frees its place for the first on the waiting list."""
    nordby, birkely = post.myndighed(sagsgang=Sagsgang(opfoelgninger=1)), post.tilbud(BIRKELY, pladser=1)
    first = nordby.match(citizen(1), [BIRKELY])
    post.settle()
    second = nordby.match(citizen(2), [BIRKELY])
    post.until(lambda: nordby.alle_forloeb()[second] == "AFTALT")
    assert nordby.alle_forloeb()[first] == "AFSLUTTET"
    assert birkely.waiting_list() == []


def test_offer_not_taken(post: Post) -> None:
    """A place offered to somebody who has gone elsewhere is offered to the next on the list after two weeks."""
    nordby, birkely = post.myndighed(sagsgang=BY_HAND), post.tilbud(BIRKELY, "waiting")
    forloeb = [nordby.match(citizen(number), [BIRKELY]) for number in (1, 2)]
    post.settle()
    birkely.add_places()

    def newest() -> list[MatchSvar | None]:
        return [view.matches[0].svar for one in forloeb if (view := nordby.forloeb(one))]

    post.settle()
    assert newest() == [MatchSvar.ACCEPT, MatchSvar.VENTELISTE]
    post.until(lambda: newest() == [MatchSvar.ACCEPT, MatchSvar.ACCEPT])
    assert post.calendar.now() == START + timedelta(days=14)


def test_refusal_leads_to_the_next(post: Post) -> None:
    """Who says yes to the match and has no place when the order comes is passed over for the next that accepted."""
    nordby, birkely = post.myndighed(), post.tilbud(BIRKELY, pladser=1)
    post.tilbud(HAVBLIK, Profile("later", answer_days=(1, 1)))
    forloeb = nordby.match(citizen(1), [BIRKELY, HAVBLIK])
    post.settle()
    taken = nordby.match(citizen(2), [BIRKELY])
    post.settle()
    assert nordby.alle_forloeb()[taken] == "AFTALT"
    assert birkely.free_places() == 0
    post.until(lambda: nordby.alle_forloeb()[forloeb] == "AFTALT")
    assert ordered_from(post, forloeb) == [BIRKELY.navn, HAVBLIK.navn]


def test_silent_after_the_order(post: Post) -> None:
    """A tilbud that vanishes after its answer to the match leaves the order open; the caseworker is told."""
    nordby = post.myndighed()
    post.tilbud(BIRKELY, "vanishing")
    forloeb = nordby.match(citizen(), [BIRKELY])
    post.until(lambda: any("no answer to the Bestilling" in event.text for event in post.told(Kind.NOTE)))
    assert nordby.alle_forloeb()[forloeb] == "BESTILT"


@pytest.mark.parametrize("name", list(PROFILES))
def test_every_profile_is_kept_book_of(post: Post, name: str) -> None:
    """With a tilbud of any profile both journals are exact: one entry for each letter that came or went."""
    nordby, birkely = post.myndighed(), post.tilbud(BIRKELY, name)
    nordby.match(citizen(), [BIRKELY])
    for _ in range(40):
        post.settle()
        due = [day for party in post.parties.values() if (day := party.next_due()) is not None]
        if not due:
            break
        post.calendar.advance(max(min(due), post.calendar.now()))
    for party in (nordby, birkely):
        assert {entry.besked_id for entry in party.journal()} == {kuvert.besked_id for kuvert in post.sent}
        assert len(party.journal()) == len(post.sent) == len(party.letters())


@pytest.mark.parametrize(
    ("hastegrad", "handling"),
    [(Hastegrad.AKUT, Handling.NY_BESTILLING), (Hastegrad.RUTINE, Handling.OPFOELGNING_PLANLAGT), (None, None)],
)
def test_urgency_decides(post: Post, hastegrad: Hastegrad | None, handling: Handling | None) -> None:
    """An acute change leads to a new bestilling, another to a follow-up that is moved forward."""
    nordby, birkely = post.myndighed(), post.tilbud(BIRKELY)
    forloeb = nordby.match(citizen(), [BIRKELY])
    post.until(lambda: nordby.alle_forloeb()[forloeb] == "I_GANG")
    birkely.tell(forloeb, "Borgeren er flyttet (syntetisk)", hastegrad=hastegrad)
    post.settle()
    view = nordby.forloeb(forloeb)
    assert view is not None
    assert view.aendringer[0].handling is (handling or Handling.OPFOELGNING_PLANLAGT)
    if handling is Handling.NY_BESTILLING:
        assert len(ordered_from(post, forloeb)) == 2
    else:
        post.until(lambda: nordby.letters(forloeb)[-1].standard is Standard.OPFOELGNING)
        assert post.calendar.now() < START + timedelta(days=40)


def test_change_by_profile(post: Post) -> None:
    """A tilbud whose profile says so tells of a change by itself, once for each forløb."""
    nordby = post.myndighed()
    post.tilbud(BIRKELY, Profile("changing", changes_after_days=10))
    forloeb = nordby.match(citizen(), [BIRKELY])
    post.until(lambda: nordby.alle_forloeb()[forloeb] == "AFSLUTTET")
    standards = [letter.standard for letter in nordby.letters(forloeb)]
    assert standards.count(Standard.MARKANT_AENDRING) == standards.count(Standard.KVITTERING) == 1


def test_same_seed_same_course() -> None:
    """With one seed all that is by chance is the same again, and with another it is not."""

    def days(seed: int) -> list[str]:
        post = Post()
        nordby = post.myndighed()
        post.tilbud(BIRKELY, Profile("moody", answer_days=(0, 30), accepts=0.5), seed=seed)
        for number in range(6):
            nordby.match(citizen(number), [BIRKELY])
        post.until(lambda: len([one for one in nordby.letters() if isinstance(one, SvarMatch)]) == 6)
        found = [f"{one.data_tidspunkt:%F} {one.svar}" for one in nordby.letters() if isinstance(one, SvarMatch)]
        post.close()
        return found

    assert days(1) == days(1)
    assert days(1) != days(2)


def test_held_too_long(post: Post) -> None:
    """A letter whose predecessor never comes is held, then refused with a reason; it has one journal entry."""
    nordby, birkely = post.myndighed(sagsgang=BY_HAND), post.tilbud()
    forloeb = nordby.open(nordby.enrol(citizen()))
    nordby.bestil(forloeb, BIRKELY, startdato=START.date())
    post.settle()
    lost = post.tilbud(HAVBLIK)  # never told of the order: another's database in its place
    nordby.anmod(forloeb)
    post.collect(nordby)
    (letter,) = post.under_way
    birkely.store.run("DELETE FROM forloeb")
    birkely._forget()
    post.settle()
    assert letter.til == BIRKELY
    assert lost.journal() == []
    entries = [entry for entry in birkely.journal(forloeb) if entry.standard is Standard.ANMODNING]
    assert [entry.udfald for entry in entries] == [Outcome.HOLDT]
    post.calendar.advance(START + timedelta(days=40))
    post.settle()
    entries = [entry for entry in birkely.journal(forloeb) if entry.standard is Standard.ANMODNING]
    assert [(entry.udfald, entry.text[:2]) for entry in entries] == [(Outcome.AFVIST, "A9")]


def test_days_go_by_in_the_outbox(post: Post) -> None:
    """A letter that waits for a connection beyond its own deadline is sent with one that has not passed."""
    nordby = post.myndighed(sagsgang=Sagsgang(svarfrist_dage=3, start_dage=1, opfoelgning_dage=(5,), status_dage=1))
    post.tilbud()
    forloeb = nordby.match(citizen(), [BIRKELY])
    late = START + timedelta(days=30)
    post.calendar.advance(late)
    post.settle()
    match, _answer, order = nordby.letters(forloeb)[:3]
    assert isinstance(match, Match)
    assert isinstance(order, Bestilling)
    assert match.svarfrist == late.date()
    assert not [entry for entry in nordby.journal() if entry.udfald is Outcome.TILBAGEHOLDT]


def test_deadline_in_the_past(post: Post) -> None:
    """A deadline that has passed when the caseworker gives it is refused."""
    nordby = post.myndighed(sagsgang=BY_HAND)
    with pytest.raises(NotAllowed, match="TID-2"):
        nordby.match(citizen(), [BIRKELY], svarfrist=START.date() - timedelta(days=1))


@pytest.mark.parametrize(
    ("command", "rule"),
    [
        (lambda nordby, forloeb: nordby.anmod(forloeb), "tilstand"),
        (lambda nordby, forloeb: nordby.opfoelg(forloeb), "tilstand"),
        (lambda nordby, forloeb: nordby.kvitter(forloeb, "findes-ikke", Handling.INGEN), "ukendt"),
        (lambda nordby, _forloeb: nordby.anmod("findes-ikke"), "ukendt"),
        (lambda nordby, _forloeb: nordby.match("0101010001", [BIRKELY]), "ukendt"),
    ],
)
def test_not_allowed(post: Post, command: Callable[[object, str], None], rule: str) -> None:
    """A command that the state forbids, or that is about nobody, says so and does nothing."""
    nordby = post.myndighed(sagsgang=BY_HAND)
    post.tilbud()
    forloeb = nordby.match(citizen(), [BIRKELY])
    post.settle()
    before = (nordby.journal(), nordby.alle_forloeb())
    with pytest.raises(Exception, match=rule):
        command(nordby, forloeb)
    assert (nordby.journal(), nordby.alle_forloeb()) == before
    assert nordby.outgoing.empty
