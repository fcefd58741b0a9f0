"""Rules between the items of a register: as a whole, for a change, for a removal."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.core.filter import parse_filter
from broker.core.model import Abonnement, Anvendersystem, Dueslag, Myndighed, Service, Serviceaftale
from broker.ports import Item, RegisterContent
from broker.register import check, check_change, check_delete
from broker.register.check import all_items
from broker.register.problem import key_of, section_of
from tests.unit.register.contents import (
    ABONNEMENT,
    AFTALE,
    DUESLAG,
    FIELD,
    ITEMS,
    KOMMUNE,
    LISTE,
    OTHER,
    SYSTEM,
    TYPE,
    contents,
    small,
)

NOWHERE = "00000000-0000-4000-8000-000000000000"


def test_a_consistent_register_has_no_problems() -> None:
    """The register that the other tests start from obeys all rules, whole and item by item."""
    assert check(small(), parse_filter) == []
    assert check_change(small(), ITEMS, parse_filter) == []


def test_a_register_can_be_put_into_an_empty_one_in_one_change() -> None:
    """A system, its dueslag and its subscriptions may come together, in any order."""
    assert check_change(RegisterContent(), ITEMS, parse_filter) == []
    assert check_change(RegisterContent(), ITEMS[::-1], parse_filter) == []


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (replace(KOMMUNE, cvr="1"), "myndighed 'Eksempelby Kommune' (1), cvr: '1' has 1 digits"),
        (replace(KOMMUNE, navn=""), "navn: is empty; expected a name"),
        (replace(SYSTEM, cvr="22222222"), "cvr: myndighed 22222222 is not in the register"),
        (replace(SYSTEM, cvr="x"), "cvr: 'x' is not a CVR number; expected eight digits"),
        (replace(SYSTEM, id="x"), "anvendersystem 'Fagsystem' (x), id: 'x' is not a UUID"),
        (replace(SYSTEM, navn="a\nb"), "holds a character that cannot be shown"),
        (replace(TYPE, id="x"), "is neither a UUID nor a URN"),
        (replace(AFTALE, anvendersystem=NOWHERE), f"anvendersystem: anvendersystem '{NOWHERE}' is not in the register"),
        (
            replace(AFTALE, beskedtyper=("*", "Testbeske")),
            "beskedtyper[1]: beskedtype 'Testbeske' is not in the register",
        ),
        (replace(AFTALE, beskedtyper=("Testbeske",)), "(nearest: 'Testbesked')"),
        (replace(AFTALE, version="3.0"), "version: '3.0' is not a version; expected '1.0' or '2.0'"),
        (replace(AFTALE, foelsomheder=("",)), "foelsomheder[0]: is empty"),
        (replace(AFTALE, forvaltningsomraader=("omsorg",)), "forvaltningsomraader[0]: 'omsorg' is not a KLE pattern"),
        (replace(AFTALE, afsendende_myndigheder=("11111112",)), "(nearest: '11111111')"),
        (replace(AFTALE, tilladte_myndigheder=("22222222",)), "tilladte_myndigheder[0]: myndighed 22222222 is not"),
        (replace(AFTALE, gyldig_til=1_700_000_000.25), "gyldig_til: is not after gyldig_fra"),
        (
            replace(SYSTEM, certifikat="CVR:1\n"),
            "certifikat: 'CVR:1\\n' begins or ends with a space; expected the SERIALN",
        ),
        (replace(SYSTEM, certifikat="C" * 65), "certifikat: has 65 characters; expected the SERIALNUMBER"),
        (replace(AFTALE, modtagende_dueslag=("*", NOWHERE)), f"modtagende_dueslag[1]: dueslag '{NOWHERE}' is not one"),
        (replace(AFTALE, modtagende_dueslag=("Indbake",)), "expected one of 'Indbakke' (nearest: 'Indbakke')"),
        (
            replace(AFTALE, anvendersystem=OTHER.id),
            f"dueslag 'Indbakke' ({DUESLAG.id}) is not one of anvendersystem 'Andet system'; expected one under",
        ),
        (
            replace(AFTALE, service=Service.AFSEND),
            "modtagende_dueslag: is for agreements on receiving (service modtag)",
        ),
        (replace(AFTALE, gyldig_fra=float("nan")), "gyldig_fra: nan is outside the years 1 to 9999"),
        (replace(DUESLAG, anvendersystem=NOWHERE), f"dueslag 'Indbakke' ({DUESLAG.id}), anvendersystem: anvender"),
        (replace(ABONNEMENT, dueslag=NOWHERE), f"dueslag: dueslag '{NOWHERE}' is not in the register"),
        (replace(ABONNEMENT, filter="x ="), "filter: "),
        (
            replace(ABONNEMENT, filter=f"{FIELD} IN VAERDILISTE 'Andre'"),
            "værdiliste 'Andre' is not one of anvendersystem",
        ),
        (replace(LISTE, anvendersystem=NOWHERE), f"anvendersystem: anvendersystem '{NOWHERE}' is not in the register"),
    ],
)
def test_a_change_that_breaks_a_rule_is_refused_with_the_reason(item: Item, said: str) -> None:
    """At run time as in a file: the item, the field, what is wrong and what was expected, in one line."""
    found = check_change(small(), [item], parse_filter)
    assert said in found[0]
    assert "\n" not in found[0]


@pytest.mark.parametrize(
    "item",
    [
        replace(OTHER, navn="FAGSYSTEM"),
        replace(TYPE, id=NOWHERE),
        replace(DUESLAG, id=NOWHERE),
        replace(LISTE, id=NOWHERE),
    ],
)
def test_names_that_would_not_tell_apart_are_refused(item: Item) -> None:
    """Two systems with one name could not log in by it; two lists with one name could not be told in a filter."""
    (found,) = check_change(small(), [item], parse_filter)
    assert "navn: the name is taken by " in found


@pytest.mark.parametrize("certifikat", ["UI:DK-O:G:0F3C-0002", "ui:dk-o:g:0f3c-0002"])
def test_two_systems_do_not_share_a_certificate(certifikat: str) -> None:
    """A certificate tells who logs in: the SERIALNUMBER of another system is refused, in upper or lower case."""
    (found,) = check_change(small(), [replace(SYSTEM, certifikat=certifikat)], parse_filter)
    assert "certifikat: UI:DK-O:G:0F3C-0002 is the certificate of anvendersystem 'Andet system'" in found


def test_a_derived_serial_number_is_taken_as_well() -> None:
    """The SERIALNUMBER that a system has without certifikat in the register cannot be given to another."""
    (found,) = check_change(small(), [replace(OTHER, certifikat=SYSTEM.serienummer)], parse_filter)
    assert "is the certificate of anvendersystem 'Fagsystem'" in found
    assert check_change(small(), [replace(SYSTEM, certifikat=SYSTEM.serienummer)], parse_filter) == []


def test_a_dueslag_that_an_agreement_names_does_not_change_hands() -> None:
    """Moving it to another system names the agreement that would be about somebody else's dueslag."""
    content = small()
    content.abonnementer.clear()
    (found,) = check_change(content, [replace(DUESLAG, anvendersystem=OTHER.id)], parse_filter)
    assert found.startswith(f"serviceaftale {AFTALE.id}, modtagende_dueslag[0]: ")
    together: list[Item] = [replace(DUESLAG, anvendersystem=OTHER.id), replace(AFTALE, anvendersystem=OTHER.id)]
    assert check_change(content, together, parse_filter) == []


