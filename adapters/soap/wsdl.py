"""What ``?wsdl`` answers: the service as KOMBIT's WSDL describes it, in our words, and the schemas it refers to.

Names, namespaces, messages, portType, binding and soapActions are those of KOMBIT's (`Beskedfordeler.wsdl`), so that
clients generated from either can call.  A schema is served as ``?xsd=NAME`` under the same path, with locations that
are relative to it: they hold behind whatever address the service is reached by.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from xml.sax.saxutils import quoteattr

from lxml import etree

from adapters.soap.documents.names import FEJLKOE, VAERDILISTE
from adapters.soap.documents.operation import Operation

PATH = "/sts-bf-soap/StsbeskedfordelerImpl"
TARGET = "urn:dk:kombit:vl:beskedfordeler:wsdl:1.0.0"
PORT_TYPE = "BeskedfordelerPortType"

_HERE = PATH.rpartition("/")[2]
_SCHEMAS = (Path(__file__).with_name("schema"), Path(__file__).parents[2] / "broker" / "kuvert")
_IMPORTED = {VAERDILISTE: "vaerdiliste.xsd", FEJLKOE: "fejlkoe.xsd"}
_NAME = re.compile(r"[A-Za-z0-9_-]+\.xsd", re.ASCII)
_WSDL = "http://schemas.xmlsoap.org/wsdl/"
_XSD = "http://www.w3.org/2001/XMLSchema"
_MESSAGES = {
    Operation.OPRET: "OpretVaerdiListe",
    Operation.IMPORT: "ImportVaerdiListe",
    Operation.RET: "RetVaerdiListe",
    Operation.LAES: "LaesVaerdiListe",
    Operation.SLET: "SletVaerdiListe",
    Operation.PASSIVER: "PassiverVaerdiListe",
    Operation.LIST: "ListVaerdiListe",
    Operation.SOEG: "SoegVaerdiListe",
    Operation.TILFOEJ_VAERDIER: "TilfoejVaerdier",
    Operation.FJERN_VAERDIER: "FjernVaerdier",
    Operation.FLYT_TIL_FEJLKOE: "FlytBeskedTilFejlkoe",
}


def wsdl(address: str) -> bytes:
    """The WSDL, with ``address`` (a URL) as the service's."""
    before, after = _around_address()
    return before + quoteattr(address).encode() + after


def xsd(name: str) -> bytes | None:
    """A schema by its file name, or None where there is none of that name."""
    file = _file(name)
    return None if file is None else _served(file)


@cache
def _around_address() -> tuple[bytes, bytes]:
    operations = list(Operation)
    before = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<wsdl:definitions xmlns:wsdl="{_WSDL}" xmlns:soap="{_WSDL}soap/" xmlns:xsd="{_XSD}"\n'
        f'    xmlns:tns="{TARGET}" xmlns:vl="{VAERDILISTE}" xmlns:bf="{FEJLKOE}"\n'
        f'    name="BeskedfordelerService" targetNamespace="{TARGET}">\n'
        f"  <wsdl:types>\n    <xsd:schema>\n{_imports()}    </xsd:schema>\n  </wsdl:types>\n"
        f"{''.join(map(_messages, operations))}"
        f'  <wsdl:portType name="{PORT_TYPE}">\n{"".join(map(_in_port_type, operations))}  </wsdl:portType>\n'
        f'  <wsdl:binding name="Beskedfordeler" type="tns:{PORT_TYPE}">\n'
        f'    <soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>\n'
        f"{''.join(map(_in_binding, operations))}  </wsdl:binding>\n"
        f'  <wsdl:service name="Beskedfordeler">\n'
        f'    <wsdl:port binding="tns:Beskedfordeler" name="stsbeskedfordeler">\n      <soap:address location='
    )
    return before.encode(), b"/>\n    </wsdl:port>\n  </wsdl:service>\n</wsdl:definitions>\n"


def _imports() -> str:
    return "".join(
        f'      <xsd:import namespace="{namespace}" schemaLocation="{_location(file)}"/>\n'
        for namespace, file in _IMPORTED.items()
    )


def _messages(operation: Operation) -> str:
    return "".join(
        f'  <wsdl:message name="{_MESSAGES[operation]}{kind}Message">\n'
        f'    <wsdl:part element="{_qualified(tag)}" name="{kind.lower()}"/>\n  </wsdl:message>\n'
        for kind, tag in (("Request", operation.input), ("Response", operation.output))
    )


def _qualified(tag: str) -> str:
    name = etree.QName(tag)
    return f"{'bf' if name.namespace == FEJLKOE else 'vl'}:{name.localname}"


def _in_port_type(operation: Operation) -> str:
    message = f"tns:{_MESSAGES[operation]}"
    return (
        f'    <wsdl:operation name="{operation.value}">\n'
        f'      <wsdl:input message="{message}RequestMessage"/>\n'
        f'      <wsdl:output message="{message}ResponseMessage"/>\n    </wsdl:operation>\n'
    )


def _in_binding(operation: Operation) -> str:
    return (
        f'    <wsdl:operation name="{operation.value}">\n      <soap:operation soapAction="{operation.action}"/>\n'
        '      <wsdl:input><soap:body use="literal"/></wsdl:input>\n'
        '      <wsdl:output><soap:body use="literal"/></wsdl:output>\n    </wsdl:operation>\n'
    )


def _file(name: str) -> Path | None:
    """Ours by name; nothing else of the file system can be named."""
    if not _NAME.fullmatch(name):
        return None
    return next((folder / name for folder in _SCHEMAS if (folder / name).is_file()), None)


@cache
def _served(file: Path) -> bytes:
    """A schema with its locations as they are served, without comments."""
    root = etree.parse(file, etree.XMLParser(no_network=True, resolve_entities=False, remove_comments=True)).getroot()
    for element in root.iter(f"{{{_XSD}}}import", f"{{{_XSD}}}include"):
        location = element.get("schemaLocation")
        if location is not None:
            element.set("schemaLocation", _location(location))
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _location(file: str) -> str:
    return f"{_HERE}?xsd={file.rpartition('/')[2]}"
