"""zeep, as a vendor uses it: a client generated from the WSDL calls all eleven operations of a real emulator.

Once from the WSDL that the emulator serves, once from KOMBIT's own; every answer is held to KOMBIT's schemas.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import requests
import zeep
import zeep.exceptions
import zeep.helpers
import zeep.plugins
import zeep.transports
from lxml import etree

from adapters.cluster.ports import free_port
from consumers.client import Afhent, Afsend, build_kuvert
from consumers.kuvert import Relation
from tests.interop import samples
from tests.interop.token_world import TokenWorld, token_emulator
from tests.support.emulator import Emulator, running
from tests.support.soap import PATH, Reply, envelope

__all__ = ["token_emulator"]

ZEEP: Any = zeep
"""Most of zeep has no types."""
REFERENCE = Path(__file__).parents[3] / "shared" / "reference" / "kombit"
LISTE = "urn:oio:sts:beskedfordeler:vaerdiliste:1.0.0"
SAGDOK = "urn:oio:sagdok:3.0.0"
OWN, OTHER, SENDER = "Modtager", "Anden", "Afsender"
TYPE, AKTOER = "00000000-5ee0-4000-8000-000000000001", "00000000-5ee0-4000-8000-00000000aaaa"
DUESLAG = "00000000-5ee0-4000-8000-0000000000d1"
SAMPLE_LIST = "45e3b4b2-536b-4c00-84a3-7a7727ee5e7c"
"""The list that KOMBIT's sample requests are about."""
SAMPLES = {
    "opret": "opretvaerdiliste",
    "tilfoejvaerdier": "tilfoejvaerdier",
    "list": "listvaerdiliste",
    "slet": "sletvaerdiliste",
}
REGISTER = f"""
myndigheder: [{{cvr: 99000903, navn: Sæbeby Kommune (syntetisk)}}]
anvendersystemer: [{{navn: {SENDER}, cvr: 99000903}}, {{navn: {OWN}, cvr: 99000903}}, {{navn: {OTHER}, cvr: 99000903}}]
beskedtyper: [{{id: {TYPE}, navn: Om borgere (syntetisk)}}]
serviceaftaler: [{{anvendersystem: {SENDER}, service: afsend}}, {{anvendersystem: {OWN}, service: modtag}}]
vaerdilister: [{{navn: Borgere, anvendersystem: {OWN}}}]
dueslag: [{{id: {DUESLAG}, navn: Indbakke, anvendersystem: {OWN}}}]
abonnementer:
  - navn: Kendte borgere
    dueslag: Indbakke
    filter: "Beskedkuvert.Filtreringsdata.RelateretObjekt.ObjektId IN VAERDILISTE 'Borgere'"
"""


def reference(path: str) -> Path:
    """A reference file.  Skips where the folder is missing; with CI=true that is a failure."""
    found = REFERENCE / path
    if not found.exists():
        text = f"KOMBIT's reference files are not there: {found}"
        if os.environ.get("CI") == "true":
            pytest.fail(text)
        pytest.skip(text)
    return found


@cache
def kombit_schema(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(reference(f"xsd/{name}.xsd"), etree.XMLParser(no_network=True)))


def held_to_kombits(output: etree._Element) -> None:
    """The answer is valid by KOMBIT's schema of its namespace."""
    ours = etree.QName(output).namespace == LISTE
    schema = kombit_schema("VaerdilisteOperationer" if ours else "BeskedfordelerOperationer")
    assert schema.validate(output), (schema.error_log, etree.tostring(output))


@dataclass(slots=True)
class Site:
    """A running emulator, and where its SOAP is."""

    emulator: Emulator
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{PATH}"

    def session(self, user: str = OWN) -> requests.Session:
        session = requests.Session()
        session.auth = (user, "lokal")
        session.trust_env = False
        return session

    def post(self, content: bytes, user: str = OWN) -> Reply:
        """A call with what is in the Body as it is."""
        with self.session(user) as session:
            answer = session.post(self.url, envelope(content), headers={"content-type": "text/xml"}, timeout=20)
        return Reply(answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, answer.content)