def test_two_with_one_name_in_the_same_change_are_refused() -> None:
    """A change does not slip in what two changes could not."""
    pair = [Anvendersystem(NOWHERE.replace("0000-4", f"000{n}-4"), "Nyt", "11111111") for n in (1, 2)]
    (found,) = check_change(small(), pair, parse_filter)
    assert "the name is taken by anvendersystem 'Nyt'" in found


def test_two_systems_may_each_have_a_dueslag_of_one_name() -> None:
    """Every municipality may call its dueslag Indbakke."""
    assert check_change(small(), [replace(DUESLAG, id=NOWHERE, anvendersystem=OTHER.id)], parse_filter) == []


def test_names_may_be_swapped_in_one_change() -> None:
    """What counts is the register after the change, not on the way."""
    swapped: list[Item] = [replace(SYSTEM, navn=OTHER.navn), replace(OTHER, navn=SYSTEM.navn)]
    assert check_change(small(), swapped, parse_filter) == []


@pytest.mark.parametrize(
    "item",
    [
        replace(DUESLAG, anvendersystem=OTHER.id),
        replace(LISTE, anvendersystem=OTHER.id),
        replace(LISTE, navn="Andre"),
    ],
)
def test_a_change_that_takes_a_list_away_from_a_filter_is_refused(item: Item) -> None:
    """Moving a dueslag or renaming a list names the subscription that would lose its værdiliste."""
    found = check_change(small(), [item], parse_filter)[0]
    assert found.startswith("abonnement 'Fulgte borgere'")
    assert "værdiliste 'Borgere' is not one of" in found


def test_a_list_may_be_renamed_together_with_the_filter() -> None:
    """List and subscription change in one step."""
    changed: list[Item] = [replace(LISTE, navn="Andre"), replace(ABONNEMENT, filter=f"{FIELD} IN VAERDILISTE 'Andre'")]
    assert check_change(small(), changed, parse_filter) == []


