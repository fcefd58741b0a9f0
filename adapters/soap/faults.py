"""SOAP faults: what is no call of an operation, or is one by nobody who may.

What is a call but is refused is no fault: the operation's own answer says so with its StatusKode.
"""

from __future__ import annotations

from enum import Enum
from xml.sax.saxutils import escape

from adapters.sts.names import SOAP_11, WSA, WSSE, WSU
from broker.kuvert.text import xml_text


class Code(Enum):
    """Namespace and local name of a fault code; None = the namespace of the SOAP version, with its own word."""

    CLIENT = (None, "Client")
    SERVER = (None, "Server")
    VERSION_MISMATCH = (None, "VersionMismatch")
    MUST_UNDERSTAND = (None, "MustUnderstand")
    INVALID_SECURITY = (WSSE, "InvalidSecurity")
    """The Security header cannot be read, or lacks what it must have (WS-Security 1.1, section 12)."""
    INVALID_SECURITY_TOKEN = (WSSE, "InvalidSecurityToken")
    """The assertion is genuine, but does not hold now or not for this."""
    FAILED_AUTHENTICATION = (WSSE, "FailedAuthentication")
    FAILED_CHECK = (WSSE, "FailedCheck")
    """A signature over the message does not hold."""
    MESSAGE_EXPIRED = (WSU, "MessageExpired")
    ACTION_MISMATCH = (WSA, "ActionMismatch")
    """Action (WS-Addressing) is of another operation than the body."""


_IN_12 = {"Client": "Sender", "Server": "Receiver"}
_PREFIXES = {WSSE: "wsse", WSU: "wsu", WSA: "wsa"}


class SoapFault(Exception):
    """The call ends in a fault: ``str`` is what the client is told, ``reason`` what the trace is told.

    ``status``: of HTTP; 500 unless HTTP itself has a word for it.  Clients read the fault whatever it is.
    """

    def __init__(self, code: Code, text: str, reason: str | None = None, status: int = 500) -> None:
        super().__init__(text)
        self.code = code
        self.reason = reason or text
        self.status = status


def fault_body(soap: str, fault: SoapFault) -> bytes:
    """A fault as a Body holds it, in either version of SOAP; the prefix of the envelope is ``s``."""
    namespace, name = fault.code.value
    text = xml_text(str(fault))
    if soap == SOAP_11:
        code = f"<faultcode>s:{name}</faultcode>"
        if namespace is not None:
            prefix = _PREFIXES[namespace]
            code = f'<faultcode xmlns:{prefix}="{escape(namespace)}">{prefix}:{name}</faultcode>'
        return f"<s:Fault>{code}<faultstring>{text}</faultstring></s:Fault>".encode()
    value = f"<s:Value>s:{_IN_12.get(name, name)}</s:Value>"
    if namespace is not None:
        prefix = _PREFIXES[namespace]
        value = (
            "<s:Value>s:Sender</s:Value>"
            f'<s:Subcode><s:Value xmlns:{prefix}="{escape(namespace)}">{prefix}:{name}</s:Value></s:Subcode>'
        )
    return (
        f'<s:Fault><s:Code>{value}</s:Code><s:Reason><s:Text xml:lang="en">{text}</s:Text></s:Reason></s:Fault>'
    ).encode()
