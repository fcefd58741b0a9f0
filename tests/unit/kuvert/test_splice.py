"""What the Beskedfordeler writes into a message, and that it touches nothing else."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from broker.core.sent import before, digest
from broker.kuvert import Source, haendelsesbesked, parse, splice_route, splice_source
from tests.unit.kuvert.envelopes import KUVERT, SAGDOK, Writer
from tests.unit.kuvert.reference import delivered_samples, kombit_schema, sample

SYSTEM = "cf12c051-39ce-4066-ba11-704b46fa23c4"
ABONNEMENT = "f27ab282-1096-4c04-af62-bcd01a2f1525"
TRANSAKTION = "5b0fd1d4-6ac4-4d0c-93fb-2f6a2cf4a9f7"
SOURCE = Source(SYSTEM, "::FFFF:127.0.0.1", "Q049Yg==.MTI=.Q049YQ==")
OURS = ("TransaktionsId", "Kildesystem", "KildesystemIPAdresse", "KildesystemAkkreditiver")
RECEIVERS = ("urn:oio:cvr:11111111", "urn:oio:cvr:22222222", "urn:oio:cvr:33333333")


def accepted(
    data: bytes, keep: tuple[int, ...] | None = None, transaktions_id: str = TRANSAKTION
) -> tuple[bytes, bytes]:
    """The message as it is stored, from which the one that was sent can be told."""
    stored, cuts, changes = splice_source(parse(data), SOURCE, transaktions_id, keep)
    sent = changes if isinstance(changes, bytes) else digest(before(stored, changes))
    assert sent == digest(data)
    return stored, cuts


def delivered(data: bytes, cuts: bytes, keep: tuple[int, ...] | None = None, attempts: int = 1) -> bytes:
    """The message as one receiver gets it."""
    return splice_route(
        data,
        cuts,
        received=1_700_000_000.5,
        delivered=1_700_000_000.75,
        source_system=SYSTEM,
        abonnement=ABONNEMENT,
        attempts=attempts,
        keep=keep,
    )


def leveranceinformation(data: bytes) -> etree._Element:
    """The element in a message."""
    found = etree.fromstring(data).find(f"{{{KUVERT}}}Beskedkuvert/{{{KUVERT}}}Leveranceinformation")
    assert found is not None
    return found


def texts(element: etree._Element, path: str) -> list[str]:
    """The text of every element at this path of names, in the envelope's namespace or that of identifiers."""
    steps = path.replace("/", "/k:").replace("k:UUID", "s:UUID").replace("k:URN", "s:URN").replace("k:Tids", "s:Tids")
    found: Any = element.xpath("k:" + steps, namespaces={"k": KUVERT, "s": SAGDOK})
    return ["".join(leaf.itertext()) for leaf in found]


def stripped(data: bytes, tilladt: tuple[int, ...] | None, route: bool) -> bytes:
    """The message in canonical form without what the Beskedfordeler writes or takes away."""
    root = etree.fromstring(data, etree.XMLParser(remove_comments=True, remove_pis=True, remove_blank_text=True))
    receivers = list(root.iterfind(f"{{{KUVERT}}}Beskedkuvert/{{{KUVERT}}}Filtreringsdata/{{{KUVERT}}}TilladtModtager"))
    info = root.find(f"{{{KUVERT}}}Beskedkuvert/{{{KUVERT}}}Leveranceinformation")
    assert info is not None
    doomed = [info.find(f"{{{KUVERT}}}{name}") for name in OURS]
    if tilladt is not None:
        doomed += [element for number, element in enumerate(receivers) if number not in tilladt]
    routes = info.find(f"{{{KUVERT}}}Leveranceruter")
    if route and routes is not None:
        doomed.append(routes[-1])
    for element in doomed:
        if element is not None:
            parent = element.getparent()
            assert parent is not None
            parent.remove(element)
    if routes is not None and len(routes) == 0:
        info.remove(routes)
    for part in root[2].iter("*"):
        if len(part) or part is info:
            part.text = None
        part.tail = None
    return etree.tostring(root, method="c14n2", exclusive=True)


