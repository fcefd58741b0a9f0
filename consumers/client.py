"""The Beskedfordeler as a municipality's system talks to it: over AMQP, with aio-pika, and nothing of its inside.

endpoint = Endpoint("127.0.0.1", 5672, "Nordby Fagsystem")
async with Afsend(endpoint) as afsend:
    retur = await afsend.send(xml)           # StandardRetur(status_kode=20, fejlbesked_tekst="")
async with Afhent(endpoint, dueslag) as afhent:
    async for modtaget in afhent:
        print(modtaget.kuvert.besked_id)
        await modtaget.ack()
"""

from consumers.afhent import Afhent, Modtaget
from consumers.afsend import Afsend
from consumers.endpoint import ClientError, ConnectionLost, Endpoint, NoAnswer, NotPermitted
from consumers.kuvert import Kuvert, build_kuvert, read_kuvert
from consumers.retur import StandardRetur, read_retur

__all__ = [
    "Afhent",
    "Afsend",
    "ClientError",
    "ConnectionLost",
    "Endpoint",
    "Kuvert",
    "Modtaget",
    "NoAnswer",
    "NotPermitted",
    "StandardRetur",
    "build_kuvert",
    "read_kuvert",
    "read_retur",
]
