"""The built-in register."""

from __future__ import annotations

import pytest

from broker.core.agreements import Agreements
from broker.core.besked import FILTRERINGSDATA, Besked
from broker.core.filter import parse_filter
from broker.core.model import Service, Tilstand
from broker.register import check
from broker.register.defaults import default_content

TEST, PKO, CPR = (
    "7654895c-a3f3-4c77-8afd-4c77330f963c",
    "d2bed63c-4853-4008-b6e0-a74c15b15fbf",
    "248ce14c-a863-4fb5-9e6f-7df9ea850809",
)


def besked(beskedtype: str, cvr: str, citizen: str = "urn:oio:cpr-nr:2512484916") -> Besked:
    """What routing sees of a message like KOMBIT's samples."""
    felter = {
        FILTRERINGSDATA + "Beskedtype.UUIDIdentifikator": (beskedtype,),
        FILTRERINGSDATA + "TilladtModtager.URNIdentifikator": (f"urn:oio:cvr:{cvr}",),
        FILTRERINGSDATA + "RelateretObjekt.ObjektId.URNIdentifikator": (citizen,),
    }
    return Besked(
        "01157488-c45c-4fd2-b076-1de12effbf66",
        beskedtype,
        felter,
        (f"urn:oio:cvr:{cvr}",),
        (f"urn:oio:cvr:{cvr}",),
        ("urn:oio:kle:32.01.01",),
        "44f4108b-26d4-46de-a90f-35e35b55b8d8",
    )


def test_it_obeys_its_own_rules() -> None:
    """The built-in register is consistent, and every load is a copy of one's own."""
    assert check(default_content(), parse_filter) == []
    assert default_content() is not default_content()


@pytest.mark.parametrize(
    ("message", "dueslag"),
    [
        (besked(TEST, "99999999"), "99999999-9999-9999-9999-999999999999"),
        (besked(PKO, "55133018"), "11111111-1111-1111-1111-111111111111"),
        (besked(CPR, "22222222", "urn:oio:cpr-nr:0101010000"), "22222222-2222-2222-2222-222222222222"),
    ],
)
def test_the_sample_messages_land_in_a_dueslag_at_once(message: Besked, dueslag: str) -> None:
    """KOMBIT's test message, a PKO_PostStatus and a CPR-hændelse each reach one dueslag, with an agreement."""
    content = default_content()
    values = {liste.navn: content.vaerdier[liste.id] for liste in content.vaerdilister.values()}
    hits = [
        abonnement
        for abonnement in content.abonnementer.values()
        if abonnement.tilstand is Tilstand.AKTIV and parse_filter(abonnement.filter).accepts(message, values)
    ]
    assert [hit.dueslag for hit in hits] == [dueslag]
    receiver = content.dueslag[dueslag].anvendersystem
    agreements = Agreements(content.serviceaftaler.values())
    assert agreements.covering(receiver, Service.MODTAG, message, 0.0)
    assert not agreements.covering(receiver, Service.AFSEND, message, 0.0)


@pytest.mark.parametrize("navn", ["Afsendersystem", "TestAnvenderSystem"])
@pytest.mark.parametrize("beskedtype", [TEST, PKO, CPR])
def test_the_senders_may_send_everything(navn: str, beskedtype: str) -> None:
    """One may log in as Afsendersystem, or as the system in KOMBIT's sample, and send any of the three."""
    content = default_content()
    (system,) = [system for system in content.anvendersystemer.values() if system.navn == navn]
    agreements = Agreements(content.serviceaftaler.values())
    assert agreements.covering(system.id, Service.AFSEND, besked(beskedtype, "99999999"), 0.0)


def test_it_is_marked_as_synthetic() -> None:
    """Nobody takes the built-in municipalities for real ones."""
    assert all("syntetisk" in myndighed.navn for myndighed in default_content().myndigheder.values())