@settings(max_examples=400, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    keep=st.none() | st.sets(st.integers(0, 4)).map(tuple),
    keep_again=st.none() | st.sets(st.integers(0, 2)).map(tuple),
)
def test_what_is_delivered_is_valid_and_all_else_is_untouched(
    seed: int, keep: tuple[int, ...] | None, keep_again: tuple[int, ...] | None
) -> None:
    """In any handwriting: valid by KOMBIT's schema, trimmed as asked, everything else as the sender wrote it."""
    written = Writer(seed).write()
    stored, cuts = accepted(written.data, keep)
    result = delivered(stored, cuts, keep_again)
    root = etree.fromstring(result)
    assert kombit_schema().validate(root), kombit_schema().error_log

    count = range(len(written.tilladt_modtager))
    first = tuple(number for number in count if keep is None or number in keep)
    kept = tuple(number for at, number in enumerate(first) if keep_again is None or at in keep_again)
    receivers = parse(written.data).besked.tilladt_modtager
    assert parse(stored).besked.tilladt_modtager == tuple(receivers[number] for number in first)
    assert parse(result).besked.tilladt_modtager == tuple(receivers[number] for number in kept)

    assert result.startswith(written.data[: written.before])
    assert result.endswith(written.data[len(written.data) - written.after :])
    assert stripped(result, None, route=True) == stripped(written.data, kept, route=False)

    info = leveranceinformation(result)
    assert texts(info, "TransaktionsId/UUIDIdentifikator") == [TRANSAKTION]
    assert texts(info, "Kildesystem/UUIDIdentifikator") == [SYSTEM]
    assert texts(info, "Leveranceruter/Leverancerute/ErLeveretIHenholdTil/UUIDIdentifikator") == [ABONNEMENT]


def test_what_is_written_is_what_real_messages_carry() -> None:
    """TransaktionsId, Kildesystem, IP, Akkreditiver and one Leverancerute, in the shape of real delivered messages."""
    info = leveranceinformation(delivered(*accepted(sample()), attempts=3))
    assert texts(info, "TransaktionsId/UUIDIdentifikator") == [TRANSAKTION]
    assert texts(info, "Kildesystem/UUIDIdentifikator") == [SYSTEM]
    assert texts(info, "KildesystemIPAdresse") == ["::FFFF:127.0.0.1"]
    assert texts(info, "KildesystemAkkreditiver") == ["Q049Yg==.MTI=.Q049YQ=="]
    assert len(texts(info, "Sikkerhedsklassificering")) == 1
    rute = "Leveranceruter/Leverancerute/"
    assert texts(info, rute + "Fordelingssystem/UUIDIdentifikator") == ["f9fbbb38-4b2f-11e5-885d-feff819cdc9f"]
    assert texts(info, rute + "ModtagelsesTidspunkt/TidsstempelDatoTid") == ["2023-11-14T22:13:20.500Z"]
    assert texts(info, rute + "LeveranceTidspunkt/TidsstempelDatoTid") == ["2023-11-14T22:13:20.750Z"]
    assert texts(info, rute + "ModtagetFraSystem/UUIDIdentifikator") == [SYSTEM]
    assert texts(info, rute + "ErLeveretIHenholdTil/UUIDIdentifikator") == [ABONNEMENT]
    assert texts(info, rute + "LeveranceruteLokalUdvidelse/AntalLeveranceforsoeg") == ["3"]


def test_what_gives_way_is_kept_only_where_it_is_little() -> None:
    """A megabyte in an element that the Beskedfordeler writes itself costs no memory beside the message."""
    once, _, little = splice_source(parse(haendelsesbesked()), SOURCE, TRANSAKTION)
    assert not isinstance(little, bytes)
    much = once.replace(b"Q049Yg==", b"Q" * 1_000_000)
    kept, _, sent = splice_source(parse(much), SOURCE, TRANSAKTION)
    assert len(kept) < 10_000
    assert sent == digest(much)


