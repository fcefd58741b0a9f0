"""The Beskedfordeler behind its front door, with the memory engine: send, route, start, stop, explain, trace."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from broker.clock import FakeClock
from broker.core.model import (
    Abonnement,
    Anvendersystem,
    Beskedtype,
    Dueslag,
    Myndighed,
    Service,
    Serviceaftale,
    Tilstand,
    Vaerdiliste,
)
from broker.engine import memory_engine
from broker.errors import AccessDenied, NotFound, Refused, RegisterError
from broker.kuvert import Limits, RelateretObjekt, claimed_besked_id, haendelsesbesked, parse
from broker.ports import Leverance, Login, Peer, Publication, RegisterContent, Verdict
from broker.register import MemoryRegister
from broker.service import Beskedfordeler
from broker.trace import Query, Trace

TYPE = "7654895c-a3f3-4c77-8afd-4c77330f963c"
PERSON = "ce7fcf97-a8a2-447a-8690-d38aa0f6e23c"
SENDER = Anvendersystem("aaaaaaaa-0000-4000-8000-000000000001", "Afsender", "11111111", "hemmelig")
RECEIVER = Anvendersystem("aaaaaaaa-0000-4000-8000-000000000002", "Modtager", "22222222")
DUESLAG = Dueslag("dddddddd-0000-4000-8000-000000000001", "Post", RECEIVER.id)
ALL = Abonnement("bbbbbbbb-0000-4000-8000-000000000001", "Alt", DUESLAG.id)
LISTE = Vaerdiliste("eeeeeeee-0000-4000-8000-000000000001", "Borgere", RECEIVER.id)
AFSEND, MODTAG = "ffffffff-0000-4000-8000-000000000001", "ffffffff-0000-4000-8000-000000000002"
PEER = Peer("127.0.0.1", 50000)


class Collector:
    """A consumer that takes all it is given."""

    priority = 0

    def __init__(self) -> None:
        self.taken: list[Leverance] = []
        self.gone = False

    def has_room(self) -> bool:
        return True

    def deliver(self, leverance: Leverance) -> None:
        self.taken.append(leverance)

    def dueslag_gone(self) -> None:
        self.gone = True


@pytest.fixture
async def service() -> AsyncIterator[Beskedfordeler]:
    content = RegisterContent()
    clock = FakeClock()
    register = MemoryRegister()
    holder: list[Beskedfordeler] = []
    engine = memory_engine(clock, on_died=lambda *what: holder[0].died(*what))
    await register.open()
    await engine.open()
    service = Beskedfordeler(register, content, engine, Trace(None), clock, Limits(1_000_000))
    holder.append(service)
    await service.put(
        [
            Myndighed("11111111", "En kommune (syntetisk)"),
            Myndighed("22222222", "En anden kommune (syntetisk)"),
            SENDER,
            RECEIVER,
            Beskedtype(TYPE, "Test"),
            Serviceaftale(AFSEND, SENDER.id, Service.AFSEND),
            Serviceaftale(MODTAG, RECEIVER.id, Service.MODTAG),
            DUESLAG,
            ALL,
        ]
    )
    yield service
    await service.distributor.close()
    await engine.close()


async def send(service: Beskedfordeler, body: bytes, message_id: str | None = None) -> Verdict:
    answer: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
    service.submit(Login(SENDER, PEER, "PLAIN"), Publication(body, message_id, None), answer.set_result)
    return await asyncio.wait_for(answer, 5)


def besked(**changes: object) -> bytes:
    return haendelsesbesked(**({"beskedtype": TYPE} | changes))  # type: ignore[arg-type]


async def test_a_message_is_delivered_with_what_the_beskedfordeler_adds(service: Beskedfordeler) -> None:
    """Sender, transaction, address, credentials, and the abonnement by which it came."""
    assert (await send(service, besked(), "0d7a7d95-0c4a-4f86-bd98-c599d0b81128")).status_kode == 20
    leverance = await service.engine.get(DUESLAG.id)
    assert leverance is not None
    body = service.render(leverance).body.decode()
    assert "0d7a7d95-0c4a-4f86-bd98-c599d0b81128" in body
    assert SENDER.id in body
    assert "::FFFF:127.0.0.1" in body
    assert ALL.id in body
    assert body.count(".") > 2
    assert parse(body.encode()).besked.beskedtype == TYPE


async def test_a_large_message_takes_the_same_way(service: Beskedfordeler) -> None:
    """A letter of half a megabyte is accepted and delivered whole; its sender is not read from meanwhile."""
    payload = b"<t xmlns='urn:t'>" + b"x" * 500_000 + b"</t>"
    answer: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
    publication = Publication(besked(beskeddata=payload), None, None)
    assert service.submit(Login(SENDER, PEER, "PLAIN"), publication, answer.set_result) is False
    assert (await asyncio.wait_for(answer, 5)).status_kode == 20
    leverance = await service.engine.get(DUESLAG.id)
    assert leverance is not None
    assert payload in service.render(leverance).body


async def test_a_resend_gets_the_same_answer_and_no_second_delivery(service: Beskedfordeler) -> None:
    """The client that waited 10 s and sends again is told 20; the receiver sees the message once."""
    body = besked()
    assert [(await send(service, body)).status_kode for _ in range(3)] == [20, 20, 20]
    assert service.engine.depth(DUESLAG.id).ready == 1


async def test_the_same_beskedid_with_other_content_is_refused(service: Beskedfordeler) -> None:
    """40, and the text says what to do."""
    one = besked(besked_id="01157488-c45c-4fd2-b076-1de12effbf66")
    assert (await send(service, one)).status_kode == 20
    verdict = await send(service, one.replace(b"syntetisk", b"anderledes"))
    assert verdict.status_kode == 40
    assert "BeskedId" in verdict.text
    assert "new BeskedId" in verdict.text


@pytest.mark.parametrize(
    ("body", "kode", "text"),
    [
        (b"", 40, "empty"),
        (b"<a>", 40, "line 1"),
        (besked(besked_version="2.0"), 55, "BeskedVersion"),
        (besked(gyldig_til=1_600_000_000.0), 40, "GyldighedTil"),
        (b"x" * 1_000_001, 40, "1000000"),
    ],
)
async def test_what_cannot_be_accepted_is_answered_with_code_and_reason(
    service: Beskedfordeler, body: bytes, kode: int, text: str
) -> None:
    """Malformed, wrong version, expired, too large: the sender is told; the trace holds it; nothing is queued."""
    verdict = await send(service, body, "t-1")
    assert verdict.status_kode == kode
    assert text.replace(",", "") in verdict.text.replace(",", "").replace("_", "")
    refused = await service.trace.find(Query(what="refused"))
    assert refused[-1].detail["kode"] == kode
    assert service.engine.depth(DUESLAG.id).ready == 0


async def test_a_beskedtype_outside_every_agreement_is_refused(service: Beskedfordeler) -> None:
    """An unknown beskedtype names itself, the system and the way out."""
    await service.put([Beskedtype(TYPE, "Test"), Serviceaftale(AFSEND, SENDER.id, Service.AFSEND, beskedtyper=(TYPE,))])
    verdict = await send(service, besked(beskedtype="832d0676-d0a0-4522-8f57-ac126dc8270e"))
    assert verdict.status_kode == 40
    assert "832d0676-d0a0-4522-8f57-ac126dc8270e" in verdict.text
    assert "Afsender" in verdict.text


async def test_a_beskedtype_that_the_register_does_not_know_is_refused(service: Beskedfordeler) -> None:
    """An agreement for all beskedtyper is for all that there are: a typing error in a UUID is not answered 20."""
    refused = besked(beskedtype="832d0676-d0a0-4522-8f57-ac126dc8270e")
    verdict = await send(service, refused)
    assert verdict.status_kode == 40
    assert "Filtreringsdata/Beskedtype: '832d0676-d0a0-4522-8f57-ac126dc8270e'" in verdict.text
    assert service.engine.depth(DUESLAG.id).ready == 0
    await service.put([Beskedtype("832d0676-d0a0-4522-8f57-ac126dc8270e", "Ny")])
    assert (await send(service, refused)).status_kode == 20


async def test_a_refusal_is_found_under_its_beskedid(service: Beskedfordeler) -> None:
    """Whoever asks the trace for a message that was never accepted is told why, also where it was no valid XML."""
    for kode, body in ((55, besked(besked_version="2.0")), (40, besked()[:-5])):
        besked_id = claimed_besked_id(body)
        await send(service, body)
        (record,) = await service.trace.find(Query(besked_id=besked_id))
        assert (record.what, record.detail["kode"]) == ("refused", kode)


async def test_stop_holds_from_the_next_message_and_start_again(service: Beskedfordeler) -> None:
    """Stopped: nothing is put in, what is there stays; started: the next message comes, the missed one does not."""
    await send(service, besked())
    await service.set_tilstand("Alt", Tilstand.STOPPET)
    missed = besked()
    assert (await send(service, missed)).status_kode == 20
    assert service.engine.depth(DUESLAG.id).ready == 1
    await service.set_tilstand("alt", Tilstand.AKTIV)
    await send(service, besked())
    assert service.engine.depth(DUESLAG.id).ready == 2
    record = (await service.trace.find(Query(besked_id=parse(missed).besked.besked_id)))[0]
    assert [tuple(skipped) for skipped in record.detail["ikke"]] == [(ALL.id, "stoppet")]
    changes = [r.detail["tilstand"] for r in await service.trace.find(Query(what="tilstand"))]
    assert changes == ["aktiv", "stoppet", "aktiv"]


async def test_pause_keeps_back_and_resume_lets_flow_in_order(service: Beskedfordeler) -> None:
    """Messages accepted during a pause arrive after it, before those accepted later."""
    collector = Collector()
    service.engine.attach(DUESLAG.id, collector)
    await service.set_tilstand(ALL.id, Tilstand.PAUSE)
    first, second = besked(), besked()
    await send(service, first)
    await send(service, second)
    assert service.engine.depth(DUESLAG.id).held == 2
    assert collector.taken == []
    await service.set_tilstand(ALL.id, Tilstand.AKTIV)
    third = besked()
    await send(service, third)
    await asyncio.sleep(0.05)
    got = [leverance.besked.besked_id for leverance in collector.taken if leverance.besked]
    assert got == [parse(body).besked.besked_id for body in (first, second, third)]


async def test_a_new_filter_and_a_changed_vaerdiliste_hold_from_the_next_message(service: Beskedfordeler) -> None:
    """Only followed citizens: the list is changed at run time, without touching the abonnement."""
    await service.put([LISTE])
    path = "Beskedkuvert.Filtreringsdata.RelateretObjekt.ObjektId.URNIdentifikator"
    await service.put([Abonnement(ALL.id, ALL.navn, DUESLAG.id, f"{path} IN VAERDILISTE 'Borgere'")])
    citizen = "urn:oio:cpr-nr:0101010000"
    about = [RelateretObjekt(citizen, PERSON)]
    await send(service, besked(relateret_objekt=about))
    assert service.engine.depth(DUESLAG.id).ready == 0
    assert await service.add_values("Borgere", [citizen]) == 1
    await send(service, besked(relateret_objekt=about))
    assert service.engine.depth(DUESLAG.id).ready == 1
    assert await service.remove_values("Borgere", [citizen]) == 0
    await send(service, besked(relateret_objekt=about))
    assert service.engine.depth(DUESLAG.id).ready == 1


async def test_a_vaerdiliste_may_come_after_its_abonnement_and_go_with_it(service: Beskedfordeler) -> None:
    """Whatever the order in one change; and a list made anew under the same name is the one that counts."""
    path = "Beskedkuvert.Filtreringsdata.RelateretObjekt.ObjektId.URNIdentifikator"
    listed = Abonnement(ALL.id, ALL.navn, DUESLAG.id, f"{path} IN VAERDILISTE 'Borgere'")
    await service.put([listed, LISTE])
    citizen = "urn:oio:cpr-nr:0101010000"
    await service.add_values("Borgere", [citizen])
    await service.put([ALL])
    await service.delete([LISTE])
    await service.put([LISTE, listed])
    await send(service, besked(relateret_objekt=[RelateretObjekt(citizen, PERSON)]))
    assert service.engine.depth(DUESLAG.id).ready == 0
    await service.add_values("Borgere", [citizen])
    await send(service, besked(relateret_objekt=[RelateretObjekt(citizen, PERSON)]))
    assert service.engine.depth(DUESLAG.id).ready == 1


async def test_judge_says_why(service: Beskedfordeler) -> None:
    """Term by term with the value seen; and beyond the filter: stopped, agreement, pause."""
    body = besked()
    assert service.judge(ALL, body, SENDER).delivered
    await service.put([Abonnement(ALL.id, ALL.navn, DUESLAG.id, "Beskedkuvert.Filtreringsdata.Beskedtype = 'andet'")])
    judgement = service.judge(service.find_abonnement("Alt"), body, SENDER)
    assert not judgement.delivered
    assert "filter" in judgement.reason
    assert TYPE in judgement.explanation.text()


async def test_a_change_that_breaks_a_rule_changes_nothing(service: Beskedfordeler) -> None:
    """A broken filter and a dueslag still in use are refused, and the register is as before."""
    with pytest.raises(RegisterError):
        await service.put([Abonnement(ALL.id, ALL.navn, DUESLAG.id, "Beskedkuvert.Beskeddata = 'x'")])
    with pytest.raises(RegisterError, match="Alt"):
        await service.delete([DUESLAG])
    assert service.find_abonnement("Alt") == ALL
    assert (await service.register.load()).dueslag == {DUESLAG.id: DUESLAG}


async def test_removing_a_dueslag_tells_its_consumers(service: Beskedfordeler) -> None:
    """The dueslag goes with its messages; who consumes it is told."""
    collector = Collector()
    service.engine.attach(DUESLAG.id, collector)
    await service.delete([ALL, DUESLAG])
    assert collector.gone
    assert (await send(service, besked())).status_kode == 20


async def test_login_is_by_id_or_navn_and_by_adgangskode_where_one_is_set(service: Beskedfordeler) -> None:
    """Local work needs no password unless the register asks for one."""
    assert service.login("PLAIN", "modtager", b"anything", PEER).system == RECEIVER
    assert service.login("PLAIN", SENDER.id.upper(), b"hemmelig", PEER).system == SENDER
    with pytest.raises(AccessDenied, match="adgangskode"):
        service.login("PLAIN", "Afsender", b"forkert", PEER)
    with pytest.raises(AccessDenied, match="ukendt"):
        service.login("PLAIN", "ukendt", b"", PEER)


async def test_a_dueslag_opens_to_its_own_system_only(service: Beskedfordeler) -> None:
    """Another system's dueslag is refused, an unknown one is not found."""
    login = Login(RECEIVER, PEER, "PLAIN")
    assert service.open_dueslag(login, DUESLAG.id.upper()) == DUESLAG
    with pytest.raises(AccessDenied):
        service.open_dueslag(Login(SENDER, PEER, "PLAIN"), DUESLAG.id)
    with pytest.raises(NotFound):
        service.open_dueslag(login, "findes-ikke")


