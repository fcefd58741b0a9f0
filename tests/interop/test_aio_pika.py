"""aio-pika as it is, and the client of `consumers` on top of it."""

from __future__ import annotations

import asyncio
import uuid

import aio_pika
import pytest
from aiormq.exceptions import ChannelAccessRefused, ChannelNotFoundEntity, ChannelPreconditionFailed

from consumers.client import Afhent, Afsend, NotPermitted, read_retur
from tests.interop import samples
from tests.support.emulator import Emulator


@pytest.mark.parametrize("name", samples.NAMES)
async def test_sample_goes_from_afsend_to_afhent(shared_emulator: Emulator, name: str) -> None:
    """KOMBIT's sample is answered 20 and fetched by its subscriber, valid and with its data untouched."""
    sent = samples.sample(name)
    transaktions_id = str(uuid.uuid4())
    async with Afsend(shared_emulator.endpoint(samples.SENDER)) as afsend:
        retur = await afsend.send(sent.xml, transaktions_id=transaktions_id)
        assert (retur.status_kode, retur.fejlbesked_tekst) == (20, "")
    async with Afhent(shared_emulator.endpoint(sent.receiver), sent.dueslag) as afhent:
        async for modtaget in afhent:
            samples.check_delivered(sent, modtaget.body)
            assert modtaget.kuvert.transaktions_id == transaktions_id
            assert modtaget.kuvert.leveranceforsoeg == 1
            assert not modtaget.redelivered
            assert await modtaget.ack()
            afhent.stop()


async def test_many_sends_under_way_are_each_answered(shared_emulator: Emulator) -> None:
    """A sender with 200 messages under way gets 200 answers, and each message is delivered once, in order."""
    batch = [samples.extern_test_besked() for _ in range(200)]
    async with Afsend(shared_emulator.endpoint(samples.SENDER)) as afsend:
        returns = await asyncio.gather(*(afsend.send(sent.xml) for sent in batch))
    assert {retur.status_kode for retur in returns} == {20}
    came: list[str] = []
    async with Afhent(shared_emulator.endpoint(samples.TEST_RECEIVER), samples.TEST_DUESLAG) as afhent:
        async for modtaget in afhent:
            came.append(modtaget.kuvert.besked_id)
            await modtaget.ack()
            if len(came) == len(batch):
                afhent.stop()
        assert await afhent.get() is None
    assert came == [sent.besked_id for sent in batch]


async def test_resent_message_is_answered_again_and_delivered_once(shared_emulator: Emulator) -> None:
    """A client that did not see the answer sends the same message again: 20 again, and one delivery."""
    sent = samples.extern_test_besked()
    async with Afsend(shared_emulator.endpoint(samples.SENDER)) as afsend:
        assert (await afsend.send(sent.xml)).ok
        assert (await afsend.send(sent.xml)).ok
        changed = await afsend.send(sent.xml.replace(b"Hello", b"Hallo"))
    assert changed.status_kode == 40
    assert sent.besked_id in changed.fejlbesked_tekst
    async with Afhent(shared_emulator.endpoint(samples.TEST_RECEIVER), samples.TEST_DUESLAG) as afhent:
        first = await afhent.get()
        assert first is not None
        samples.check_delivered(sent, first.body)
        await first.ack()
        assert await afhent.get() is None


async def test_requeued_message_comes_again_flagged(shared_emulator: Emulator) -> None:
    """What is requeued, or left unsettled when the connection goes, comes again with redelivered set."""
    sent = samples.extern_test_besked()
    async with Afsend(shared_emulator.endpoint(samples.SENDER)) as afsend:
        assert (await afsend.send(sent.xml)).ok
    endpoint = shared_emulator.endpoint(samples.TEST_RECEIVER)
    async with Afhent(endpoint, samples.TEST_DUESLAG) as afhent:
        first = await afhent.get()
        assert first is not None
        assert not first.redelivered
        assert await first.requeue()
        second = await afhent.get()
        assert second is not None
        assert second.redelivered
    async with Afhent(endpoint, samples.TEST_DUESLAG) as afhent:
        third = await afhent.get()
        assert third is not None
        assert third.redelivered
        assert third.kuvert.leveranceforsoeg == 3
        await third.ack()
        assert await afhent.depth() == 0


async def test_rejected_message_goes_to_the_fejlkoe(emulator: Emulator) -> None:
    """What a receiver rejects without requeue does not come again: it lies in the fejlkø of the dueslag."""
    sent = samples.extern_test_besked()
    async with Afsend(emulator.endpoint(samples.SENDER)) as afsend:
        assert (await afsend.send(sent.xml)).ok
    async with Afhent(emulator.endpoint(samples.TEST_RECEIVER), samples.TEST_DUESLAG) as afhent:
        modtaget = await afhent.get()
        assert modtaget is not None
        await modtaget.reject()
        assert await afhent.get() is None
    assert (await emulator.admin.depths())[samples.TEST_DUESLAG]["dead"] == 1