def test_a_message_passed_on_keeps_its_earlier_routes() -> None:
    """A real delivered message sent on: what the sender wrote as source gives way, the earlier route stays first."""
    data = delivered_samples()[0]
    before = leveranceinformation(data)
    after = leveranceinformation(delivered(*accepted(data)))
    path = "Leveranceruter/Leverancerute/ErLeveretIHenholdTil/UUIDIdentifikator"
    assert texts(after, path) == [*texts(before, path), ABONNEMENT]
    assert texts(before, "TransaktionsId/UUIDIdentifikator") != texts(after, "TransaktionsId/UUIDIdentifikator")
    assert [len(texts(after, name)) for name in OURS] == [1, 1, 1, 1]


def test_beskeddata_is_byte_for_byte_the_senders() -> None:
    """Line ends, comments, entities and odd spacing in Beskeddata arrive as they were sent."""
    body = '<x  a = "1>2"\r\n>\r&#13;<!-- c --><![CDATA[<&]]>é&amp;<y/></x >'.encode()
    data = haendelsesbesked(beskeddata=body, tilladt_modtager=RECEIVERS)
    assert body in delivered(*accepted(data, (1,)))


@pytest.mark.parametrize(
    "info",
    [
        "<Leveranceinformation/>",
        "<Leveranceinformation></Leveranceinformation>",
        "<Leveranceinformation>\n</Leveranceinformation >",
        "<Leveranceinformation><Leveranceruter/></Leveranceinformation>",
        "<Leveranceinformation><Leveranceruter ></Leveranceruter ></Leveranceinformation>",
        "<Leveranceinformation><!-- </Leveranceinformation> --><Leveranceruter><Leverancerute/></Leveranceruter>"
        "</Leveranceinformation>",
        f"<a:Leveranceinformation xmlns:a='{KUVERT}'/>",
        f"<a:Leveranceinformation xmlns:a='{KUVERT}'><b:Leveranceruter xmlns:b='{KUVERT}' /></a:Leveranceinformation>",
        f"<a:Leveranceinformation xmlns:a='{KUVERT}'><b:Leveranceruter xmlns:b='{KUVERT}' xmlns:a='urn:x'>"
        "<b:Leverancerute/></b:Leveranceruter></a:Leveranceinformation>",
        f"<Leveranceinformation><b:Leveranceruter xmlns:b='{KUVERT}' xmlns='urn:x'/></Leveranceinformation>",
        f"<a:Leveranceinformation xmlns:a='{KUVERT}' xmlns='urn:x'><a:KildesystemIPAdresse/></a:Leveranceinformation>",
        "<Leveranceinformation><LeveranceinformationLokalUdvidelse><TransaktionsId xmlns='urn:x'/>"
        "</LeveranceinformationLokalUdvidelse></Leveranceinformation>",
    ],
)
def test_every_shape_of_leveranceinformation_takes_what_is_added(info: str) -> None:
    """Empty, self-closing, with its own prefixes, with extensions: one source and one route come in."""
    data = (
        f'<Haendelsesbesked xmlns="{KUVERT}" xmlns:s="{SAGDOK}"><BeskedId>'
        "<s:URNIdentifikator>urn:a</s:URNIdentifikator></BeskedId><BeskedVersion>1.0</BeskedVersion><Beskedkuvert><Filtreringsdata><Beskedtype><s:URNIdentifikator>"
        f"urn:b</s:URNIdentifikator></Beskedtype></Filtreringsdata>{info}</Beskedkuvert></Haendelsesbesked>"
    ).encode()
    result = delivered(*accepted(data))
    assert kombit_schema().validate(etree.fromstring(result)), kombit_schema().error_log
    element = leveranceinformation(result)
    assert texts(element, "TransaktionsId/UUIDIdentifikator") == [TRANSAKTION]
    path = "Leveranceruter/Leverancerute/ErLeveretIHenholdTil/UUIDIdentifikator"
    assert texts(element, path) == [ABONNEMENT], "the route is in the namespace in force where it stands"


@pytest.mark.parametrize(
    ("transaktions_id", "name", "value"),
    [
        (TRANSAKTION.upper(), "UUIDIdentifikator", TRANSAKTION.upper()),
        ("urn:uuid:x", "URNIdentifikator", "urn:uuid:x"),
        ("a<b>&\r\n\x00\ud800", "URNIdentifikator", "a<b>&\r\n\ufffd\ufffd"),
    ],
)
def test_any_message_id_becomes_a_valid_transaktions_id(transaktions_id: str, name: str, value: str) -> None:
    """message_id is any string in AMQP: a UUID stands as UUID, anything else as URN, made safe for XML."""
    result = delivered(*accepted(sample(), transaktions_id=transaktions_id))
    assert kombit_schema().validate(etree.fromstring(result))
    assert texts(leveranceinformation(result), f"TransaktionsId/{name}") == [value]


