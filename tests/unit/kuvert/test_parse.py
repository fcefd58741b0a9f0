"""What is read from a message, and that parse() answers any bytes with a message or a refusal."""

from __future__ import annotations

import threading

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from broker.core.besked import SIKKERHEDSKLASSIFICERING
from broker.core.identifiers import canonical
from broker.errors import Refused, VersionNotSupported
from broker.kuvert import ObjektRegistrering, Parsed, RelateretObjekt, haendelsesbesked, parse
from tests.unit.kuvert.envelopes import Writer
from tests.unit.kuvert.reference import delivered_samples, sample

TYPE = "7654895c-a3f3-4c77-8afd-4c77330f963c"


def test_kombits_sample_message_is_read() -> None:
    """KOMBIT's own sample message is taken, and every field that a filter may name is there."""
    besked = parse(sample()).besked
    filtrering = "Beskedkuvert.Filtreringsdata."
    assert besked.besked_id == "01157488-c45c-4fd2-b076-1de12effbf66"
    assert besked.beskedtype == TYPE
    assert besked.tilladt_modtager == ("urn:oio:cvr:99999999",)
    assert besked.ansvarlig_myndighed == ("urn:oio:cvr:99999999",)
    assert besked.opgave_emne == ("urn:oio:kle:32.01.01",)
    assert besked.sikkerhedsklassificering == "44f4108b-26d4-46de-a90f-35e35b55b8d8"
    assert besked.gyldig_til is None
    assert besked.felter[filtrering + "RelateretObjekt.ObjektId.URNIdentifikator"] == ("urn:oio:cpr-nr:2512484916",)
    assert besked.felter[filtrering + "ObjektRegistrering.RegistreringsAktoer.UUIDIdentifikator"] == (
        "d92bb9c2-d826-4028-8fb5-d8b88b4377d4",
    )
    assert besked.felter[filtrering + "ObjektRegistrering.Registreringstidspunkt.TidsstempelDatoTid"] == (
        "2022-02-13T08:00:00",
    )
    assert besked.felter[SIKKERHEDSKLASSIFICERING + ".UUIDIdentifikator"] == ("44f4108b-26d4-46de-a90f-35e35b55b8d8",)
    assert len(besked.felter) == 14


def test_real_delivered_messages_are_read() -> None:
    """Real messages as delivered in production (PKO_PostStatus) may be sent on as they are."""
    for data in delivered_samples():
        assert parse(data).besked.beskedtype


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32))
def test_every_field_is_read_in_any_handwriting(seed: int) -> None:
    """Prefixes, comments, CDATA, line ends and extensions change nothing in what is read."""
    written = Writer(seed).write()
    besked = parse(written.data).besked
    expected: dict[str, list[str]] = {}
    for path, value in written.fields:
        expected.setdefault("Beskedkuvert.Filtreringsdata." + path, []).append(canonical(value))
    read = {path: list(values) for path, values in besked.felter.items() if "Filtreringsdata" in path}
    assert read == expected
    assert list(besked.tilladt_modtager) == [canonical(value) for value in written.tilladt_modtager]


def test_repeated_elements_keep_all_values_in_order() -> None:
    """A filter sees every occurrence of an element; TilladtModtager keeps its order though UUIDs and URNs mix."""
    receivers = ("urn:oio:cvr-nr:11111111", TYPE.upper(), "urn:oio:cvr:11111111")
    objects = [RelateretObjekt("urn:a", "urn:t"), RelateretObjekt("urn:b", "urn:t", "urn:rolle")]
    besked = parse(haendelsesbesked(tilladt_modtager=receivers, relateret_objekt=objects)).besked
    assert besked.tilladt_modtager == ("urn:oio:cvr:11111111", TYPE, "urn:oio:cvr:11111111")
    assert besked.felter["Beskedkuvert.Filtreringsdata.RelateretObjekt.ObjektId.URNIdentifikator"] == ("urn:a", "urn:b")
    assert besked.felter["Beskedkuvert.Filtreringsdata.RelateretObjekt.ObjektRolle.URNIdentifikator"] == ("urn:rolle",)


def test_myndighed_and_emne_of_every_registration_are_read() -> None:
    """ObjektAnsvarligMyndighed and OpgaveEmne of all ObjektRegistrering count, not only of the first."""
    registrations = [
        ObjektRegistrering(objekt_ansvarlig_myndighed="urn:oio:cvr-nr:11111111", opgave_emne="urn:oio:kle:27.03.01"),
        ObjektRegistrering(objekt_ansvarlig_myndighed="urn:oio:cvr:22222222"),
    ]
    besked = parse(haendelsesbesked(objekt_registrering=registrations)).besked
    assert besked.ansvarlig_myndighed == ("urn:oio:cvr:11111111", "urn:oio:cvr:22222222")
    assert besked.opgave_emne == ("urn:oio:kle:27.03.01",)


