"""Names of SAML 2.0 and XML Signature that the tokens of SF1514 use (domain.md section 5)."""

from __future__ import annotations

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
DS = "http://www.w3.org/2000/09/xmldsig#"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

EXC_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"

ENTITY = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
X509_SUBJECT_NAME = "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName"
HOLDER_OF_KEY = "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"
BASIC = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"
X509_CONTEXT = "urn:oasis:names:tc:SAML:2.0:ac:classes:X509"

CVR_NUMBER_IDENTIFIER = "dk:gov:saml:attribute:CvrNumberIdentifier"
ASSURANCE_LEVEL = "dk:gov:saml:attribute:AssuranceLevel"
SPEC_VER = "dk:gov:saml:attribute:SpecVer"
KOMBIT_SPEC_VER = "dk:gov:saml:attribute:KombitSpecVer"
PRIVILEGES_INTERMEDIATE = "dk:gov:saml:attribute:Privileges_intermediate"


def saml(name: str) -> str:
    """``name`` in the namespace of SAML assertions, as lxml writes it."""
    return f"{{{SAML}}}{name}"


def ds(name: str) -> str:
    """``name`` in the namespace of XML Signature, as lxml writes it."""
    return f"{{{DS}}}{name}"
