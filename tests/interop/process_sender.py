"""A sender in a process of its own (aio-pika): one line on stdin = send one message; one line out = the answer.

python -m tests.interop.process_sender HOST PORT USER
"""

from __future__ import annotations

import asyncio
import json
import sys

from consumers.client import Afsend, Endpoint
from tests.interop.samples import extern_test_besked


async def main(host: str, port: int, user: str) -> None:
    async with Afsend(Endpoint(host, port, user)) as afsend:
        while await asyncio.to_thread(sys.stdin.readline):
            sent = extern_test_besked()
            retur = await afsend.send(sent.xml)
            print(json.dumps({"besked_id": sent.besked_id, "kode": retur.status_kode}), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