class Caller:
    """What zeep generated, and every answer held to KOMBIT's schemas."""

    def __init__(self, site: Site, wsdl: str, user: str = OWN) -> None:
        self._history = ZEEP.plugins.HistoryPlugin()
        self._session = site.session(user)
        transport = ZEEP.transports.Transport(session=self._session, timeout=20, operation_timeout=20)
        self.client = ZEEP.Client(wsdl, transport=transport, plugins=[self._history])
        binding = "{urn:dk:kombit:vl:beskedfordeler:wsdl:1.0.0}Beskedfordeler"
        self._service = self.client.create_service(binding, site.url)

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            answer = self._service[operation](*arguments, **named)
            held_to_kombits(self._history.last_received["envelope"].find(".//{*}Body")[0])
            return answer

        return call

    def read(self, sample: bytes) -> dict[str, Any]:
        """A request as the arguments of a call."""
        root = etree.fromstring(sample, etree.XMLParser(remove_comments=True, remove_blank_text=True))
        parsed = self.client.get_element(root.tag).parse(root, self.client.wsdl.types)
        found: dict[str, Any] = ZEEP.helpers.serialize_object(parsed, dict)
        return found

    def close(self) -> None:
        self._session.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("zeep")
    register = folder / "register.yaml"
    register.write_text(REGISTER)
    port = free_port()
    with running(folder / "data", "--http-port", str(port), register=register) as emulator:
        yield Site(emulator, port)


@pytest.fixture(params=["served", "KOMBIT's"])
def caller(request: pytest.FixtureRequest, site: Site, tmp_path: Path) -> Iterator[Caller]:
    """A client of the WSDL that is served, and one of KOMBIT's, which looks for its schemas beside its folder."""
    wsdl = site.url + "?wsdl"
    if request.param != "served":
        (tmp_path / "wsdl").mkdir()
        wsdl = str(shutil.copy(reference("Beskedfordeler.wsdl"), tmp_path / "wsdl"))
        (tmp_path / "xsd").symlink_to(reference("xsd"))
    made = Caller(site, wsdl)
    yield made
    made.close()


def attributter(navn: str, *values: str, **virkning: Any) -> dict[str, Any]:
    """An AttributListe as zeep takes it."""
    said = {"AktoerRef": {"UUIDIdentifikator": AKTOER}, "AktoerTypeKode": "ItSystem", **virkning}
    return {"Egenskab": [{"Vaerdiliste": {"Navn": navn, "Vaerdi": list(values)}, "Virkning": said}]}


def koder(answer: Any) -> tuple[int, str | None]:
    retur = answer.StandardRetur if hasattr(answer, "StandardRetur") else answer
    return int(retur.StatusKode), retur.FejlbeskedTekst


def held(answer: Any) -> list[str]:
    """The values that laes shows."""
    return list(answer.LaesResultat.Registrering.AttributListe.Egenskab[0].Vaerdiliste.Vaerdi)


def test_the_life_of_a_list(caller: Caller) -> None:
    """opret, laes, ret, tilfoej, fjern, soeg, list, passiver, import and slet by a generated client, in turn."""
    navn = f"Liste {uuid.uuid4()}"
    made = caller.opretvaerdiliste("en note", attributter(navn, "1", "2"), {}, {})
    assert koder(made) == (20, None)
    key = made.Vaerdiliste.UUIDIdentifikator
    assert held(caller.laesvaerdiliste(UUIDIdentifikator=key)) == ["1", "2"]

    corrected = caller.retvaerdiliste(UUIDIdentifikator=key, AttributListe=attributter(navn, "3"))
    assert (koder(corrected)[0], corrected.Registrering.LivscyklusKode) == (20, "Rettet")
    assert koder(caller.tilfoejvaerdier(key, ["4", "5"])) == (20, None)
    assert koder(caller.fjernvaerdier(key, ["3"])) == (20, None)
    assert held(caller.laesvaerdiliste(UUIDIdentifikator=key)) == ["4", "5"]

    sought = {"SoegAttributListe": {"SoegEgenskab": [{"Vaerdiliste": {"Navn": navn, "Vaerdi": ["4"]}}]}}
    found = caller.soegvaerdiliste(FoersteResultatReference=0, MaksimalAntalKvantitet=10, SoegObjekt=sought)
    assert (koder(found)[0], found.IdListe.UUIDIdentifikator) == (20, [key])

    passive = caller.passivervaerdiliste(key, "ikke mere")
    assert (koder(passive)[0], passive.Registrering.LivscyklusKode) == (20, "Passiveret")
    registrering = {
        "FraTidspunkt": {"TidsstempelDatoTid": "2026-01-01T00:00:00Z"},
        "LivscyklusKode": "Opstaaet",
        "AttributListe": attributter(navn, "6"),
        "TilstandListe": {},
        "RelationListe": {},
    }
    imported = caller.importvaerdiliste("igen", {"UUIDIdentifikator": key, "Registrering": [registrering]})
    assert (koder(imported)[0], imported.Registrering.LivscyklusKode) == (20, "Importeret")

    unknown = str(uuid.uuid4())
    listed = caller.listvaerdiliste([unknown, key])
    assert (koder(listed)[0], len(listed.LaesResultat)) == (20, 1)
    gone = caller.sletvaerdiliste(key, "færdig")
    assert (koder(gone)[0], gone.Registrering.LivscyklusKode) == (20, "Slettet")
    assert koder(caller.laesvaerdiliste(UUIDIdentifikator=key))[0] == 44


