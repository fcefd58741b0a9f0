"""The namespaces of the envelope, and the names that more than one step asks for."""

from __future__ import annotations

KUVERT = "urn:oio:besked:kuvert:1.0"
SAGDOK = "urn:oio:sagdok:3.0.0"
STS = "urn:oio:sts:1.0.0"
STS_BESKEDFORDELER = "urn:oio:sts:beskedfordeler:1.0.0"

HAENDELSESBESKED = f"{{{KUVERT}}}Haendelsesbesked"
UUID_IDENTIFIKATOR = f"{{{SAGDOK}}}UUIDIdentifikator"
URN_IDENTIFIKATOR = f"{{{SAGDOK}}}URNIdentifikator"
TIDSSTEMPEL = f"{{{SAGDOK}}}TidsstempelDatoTid"
GRAENSE = f"{{{SAGDOK}}}GraenseIndikator"

FORDELINGSSYSTEM = "f9fbbb38-4b2f-11e5-885d-feff819cdc9f"
"""The Beskedfordeler itself, as it signs each Leverancerute (seen in real delivered messages)."""
