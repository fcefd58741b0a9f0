"""Our schema against KOMBIT's: the same verdict on good and damaged messages."""

from __future__ import annotations

import socket
from collections import Counter
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from broker.kuvert.schema import load_schema
from tests.unit.kuvert.envelopes import Writer
from tests.unit.kuvert.mutations import mutate
from tests.unit.kuvert.reference import delivered_samples, kombit_schema, sample

OURS = load_schema()
DSIG = "http://www.w3.org/2000/09/xmldsig#"
SIGNATURE = (
    f'<ds:Signature xmlns:ds="{DSIG}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="urn:c"/>'
    '<ds:SignatureMethod Algorithm="urn:s"/><ds:Reference URI=""><ds:DigestMethod Algorithm="urn:d"/>'
    "<ds:DigestValue>YQ==</ds:DigestValue></ds:Reference></ds:SignedInfo>"
    "<ds:SignatureValue>YQ==</ds:SignatureValue><ds:KeyInfo><ds:KeyName>n</ds:KeyName></ds:KeyInfo></ds:Signature>"
)
SIGNED = (
    '<k:Haendelsesbesked xmlns:k="urn:oio:besked:kuvert:1.0" xmlns="urn:oio:sagdok:3.0.0"><k:BeskedId>'
    "<URNIdentifikator>urn:a</URNIdentifikator></k:BeskedId><k:BeskedVersion>1.0</k:BeskedVersion><k:Beskedkuvert>"
    "<k:Filtreringsdata><k:Beskedtype><URNIdentifikator>urn:b</URNIdentifikator></k:Beskedtype><k:ObjektRegistrering>"
    f"<k:ObjektRegistreringLokalUdvidelse><k:AfsenderSystemSignatur>{SIGNATURE}</k:AfsenderSystemSignatur>"
    "<f:x xmlns:f='urn:f'/></k:ObjektRegistreringLokalUdvidelse></k:ObjektRegistrering></k:Filtreringsdata>"
    "<k:Leveranceinformation><k:LeveranceinformationLokalUdvidelse><k:BeskedfordelerSignatur>"
    f"{SIGNATURE}</k:BeskedfordelerSignatur></k:LeveranceinformationLokalUdvidelse>"
    "</k:Leveranceinformation></k:Beskedkuvert></k:Haendelsesbesked>"
)


@lru_cache(maxsize=1)
def corpus() -> list[etree._Element]:
    """Messages of every kind: KOMBIT's sample, real delivered ones, a signed one, random ones."""
    documents = [sample(), *delivered_samples(), SIGNED.encode(), *(Writer(seed).write().data for seed in range(20))]
    parser = etree.XMLParser(remove_comments=True, remove_pis=True)
    return [etree.fromstring(document, parser) for document in documents]


def test_same_verdict_on_valid_messages() -> None:
    """What KOMBIT's schema takes, ours takes: samples, real messages, signatures, any handwriting."""
    for root in corpus():
        assert kombit_schema().validate(root), kombit_schema().error_log
        assert OURS.validate(root), OURS.error_log


@settings(max_examples=400, deadline=None)
@given(which=st.integers(0, 24), seed=st.integers(0, 2**32))
def test_same_verdict_on_damaged_messages(which: int, seed: int) -> None:
    """However a sender's bug damages a message, ours and KOMBIT's schema agree on whether it is valid."""
    mutant = mutate(corpus()[which], seed)
    assert OURS.validate(mutant) == kombit_schema().validate(mutant), etree.tostring(mutant)


def test_damage_is_mostly_seen_but_not_always() -> None:
    """The damaged messages are no formality: most are refused, some stay valid."""
    roots = corpus()
    verdicts = Counter(kombit_schema().validate(mutate(roots[seed % len(roots)], seed)) for seed in range(300))
    assert verdicts[False] > 100
    assert verdicts[True] > 20


def test_a_message_cannot_make_the_broker_fetch_a_schema() -> None:
    """xsi:schemaLocation in a message is not followed: no connection is opened for it."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0.2)
        port = listener.getsockname()[1]
        root = etree.fromstring(SIGNED)
        location = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"
        root.set(
            location, f"urn:oio:besked:kuvert:1.0 http://127.0.0.1:{port}/k.xsd urn:a http://127.0.0.1:{port}/a.xsd"
        )
        assert OURS.validate(root)
        with pytest.raises(TimeoutError):
            listener.accept()