def test_kombits_sample_requests(caller: Caller) -> None:
    """KOMBIT's sample requests, read into the generated client's arguments and sent by it, do what they say."""
    registrering = {
        "FraTidspunkt": {"GraenseIndikator": True},
        "LivscyklusKode": "Opstaaet",
        "AttributListe": attributter("Eksempel"),
        "TilstandListe": {},
        "RelationListe": {},
    }
    imported = caller.importvaerdiliste(None, {"UUIDIdentifikator": SAMPLE_LIST, "Registrering": [registrering]})
    assert koder(imported) == (20, None)
    answers: dict[str, Any] = {}
    for name, operation in SAMPLES.items():
        arguments = caller.read(reference(f"messages/vaerdiliste_{name}.xml").read_bytes())
        answers[name] = getattr(caller, operation)(**arguments)
        assert koder(answers[name]) == (20, None), name
    made = answers["opret"].Vaerdiliste
    assert made.Registrering[0].AttributListe.Egenskab[0].Vaerdiliste.Navn == "List 4003"
    (shown,) = answers["list"].LaesResultat
    assert len(shown.Registrering.AttributListe.Egenskab[0].Vaerdiliste.Vaerdi) == 2
    assert koder(caller.sletvaerdiliste(made.UUIDIdentifikator)) == (20, None)


def test_kombits_sample_requests_as_they_are(site: Site) -> None:
    """The same, octet for octet as KOMBIT wrote them, in an Envelope."""
    caller = Caller(site, site.url + "?wsdl")
    registrering = {
        "FraTidspunkt": {"GraenseIndikator": True},
        "LivscyklusKode": "Opstaaet",
        "AttributListe": attributter("Eksempel"),
        "TilstandListe": {},
        "RelationListe": {},
    }
    caller.importvaerdiliste(None, {"UUIDIdentifikator": SAMPLE_LIST, "Registrering": [registrering]})
    replies = {}
    for name in SAMPLES:
        sample = reference(f"messages/vaerdiliste_{name}.xml").read_bytes()
        replies[name] = site.post(sample.partition(b"?>")[2])
        held_to_kombits(replies[name].output)
        assert (replies[name].status, replies[name].kode) == (200, 20), name
    assert replies["opret"].navne == ["List 4003"]
    assert len(replies["opret"].values) == 12, "List_8 is there twice in the sample, and once in a list"
    assert replies["list"].values == replies["slet"].values
    assert len(replies["slet"].values) == 2
    assert koder(caller.sletvaerdiliste(replies["opret"].uuid)) == (20, None)
    caller.close()


