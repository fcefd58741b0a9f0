"""What goes into RabbitMQ and comes out of it: frames by hand beside pamqp's, and letters there and back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp import commands, frame, header

from broker.core.stored import StoredBesked
from broker.engine.rabbitmq import frames
from broker.engine.rabbitmq.address import Address
from broker.engine.rabbitmq.letter import LONGEST_TTL, Delivery, Letter, Marks, Unreadable, read
from broker.engine.rabbitmq.names import Kind, Names
from broker.engine.rabbitmq.numbers import Numbers
from broker.errors import StoreError

TEXT = st.text(max_size=300)
BESKEDER = st.builds(
    StoredBesked,
    TEXT, TEXT, TEXT, TEXT, st.binary(max_size=40), st.binary(max_size=200), st.binary(max_size=60),
    st.floats(0, 4e9), st.none() | st.floats(0, 4e9), st.integers(0, 2**62),
)  # fmt: skip
LETTERS = st.builds(
    Letter,
    st.integers(1, 2**62), TEXT, TEXT, st.none() | st.lists(st.integers(0, 9), max_size=4).map(tuple), BESKEDER,
    st.sampled_from(Kind), st.integers(0, 99), st.booleans(), st.none() | TEXT, st.none() | st.floats(0, 4e9),
)  # fmt: skip


def payload(letter: Letter, now: float = 1e9) -> bytes:
    """The content header of a letter."""
    flags, values = letter.pack(now)
    pieces = frames.content(1, flags, values, letter.besked.data, 131_072)
    return pieces[0][7:] + pieces[1]


@given(LETTERS)
def test_a_letter_comes_out_as_it_went_in(letter: Letter) -> None:
    """Whatever stands in a message and its routing, and whatever octets its texts hold."""
    found = read(None, 7, payload(letter), letter.besked.data)
    assert found.kept == letter.besked
    assert (found.id, found.dueslag, found.abonnement, found.keep) == (
        letter.id, letter.dueslag, letter.abonnement, letter.keep,
    )  # fmt: skip
    assert (found.attempts, found.redelivered) == (letter.attempts, letter.redelivered)
    assert (found.reason, found.died, found.seq) == (letter.reason, letter.died, letter.besked.seq)
    assert frames.letter_id(payload(letter)) == letter.id


@given(LETTERS)
def test_rabbitmq_reads_what_is_meant(letter: Letter) -> None:
    """The frames by hand are what pamqp reads: persistent, to that queue, mandatory, expiring when they should."""
    whole = b"".join(frames.content(3, *letter.pack(1e9), letter.besked.data, 131_072))
    _, channel, found = frame.unmarshal(whole)
    assert (channel, isinstance(found, header.ContentHeader)) == (3, True)
    properties: Any = found
    assert properties.body_size == len(letter.besked.data)
    assert properties.properties.delivery_mode == 2
    expiration = properties.properties.expiration
    expires = letter.besked.expires
    if expires is None or letter.kind is Kind.DEAD or (expires - 1e9) * 1000 > LONGEST_TTL:
        assert expiration is None
    else:
        assert 1 <= int(expiration) <= LONGEST_TTL
    _, channel, method = frame.unmarshal(frames.publish_method(9, "bf.dueslag.x"))
    assert isinstance(method, commands.Basic.Publish)
    assert (channel, method.exchange, method.routing_key, method.mandatory) == (9, "", "bf.dueslag.x", True)


@given(st.binary(max_size=100_000), st.integers(100, 20_000))
def test_a_large_body_is_cut_to_frames(body: bytes, frame_max: int) -> None:
    """No frame is larger than was negotiated, and the body is whole."""
    pieces = b"".join(frames.content(1, *frames.properties(frames.table(), "m", "k", None), body, frame_max))
    at, found = 0, b""
    while at < len(pieces):
        kind, _, size = frames.HEAD.unpack_from(pieces, at)
        assert size + frames.OVERHEAD <= frame_max
        found += pieces[at + 7 : at + 7 + size] if kind == frames.BODY else b""
        at += size + 8
    assert found == body


@given(st.integers(1, 2**63 - 1), st.booleans())
def test_settling_by_hand(tag: int, multiple: bool) -> None:
    """ack and nack as pamqp reads them."""
    ack: Any = frame.unmarshal(frames.ack(5, tag, multiple))[2]
    assert (ack.delivery_tag, ack.multiple) == (tag, multiple)
    nack: Any = frame.unmarshal(frames.requeue(5, tag))[2]
    assert (nack.delivery_tag, nack.multiple, nack.requeue) == (tag, False, True)


@given(st.dictionaries(st.sampled_from(["a", "b", "x-delivery-count"]), st.integers(-(2**31), 2**31) | TEXT))
def test_headers_as_others_write_them(values: dict[str, Any]) -> None:
    """Strings and integers of any width are read; what RabbitMQ adds when it moves a message itself does not hurt."""
    for headers in (values or {"n": 1}, {**values, "n": [1, {"k": "v"}]}):
        properties = commands.Basic.Properties(content_type="text/xml", headers=headers)
        made = frame.marshal(header.ContentHeader(0, 5, properties), 1)[7:-1]
        found = frames.read_headers(made)
        for name, value in values.items():
            assert found[name] == (value.encode() if isinstance(value, str) else value)


@given(st.binary(max_size=80))
def test_no_letter_of_ours(data: bytes) -> None:
    """Whatever somebody else puts into a queue is recognised as such."""
    properties = commands.Basic.Properties(headers={"l": data.decode("latin-1"), "b": "[]"})
    made = frame.marshal(header.ContentHeader(0, 5, properties), 1)[7:-1]
    for payload in (made, frame.marshal(header.ContentHeader(0, 5, commands.Basic.Properties()), 1)[7:-1]):
        with pytest.raises(Unreadable):
            read(None, 1, payload, b"12345")


def test_giving_back_is_no_attempt() -> None:
    """RabbitMQ counts what it takes back; what was never handed out is not an attempt, what another front adds is."""
    marks = Marks(limit=2)
    one = Delivery(1, "d", "a", None, 0, False, 1)
    one.base = one.count = 0
    marks.note(one)
    one.count = 1
    marks.apply(one)
    assert one.attempts == 0
    marks.note(one)
    one.count = 4
    marks.apply(one)
    assert one.attempts == 2
    for id in range(2, 6):
        marks.set(id, -1)
    assert list(marks.offsets) == [4, 5]


def test_numbers_grow() -> None:
    """Each is above the one before, in SQLite's and AMQP's 63 bits."""
    numbers = Numbers()
    given = [numbers.next() for _ in range(10_000)]
    assert given == sorted(set(given))
    assert given[-1] < 2**63


def test_addresses() -> None:
    """A cluster's nodes in one URL; the password is not shown."""
    address = Address.parse("amqp://u:p%40ss@one:1,[::1]:2,three/bf%2Fx")
    assert address.nodes == (("one", 1), ("::1", 2), ("three", 5672))
    assert (address.user, address.password, address.vhost, address.tls) == ("u", "p@ss", "bf/x", None)
    assert "p@ss" not in f"{address} {address!r}"
    assert Address.parse("amqp://h").vhost == "/"
    secure = Address.parse("amqps://h")
    assert secure.nodes == (("h", 5671),)
    assert secure.tls is not None
    for wrong in ("http://h", "amqp://", "amqp://h:x", "amqp://:5672"):
        with pytest.raises(StoreError):
            Address.parse(wrong)


def test_queue_names() -> None:
    """By prefix, kind and dueslag; the members of a new queue are a setting."""
    names = Names("x", group=3)
    queue = names.queue(Kind.DEAD, "u")
    assert queue == "x.fejlkoe.u"
    assert names.arguments(queue) == {"x-queue-type": "quorum", "x-quorum-initial-group-size": 3}
    assert names.arguments(names.queue(Kind.MAIN, "u"))["x-dead-letter-routing-key"] == "x.udloebet"
