"""A request that is refused is told where, what and what to do; nothing makes the service stumble."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from adapters.soap.documents.operation import Operation, UnknownOperation
from adapters.soap.documents.reading import read_request
from adapters.soap.documents.requests import Request
from adapters.soap.documents.vaerdier import MOST_VALUES
from broker.errors import Refused, VersionNotSupported
from tests.unit.soap import strategies
from tests.unit.soap.damage import damage
from tests.unit.soap.test_documents_reading import flyt, in_envelope
from tests.unit.soap.written import write

UUID = "01157488-c45c-4fd2-b076-1de12effbf66"
HEAD = 'xmlns="urn:oio:sts:beskedfordeler:vaerdiliste:1.0.0" xmlns:s="urn:oio:sagdok:3.0.0"'
ID = f"<s:UUIDIdentifikator>{UUID}</s:UUIDIdentifikator>"
VIRKNING = f"<s:Virkning><s:AktoerRef>{ID}</s:AktoerRef><s:AktoerTypeKode>ItSystem</s:AktoerTypeKode></s:Virkning>"
EGENSKAB = f"<Egenskab><Vaerdiliste><Navn>n</Navn></Vaerdiliste>{VIRKNING}</Egenskab>"
REST = "<TilstandListe/><RelationListe/>"


def opret(attributter: str) -> str:
    """An OpretInput."""
    return f"<OpretInput {HEAD}><AttributListe>{attributter}</AttributListe>{REST}</OpretInput>"


def refused(document: str) -> str:
    """What the sender is told."""
    with pytest.raises(Refused) as caught:
        read_request(in_envelope(document.encode()))
    assert caught.value.status_kode == 40
    assert not isinstance(caught.value, UnknownOperation)
    return str(caught.value)


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        pytest.param(
            f"<SletInput {HEAD}><s:UUIDIdentifikator>liste-7</s:UUIDIdentifikator></SletInput>",
            "SletInput/UUIDIdentifikator (line 1): 'liste-7' is not a UUID; expected the form 8-4-4-4-12, as "
            "01157488-c45c-4fd2-b076-1de12effbf66",
            id="no UUID",
        ),
        pytest.param(
            f"<ListInput {HEAD}>{ID}\n{ID}\n<s:UUIDIdentifikator/></ListInput>",
            "ListInput/UUIDIdentifikator[3] (line 3): '' is not a UUID; expected the form 8-4-4-4-12, as "
            "01157488-c45c-4fd2-b076-1de12effbf66",
            id="the third UUID",
        ),
        pytest.param(
            f"<SletInput {HEAD}/>",
            "SletInput (line 1): a child element is missing; expected UUIDIdentifikator",
            id="no identifier",
        ),
        pytest.param(
            f"<SletInput {HEAD}>{ID}<Note>x</Note></SletInput>",
            "SletInput/Note (line 1): the element is not expected here (the order of elements is fixed); expected "
            "NoteTekst (in namespace urn:oio:sagdok:3.0.0)",
            id="wrong element",
        ),
        pytest.param(
            f"<TilfoejVaerdierInput {HEAD}>{ID}<!-- x --><Vaerdier>a</Vaerdier><Vaerdi>b</Vaerdi>"
            "</TilfoejVaerdierInput>",
            "TilfoejVaerdierInput/Vaerdi (line 1): the element is not expected here (the order of elements is "
            "fixed); expected Vaerdier",
            id="Vaerdi for Vaerdier, after a comment",
        ),
        pytest.param(
            opret(""),
            "OpretInput/AttributListe (line 1): it holds 0 Egenskab; expected exactly one: a list has one name and "
            "one set of values (ours)",
            id="no Egenskab",
        ),
        pytest.param(
            f"<RetInput {HEAD}>{ID}<AttributListe>{EGENSKAB}{EGENSKAB}</AttributListe></RetInput>",
            "RetInput/AttributListe (line 1): it holds 2 Egenskab; expected exactly one: a list has one name and "
            "one set of values (ours)",
            id="two Egenskab",
        ),
        pytest.param(
            opret(EGENSKAB.replace("<Navn>n", "<Navn> ")),
            "OpretInput/AttributListe/Egenskab/Vaerdiliste/Navn (line 1): the name is empty; expected 1 to 256 "
            "characters",
            id="blank name",
        ),
        pytest.param(
            opret(EGENSKAB.replace("<Navn>n", "<Navn>" + "n" * 257)),
            "OpretInput/AttributListe/Egenskab/Vaerdiliste/Navn (line 1): the name has 257 characters; expected 1 "
            "to 256",
            id="long name",
        ),
        pytest.param(
            opret(EGENSKAB.replace("<Navn>n", "<Navn>to\nlinjer")),
            "OpretInput/AttributListe/Egenskab/Vaerdiliste/Navn (line 1): the name 'to\\nlinjer' holds a character "
            "that cannot be shown; expected printable text on one line",
            id="name on two lines",
        ),
        pytest.param(
            opret(EGENSKAB.replace("</Navn>", "</Navn><Vaerdi>a</Vaerdi>\n<Vaerdi>" + "b" * 10_001 + "</Vaerdi>")),
            "OpretInput/AttributListe/Egenskab/Vaerdiliste/Vaerdi[2] (line 2): the value has 10001 characters; "
            "expected at most 10000 in one value",
            id="long value",
        ),
        pytest.param(
            opret(EGENSKAB.replace(ID, "<s:URNIdentifikator>12345678</s:URNIdentifikator>")),
            "OpretInput/AttributListe/Egenskab/Virkning/AktoerRef/URNIdentifikator (line 1): '12345678' is not a "
            "URN; expected urn:NAMESPACE:NAME, or a UUIDIdentifikator",
            id="no URN",
        ),
        pytest.param(
            opret(EGENSKAB.replace("ItSystem", "Robot")),
            "OpretInput/AttributListe/Egenskab/Virkning/AktoerTypeKode (line 1): 'Robot' is not one of its values; "
            "expected one of Organisation, OrganisationEnhed, OrganisationFunktion, Bruger, ItSystem, "
            "Interessefaellesskab",
            id="no AktoerTypeKode",
        ),
        pytest.param(
            opret(
                EGENSKAB.replace(
                    "<s:AktoerRef>",
                    "<s:FraTidspunkt><s:TidsstempelDatoTid>2026-01-02T00:00:00Z</s:TidsstempelDatoTid></s:FraTidspunkt>"
                    "<s:TilTidspunkt><s:TidsstempelDatoTid>2026-01-01T00:00:00Z</s:TidsstempelDatoTid></s:TilTidspunkt>"
                    "<s:AktoerRef>",
                )
            ),
            "OpretInput/AttributListe/Egenskab/Virkning (line 1): TilTidspunkt is not after FraTidspunkt; expected "
            "a later time",
            id="backward period",
        ),
        pytest.param(
            f"<LaesInput {HEAD}>{ID}<s:VirkningFraFilter><s:TidsstempelDatoTid>i dag</s:TidsstempelDatoTid>"
            "</s:VirkningFraFilter></LaesInput>",
            "LaesInput/VirkningFraFilter/TidsstempelDatoTid (line 1): 'i dag' is not a valid dateTime; expected a date "
            "and time as 2026-11-21T08:00:00 or 2026-11-21T08:00:00.000Z",
            id="no time",
        ),
        pytest.param(
            f"<SoegInput {HEAD}><s:FoersteResultatReference>ti</s:FoersteResultatReference></SoegInput>",
            "SoegInput/FoersteResultatReference (line 1): 'ti' is not a number; expected a whole number",
            id="no number",
        ),
        pytest.param(
            f"<SoegInput {HEAD}><s:MaksimalAntalKvantitet>-1</s:MaksimalAntalKvantitet></SoegInput>",
            "SoegInput/MaksimalAntalKvantitet (line 1): '-1' is out of range; expected a whole number from 0 up, of at "
            "most 15 digits",
            id="negative number",
        ),
        pytest.param(
            f"<SoegInput {HEAD}><SoegObjekt><SoegAttributListe><SoegEgenskab/><SoegEgenskab/></SoegAttributListe>"
            "</SoegObjekt></SoegInput>",
            "SoegInput/SoegObjekt/SoegAttributListe (line 1): it holds 2 SoegEgenskab; expected one at most: a list "
            "has one name and one set of values (ours)",
            id="two SoegEgenskab",
        ),
        pytest.param(
            f"<SoegInput {HEAD}><SoegObjekt><SoegRelationListe> </SoegRelationListe></SoegObjekt></SoegInput>",
            "SoegInput/SoegObjekt/SoegRelationListe (line 1): white space is not allowed inside; expected "
            "SoegRelationListe empty",
            id="white space",
        ),
        pytest.param(
            opret(EGENSKAB + '<s:LokalUdvidelse><x xmlns="urn:egen"/></s:LokalUdvidelse>'),
            "OpretInput/AttributListe/LokalUdvidelse/x (line 1): the element belongs to no schema of this service; "
            "expected LokalUdvidelse empty",
            id="LokalUdvidelse",
        ),
    ],
)
def test_what_is_wrong_is_told(document: str, sentence: str) -> None:
    """Place, line, value, rule and what to do, in one sentence."""
    assert refused(document) == sentence


def test_the_line_is_that_of_the_request() -> None:
    """The line that is named is the one in the sender's file, envelope included."""
    document = "\n\n" + f"<SletInput {HEAD}>\n{ID}<!--\n\n-->\n<forkert/></SletInput>"
    assert "(line 7)" in refused(document)


