"""The entry of the measuring processes: ``python -m benchmarks.client send|receive PLAN``.

PLAN is the JSON of a `benchmarks.sender.SendPlan` or a `benchmarks.receiver.ReceivePlan`; the result is one line of
JSON on standard output.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from dataclasses import asdict

from benchmarks.rawclient import Address, WireError
from benchmarks.receiver import ReceivePlan, receive
from benchmarks.sender import SendPlan, send


def main(role: str, plan: str) -> int:
    """Carry out one plan in this process; 1 and {"error": …} where it fails."""
    values = json.loads(plan)
    values["address"] = Address(**values["address"])
    gc.disable()  # nothing here makes cycles
    started = time.process_time()
    try:
        result = asdict(send(SendPlan(**values)) if role == "send" else receive(ReceivePlan(**values)))
    except (OSError, WireError) as error:
        print(json.dumps({"error": f"{role}: {error}"}), flush=True)
        return 1
    print(json.dumps(result | {"cpu_s": time.process_time() - started}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