def test_gyldighed_til_is_read_in_seconds() -> None:
    """GyldighedTil says when the message expires; GraenseIndikator says that it does not."""
    data = haendelsesbesked(gyldig_til=1_700_000_000.25)
    assert parse(data).besked.gyldig_til == 1_700_000_000.25
    time = b"<TidsstempelDatoTid>2023-11-14T22:13:20.250Z</TidsstempelDatoTid>"
    assert time in data
    assert parse(data.replace(time, b"<GraenseIndikator>true</GraenseIndikator>")).besked.gyldig_til is None


@pytest.mark.parametrize("version", ["2.0", "", "1", "1.0.0", "æ"])
def test_another_version_is_55(version: str) -> None:
    """A message of another BeskedVersion is answered 55, with the version it has and the one expected."""
    with pytest.raises(VersionNotSupported, match=r"BeskedVersion: version '.*' is not supported; expected '1.0'") as e:
        parse(haendelsesbesked(besked_version=version))
    assert e.value.status_kode == 55


def test_another_version_is_55_though_its_content_is_unknown() -> None:
    """A newer version may look different inside: it is still told apart as a version, not as a mistake."""
    data = haendelsesbesked(besked_version="2.0").replace(b"Filtreringsdata>", b"Nytfilter>")
    with pytest.raises(VersionNotSupported):
        parse(data)


def test_white_space_around_the_version_is_no_other_version() -> None:
    """A pretty-printer that puts white space around 1.0 does no harm."""
    assert parse(haendelsesbesked(besked_version="\n 1.0 ")).besked.besked_id


@pytest.mark.parametrize("element", ["BeskedId", "Beskedtype"])
def test_a_uuid_that_is_none_is_refused_by_name(element: str) -> None:
    """UUIDIdentifikator of BeskedId and Beskedtype must be a UUID; the answer names element, value and form."""
    uuid = "aaaaaaaa-c45c-4fd2-b076-1de12effbf66"
    data = haendelsesbesked(besked_id=uuid) if element == "BeskedId" else haendelsesbesked(beskedtype=uuid)
    with pytest.raises(
        Refused, match=rf"{element}/UUIDIdentifikator .*: 'msg-1' is not a UUID; expected the form"
    ) as e:
        parse(data.replace(uuid.encode(), b"msg-1"))
    assert e.value.status_kode == 40


@pytest.mark.parametrize("element", ["BeskedId", "Beskedtype"])
def test_an_empty_urn_identifies_nothing(element: str) -> None:
    """A BeskedId or Beskedtype with nothing in it is refused: two such messages could not be told apart."""
    data = haendelsesbesked(besked_id="urn:x") if element == "BeskedId" else haendelsesbesked(beskedtype="urn:x")
    with pytest.raises(Refused, match=f"{element}/URNIdentifikator .*: the value is empty; expected a URN"):
        parse(data.replace(b"urn:x", b" \n"))


def _outcome(data: bytes) -> Parsed | Refused:
    try:
        return parse(data)
    except Refused as error:
        refused = error
    assert str(refused)
    assert refused.status_kode in (40, 55)
    return refused


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
@example(b"\xff\xfe<\0a\0/\0>\0")
@example(b"<\0a\0/\0>\0")
@example(b"\xef\xbb\xbf")
@example(b"<")
@example(b"<?xml")
@example(b"<?xml version='1.0' encoding='\xff'?><a/>")
def test_any_bytes_are_answered(data: bytes) -> None:
    """Whatever arrives, the sender gets a StatusKode and a reason."""
    assert isinstance(_outcome(data), Refused)


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 2**16), data=st.data())
def test_any_damage_to_the_bytes_is_answered(seed: int, data: st.DataObject) -> None:
    """Bytes lost, doubled or overwritten on the way give a message or a refusal, never anything else."""
    document = bytearray(Writer(seed).write().data)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(document) - 1))
        match data.draw(st.sampled_from(("cut", "overwrite", "insert", "copy"))):
            case "cut":
                del document[at : at + data.draw(st.integers(1, 40))]
            case "overwrite":
                document[at] = data.draw(st.integers(0, 255))
            case "insert":
                document[at:at] = data.draw(st.sampled_from((b"<", b">", b"&", b"]]>", b"<!--", b"\0", b"<?", b'"')))
            case _:
                document += document[at : at + 200]
        if not document:
            break
    _outcome(bytes(document))


def test_threads_do_not_mix_up_their_refusals() -> None:
    """Messages judged at the same time in several threads each get their own reason."""
    wrong: list[str] = []

    def judge(name: str) -> None:
        data = haendelsesbesked().replace(b"Beskedtype>", f"{name}>".encode())
        for _ in range(200):
            outcome = _outcome(data)
            if f"/{name} " not in str(outcome):
                wrong.append(str(outcome))

    threads = [threading.Thread(target=judge, args=(f"Ukendt{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
