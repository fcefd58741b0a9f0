"""Taking in what another front changed: whatever it was, the catalogue comes to hold what the register holds."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

from hypothesis import given, settings

from broker.catalogue import Catalogue
from broker.core.model import Tilstand
from broker.ports import RegisterContent
from broker.sharing import Anew, Change, Deleted, Put, Values
from broker.taking import Drop, Release, Taken, differences, items_of, take_in
from tests.unit.register.contents import ABONNEMENT, DUESLAG, LISTE, OTHER, REGISTRERING, SYSTEM, contents, small


@given(before=contents(), after=contents())
@settings(max_examples=60, deadline=None)
def test_a_register_taken_in_anew_is_that_register(before: RegisterContent, after: RegisterContent) -> None:
    """Whatever a front knew: after loading anew it knows what there is, its names and its subscriptions included."""
    after.revision = 7
    catalogue, fresh = Catalogue(deepcopy(before)), Catalogue(deepcopy(after))
    taken = take_in(catalogue, Change(7, (Anew(after),)))
    assert catalogue.content == after
    assert catalogue.content.revision == 7
    assert {
        effect.dueslag for effect in taken.effects if isinstance(effect, Drop)
    } == before.dueslag.keys() - after.dueslag
    for key, system in after.anvendersystemer.items():
        assert catalogue.system(system.navn) is not None
        assert catalogue.system(key) == fresh.system(key)
        assert catalogue.system_by_serienummer(system.serienummer) == fresh.system_by_serienummer(system.serienummer)
    for key in before.abonnementer | after.abonnementer:
        assert catalogue.matcher.get(key) == fresh.matcher.get(key)


@given(content=contents())
@settings(max_examples=30, deadline=None)
def test_between_a_register_and_itself_is_no_difference(content: RegisterContent) -> None:
    """A front that loads anew what it knows has nothing to do, and tells nobody."""
    assert list(differences(content, deepcopy(content))) == []
    assert take_in(Catalogue(content), Change(1, (Anew(deepcopy(content)),))) == Taken()


def test_what_is_started_is_released() -> None:
    """What was kept back on pause flows when the abonnement is active again, also by way of a stop."""
    catalogue = Catalogue(small())
    started = Change(1, (Put((replace(ABONNEMENT, tilstand=Tilstand.AKTIV),)),))
    stopped = Change(2, (Put((replace(ABONNEMENT, tilstand=Tilstand.STOPPET),)),))
    assert take_in(catalogue, stopped).effects == ()
    assert take_in(catalogue, started).effects == (Release(DUESLAG.id, ABONNEMENT.id),)
    assert take_in(catalogue, started).effects == ()  # it was active already


def test_values_and_dates_are_no_change_of_an_item() -> None:
    """Watchers of the register, as the push outlet, do not hear of values, nor of who last registered a list."""
    content = small()
    head = replace(LISTE, registrering=REGISTRERING)
    take_in(catalogue := Catalogue(content), Change(1, (Put((head,)),)))
    later = replace(head, registrering=replace(REGISTRERING, tidspunkt=1_800_000_000.0))
    assert not take_in(catalogue, Change(2, (Put((later,)), Values(LISTE.id, ("x",), ())))).anything
    assert catalogue.content.vaerdilister[LISTE.id] == later
    assert "x" in catalogue.content.vaerdier[LISTE.id]
    assert take_in(catalogue, Change(3, (Values(LISTE.id, head=replace(later, navn="Ny")),))).anything


def test_what_is_unknown_is_passed_over() -> None:
    """Values of a list that went, and items that are not there, change nothing and are no error."""
    catalogue = Catalogue(small())
    parts = (Values("nowhere", ("x",), ()), Deleted((("dueslag", "nowhere"),)))
    assert take_in(catalogue, Change(1, parts)) == Taken()
    assert catalogue.content == small()
    assert items_of(catalogue.content, [("dueslag", DUESLAG.id), ("dueslag", "nowhere")]) == [DUESLAG]


def test_two_systems_may_change_names_in_one_step() -> None:
    """Each is then known by the name that the other had."""
    catalogue = Catalogue(small())
    swapped = (replace(SYSTEM, navn=OTHER.navn), replace(OTHER, navn=SYSTEM.navn))
    take_in(catalogue, Change(1, (Put(swapped),)))
    assert [catalogue.system(navn) for navn in (OTHER.navn, SYSTEM.navn)] == list(swapped)
