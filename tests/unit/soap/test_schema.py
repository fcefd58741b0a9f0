"""Our schemas against KOMBIT's: the same verdict on good and damaged requests and answers."""

from __future__ import annotations

import socket
from collections import Counter
from functools import cache

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from lxml import etree

from adapters.soap.documents import schema as shipped
from adapters.soap.documents.answers import refusal
from adapters.soap.documents.operation import Operation
from adapters.soap.documents.schema import FEJLKOE_FILE, VAERDILISTE_FILE, check_request
from broker.errors import Refused
from broker.kuvert.schema import load_schema
from tests.unit.kuvert.envelopes import Writer
from tests.unit.kuvert.mutations import mutate
from tests.unit.kuvert.reference import reference
from tests.unit.soap import strategies
from tests.unit.soap.damage import damage
from tests.unit.soap.kombit import fejlkoe_schema, vaerdiliste_schema
from tests.unit.soap.shown import answers
from tests.unit.soap.written import write

OURS = load_schema(VAERDILISTE_FILE)
OURS_FEJLKOE = load_schema(FEJLKOE_FILE)
SAMPLES = ("opret", "slet", "list", "tilfoejvaerdier")
FEJLKOE = "urn:oio:sts:beskedfordeler:1.0.0"


@cache
def corpus() -> list[etree._Element]:
    """Requests and answers: KOMBIT's samples, and of each operation eight of either of ours, in any handwriting."""
    documents = [reference(f"messages/vaerdiliste_{name}.xml").read_bytes() for name in SAMPLES]
    for kind in strategies.kinds:
        documents += _some(st.builds(write, kind, st.integers(0, 2**32))) + _some(answers(kind))
    parser = etree.XMLParser(remove_comments=True, remove_pis=True)
    return [etree.fromstring(document, parser) for document in documents]


def _some(strategy: st.SearchStrategy[bytes]) -> list[bytes]:
    """The same ones in every run."""
    found: list[bytes] = []

    @settings(max_examples=8, derandomize=True, database=None, deadline=None, phases=[Phase.generate])
    @given(document=strategy)
    def collect(document: bytes) -> None:
        found.append(document)

    collect()
    return found


@cache
def fejlkoe_corpus() -> list[etree._Element]:
    """Messages wrapped for the fejlkø, and the answers."""
    found = [etree.fromstring(refusal(Operation.FLYT_TIL_FEJLKOE, kode, "x")) for kode in (20, 44)]
    for seed in range(20):
        root = etree.Element(Operation.FLYT_TIL_FEJLKOE.input)
        parser = etree.XMLParser(remove_comments=True, remove_pis=True)
        root.append(etree.fromstring(Writer(seed).write().data, parser))
        found.append(root)
    return found


def test_every_operation_is_in_the_corpus() -> None:
    """No operation is left out of the comparison, neither its request nor its answer."""
    tags = {root.tag for root in corpus()}
    ten = [operation for operation in Operation if operation is not Operation.FLYT_TIL_FEJLKOE]
    assert tags == {operation.input for operation in ten} | {operation.output for operation in ten}


def test_same_verdict_on_what_is_valid() -> None:
    """What KOMBIT's schema takes, ours takes: samples, and any handwriting."""
    for root in corpus():
        assert vaerdiliste_schema().validate(root), vaerdiliste_schema().error_log
        assert OURS.validate(root), OURS.error_log
    for root in fejlkoe_corpus():
        assert fejlkoe_schema().validate(root), fejlkoe_schema().error_log
        assert OURS_FEJLKOE.validate(root), OURS_FEJLKOE.error_log


def test_same_verdict_on_what_is_damaged() -> None:
    """However a sender's bug damages a request, ours and KOMBIT's schema agree on whether it is valid.

    The damage is no formality: most of the 1,500 are refused, some stay valid.
    """
    verdicts: Counter[bool] = Counter()
    for seed in range(1500):
        damaged = damage(corpus()[seed % len(corpus())], seed)
        verdict = vaerdiliste_schema().validate(damaged)
        assert OURS.validate(damaged) == verdict, etree.tostring(damaged)
        verdicts[verdict] += 1
    assert verdicts[False] > 700
    assert verdicts[True] > 150


def test_same_verdict_on_a_damaged_message_for_the_fejlkoe() -> None:
    """A damaged message is damaged for both, wherever in it the fault is."""
    for seed in range(300):
        damaged = mutate(fejlkoe_corpus()[seed % len(fejlkoe_corpus())], seed)
        assert OURS_FEJLKOE.validate(damaged) == fejlkoe_schema().validate(damaged), etree.tostring(damaged)


def test_the_same_verdict_from_text() -> None:
    """A request so large that it is checked as text is judged as it would be in the tree."""
    requests = [root for root in corpus() if str(root.tag).endswith("Input")]
    for seed in range(300):
        damaged = damage(requests[seed % len(requests)], seed)
        verdict = _is_refused(damaged)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(shipped, "_MANY_PARTS", -1)
            assert _is_refused(damaged) == verdict, etree.tostring(damaged)


def _is_refused(element: etree._Element) -> bool:
    try:
        check_request(Operation.OPRET, element)
    except Refused:
        return True
    return False


def test_a_request_cannot_make_the_service_fetch_a_schema() -> None:
    """xsi:schemaLocation in a request is not followed: no connection is opened for it."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0.2)
        port = listener.getsockname()[1]
        root = etree.fromstring(etree.tostring(corpus()[1]))
        location = f"urn:oio:sagdok:3.0.0 http://127.0.0.1:{port}/s.xsd urn:a http://127.0.0.1:{port}/a.xsd"
        root.set("{http://www.w3.org/2001/XMLSchema-instance}schemaLocation", location)
        check_request(Operation.SLET, root)
        with pytest.raises(TimeoutError):
            listener.accept()
