"""Why a message is delivered or not."""

from __future__ import annotations

from broker.kuvert.build import haendelsesbesked
from tests.unit.rest.desk import CPR, TESTTYPE, Desk, cpr_besked, sample_besked

BESKED_ID = "0f0f0f0f-0000-4000-8000-00000000000a"
AFTALE = "0f0f0f0f-0000-4000-8000-0000000000aa"


async def test_match_and_value_seen(desk: Desk) -> None:
    """The terms of a filter that accepts, each with the value in the message."""
    answer = await desk.post("/abonnementer/Testbeskeder/explain", sample_besked())
    assert answer["matches"] is True
    assert answer["delivered"] is True
    assert answer["explanation"]["holds"] is True
    assert answer["explanation"]["seen"] == ["7654895c-a3f3-4c77-8afd-4c77330f963c"]


async def test_no_match_says_which_term(desk: Desk) -> None:
    """A filter that does not accept: which term is false, and what it saw."""
    answer = await desk.post("/abonnementer/PKO_PostStatus/explain", sample_besked())
    assert answer["matches"] is answer["delivered"] is False
    assert answer["reason"]
    assert answer["text"].startswith("false")


async def test_citizen_is_masked(desk: Desk) -> None:
    """A CPR number seen by a term is masked unless asked for."""
    name = "/abonnementer/CPR-hændelser%20for%20fulgte%20borgere/explain"
    masked = await desk.call("POST", name, cpr_besked())
    assert masked.json["matches"] is True
    assert CPR.encode() not in masked.content
    assert CPR in str(await desk.post(name, cpr_besked(), vis_cpr=True))


async def test_stored_message(desk: Desk) -> None:
    """A message in a dueslag can be asked about by its BeskedId; its sender is known, so agreements are judged."""
    await desk.send(sample_besked(BESKED_ID))
    answer = await desk.post("/abonnementer/Testbeskeder/explain", None, besked_id=BESKED_ID.upper())
    assert answer["delivered"] is True
    missing = await desk.call("POST", "/abonnementer/Testbeskeder/explain", besked_id="nope")
    assert missing.status == 404
    other = await desk.call("POST", "/explain", besked_id=BESKED_ID, system="PKO-afsender")
    assert other.status == 404


async def test_sender_without_agreement(desk: Desk) -> None:
    """With a sender named, its agreements are judged as well."""
    answer = await desk.post("/abonnementer/Testbeskeder/explain", sample_besked(), system="PKO-afsender")
    assert answer["matches"] is True
    assert answer["delivered"] is False
    assert "refused" in answer["reason"]


async def test_all_abonnementer(desk: Desk) -> None:
    """Those that get it, and for the others why not; those that match first when cut off."""
    answer = await desk.post("/explain", sample_besked())
    assert [one["navn"] for one in answer["delivered"]] == ["Testbeskeder"]
    reasons = {one["navn"]: one["reason"] for one in answer["not_delivered"]}
    assert reasons["Alle beskeder"] == "stoppet"
    assert len(reasons) == 3
    assert answer["total"] == 4
    cut = await desk.post("/explain", sample_besked(), limit=2)
    assert {one["navn"] for one in cut["delivered"] + cut["not_delivered"]} == {"Testbeskeder", "Alle beskeder"}


async def test_no_message(desk: Desk) -> None:
    """Neither a body nor a BeskedId, or a body that is no message: refused with what is expected."""
    nothing = await desk.call("POST", "/explain")
    assert nothing.status == 422
    assert "Haendelsesbesked" in nothing.error
    nonsense = await desk.call("POST", "/explain", b"<x/>")
    assert (nonsense.status, nonsense.json["kode"]) == (422, 40)


