"""The two national feeds of the demo: CPR events and post status, as synthetic messages."""

from __future__ import annotations

import base64
import uuid
from datetime import UTC, datetime

from consumers.demo.cast import CPR_FEED, POST_FEED
from consumers.demo.model import CPR_HAENDELSE, POSTSTATUS
from consumers.kuvert import Relation, build_kuvert
from consumers.part import Part
from consumers.standards.envelope import PERSON

Message = tuple[str, str, bytes]
"""BeskedId, name of the kind, Haendelsesbesked."""


def cpr_event(cpr: str, haendelse: str) -> Message:
    """A citizen moved, changed name, … : to whoever follows the citizen; the code list is synthetic."""
    besked_id = str(uuid.uuid4())
    data = (
        '<Personhaendelse xmlns="urn:syntetisk:cpr:1.0" syntetisk="true">'
        f"<Haendelse>urn:oio:cpr:personhaendelse:{haendelse}</Haendelse></Personhaendelse>"
    )
    xml = build_kuvert(
        data,
        beskedtype=CPR_HAENDELSE,
        aktoer=CPR_FEED.aktoer,
        myndighed=CPR_FEED.cvr,
        relateret=[Relation(f"urn:oio:cpr-nr:{cpr}", PERSON)],
        besked_id=besked_id,
    )
    return besked_id, "CPR-hændelse", xml


def post_status(til: Part, status: str) -> Message:
    """A letter of the municipality was delivered, or not: PKO_PostStatus in its Base64 wrapper."""
    besked_id, letter = str(uuid.uuid4()), str(uuid.uuid4())
    stamp = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    inner = (
        '<PKO_PostStatus xmlns="http://serviceplatformen.dk/xml/print/PKO_PostStatus/1/types">'
        f"<TransmissionId>{besked_id}</TransmissionId><MessageUUID>{letter}</MessageUUID>"
        f"<KanalKode>Digital Post</KanalKode><TransaktionsDatoTid>{stamp}</TransaktionsDatoTid>"
        f"<TransaktionsStatusKode>{status}</TransaktionsStatusKode><CorrelationId>{besked_id}</CorrelationId>"
        "</PKO_PostStatus>"
    )
    data = (
        '<Base64 xmlns="urn:besked:kuvert:1.0" content-type="application/xml" encoding="UTF-8" file-type=".xml">'
        + base64.b64encode(inner.encode()).decode()
        + "</Base64>"
    )
    xml = build_kuvert(
        data,
        beskedtype=POSTSTATUS,
        aktoer=POST_FEED.aktoer,
        myndighed=POST_FEED.cvr,
        tilladt_modtager=[til.cvr],
        relateret=[Relation(letter, "91aa31b3-c4b3-499e-8689-93b1ef89f319")],
        besked_id=besked_id,
    )
    return besked_id, "PKO_PostStatus", xml
