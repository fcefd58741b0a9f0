"""The same workload faster or longer.  Pure."""

from __future__ import annotations

from typing import Any

from consumers.load.workload import Workload


def scaled(workload: Workload, rate: float, time: float) -> Workload:
    """Every rate times ``rate``; every phase but drain, stall and moment of churn times ``time``."""

    def longer(part: Any, *names: str) -> Any:
        given = {name: getattr(part, name) * time for name in names if getattr(part, name) is not None}
        return part.model_copy(update=given)

    phases = tuple(
        phase
        if phase.phase == "drain"
        else longer(phase, "seconds").model_copy(
            update={
                name: getattr(phase, name) * rate
                for name in ("rate", "start", "end")
                if getattr(phase, name) is not None
            }
        )
        for phase in workload.phases
    )
    receivers = tuple(
        receiver.model_copy(update={"stall": tuple(longer(stall, "at", "seconds") for stall in receiver.stall)})
        for receiver in workload.receivers
    )
    churn = tuple(longer(one, "at", "every", "until") for one in workload.churn)
    return workload.model_copy(update={"phases": phases, "receivers": receivers, "churn": churn})