async def test_a_misspelt_name_gets_the_nearest_one(service: Beskedfordeler) -> None:
    """At 16:30 a typo should not cost ten minutes."""
    with pytest.raises(NotFound, match="did you mean 'Post'"):
        service.find_dueslag("Pots")


async def test_reset_forgets_messages_and_trace_but_not_the_register(service: Beskedfordeler) -> None:
    """Between two tests: empty dueslag, same abonnementer."""
    await send(service, besked())
    await service.reset()
    assert service.engine.depth(DUESLAG.id).ready == 0
    assert await service.trace.find(Query()) == []
    assert (await send(service, besked())).status_kode == 20


async def test_what_is_refused_before_it_is_parsed_is_in_the_trace(service: Beskedfordeler) -> None:
    """A body over the limit and a dueslag that does not exist leave a line, too."""
    login = Login(SENDER, PEER, "PLAIN")
    assert service.refuse(login, "t-9", Refused("the message is too long")).status_kode == 40
    assert [record.detail["kode"] for record in await service.trace.find(Query(transaktions_id="t-9"))] == [40]
    with pytest.raises(NotFound):
        service.open_dueslag(login, "findes-ikke")
    assert "findes-ikke" in (await service.trace.find(Query(what="denied")))[-1].detail["grund"]


async def test_explain_refuses_what_a_send_would_refuse(service: Beskedfordeler) -> None:
    """A beskedtype that the register does not have, or a message past its time: explain says so as the send does."""
    now = service.clock.now()
    for body, words in (
        (besked(beskedtype="00000000-0000-4000-8000-00000000dead"), "not a beskedtype of the register"),
        (besked(gyldig_til=now - 1), "expired before it was sent"),
    ):
        judgement = service.judge(ALL, body, SENDER)
        assert not judgement.delivered
        assert words in judgement.reason
        assert words in (await send(service, body)).text
