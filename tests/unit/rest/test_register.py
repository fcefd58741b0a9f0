"""The register over HTTP: exported, taken in, item by item, and the værdilister."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from broker.register.dump import dump_file
from broker.register.file import load_text
from tests.unit.rest.desk import CPR, DUESLAG, Desk, cpr_besked

NEW = "0f0f0f0f-0000-4000-8000-0000000000aa"


@pytest.mark.parametrize("format", ["yaml", "json"])
async def test_export_gives_the_register_again(desk: Desk, format: str) -> None:
    """Both forms load as the register that was exported, values included."""
    answer = await desk.call("GET", "/register", format=format)
    assert answer.status == 200
    assert load_text(answer.content.decode()) == desk.service.content


async def test_import_of_the_export_changes_nothing(desk: Desk) -> None:
    """Taking in what was exported puts nothing."""
    text = (await desk.call("GET", "/register")).content
    answer = await desk.call("PUT", "/register", text)
    assert (answer.status, answer.json) == (200, {"put": {}, "values": 0})


async def test_import_adds_and_replaces(desk: Desk) -> None:
    """A new abonnement with a filter on a new værdiliste works from the next message on."""
    text = dump_file(desk.service.content, None)
    objekt = "Beskedkuvert.Filtreringsdata.RelateretObjekt.ObjektId.URNIdentifikator"
    text = text.replace(
        "abonnementer:\n",
        f"abonnementer:\n  - {{navn: Nye, dueslag: {DUESLAG}, filter: \"{objekt} IN VAERDILISTE 'Nye'\"}}\n",
    )
    text += f'  - {{navn: Nye, anvendersystem: Testkommune Fagsystem, vaerdier: ["urn:oio:cpr-nr:{CPR}"]}}\n'
    answer = await desk.call("PUT", "/register", text.encode())
    assert answer.json == {"put": {"abonnementer": 1, "vaerdilister": 1}, "values": 1}
    await desk.send(cpr_besked())
    assert (await desk.get("/dueslag/Testkommune"))["depth"]["ready"] == 1


async def test_broken_import_changes_nothing(desk: Desk) -> None:
    """Every problem with its line, and the register as it was."""
    before = dump_file(desk.service.content, None)
    answer = await desk.call("PUT", "/register", before.replace("navn: Testkommune\n", "navn: 7\n").encode() + b"x: [")
    assert answer.status == 422
    assert "register:" in answer.error
    assert dump_file(desk.service.content, None) == before


async def test_items(desk: Desk) -> None:
    """One item put (references by navn), read back, listed and removed."""
    body = {"navn": "Ny", "anvendersystem": "Testkommune Fagsystem"}
    put = await desk.call("PUT", f"/register/dueslag/{NEW}", body)
    assert put.json == {"id": NEW, "navn": "Ny", "anvendersystem": "aaaaaaaa-0000-4000-8000-000000000009"}
    assert await desk.get("/register/dueslag/Ny") == put.json
    assert len(await desk.get("/register/dueslag")) == 4
    assert (await desk.call("DELETE", "/register/dueslag/Ny")).status == 204
    assert (await desk.call("GET", f"/register/dueslag/{NEW}")).status == 404


@pytest.mark.parametrize(
    ("kind", "key", "body"),
    [
        ("myndigheder", "12345678", {"navn": "Ny By"}),
        ("anvendersystemer", NEW, {"navn": "Nyt", "cvr": "99999999"}),
        (
            "anvendersystemer",
            NEW,
            {"navn": "Nyt", "cvr": "99999999", "certifikat": "CVR:99999999-FID:1234567890123"},
        ),
        ("beskedtyper", NEW, {"navn": "Ny type"}),
        (
            "serviceaftaler",
            NEW,
            {
                "anvendersystem": "Afsendersystem",
                "service": "afsend",
                "beskedtyper": ["PKO_PostStatus"],
                "gyldig_fra": "2026-01-01T00:00:00Z",
            },
        ),
        (
            "serviceaftaler",
            NEW,
            {
                "anvendersystem": "Testkommune Fagsystem",
                "service": "modtag",
                "version": "2.0",
                "modtagende_dueslag": "testkommune",
            },
        ),
        (
            "abonnementer",
            NEW,
            {"navn": "Nyt", "dueslag": "Testkommune", "tilstand": "pause", "gyldig_til": "2030-01-01"},
        ),
        (
            "dueslag",
            NEW,
            {"navn": "Ny", "anvendersystem": "Afsendersystem", "callback": "https://kommune.example:8443/besked?a=b"},
        ),
        ("vaerdilister", NEW, {"navn": "Ny", "anvendersystem": "Afsendersystem", "vaerdier": ["a", "b"]}),
        (
            "vaerdilister",
            NEW,
            {
                "navn": "Ny",
                "anvendersystem": "Afsendersystem",
                "vaerdier": ["a"],
                "registrering": {
                    "tidspunkt": "2026-01-31T12:00:00+01:00",
                    "livscyklus": "Passiveret",
                    "bruger": "AAAAAAAA-0000-4000-8000-000000000000",
                    "note": "Lukket: se sag 4",
                    "virkning_fra": "2026-01-01",
                    "aktoer": "urn:oio:cvr-nr:99999999",
                    "aktoer_type": "ItSystem",
                },
            },
        ),
    ],
)
async def test_every_kind_can_be_put_and_exported(desk: Desk, kind: str, key: str, body: dict[str, object]) -> None:
    """An item of each kind stands in the export, which still loads as the register."""
    assert (await desk.call("PUT", f"/register/{kind}/{key}", body)).status == 200
    text = (await desk.call("GET", "/register")).content.decode()
    assert key in text
    assert load_text(text) == desk.service.content


async def test_a_callback_is_set_seen_and_ended(desk: Desk) -> None:
    """In force at once: whoever pushes is told of each change."""
    heard: list[str | None] = []
    desk.service.watch(lambda: heard.append(desk.service.find_dueslag("Testkommune").callback))
    url = "http://127.0.0.1:8081/besked"
    item = await desk.get("/register/dueslag/Testkommune")
    assert "callback" not in item
    target = f"/register/dueslag/{DUESLAG}"
    assert (await desk.call("PUT", target, {**item, "callback": url})).json == {**item, "callback": url}
    assert (await desk.get("/dueslag/Testkommune"))["callback"] == url
    assert (await desk.call("PUT", target, item)).json == item
    assert (await desk.get("/dueslag/Testkommune"))["callback"] is None
    assert heard == [url, None]


@pytest.mark.parametrize(
    ("target", "body", "status", "word"),
    [
        ("/register/nope/x", {}, 404, "section"),
        (f"/register/dueslag/{NEW}", {"navn": "x", "anvendersystem": "nobody"}, 404, "nobody"),
        (f"/register/dueslag/{NEW}", {"navn": "x"}, 422, "anvendersystem"),
        (f"/register/dueslag/{NEW}", {"navn": "x", "anvendersystem": "Afsendersystem", "extra": 1}, 422, "extra"),
        (f"/register/dueslag/{NEW}", {"id": DUESLAG, "navn": "x", "anvendersystem": "y"}, 422, "address"),
        (f"/register/dueslag/{NEW}", [], 422, "object"),
        (
            f"/register/dueslag/{NEW}",
            {"navn": "x", "anvendersystem": "Afsendersystem", "callback": "ftp://kommune.example/"},
            422,
            "callback: 'ftp://kommune.example/' is not a callback: its scheme is 'ftp'; expected http://HOST:PORT/PATH",
        ),
        (
            f"/register/vaerdilister/{NEW}",
            {"navn": "x", "anvendersystem": "Afsendersystem", "vaerdier": ["a", "\x01"]},
            422,
            "a value holds the character U+0001",
        ),
        (
            f"/register/vaerdilister/{NEW}",
            {"navn": "x", "anvendersystem": "Afsendersystem", "registrering": {"livscyklus": "Lukket"}},
            422,
            "registrering.livscyklus",
        ),
        (
            f"/register/vaerdilister/{NEW}",
            {
                "navn": "x",
                "anvendersystem": "Afsendersystem",
                "registrering": {
                    "tidspunkt": "2026-01-01",
                    "livscyklus": "Rettet",
                    "virkning_fra": "2026-02-01",
                    "virkning_til": "2026-01-01",
                },
            },
            422,
            "registrering.virkning_til: is not after virkning_fra",
        ),
        ("/register/dueslag/nouuid", {"navn": "x", "anvendersystem": "Afsendersystem"}, 422, "nouuid"),
        (f"/register/abonnementer/{NEW}", {"navn": "x", "dueslag": "Testkommune", "filter": "= ="}, 422, "filter"),
        (
            f"/register/anvendersystemer/{NEW}",
            {"navn": "x", "cvr": "99999999", "certifikat": "a\nb"},
            422,
            "certifikat",
        ),
        (
            f"/register/serviceaftaler/{NEW}",
            {"anvendersystem": "Testkommune Fagsystem", "service": "modtag", "modtagende_dueslag": ["Eksempelby"]},
            404,
            "no dueslag 'Eksempelby' of anvendersystem 'Testkommune Fagsystem'",
        ),
        (
            f"/register/serviceaftaler/{NEW}",
            {
                "anvendersystem": "Testkommune Fagsystem",
                "service": "modtag",
                "modtagende_dueslag": ["11111111-1111-1111-1111-111111111111"],
            },
            422,
            "dueslag 'Eksempelby' (11111111-1111-1111-1111-111111111111) is not one of anvendersystem 'Testkommune F",
        ),
        (
            f"/register/serviceaftaler/{NEW}",
            {"anvendersystem": "Afsendersystem", "service": "afsend", "modtagende_dueslag": "Testkommune"},
            404,
            "modtagende_dueslag",
        ),
        (
            f"/register/vaerdilister/{NEW}",
            {"navn": "x", "anvendersystem": "Afsendersystem", "fil": "/etc/passwd"},
            422,
            "fil",
        ),
    ],
)
async def test_item_that_breaks_a_rule(desk: Desk, target: str, body: object, status: int, word: str) -> None:
    """Refused with what is wrong, and nothing is put."""
    before = dump_file(desk.service.content, None)
    answer = await desk.call("PUT", target, body)
    assert answer.status == status
    assert word in answer.error
    assert dump_file(desk.service.content, None) == before


async def test_a_password_in_a_callback_is_not_repeated(desk: Desk) -> None:
    """A refusal may be logged by whoever asked."""
    item = {"navn": "x", "anvendersystem": "Afsendersystem", "callback": "https://navn:hemmelig@kommune.example/"}
    answer = await desk.call("PUT", f"/register/dueslag/{NEW}", item)
    assert answer.status == 422
    assert "callback: has a name or password before the host" in answer.error
    assert b"hemmelig" not in answer.content


async def test_delete_of_what_is_referred_to(desk: Desk) -> None:
    """409 with what refers to it."""
    answer = await desk.call("DELETE", f"/register/dueslag/{DUESLAG}")
    assert answer.status == 409
    assert "Testbeskeder" in answer.error


async def test_a_dueslag_that_an_agreement_is_about_is_not_removed(desk: Desk) -> None:
    """409 with the agreement that would be about nothing."""
    body = {"anvendersystem": "Testkommune Fagsystem", "service": "modtag", "modtagende_dueslag": [DUESLAG]}
    assert (await desk.call("PUT", f"/register/serviceaftaler/{NEW}", body)).status == 200
    assert (await desk.call("DELETE", "/register/abonnementer/Testbeskeder")).status == 204
    answer = await desk.call("DELETE", f"/register/dueslag/{DUESLAG}")
    assert answer.status == 409
    assert f"serviceaftale {NEW}" in answer.error


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Afsendersystem/afsend/1.0", ""),
        ("afsendersystem/AFSEND/1.0", ""),
        ("Afsendersystem/afsend/2.0", "anvendersystem 'Afsendersystem' has afsend/1.0"),
        ("Afsendersystem", "expected an id, or SYSTEM/service/version"),
        ("Nobody/afsend/1.0", "no anvendersystem 'Nobody'"),
        ("Testkommune Fagsystem/modtag/1.0", "2 are so named; use the id: "),
    ],
)
async def test_an_agreement_is_found_by_what_it_is_about(desk: Desk, name: str, said: str) -> None:
    """SYSTEM/service/version instead of an id, where only one is so."""
    body = {"anvendersystem": "Testkommune Fagsystem", "service": "modtag"}
    assert (await desk.call("PUT", f"/register/serviceaftaler/{NEW}", body)).status == 200
    answer = await desk.call("GET", f"/register/serviceaftaler/{quote(name, safe='')}")
    if not said:
        assert answer.json == await desk.get(f"/register/serviceaftaler/{answer.json['id']}")
        assert (answer.json["anvendersystem"], answer.json["service"]) == (
            "aaaaaaaa-0000-4000-8000-000000000000",
            "afsend",
        )
    else:
        assert answer.status == 404
        assert said in answer.error


async def test_register_file_may_not_read_files_of_the_machine(desk: Desk, tmp_path: Path) -> None:
    """A ``fil`` in what is sent over HTTP is looked for beside no file: what it names is not taken in."""
    secret = tmp_path / "secret.txt"
    secret.write_text("secret-value\n")
    text = dump_file(desk.service.content, None)
    text += f"  - {{navn: Nye, anvendersystem: Testkommune Fagsystem, fil: '{secret}'}}\n"
    answer = await desk.call("PUT", "/register", text.encode())
    assert answer.status == 422
    assert "fil" in answer.error


async def test_vaerdilister(desk: Desk) -> None:
    """Values added and removed, in force for the next message; shown masked, in pages."""
    name = "/vaerdilister/fulgte%20borgere"
    await desk.send(cpr_besked())
    assert await desk.post(f"{name}/remove", {"values": [f"urn:oio:cpr-nr:{CPR}"]}) == {"count": 1}
    await desk.send(cpr_besked())
    assert await desk.post(f"{name}/add", {"values": [f"urn:oio:cpr-nr:{CPR}"]}) == {"count": 2}
    await desk.send(cpr_besked())
    assert (await desk.get("/dueslag/Pr%C3%B8vek%C3%B8bing"))["depth"]["ready"] == 2
    assert (await desk.get("/vaerdilister"))[0]["count"] == 2
    masked = await desk.call("GET", f"{name}/values")
    assert CPR.encode() not in masked.content
    pages = [await desk.get(f"{name}/values", offset=start, limit=1, vis_cpr=True) for start in (0, 1)]
    assert {value for page in pages for value in page["values"]} == desk.service.content.vaerdier[
        desk.service.find_vaerdiliste("Fulgte borgere").id
    ]
    assert (await desk.call("POST", "/vaerdilister/nope/add", {"values": ["x"]})).status == 404