def test_refusals_reach_a_generated_client(site: Site) -> None:
    """A refusal is an answer with StatusKode and sentence; a fault is zeep's Fault with ours in it."""
    own, other = Caller(site, site.url + "?wsdl"), Caller(site, site.url + "?wsdl", OTHER)
    key = other.opretvaerdiliste(None, attributter("Fortroligt", "x"), {}, {}).Vaerdiliste.UUIDIdentifikator
    kode, text = koder(own.tilfoejvaerdier(key, ["1"]))
    assert (kode, text) == (40, f"værdiliste {key} belongs to another anvendersystem")
    kode, text = koder(own.laesvaerdiliste(UUIDIdentifikator="123"))
    assert kode == 40
    assert "not a UUID" in (text or "")
    stranger = Caller(site, site.url + "?wsdl", "Ukendt")
    with pytest.raises(zeep.exceptions.Fault, match="not taken") as raised:
        stranger.tilfoejvaerdier(key, ["1"])
    assert raised.value.code.endswith("Client")
    assert koder(other.sletvaerdiliste(key)) == (20, None)
    for caller in (own, other, stranger):
        caller.close()


@pytest.fixture
async def in_and_out(site: Site) -> AsyncIterator[tuple[Afsend, Afhent]]:
    async with Afsend(site.emulator.endpoint(SENDER)) as afsend, Afhent(site.emulator.endpoint(OWN), DUESLAG) as afhent:
        yield afsend, afhent


def about(borger: str) -> bytes:
    """A message about a citizen."""
    relation = Relation(borger, "urn:oio:objekttype:person")
    return build_kuvert("<x/>", beskedtype=TYPE, aktoer=AKTOER, myndighed="99000903", relateret=[relation])


async def test_a_change_holds_from_the_next_message_on(site: Site, in_and_out: tuple[Afsend, Afhent]) -> None:
    """A message sent after tilfoejvaerdier is answered reaches the dueslag whose filter names the list, one sent after
    fjernvaerdier does not; and flytbeskedtilfejlkoe moves a message that was fetched to the fejlkø."""
    afsend, afhent = in_and_out
    caller = await asyncio.to_thread(Caller, site, site.url + "?wsdl")
    found = await asyncio.to_thread(caller.soegvaerdiliste)
    (key,) = found.IdListe.UUIDIdentifikator
    borger = f"urn:oio:cpr-nr:{time.time_ns() % 10**10:010d}"

    async def arrives() -> Any:
        assert (await afsend.send(about(borger))).ok
        return await afhent.get()

    assert await arrives() is None
    assert koder(await asyncio.to_thread(caller.tilfoejvaerdier, key, [borger])) == (20, None)
    got = await arrives()
    assert got is not None
    element = caller.read(
        b'<f:FlytBeskedTilFejlkoeInput xmlns:f="urn:oio:sts:beskedfordeler:1.0.0">%b</f:FlytBeskedTilFejlkoeInput>'
        % got.body.partition(b"?>")[2]
    )
    moved = await asyncio.to_thread(caller.flytbeskedtilfejlkoe, **element)
    assert koder(moved) == (20, None)
    assert (await site.emulator.admin.depths())[DUESLAG]["dead"] == 1
    assert koder(await asyncio.to_thread(caller.fjernvaerdier, key, [borger])) == (20, None)
    assert await arrives() is None
    caller.close()


def test_with_a_token_over_tls(token_emulator: TokenWorld) -> None:
    """With --auth=token: HTTPS by the exported CA, the STS's assertion in WS-Security; without it a fault says how."""
    world = token_emulator
    with requests.Session() as session:
        session.trust_env, session.verify = False, str(world.ca)
        url = f"https://localhost:{world.emulator.https_port}{PATH}"
        history = ZEEP.plugins.HistoryPlugin()
        transport = ZEEP.transports.Transport(session=session, timeout=20, operation_timeout=20)
        client = ZEEP.Client(url + "?wsdl", transport=transport, plugins=[history])
        assert client.service._binding_options["address"] == url
        with pytest.raises(zeep.exceptions.Fault, match="SAML assertion"):
            client.service.soegvaerdiliste()
        namespace = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
        for token, certificate in (
            (world.modtag(), None),
            (world.modtag(), world.pem(samples.TEST_RECEIVER)),
            (world.afsend(), None),
        ):
            session.cert = None if certificate is None else str(certificate)
            security = etree.Element(f"{{{namespace}}}Security")
            security.append(etree.fromstring(token))
            assert koder(client.service.soegvaerdiliste(_soapheaders=[security])) == (20, None)
            held_to_kombits(history.last_received["envelope"].find(".//{*}Body")[0])
