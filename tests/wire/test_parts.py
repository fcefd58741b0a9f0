"""The small parts of the machine, each against its plain meaning."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp import commands, decode, encode

from broker.amqp import frames, handshake, properties, sasl, tables, whole
from broker.amqp.channel import Channel
from broker.amqp.confirms import Confirms
from broker.amqp.errors import AccessRefused
from broker.amqp.hub import Claims
from broker.amqp.names import strip, strip_octets
from broker.amqp.settings import AmqpSettings
from broker.amqp.unacked import Unacked
from broker.ports import Leverance
from tests.wire.playbook import publish

shortstrs = st.text(st.characters(codec="utf-8"), max_size=60).filter(lambda text: len(text.encode()) <= 255)
keys = st.text(st.characters(codec="utf-8"), min_size=1, max_size=25)  # pamqp cuts keys at 128 octets
values = st.recursive(
    st.booleans()
    | st.integers(-(2**62), 2**62)
    | st.text(st.characters(codec="utf-8"), max_size=30)
    | st.none()
    | st.floats(allow_nan=False, width=32),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)
field_tables = st.dictionaries(keys, values, max_size=6)


@given(field_tables)
def test_tables_are_read_as_pamqp_writes_them(table: dict[str, Any]) -> None:
    """Every type that clients send in a table is read, nested ones too."""
    raw = encode.field_table(table)
    found = tables.decode(raw, 4, len(raw))
    assert set(found) == set(table)
    _, theirs = decode.field_table(raw)
    assert _as_text(found) == _as_text(theirs)


def _as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    return value.decode() if isinstance(value, bytes) else value


@given(field_tables, st.text(st.characters(codec="utf-8"), max_size=200))
def test_the_token_is_found_wherever_it_stands(table: dict[str, Any], token: str) -> None:
    """The header token is found among any others, without reading them."""
    table.pop("token", None)
    for headers in ({"token": token, **table}, {**table, "token": token}):
        raw = encode.field_table(headers)
        assert tables.find_string(raw, 4, len(raw), b"token") == token.encode()
    raw = encode.field_table({**table, "token": 7})
    assert tables.find_string(raw, 4, len(raw), b"token") is None


@given(st.binary(max_size=80))
def test_tables_of_garbage_are_refused_or_read(raw: bytes) -> None:
    """Octets that are no table raise ValueError or IndexError, nothing else."""
    for read in (lambda: tables.decode(raw, 0, len(raw)), lambda: tables.find_string(raw, 0, len(raw), b"token")):
        try:
            read()
        except (ValueError, IndexError):
            continue


def test_tables_nested_without_end_are_refused() -> None:
    """A table in a table in a table ... is refused before the stack ends."""
    raw = b""
    for _ in range(200):
        raw = b"\x01kF" + struct.pack(">I", len(raw)) + raw
    with pytest.raises(ValueError, match="nested deeper"):
        tables.decode(raw, 0, len(raw))


OPTIONS = {
    "content_type": shortstrs,
    "content_encoding": shortstrs,
    "headers": field_tables.filter(lambda table: "token" not in table),
    "delivery_mode": st.sampled_from([1, 2]),
    "priority": st.integers(1, 9),
    "correlation_id": shortstrs,
    "reply_to": shortstrs,
    "expiration": shortstrs,
    "message_id": shortstrs,
    "message_type": shortstrs,
    "user_id": shortstrs,
    "app_id": shortstrs,
}


@given(st.fixed_dictionaries({}, optional=OPTIONS))
def test_properties_are_read_as_pamqp_writes_them(options: dict[str, Any]) -> None:
    """Whatever properties a client sets, the ones that matter are found."""
    raw = commands.Basic.Properties(**options).marshal()
    found = properties.parse(raw)
    for name in ("message_id", "correlation_id", "reply_to", "expiration", "user_id"):
        said = options.get(name)
        assert getattr(found, name) == (said.encode() if said else None)
    assert found.token is None
    bare = properties.without_headers(raw)
    assert bare == commands.Basic.Properties(**{**options, "headers": None}).marshal()


@given(st.binary(max_size=60))
def test_properties_of_garbage_are_refused_or_read(raw: bytes) -> None:
    """Octets that are no properties raise ValueError, nothing else; what is read can be sent on without headers."""
    try:
        properties.parse(raw)
    except ValueError:
        return
    assert properties.parse(properties.without_headers(raw)).token is None


@given(shortstrs, st.integers(0, 2**33))
def test_delivered_properties_are_read_by_pamqp(message_id: str, timestamp: int) -> None:
    """What goes out is what a client library reads."""
    raw = properties.delivered(message_id, timestamp)
    theirs = commands.Basic.Properties()
    theirs.unmarshal(struct.unpack(">H", raw[:2])[0], raw[2:])
    assert (theirs.message_id, theirs.content_type, theirs.delivery_mode) == (message_id, "application/xml", 2)
    assert properties.parse(raw).message_id == message_id.encode()


@given(st.data())
def test_confirms_tell_every_number_once_and_no_open_one(data: st.DataObject) -> None:
    """In whatever order publications are answered, a client that follows the frames ends up with the truth."""
    confirms, open_, client, truth = Confirms(), [], set[int](), {}
    told: dict[int, bool] = {}
    for _ in range(data.draw(st.integers(1, 30))):
        step = data.draw(st.sampled_from(["begin", "begin", "settle", "settle", "take"]))
        if step == "begin":
            number = confirms.begin()
            open_.append(number)
            client.add(number)
        elif step == "settle" and open_:
            number = open_.pop(data.draw(st.integers(0, len(open_) - 1)))
            truth[number] = data.draw(st.booleans())
            confirms.settle(number, truth[number])
        elif step == "take":
            _follow(confirms.take(1), client, told)
            assert told == truth
            assert client == set(open_)
    _follow(confirms.take(1), client, told)
    assert told == truth
    assert not confirms.untold


def _follow(sent: list[bytes], client: set[int], told: dict[int, bool]) -> None:
    """What a client makes of acks and nacks: ``multiple`` covers what it has open."""
    for one in sent:
        method_id, tag, multiple = struct.unpack(">IQB", one[7:20])
        for number in [number for number in client if number == tag or (multiple and number < tag)]:
            client.discard(number)
            told[number] = method_id == frames.BASIC_ACK


@given(st.data())
def test_unacked_is_a_ledger(data: st.DataObject) -> None:
    """Each delivery leaves once, multiple takes all up to the tag in order, unknown tags take nothing."""
    unacked, plain = Unacked(), dict[int, Leverance]()
    for step in data.draw(st.lists(st.sampled_from(["add", "auto", "one", "multiple", "all"]), max_size=30)):
        tag = data.draw(st.integers(0, 12))
        if step == "add":
            leverance = Leverance(unacked.last + 1, "d", "a", None, 0, False, 1)
            plain[unacked.add(leverance, None)] = leverance
        elif step == "auto":
            assert unacked.next_tag() not in plain
        elif step == "one":
            wanted = plain.pop(tag, None)
            assert unacked.take(tag, False) == (None if wanted is None else [(wanted, None)])
        elif step == "multiple" and tag and tag not in plain:
            assert unacked.take(tag, True) is None
        else:
            top = tag if step == "multiple" and tag else unacked.last
            wanted_all = [(plain.pop(number), None) for number in sorted(plain) if number <= top]
            assert (unacked.take(tag if step == "multiple" else 0, True)) == wanted_all
        assert len(unacked) == len(plain)


@given(
    st.binary(max_size=300),
    st.sampled_from(["", "AFSEND_BESKED_EXCHANGE", "x" * 127]),
    st.integers(0, 400),
    st.integers(0, 255),
    st.sampled_from([9, 100, 131072]),
)
def test_the_quick_way_in_agrees_with_the_long_one(
    body: bytes, exchange: str, at: int, octet: int, frame_max: int
) -> None:
    """A publish with any one octet changed, anywhere, is read the same by both ways, or left to the long one."""
    said = bytearray(publish(body, exchange=exchange, frame_max=frame_max, message_id="m"))
    said[at % len(said)] = octet
    raw = bytes(said)
    length = struct.unpack_from(">I", raw, 3)[0]
    end = 7 + length
    if end >= len(raw):
        return
    quick = whole.publish(Channel(1, 1000, 4096), raw, 7, end)
    if quick is None:
        return
    slow = Channel(1, 1000, 4096)
    slow.begin(raw, 7, end)
    header_end = end + 8 + struct.unpack_from(">I", raw, end + 4)[0]
    assert slow.header(raw, end + 8, header_end) is None
    whole_body = slow.body(raw, header_end + 8, len(raw) - 1)
    assert whole_body is not None
    assert whole_body[1:] == quick[1:]
    assert raw[end] == raw[header_end] == raw[-1] == 0xCE


def test_the_quick_way_is_taken() -> None:
    """A publish as every client sends it is read in one go; split or empty bodies are not."""
    raw = publish(b"body", message_id="m")
    end = 7 + struct.unpack_from(">I", raw, 3)[0]
    channel = Channel(1, 1000, 4096)
    found = whole.publish(channel, raw, 7, end)
    assert found is not None
    assert found.body == b"body"
    assert end + 29 + len(found.header) + len(found.body) == len(raw)
    assert whole.publish(channel, raw[:-1], 7, end) is None
    assert whole.publish(channel, publish(b"", message_id="m"), 7, end) is None
    assert whole.publish(channel, publish(b"body", frame_max=10, message_id="m"), 7, end) is None
    channel.closing = True
    assert whole.publish(channel, raw, 7, end) is None


def test_credentials() -> None:
    """PLAIN ignores the authorisation id; AMQPLAIN is a table; EXTERNAL is whatever came."""
    assert sasl.read("PLAIN", b"other\0me\0se\0cret") == ("me", b"se\0cret")
    table = encode.field_table({"PASSWORD": "p", "LOGIN": "me"})[4:]
    assert sasl.read("AMQPLAIN", table) == ("me", b"p")
    assert sasl.read("EXTERNAL", b"<x/>") == ("", b"<x/>")
    for mechanism, response in (("PLAIN", b"me"), ("PLAIN", b"\0\xff\0p"), ("AMQPLAIN", b"\x05"), ("CRAM-MD5", b"")):
        with pytest.raises(ValueError):
            sasl.read(mechanism, response)


def test_claims() -> None:
    """An exclusive consumer keeps others out, and others keep it out, until they leave."""
    claims = Claims()
    claims.claim("d", False, "d", "BF")
    claims.claim("d", False, "d", "BF")
    with pytest.raises(AccessRefused, match="in exclusive use"):
        claims.claim("d", True, "d", "BF")
    claims.release("d")
    claims.release("d")
    claims.claim("d", True, "d", "BF")
    with pytest.raises(AccessRefused, match="ACCESS_REFUSED - queue 'd' in vhost 'BF' in exclusive use"):
        claims.claim("d", False, "d", "BF")
    claims.claim("e", True, "e", "BF")


def test_names_lose_their_line_ends() -> None:
    """CR and LF are stripped, everything else stays."""
    assert strip("a\r\nb æ") == "ab æ"
    assert strip_octets(b"a\rb\n") == b"ab"


@given(st.text(max_size=300))
def test_short_strings_never_grow_too_long(text: str) -> None:
    """A short string holds 255 octets; longer ones are cut between characters."""
    raw = frames.shortstr(text)
    assert raw[0] == len(raw) - 1 <= 255
    assert text.startswith(raw[1:].decode())


def test_content_is_cut_to_the_frame() -> None:
    """No frame is larger than negotiated, and the parts are the whole."""
    raw = b"".join(frames.content(3, b"\x00\x00", bytes(10_000), 4096))
    sizes = []
    while raw:
        _, channel, length = frames.HEAD.unpack_from(raw)
        assert channel == 3
        assert raw[7 + length] == 0xCE
        sizes.append(length)
        raw = raw[length + 8 :]
    assert sizes == [14, 4088, 4088, 1824]


def test_extra_server_properties() -> None:
    """What the wiring adds to the server properties is announced."""
    raw = handshake.start(AmqpSettings(extra_properties={"node": "one"}), ("PLAIN",))
    assert b"\x04nodeS\x00\x00\x00\x03one" in raw


def test_what_is_seen_in_a_debugger() -> None:
    """The state of a connection's parts can be read off their repr."""
    confirms, unacked, channel = Confirms(), Unacked(), Channel(4, 10, 10)
    confirms.begin()
    unacked.next_tag()
    assert repr(confirms) == "Confirms(last=1, open=1, untold=0)"
    assert repr(unacked) == "Unacked(last=1, open=0)"
    assert repr(channel) == "Channel(4, open, consumers=0, unacked=0)"