def test_no_message_id_leaves_the_element_out() -> None:
    """Without a transaction id there is no TransaktionsId, not an empty one."""
    result = delivered(*accepted(sample(), transaktions_id=""))
    assert texts(leveranceinformation(result), "TransaktionsId") == []


def test_a_sender_without_certificate_has_no_akkreditiver() -> None:
    """KildesystemAkkreditiver is left out where nothing is known, also if the sender wrote its own."""
    data, _, _ = splice_source(parse(delivered_samples()[0]), Source(SYSTEM, "2001:db8::1"), TRANSAKTION)
    info = leveranceinformation(data)
    assert texts(info, "KildesystemAkkreditiver") == []
    assert texts(info, "KildesystemIPAdresse") == ["2001:db8::1"]


@pytest.mark.parametrize("first", [None, (0, 2), (1,), (), (2, 2, 7)])
@pytest.mark.parametrize("second", [None, (0,), (1,), ()])
def test_receivers_are_trimmed_in_two_steps(first: tuple[int, ...] | None, second: tuple[int, ...] | None) -> None:
    """Trimmed for the sender's agreement, then per dueslag: positions count in what is stored."""
    stored, cuts = accepted(haendelsesbesked(tilladt_modtager=RECEIVERS), first)
    left = [value for number, value in enumerate(RECEIVERS) if first is None or number in first]
    assert parse(stored).besked.tilladt_modtager == tuple(left)
    last = [value for number, value in enumerate(left) if second is None or number in second]
    assert parse(delivered(stored, cuts, second)).besked.tilladt_modtager == tuple(last)


def test_a_trimmed_receiver_takes_its_line_with_it() -> None:
    """No blank line is left behind where a TilladtModtager stood."""
    stored, _ = accepted(sample(), ())
    assert b"TilladtModtager" not in stored
    assert not re.search(rb"\n[ \t]*\n", stored[: stored.index(b"Leveranceinformation")])


def test_a_delivery_depends_on_nothing_but_bytes_and_cuts() -> None:
    """The same stored message can be delivered many times; each delivery has one route of its own."""
    stored, cuts = accepted(sample())
    assert delivered(stored, cuts) == delivered(bytes(stored), bytes(cuts))
    assert delivered(stored, cuts, attempts=1) != delivered(stored, cuts, attempts=2)
    assert stored.count(b"<ns2:Leverancerute>") == 0
    assert delivered(stored, cuts).count(b"<ns2:Leverancerute>") == 1


def test_a_very_long_prefix_is_used_as_it_is() -> None:
    """A sender's prefix of a thousand letters works like any other."""
    data = haendelsesbesked().replace(b"ns2", b"p" * 1000)
    result = delivered(*accepted(data))
    assert kombit_schema().validate(etree.fromstring(result))


@pytest.mark.parametrize("transaktions_id", [TRANSAKTION, TRANSAKTION.upper(), "urn:mine:1", ""])
@pytest.mark.parametrize("number", range(3))
def test_what_is_written_into_the_likes_of_a_message_is_the_same(number: int, transaktions_id: str) -> None:
    """Once the layout of messages is known, what goes into them is remembered: it is what would be written anew, for
    each way to give a TransaktionsId, and so are the cuts, and what is told of the octets that were sent."""
    data = [sample(), *delivered_samples()][number]
    known = [parse(data) for _ in range(3)][-1]
    assert known.outline is not None
    assert known.outline.shared
    anew = known._replace(outline=replace(known.outline, shared=False))
    for source in (SOURCE, Source(ABONNEMENT, "::1")):
        assert splice_source(known, source, transaktions_id) == splice_source(anew, source, transaktions_id)
    stored, cuts = accepted(data, transaktions_id=transaktions_id)
    assert stored.startswith(data[: known.outline.source.start])
    assert delivered(stored, cuts)
