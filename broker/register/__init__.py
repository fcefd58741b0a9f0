"""The register: who there is, who may send and fetch what, who subscribes to what.

`file.load_file` and `dump.dump_file` read and write it as one YAML file, `sqlite.SqliteRegister` keeps it over
restarts (`memory.MemoryRegister` is its fake), `prepare.prepare` says what holds when both are there.
"""

from broker.register.check import check, check_change, check_delete
from broker.register.memory import MemoryRegister
from broker.register.prepare import Mode, Prepared, prepare
from broker.register.sqlite import SqliteRegister

__all__ = [
    "MemoryRegister",
    "Mode",
    "Prepared",
    "SqliteRegister",
    "check",
    "check_change",
    "check_delete",
    "prepare",
]
