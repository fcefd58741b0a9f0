"""Parts of an assertion by path, to be changed before (or after) it is signed."""

from __future__ import annotations

from lxml import etree

from broker.tokens.names import ds, saml

DATA = "Subject/SubjectConfirmation/SubjectConfirmationData"
HOLDER = DATA + "/ds:KeyInfo/ds:X509Data/ds:X509Certificate"
ATTRIBUTE = "AttributeStatement/Attribute"


def part(root: etree._Element, path: str) -> etree._Element:
    """The first element at ``path``: names of SAML, or with ``ds:`` of XML Signature; "" is the root."""
    steps = [ds(step[3:]) if step.startswith("ds:") else saml(step) for step in path.split("/") if step]
    found = root.find("/".join(steps)) if steps else root
    assert found is not None, path
    return found
