"""Signed requests with octets changed, taken away and put in: nothing but a fault, or what was signed."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.sts.certificates import Authorities
from adapters.sts.envelope import parse, read_envelope
from adapters.sts.faults import SoapFault
from adapters.sts.wss import Signed, asker_of, verified
from adapters.sts.wstrust import read_request, request_in
from tests.support.keys import make_keys
from tests.support.wss import AFSEND, Rst, canonical

NOW = 1_700_000_000.0
MESSAGE_ID = "urn:uuid:0d7a7d95-0c4a-4f86-bd98-c599d0b81128"


@cache
def genuine() -> bytes:
    keys = make_keys()
    return Rst(keys.sender.certificate, NOW, message_id=MESSAGE_ID).signed(keys.sender.key)


@cache
def authorities() -> Authorities:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ca.pem"
        path.write_bytes(make_keys().ca.certificate.public_bytes(Encoding.PEM))
        return Authorities([path])


def judge(data: bytes) -> Signed:
    """As the endpoint does.  Raises SoapFault."""
    envelope = read_envelope(*parse(data))
    return verified(data, envelope, asker_of(envelope), authorities(), NOW)


def test_the_genuine_one_holds() -> None:
    """What the others are changed from; and what is asked for is read from the signed Body."""
    signed = judge(genuine())
    assert signed.message_id == MESSAGE_ID
    asked = read_request(request_in(signed.body), signed.certificate, signed.to)
    assert (asked.audience, asked.cvr) == (AFSEND, "11111111")


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_changed_octets_are_refused_or_change_nothing(data: st.DataObject) -> None:
    """No exception but SoapFault; where a change is in what no signature covers, the Body is what it was."""
    whole = genuine()
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 40)))
    put = data.draw(st.binary(max_size=8) | st.sampled_from([b"<!-- x -->", b"<x/>", b' ID="body"', b"&lt;", b"\0"]))
    try:
        signed = judge(whole[:start] + put + whole[end:])
    except SoapFault:
        return
    assert canonical(signed.body) == canonical(judge(whole).body)
    assert (signed.message_id, signed.certificate) == (MESSAGE_ID, make_keys().sender.certificate)
    assert signed.fingerprint == judge(whole).fingerprint


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200) | st.text(alphabet="<>/s:Envelop xmn='\"=&;!-[]?", max_size=120).map(str.encode))
def test_any_octets_are_a_fault(data: bytes) -> None:
    """What is no request at all."""
    with pytest.raises(SoapFault):
        judge(data)
