"""Names of WS-Trust 1.3 and of what it stands on, as the public clients of SF1514 write them."""

from __future__ import annotations

SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
WSA = "http://www.w3.org/2005/08/addressing"
WSP = "http://schemas.xmlsoap.org/ws/2004/09/policy"
WST = "http://docs.oasis-open.org/ws-sx/ws-trust/200512"
AUTH = "http://docs.oasis-open.org/wsfed/authorization/200706"
_WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE = _WSS + "wssecurity-secext-1.0.xsd"
WSSE_11 = "http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd"
WSU = _WSS + "wssecurity-utility-1.0.xsd"

X509_V3 = _WSS + "x509-token-profile-1.0#X509v3"
X509_SKI = _WSS + "x509-token-profile-1.0#X509SubjectKeyIdentifier"
SAML_ID = "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLID"

TOKEN_TYPE = "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV2.0"  # noqa: S105  - a type's name
REQUEST_TYPE = WST + "/Issue"
KEY_TYPE = WST + "/PublicKey"
DIALECT = AUTH + "/authclaims"

ISSUE = WST + "/RST/Issue"
ISSUED = WST + "/RSTRC/IssueFinal"
FAULT = WSA + "/soap/fault"
