"""Messages and their frames: what is spliced is what a client library would have sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp import body, commands, frame, header

from consumers.kuvert import read_kuvert
from consumers.load import frames
from consumers.load.message import besked_id, number_of, stamp, template

_WHEN = 1_790_000_000.123


@given(
    st.integers(0, 0xFFFF), st.integers(0, 0xFFF), st.integers(0, 0xFFF), st.integers(0, 2**32 - 1),
    st.integers(0, 2**48 - 1),
)  # fmt: skip
def test_besked_id_says_what_it_was_made_of(run: int, stream: int, kind: int, number: int, due: int) -> None:
    """A UUID of version 4 in its form, from which stream, type, number and intended time can be read."""
    made = besked_id(run, stream, kind, number, due)
    assert (made[14:15], made[19:20], len(made)) == (b"4", b"8", 36)
    assert (int(made[15:18], 16), int(made[20:23], 16), int(made[24:36], 16)) == (stream, kind, due)
    assert number_of(made) == number


@pytest.mark.parametrize("size", [1_500, 4_700, 200_000])
def test_message_is_a_real_envelope_of_the_wanted_size(size: int) -> None:
    """A vendor reads it as any other Haendelsesbesked; size in octets as asked for."""
    made = template(
        beskedtype="7654895c-a3f3-4c77-8afd-4c77330f963c",
        aktoer="96514e13-afdd-44d6-95a8-adc2ca19b127",
        myndighed="99000900",
        tilladt_modtager=["99000901"],
        opgave_emne="27.18.02",
        size=size,
    )
    identifier = besked_id(1, 2, 3, 4, 5)
    whole = made.message(identifier, stamp(_WHEN))
    kuvert = read_kuvert(whole)
    assert kuvert.besked_id == identifier.decode()
    assert kuvert.tilladt_modtager == ("urn:oio:cvr-nr:99000901",)
    assert stamp(_WHEN).decode() in whole.decode()
    assert len(whole) == made.size == max(size, made.size)
    assert made.size <= max(size, 2_500)


@pytest.mark.parametrize("size", [2_500, 300_000])
@pytest.mark.parametrize("token", ["", "<Assertion/>" * 500])
@pytest.mark.parametrize("reply", [True, False])
def test_frames_are_what_pamqp_reads(size: int, token: str, reply: bool) -> None:
    """Method, content header and body frames within frame-max, with id, reply-to and token where they belong."""
    made = template(beskedtype="a", aktoer="b", myndighed="99000900", tilladt_modtager=[], opgave_emne=None, size=size)
    headers = {"token": token} if token else {}
    publication = frames.publication(
        made, exchange="X", routing_key="k", headers=headers, reply=reply, frame_max=131_072
    )
    identifier = besked_id(1, 2, 3, 4, 5)
    data = b"".join(publication.parts(identifier, stamp(_WHEN)))
    read = []
    while data:
        used, channel, value = frame.unmarshal(data)
        assert used <= 131_072
        assert channel == 1
        read.append(value)
        data = data[used:]
    publish, content, *bodies = read
    assert isinstance(publish, commands.Basic.Publish)
    assert (publish.exchange, publish.routing_key, publish.mandatory) == ("X", "k", True)
    assert isinstance(content, header.ContentHeader)
    assert content.properties.message_id == content.properties.correlation_id == identifier.decode()
    assert content.properties.reply_to == ("amq.rabbitmq.reply-to" if reply else None)
    assert content.properties.delivery_mode == 2
    assert (content.properties.headers or {}) == headers
    whole = b"".join(one.value for one in bodies if isinstance(one, body.ContentBody))
    assert len(whole) == content.body_size
    assert whole == made.message(identifier, stamp(_WHEN))


@given(
    st.one_of(st.none(), st.just("application/xml")), st.one_of(st.none(), st.just({"a": "b"})),
    st.one_of(st.none(), st.just(2)), st.one_of(st.none(), st.just(5)), st.booleans(),
)  # fmt: skip
def test_correlation_id_is_found_among_any_properties(
    content_type: str | None, headers: dict[str, str] | None, mode: int | None, priority: int | None, has: bool
) -> None:
    """Whatever else an answer carries, its message is known."""
    properties = commands.Basic.Properties(
        content_type=content_type, headers=headers, delivery_mode=mode, priority=priority,  # type: ignore[arg-type]
        correlation_id="x" * 36 if has else None, message_id="m",
    )  # fmt: skip
    data = frame.marshal(header.ContentHeader(0, 10, properties), 1)
    assert frames.correlation_of(data, 7) == (b"x" * 36 if has else b"")
