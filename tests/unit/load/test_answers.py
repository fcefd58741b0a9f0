"""Which message each answer is to."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pamqp import commands, frame, header

from consumers.load import frames
from consumers.load.answers import AnswerLink
from consumers.load.message import besked_id, common

_RETUR = '<r xmlns="urn:oio:sagdok:3.0.0"><StatusKode>{}</StatusKode><FejlbeskedTekst>{}</FejlbeskedTekst></r>'


class Book:
    """What a sender was told."""

    def __init__(self) -> None:
        self.accepted: list[int] = []
        self.refused: dict[int, tuple[int, str]] = {}
        self.strays = 0

    def answered(self, number: int, now: int) -> None:
        self.accepted.append(number)

    def refuse(self, number: int, kode: int, text: str) -> None:
        self.refused[number] = (kode, text)

    def stray(self) -> None:
        self.strays += 1


def _content(number: int, body: bytes, run: int = 1, stream: int = 0) -> bytes:
    properties = commands.Basic.Properties(correlation_id=besked_id(run, stream, 0, number, 9).decode())
    content = frame.marshal(header.ContentHeader(0, len(body), properties), 1)
    return content + frames.frame(frames.BODY, body)


def _retur(number: int, kode: int, text: str = "") -> bytes:
    deliver = frame.marshal(commands.Basic.Deliver("r", 1, False, "", "q"), 1)
    return deliver + _content(number, _RETUR.format(kode, text).encode())


@given(st.integers(1, 40))
async def test_standard_retur_is_taken_in_any_pieces(size: int) -> None:
    """Answers cut anywhere by the network, in any order: each to its message, refusals with code and text."""
    book = Book()
    link = AnswerLink(book, confirms=False, mine=common(1, 0))
    data = _retur(7, 20) + _retur(3, 40, "Beskedtype mangler") + _retur(9, 20) + frames.HEARTBEAT_FRAME + _retur(1, 20)
    for at in range(0, len(data), size):
        link.data_received(data[at : at + size])
    assert book.accepted == [7, 9, 1]
    assert book.refused == {3: (40, "Beskedtype mangler")}


async def test_what_is_no_standard_retur_is_a_refusal() -> None:
    """An answer that cannot be read is none that accepts."""
    book = Book()
    AnswerLink(book, confirms=False, mine=common(1, 0)).data_received(
        frame.marshal(commands.Basic.Deliver("r", 1, False, "", "q"), 1) + _content(5, b"<no>")
    )
    assert book.accepted == []
    assert book.refused[5][0] == 50


async def test_confirms_belong_to_messages_in_the_order_of_publishing() -> None:
    """Single, multiple and out of turn; a nacked or returned message is refused."""
    book = Book()
    link = AnswerLink(book, confirms=True, mine=common(1, 0))
    link.publishing([10, 11, 12])
    link.publishing([13, 14, 15, 16])
    returned = frame.marshal(commands.Basic.Return(312, "NO_ROUTE", "x", "k"), 1) + _content(12, b"x")
    link.data_received(returned + frames.ack(1, False) + frames.ack(3, False))
    assert book.accepted == [10]
    link.data_received(frames.ack(2, False))
    assert (book.accepted, list(book.refused)) == ([10, 11], [12])
    link.data_received(frame.marshal(commands.Basic.Nack(5, False, False), 1) + frames.ack(6, True))
    assert book.accepted == [10, 11, 13, 15]
    assert list(book.refused) == [12, 14]
    link.data_received(frames.ack(7, True))
    assert book.accepted == [10, 11, 13, 15, 16]


async def test_answer_to_somebody_elses_message_is_none_of_ours() -> None:
    """Another run's, another sender's, or one that names no message: counted, and never taken for an answer."""
    book = Book()
    link = AnswerLink(book, confirms=False, mine=common(1, 0))
    retur = _RETUR.format(20, "").encode()
    deliver = frame.marshal(commands.Basic.Deliver("r", 1, False, "", "q"), 1)
    nameless = frame.marshal(header.ContentHeader(0, len(retur), commands.Basic.Properties()), 1)
    link.data_received(deliver + _content(7, retur, run=2) + deliver + _content(7, retur, stream=3))
    link.data_received(deliver + nameless + frames.frame(frames.BODY, retur))
    assert (book.accepted, book.refused, book.strays) == ([], {}, 3)