def test_the_line_in_a_message_for_the_fejlkoe() -> None:
    """A fault inside the message is told with its line in the request."""
    text = refused(flyt(b"\n\n\n" + _besked().replace(UUID.encode(), b"x", 1)).decode())
    assert text.startswith("Haendelsesbesked/BeskedId/UUIDIdentifikator (line 4): 'x' is not a UUID")


def _besked(version: str = "1.0") -> bytes:
    unik = f'<s:UUIDIdentifikator xmlns:s="urn:oio:sagdok:3.0.0">{UUID}</s:UUIDIdentifikator>'
    return (
        f'<Haendelsesbesked xmlns="urn:oio:besked:kuvert:1.0"><BeskedId>{unik}</BeskedId><BeskedVersion>{version}'
        f"</BeskedVersion><Beskedkuvert><Filtreringsdata><Beskedtype>{unik}</Beskedtype></Filtreringsdata>"
        "<Leveranceinformation/></Beskedkuvert></Haendelsesbesked>"
    ).encode()


def test_a_message_of_another_version() -> None:
    """A Haendelsesbesked whose BeskedVersion is not 1.0 is refused with 55, as over AMQP."""
    with pytest.raises(VersionNotSupported, match=re.escape("version '2.0' is not supported; expected '1.0'")):
        read_request(in_envelope(flyt(_besked("2.0"))))


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        (b"", "a child element is missing; expected Haendelsesbesked"),
        (_besked() + _besked(), "the element is not expected here"),
        (b"<Haendelsesbesked/>", "expected Haendelsesbesked (in namespace urn:oio:besked:kuvert:1.0)"),
        (b"<x/>" + _besked(), "expected Haendelsesbesked (in namespace urn:oio:besked:kuvert:1.0)"),
    ],
)
def test_a_wrapper_that_holds_something_else(inside: bytes, expected: str) -> None:
    """Exactly one Haendelsesbesked is taken at a time."""
    assert expected in refused(flyt(inside).decode())