async def test_raw_dialogue_as_kombits_sample_has_it(shared_emulator: Emulator) -> None:
    """Consume the reply queue without ack, publish mandatory with an empty routing key, wait by correlation id."""
    sent = samples.extern_test_besked()
    endpoint = shared_emulator.endpoint(samples.SENDER)
    connection = await endpoint.connect()
    async with connection:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        replies = await channel.get_queue("amq.rabbitmq.reply-to")
        answered: asyncio.Future[aio_pika.abc.AbstractIncomingMessage] = asyncio.get_running_loop().create_future()

        async def take(message: aio_pika.abc.AbstractIncomingMessage) -> None:
            answered.set_result(message)

        await replies.consume(take, no_ack=True)
        exchange = await channel.get_exchange("AFSEND_BESKED_EXCHANGE", ensure=False)
        message = aio_pika.Message(
            sent.xml,
            message_id=str(uuid.uuid4()),
            correlation_id="c-1",
            reply_to="amq.rabbitmq.reply-to",
            headers={"token": "<saml:Assertion>" + "x" * 6000 + "</saml:Assertion>"},
        )
        await exchange.publish(message, "", mandatory=True)
        async with asyncio.timeout(5):
            answer = await answered
    assert answer.correlation_id == "c-1"
    assert read_retur(answer.body).ok
    async with Afhent(shared_emulator.endpoint(samples.TEST_RECEIVER), samples.TEST_DUESLAG) as afhent:
        modtaget = await afhent.get()
        assert modtaget is not None
        samples.check_delivered(sent, modtaget.body)
        await modtaget.ack()


async def test_wrong_password_and_unknown_system_are_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A login that the register does not know is refused with 403, in RabbitMQ's words."""
    from tests.support.emulator import running

    folder = tmp_path_factory.mktemp("password")
    register = folder / "register.yaml"
    register.write_text(
        "myndigheder: [{cvr: 99999999, navn: Testkommune (syntetisk)}]\n"
        "anvendersystemer: [{navn: Lukket, cvr: 99999999, adgangskode: rigtig}]\n"
    )
    with running(folder / "data", register=register) as emulator:
        for user, password in (("Lukket", "forkert"), ("Ukendt", "rigtig")):
            with pytest.raises(NotPermitted, match="ACCESS_REFUSED - Login was refused"):
                async with Afsend(emulator.endpoint(user, password)):
                    pass
        async with Afsend(emulator.endpoint("Lukket", "rigtig")):
            pass


async def test_what_an_anvendersystem_may_not_do(shared_emulator: Emulator) -> None:
    """Unknown dueslag 404; another's dueslag 403; declaring, binding, deleting and purging 403; each on its channel."""
    async with Afhent(shared_emulator.endpoint(samples.TEST_RECEIVER), str(uuid.uuid4())) as afhent:
        with pytest.raises(NotPermitted, match="NOT_FOUND - no queue"):
            await afhent.get()
    async with Afhent(shared_emulator.endpoint(samples.TEST_RECEIVER), samples.PKO_DUESLAG) as afhent:
        with pytest.raises(NotPermitted, match="ACCESS_REFUSED"):
            await afhent.get()
    async with await shared_emulator.endpoint(samples.TEST_RECEIVER).connect() as connection:
        with pytest.raises(ChannelAccessRefused):
            await (await connection.channel()).declare_queue("min-egen")
        with pytest.raises(ChannelAccessRefused):
            await (await connection.channel()).declare_exchange("min-egen")
        own = await (await connection.channel()).get_queue(samples.TEST_DUESLAG)
        with pytest.raises(ChannelAccessRefused):
            await own.purge()
        own = await (await connection.channel()).get_queue(samples.TEST_DUESLAG)
        with pytest.raises(ChannelAccessRefused):
            await own.delete()
        with pytest.raises(ChannelNotFoundEntity):
            await (await connection.channel()).get_exchange("findes-ikke", ensure=True)
        channel = await connection.channel()
        message = aio_pika.Message(b"x", reply_to="amq.rabbitmq.reply-to")
        exchange = await channel.get_exchange("AFSEND_BESKED_EXCHANGE", ensure=False)
        with pytest.raises(ChannelPreconditionFailed, match="fast reply consumer does not exist"):
            await exchange.publish(message, "")
        assert not connection.is_closed