@pytest.mark.parametrize(
    ("item", "referrers"),
    [
        (KOMMUNE, ["anvendersystem 'Fagsystem'", "anvendersystem 'Andet system'", f"serviceaftale {AFTALE.id}"]),
        (SYSTEM, [f"serviceaftale {AFTALE.id}", "dueslag 'Indbakke'", "vaerdiliste 'Borgere'"]),
        (TYPE, [f"serviceaftale {AFTALE.id}"]),
        (DUESLAG, ["abonnement 'Fulgte borgere'", f"serviceaftale {AFTALE.id}"]),
        (LISTE, ["abonnement 'Fulgte borgere'"]),
    ],
)
def test_what_is_still_referred_to_is_not_removed(item: Item, referrers: list[str]) -> None:
    """The refusal names what refers, so that one knows what to remove first."""
    (found,) = check_delete(small(), [item])
    assert "is still referred to by" in found
    assert all(referrer in found for referrer in referrers)


@pytest.mark.parametrize("item", [OTHER, AFTALE, ABONNEMENT, Myndighed("22222222", "Ukendt")])
def test_what_nothing_refers_to_may_be_removed(item: Item) -> None:
    """Agreements and subscriptions may always go, and so may what is not there."""
    assert check_delete(small(), [item]) == []


def test_an_item_may_go_together_with_what_refers_to_it() -> None:
    """A dueslag goes with its subscriptions, a system with all it has, the whole register at once."""
    assert check_delete(small(), [DUESLAG, ABONNEMENT, AFTALE]) == []
    assert check_delete(small(), [AFTALE, ABONNEMENT, DUESLAG]) == []
    assert check_delete(small(), list(all_items(small()))) == []


def test_many_referrers_are_counted_not_listed() -> None:
    """A dueslag with a hundred subscriptions gives a line, not a page."""
    content = small()
    for number in range(100):
        abonnement = Abonnement(f"ffffffff-0000-4000-8000-{number:012}", f"nr {number}", DUESLAG.id)
        content.abonnementer[abonnement.id] = abonnement
    (found,) = check_delete(content, [DUESLAG])
    assert " and 98 more; " in found


def test_a_list_of_the_same_name_in_another_system_is_no_reference() -> None:
    """A subscription uses the lists of its own system only."""
    content = small()
    content.vaerdilister[NOWHERE] = replace(LISTE, id=NOWHERE, anvendersystem=OTHER.id)
    assert check_delete(content, [content.vaerdilister[NOWHERE]]) == []


@given(contents(), st.data())
@settings(max_examples=80, deadline=None)
def test_a_removal_that_is_allowed_leaves_a_consistent_register(content: RegisterContent, data: st.DataObject) -> None:
    """Whatever is removed by the rules, the register holds together; what is refused would have broken it."""
    gone = data.draw(st.lists(st.sampled_from(list(all_items(content))), max_size=4))
    refused = check_delete(content, gone)
    for item in gone:
        getattr(content, section_of(item)).pop(key_of(item), None)
    assert bool(refused) == bool(check(content, parse_filter))


@given(contents(), st.data())
@settings(max_examples=80, deadline=None)
def test_a_change_is_judged_as_the_whole_register_would_be(content: RegisterContent, data: st.DataObject) -> None:
    """Checking only what a change touches comes to the same verdict as checking everything after it."""
    items = list(all_items(content))
    changed = [
        _moved(item, items, data) for item in data.draw(st.lists(st.sampled_from(items), max_size=3, unique=True))
    ]
    verdict = check_change(content, changed, parse_filter)
    for item in changed:
        getattr(content, section_of(item))[key_of(item)] = item
    assert bool(verdict) == bool(check(content, parse_filter))


def _moved(item: Item, items: list[Item], data: st.DataObject) -> Item:
    """The item with its owner changed or its name taken from another, rightly or wrongly."""
    other = data.draw(st.sampled_from(items))
    if isinstance(item, Abonnement):
        return replace(item, dueslag=key_of(other))
    if isinstance(item, Dueslag) and data.draw(st.booleans()):
        return replace(item, anvendersystem=key_of(other))
    if isinstance(item, Anvendersystem) and isinstance(other, Anvendersystem) and data.draw(st.booleans()):
        return replace(item, certifikat=other.serienummer)
    if isinstance(item, Serviceaftale) and isinstance(other, Dueslag):
        return replace(item, modtagende_dueslag=(other.id,))
    if isinstance(item, Serviceaftale) and isinstance(other, Anvendersystem):
        return replace(item, anvendersystem=other.id)
    if isinstance(item, Serviceaftale) or isinstance(other, Serviceaftale):
        return item
    return replace(item, navn=other.navn)