async def test_agreements_of_both_sides(desk: Desk) -> None:
    """Which agreement lets the message through on each side, and whom of TilladtModtager it leaves."""
    own = {"anvendersystem": "Testkommune Fagsystem", "service": "modtag", "version": "2.0"}
    named = own | {"tilladte_myndigheder": ["99999999"], "modtagende_dueslag": "Testkommune"}
    old = "Testkommune%20Fagsystem%2Fmodtag%2F1.0"
    assert (await desk.call("PUT", f"/register/serviceaftaler/{AFTALE}", named)).status == 200
    assert (await desk.call("DELETE", f"/register/serviceaftaler/{old}")).status == 204
    two = haendelsesbesked(beskedtype=TESTTYPE, tilladt_modtager=["urn:oio:cvr:99999999", "urn:oio:cvr:22222222"])
    answer = await desk.post("/abonnementer/Testbeskeder/explain", two, system="Afsendersystem")
    assert answer["delivered"] is True
    assert answer["afsend"]["allowed"] is True
    assert answer["afsend"]["stays"] == ["urn:oio:cvr:99999999", "urn:oio:cvr:22222222"]
    assert answer["modtag"]["aftaler"] == [{"id": AFTALE, "version": "2.0", "covers": True, "limits": []}]
    assert answer["modtag"]["stays"] == ["urn:oio:cvr:99999999"]
    assert answer["modtag"]["trimmed"] == ["urn:oio:cvr:22222222"]
    assert answer["modtag"]["text"].endswith("trimmed to urn:oio:cvr:99999999 (away: urn:oio:cvr:22222222)")


async def test_receiving_side_without_a_sender(desk: Desk) -> None:
    """Nobody given as the sender: an agreement on receiving that lapsed stops the message all the same."""
    body = {"anvendersystem": "Testkommune Fagsystem", "service": "modtag", "gyldig_til": "2020-01-01"}
    (aftale,) = [
        one
        for one in await desk.get("/register/serviceaftaler")
        if one["anvendersystem"] == desk.service.find_system("Testkommune Fagsystem").id
    ]
    assert (await desk.call("PUT", f"/register/serviceaftaler/{aftale['id']}", body)).status == 200
    answer = await desk.post("/abonnementer/Testbeskeder/explain", sample_besked())
    assert (answer["matches"], answer["delivered"], answer["afsend"]) == (True, False, None)
    assert answer["reason"].startswith("ingen serviceaftale om modtagelse dækker beskeden: ")
    (limit,) = answer["modtag"]["aftaler"][0]["limits"]
    assert limit["field"] == "gyldig_til"
    assert limit["text"] == "gyldig_til 2020-01-01T00:00:00Z has passed (serviceaftaler[].gyldig_til)"
    assert limit["text"] in answer["reason"]


async def test_period_without_a_sender(desk: Desk) -> None:
    """An abonnement that has ended gets nothing, whoever sends."""
    body = {"navn": "Testbeskeder", "dueslag": "Testkommune", "gyldig_til": "2020-01-01"}
    key = desk.service.find_abonnement("Testbeskeder").id
    assert (await desk.call("PUT", f"/register/abonnementer/{key}", body)).status == 200
    answer = await desk.post("/abonnementer/Testbeskeder/explain", sample_besked())
    assert (answer["delivered"], answer["reason"]) == (False, "uden for gyldighedsperioden")


async def test_sender_is_judged_where_no_filter_accepts(desk: Desk) -> None:
    """That nobody subscribes does not hide that the message would be refused."""
    answer = await desk.post("/abonnementer/PKO_PostStatus/explain", sample_besked(), system="PKO-afsender")
    assert (answer["matches"], answer["modtag"]) == (False, None)
    assert answer["afsend"]["allowed"] is False
    assert answer["afsend"]["aftaler"][0]["limits"][0]["field"] == "beskedtyper"


async def test_values_of_agreements_are_masked(desk: Desk) -> None:
    """A CPR number that somebody wrote as TilladtModtager is masked in what is told of agreements, unless asked for."""
    odd = haendelsesbesked(beskedtype=TESTTYPE, tilladt_modtager=[f"urn:oio:cpr-nr:{CPR}"])
    masked = await desk.call("POST", "/abonnementer/Testbeskeder/explain", odd, system="Afsendersystem")
    assert CPR.encode() not in masked.content
    assert CPR in str(await desk.post("/explain", odd, system="Afsendersystem", vis_cpr=True))
