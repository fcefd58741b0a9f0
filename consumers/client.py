"""The Beskedfordeler as a municipality's system talks to it: over AMQP, with aio-pika, and nothing of its inside.

endpoint = Endpoint("127.0.0.1", 5672, "Nordby Fagsystem")
async with Afsend(endpoint) as afsend:
    retur = await afsend.send(xml)           # StandardRetur(status_kode=20, fejlbesked_tekst="")
async with Afhent(endpoint, dueslag) as afhent:
    async for modtaget in afhent:
        print(modtaget.kuvert.besked_id)
        await modtaget.ack()

With tokens, as the real one wants it (and `serve --auth=token`):

sts = Sts("localhost", 8443, ca=ca, certificate=Path("system.pem"))
endpoint = Endpoint("localhost", 5671, "Nordby Fagsystem", tls=client_context(ca), tokens=sts.on_behalf_of("11111111"))
"""

from consumers.afhent import Afhent, Modtaget
from consumers.afsend import Afsend
from consumers.endpoint import Endpoint
from consumers.errors import ClientError, ConnectionLost, NoAnswer, NoToken, NotPermitted, StsUnreachable
from consumers.kuvert import Kuvert, build_kuvert, read_kuvert
from consumers.retur import StandardRetur, read_retur
from consumers.sts import Sts
from consumers.tls import client_context
from consumers.token import AFSEND, MODTAG, Assertion, GivenToken, TokenSource, read_assertion

__all__ = [
    "AFSEND",
    "MODTAG",
    "Afhent",
    "Afsend",
    "Assertion",
    "ClientError",
    "ConnectionLost",
    "Endpoint",
    "GivenToken",
    "Kuvert",
    "Modtaget",
    "NoAnswer",
    "NoToken",
    "NotPermitted",
    "StandardRetur",
    "Sts",
    "StsUnreachable",
    "TokenSource",
    "build_kuvert",
    "client_context",
    "read_assertion",
    "read_kuvert",
    "read_retur",
]