def test_too_many_values() -> None:
    """A million values is the most of one request; what to do with more is told."""
    document = f"<TilfoejVaerdierInput {HEAD}>{ID}{'<Vaerdier/>' * (MOST_VALUES + 1)}</TilfoejVaerdierInput>"
    assert refused(document) == (
        "TilfoejVaerdierInput (line 1): 1000001 values are too many for one request; expected at most 1000000: send "
        "the rest by tilfoejvaerdier or fjernvaerdier"
    )


def test_too_many_values_together() -> None:
    """The registrations of an import are counted together."""
    values = "<Vaerdi/>" * (MOST_VALUES // 2 + 1)
    one = (
        "<Registrering><s:FraTidspunkt><s:GraenseIndikator>true</s:GraenseIndikator></s:FraTidspunkt>"
        f"<s:LivscyklusKode>Rettet</s:LivscyklusKode><AttributListe>{EGENSKAB.replace('</Navn>', '</Navn>' + values)}"
        f"</AttributListe>{REST}</Registrering>"
    )
    text = refused(f"<ImportInput {HEAD}><Vaerdiliste>{ID}{one}{one}</Vaerdiliste></ImportInput>")
    assert text.startswith("ImportInput/Vaerdiliste (line 1): 1000002 values are too many")


def test_too_many_lists() -> None:
    """One listvaerdiliste asks for a thousand lists at most: each may be of a million values."""
    assert refused(f"<ListInput {HEAD}>{ID * 1001}</ListInput>") == (
        "ListInput (line 1): 1001 lists are too many for one request; expected at most 1000"
    )


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("<Vaerdier><x/></Vaerdier>", "Element content is not allowed"),
        ("<Vaerdier a='1'/>", "The attribute 'a' is not allowed"),
        ("<Vaerdi/>", "This element is not expected. Expected is ( Vaerdier )"),
    ],
)
def test_very_many_faults(bad: str, said: str) -> None:
    """100,000 faults are refused at once with the first of them, not counted through for minutes."""
    text = refused(f"<TilfoejVaerdierInput {HEAD}>\n{ID}\n{bad * 100_000}</TilfoejVaerdierInput>")
    assert text.startswith("TilfoejVaerdierInput: Element 'Vaerdi")
    assert said in text
    assert len(text) < 600


def test_one_sender_is_not_told_of_another() -> None:
    """Two large requests with faults, one after the other: each is told its own fault."""
    many = "<Vaerdi/>" * 20_000
    for name in ("hemmelig", "anden"):
        attributter = EGENSKAB.replace("</Navn>", f"</Navn>{many}").replace("ItSystem", name)
        text = refused(opret(attributter))
        assert text.startswith(f"OpretInput: Element 'AktoerTypeKode': '{name}' is not one of its values; expected one")


@settings(max_examples=300, deadline=None)
@given(request=strategies.requests, seed=st.integers(0, 2**32))
def test_damage_is_refused_or_read(request: Request, seed: int) -> None:
    """Whatever is done to a request, it is read or it is refused with a sentence; never anything else."""
    element = damage(etree.fromstring(write(request, seed)), seed)
    try:
        read = read_request(element)
    except Refused as error:
        assert re.match(r"[A-Z]\w+(/|\[|:| \(line)", str(error)), str(error)  # noqa: PT017  - both ways are right
    else:
        assert read.operation in Operation
