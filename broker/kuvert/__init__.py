"""The envelope: parse and validate, splice in what the Beskedfordeler adds, StandardRetur.  Pure: bytes and values."""

from broker.kuvert.build import ObjektRegistrering, RelateretObjekt, haendelsesbesked
from broker.kuvert.claimed import claimed_besked_id
from broker.kuvert.limits import Limits
from broker.kuvert.mask import mask_cpr
from broker.kuvert.parse import Parsed, parse
from broker.kuvert.retur import read_standard_retur, standard_retur
from broker.kuvert.splice import Source, splice_route, splice_source

__all__ = [
    "Limits",
    "ObjektRegistrering",
    "Parsed",
    "RelateretObjekt",
    "Source",
    "claimed_besked_id",
    "haendelsesbesked",
    "mask_cpr",
    "parse",
    "read_standard_retur",
    "splice_route",
    "splice_source",
    "standard_retur",
]
