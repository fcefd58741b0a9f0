"""The WSDL against KOMBIT's: clients generated from either can call; what it refers to is there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from lxml import etree

from adapters.soap.app import create_soap
from tests.support.soap import PATH
from tests.unit.kuvert.reference import reference
from tests.unit.soap.counter import Counter, ask, open_counter

WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
SOAP = "{http://schemas.xmlsoap.org/wsdl/soap/}"
XSD = "{http://www.w3.org/2001/XMLSchema}"


@pytest.fixture
async def counter() -> AsyncIterator[Counter]:
    async with open_counter() as opened:
        yield opened


def _full(element: etree._Element, name: str | None) -> str:
    """A prefixed name as ``{namespace}name``."""
    prefix, _, local = (name or "").rpartition(":")
    return f"{{{element.nsmap[prefix or None]}}}{local}"


def described(root: etree._Element) -> dict[str, Any]:
    """All that a generated client goes by, whatever the order and the prefixes."""
    messages = {
        message.get("name"): [(part.get("name"), _full(part, part.get("element"))) for part in message]
        for message in root.iterfind(f"{WSDL}message")
    }
    port_types = {
        (port_type.get("name"), operation.get("name")): [(m.tag, _full(m, m.get("message"))) for m in operation]
        for port_type in root.iterfind(f"{WSDL}portType")
        for operation in port_type
    }
    bindings: dict[Any, Any] = {}
    for binding in root.iterfind(f"{WSDL}binding"):
        (style,) = binding.iterfind(f"{SOAP}binding")
        bindings[binding.get("name")] = (_full(binding, binding.get("type")), sorted(style.attrib.items()))
        for operation in binding.iterfind(f"{WSDL}operation"):
            (action,) = operation.iterfind(f"{SOAP}operation")
            bodies = [(body.getparent().tag, sorted(body.attrib.items())) for body in operation.iter(f"{SOAP}body")]  # type: ignore[union-attr]
            bindings[binding.get("name"), operation.get("name")] = (sorted(action.attrib.items()), bodies)
    services = {
        (service.get("name"), port.get("name")): _full(port, port.get("binding"))
        for service in root.iterfind(f"{WSDL}service")
        for port in service
    }
    imports = {one.get("namespace") for one in root.iterfind(f"{WSDL}types/{XSD}schema/{XSD}import")}
    named = (root.get("name"), root.get("targetNamespace"))
    return {
        "named": named,
        "messages": messages,
        "portTypes": port_types,
        "bindings": bindings,
        "services": services,
        "imports": imports,
    }


async def test_it_describes_what_kombits_does(counter: Counter) -> None:
    """Names, namespaces, messages, portType, binding, soapActions, service and port are those of KOMBIT's WSDL."""
    _, _, content = await counter.get(f"{PATH}?wsdl")
    kombits = described(etree.parse(reference("Beskedfordeler.wsdl")).getroot())
    assert described(etree.fromstring(content)) == kombits
    assert len(kombits["portTypes"]) == 11


@pytest.mark.parametrize("query", ["?wsdl", "?WSDL", "?Wsdl=", "?wsdl=1"])
async def test_it_is_served_as_clients_ask_for_it(counter: Counter, query: str) -> None:
    """?wsdl in any case answers the WSDL, as XML."""
    status, content_type, content = await counter.get(PATH + query)
    assert (status, content_type) == (200, "text/xml; charset=utf-8")
    assert etree.fromstring(content).tag == f"{WSDL}definitions"


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("bfo.test", "http://bfo.test"),
        ("localhost:18080", "http://localhost:18080"),
        ("[::1]:8080", "http://[::1]:8080"),
        ('x"/><evil y="', "http://127.0.0.1:8080"),
        ("a b", "http://127.0.0.1:8080"),
        ("", "http://127.0.0.1:8080"),
    ],
)
async def test_the_address_is_where_it_was_asked_for(counter: Counter, host: str, told: str) -> None:
    """soap:address is the address that the WSDL was fetched from; a Host that is none is not repeated."""
    _, _, content = await counter.get(f"{PATH}?wsdl", {"host": host})
    (address,) = etree.fromstring(content).iter(f"{SOAP}address")
    assert address.get("location") == told + PATH


async def test_the_address_can_be_given(counter: Counter) -> None:
    """Behind a proxy the address is what the emulator was told, and over TLS it is https."""
    app = create_soap(lambda: counter.service, None, "open", lambda: "https://bfo.example/")
    _, _, content = await ask(app, "GET", f"{PATH}?wsdl", b"", {"host": "inside:1"})
    assert f'location="https://bfo.example{PATH}"'.encode() in content
    _, _, content = await ask(counter.app, "GET", f"{PATH}?wsdl", b"", {"host": "bfo.test"}, certificate=b"any")
    assert f'location="https://bfo.test{PATH}"'.encode() in content


async def test_every_schema_it_refers_to_is_served(counter: Counter) -> None:
    """What the WSDL imports, and what that imports and includes, is found under the locations given; together they are
    a schema, in which every message has its element."""
    start = f"http://emulator.test:8080{PATH}?wsdl"
    waiting, seen = [start], dict[str, etree._Element]()
    while waiting:
        url = waiting.pop()
        if url in seen:
            continue
        parts = urlsplit(url)
        assert parts.path == PATH, "under the same path"
        status, content_type, content = await counter.get(f"{parts.path}?{parts.query}")
        assert (status, content_type) == (200, "text/xml; charset=utf-8"), url
        seen[url] = etree.fromstring(content)
        waiting += [
            urljoin(url, one.get("schemaLocation", "")) for one in seen[url].iter(f"{XSD}import", f"{XSD}include")
        ]
    elements = {
        f"{{{root.get('targetNamespace')}}}{element.get('name')}"
        for root in seen.values()
        for element in root.iterfind(f"{XSD}element")
    }
    messages = described(seen[start])["messages"]
    assert {element for parts in messages.values() for _, element in parts} <= elements


@pytest.mark.parametrize(
    "name", ["", "nope.xsd", "../app.py", "..%2F..%2Fpyproject.toml", "/etc/passwd", "schema", "a" * 5000]
)
async def test_nothing_else_is_served(counter: Counter, name: str) -> None:
    """?xsd gives the schemas and no other file."""
    status, _, content = await counter.get(f"{PATH}?xsd={name}")
    assert (status, content) == (404, b"no schema of that name; ?wsdl refers to those there are\n")


async def test_a_browser_gets_a_word_of_help(counter: Counter) -> None:
    """GET without a query says what is here and how to get the WSDL; anywhere else there is nothing."""
    status, content_type, content = await counter.get(PATH)
    assert (status, content_type) == (200, "text/plain; charset=utf-8")
    assert b"?wsdl" in content
    for path in ("/", "/sts-bf-soap", f"{PATH}/x", PATH.lower()):
        status, _, content = await counter.get(path)
        assert (status, PATH.encode() in content) == (404, True), path
