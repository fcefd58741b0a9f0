"""WS-Addressing 1.0, as far as a call and its answer need it."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from adapters.soap.documents.operation import Operation
from adapters.soap.envelope import Envelope
from adapters.soap.faults import Code, SoapFault
from adapters.soap.wsdl import PORT_TYPE, TARGET
from adapters.sts.names import FAULT, WSA
from broker.kuvert.text import xml_text

_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Addressing:
    """What the headers of a call say of it; each None where it is not there."""

    action: str | None = None
    message_id: str | None = None

    def check(self, operation: Operation) -> None:
        """Raises SoapFault where Action is of another operation.

        The soapAction is one (WS-Addressing 1.0 Metadata, section 4.4.1), and the default made of the names in the
        WSDL, with or without ``Request``, is another (section 4.4.4).
        """
        default = f"{TARGET}:{PORT_TYPE}:{operation.value}"
        if self.action not in (None, "", operation.action, default, default + "Request"):
            raise SoapFault(
                Code.ACTION_MISMATCH,
                f"the header Action is '{self.action}', and the Body holds the input of {operation.value}; "
                f"expected {operation.action}",
            )

    def answered(self, operation: Operation | None) -> bytes:
        """The headers of the answer (None = a fault); empty where the call had none that ask for them."""
        if self.message_id is None:
            return b""
        action = FAULT if operation is None else f"{TARGET}:{PORT_TYPE}:{operation.value}Response"
        relates = f"<a:RelatesTo>{xml_text(self.message_id)}</a:RelatesTo>"
        return f'<s:Header xmlns:a="{WSA}"><a:Action>{action}</a:Action>{relates}</s:Header>'.encode()


def read_addressing(envelope: Envelope) -> Addressing:
    """Raises SoapFault where a header is there twice."""
    found: dict[str, str | None] = {}
    for entry in () if envelope.header is None else envelope.header:
        name = etree.QName(entry)
        if name.namespace == WSA and name.localname in ("Action", "MessageID"):
            if name.localname in found:
                raise SoapFault(Code.CLIENT, f"the header {name.localname} (WS-Addressing) is there twice")
            found[name.localname] = (entry.text or "").strip()[:_LONGEST] or None
    return Addressing(found.get("Action"), found.get("MessageID"))
