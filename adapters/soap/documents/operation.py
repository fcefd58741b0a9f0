"""The eleven operations, as the WSDL names them."""

from __future__ import annotations

from enum import Enum

from lxml import etree

from adapters.soap.documents.names import FEJLKOE, VAERDILISTE
from broker.errors import Refused

_ACTION = "http://kombit.dk/sts/beskedfordeler/"
_LONGEST_NAME = 100


class UnknownOperation(Refused):
    """What the SOAP Body holds is the input of none of the eleven operations."""


class Operation(Enum):
    """One operation: its name in the WSDL as value."""

    OPRET = "opretvaerdiliste"
    IMPORT = "importvaerdiliste"
    RET = "retvaerdiliste"
    LAES = "laesvaerdiliste"
    SLET = "sletvaerdiliste"
    PASSIVER = "passivervaerdiliste"
    LIST = "listvaerdiliste"
    SOEG = "soegvaerdiliste"
    TILFOEJ_VAERDIER = "tilfoejvaerdier"
    FJERN_VAERDIER = "fjernvaerdier"
    FLYT_TIL_FEJLKOE = "flytbeskedtilfejlkoe"

    @property
    def namespace(self) -> str:
        """Namespace of its two documents."""
        return FEJLKOE if self is Operation.FLYT_TIL_FEJLKOE else VAERDILISTE

    @property
    def input(self) -> str:
        """Tag of the request, as ``{namespace}OpretInput``."""
        return f"{{{self.namespace}}}{_STEMS[self]}Input"

    @property
    def output(self) -> str:
        """Tag of the answer, as ``{namespace}OpretOutput``."""
        return f"{{{self.namespace}}}{_STEMS[self]}Output"

    @property
    def action(self) -> str:
        """Its SOAPAction."""
        if self is Operation.FLYT_TIL_FEJLKOE:
            return f"{_ACTION}{self.value}"
        return f"{_ACTION}vaerdiliste/{self.value.removesuffix('vaerdiliste')}"


_STEMS = {
    Operation.OPRET: "Opret",
    Operation.IMPORT: "Import",
    Operation.RET: "Ret",
    Operation.LAES: "Laes",
    Operation.SLET: "Slet",
    Operation.PASSIVER: "Passiver",
    Operation.LIST: "List",
    Operation.SOEG: "Soeg",
    Operation.TILFOEJ_VAERDIER: "TilfoejVaerdier",
    Operation.FJERN_VAERDIER: "FjernVaerdier",
    Operation.FLYT_TIL_FEJLKOE: "FlytBeskedTilFejlkoe",
}
_BY_INPUT = {operation.input: operation for operation in Operation}


def operation_of(element: etree._Element) -> Operation:
    """The operation whose request this element is, by its name alone.  Raises UnknownOperation."""
    operation = _BY_INPUT.get(str(element.tag))
    if operation is None:
        raise UnknownOperation(_unknown(element))
    return operation


def _unknown(element: etree._Element) -> str:
    if not isinstance(element.tag, str):
        return "the SOAP Body holds no element; expected the request of an operation, as OpretInput"
    name = etree.QName(element)
    where = f"in namespace {name.namespace[:_LONGEST_NAME]}" if name.namespace else "in no namespace"
    alike = [operation for operation in Operation if etree.QName(operation.input).localname == name.localname]
    expected = (
        f"it in namespace {alike[0].namespace}"
        if alike
        else ", ".join(f"{stem}Input" for stem in _STEMS.values() if stem != "FlytBeskedTilFejlkoe")
        + f" (in namespace {VAERDILISTE}) or FlytBeskedTilFejlkoeInput (in namespace {FEJLKOE})"
    )
    return f"{name.localname[:_LONGEST_NAME]} {where} is no request of this service; expected {expected}"


def is_request(element: etree._Element) -> bool:
    """Whether an element is the request of an operation, by its name alone."""
    return element.tag in _BY_INPUT
