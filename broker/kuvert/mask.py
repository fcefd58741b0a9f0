"""CPR numbers hidden wherever text is shown or logged."""

from __future__ import annotations

import re

_UUID = r"(?<![\da-fA-F]) [\da-fA-F]{8} (?: -[\da-fA-F]{4} ){3} -[\da-fA-F]{12} (?![\da-fA-F])"
_CPR = re.compile(
    rf"""
    (?P<uuid> {_UUID} )                          # its digits may look like one, and it must stay what it is
  | (?: (?<=cpr-nr:) \d{{6}}                     # called a CPR number: masked whatever the digits
      | (?<=oio:cpr:) \d{{6}}
      | (?<!\d)
        (?: 0[1-9] | [12]\d | 3[01]              # a day of a month,
          | 6[1-9] | [78]\d | 9[01] )            # or 60 more: an administrative number
        (?: 0[1-9] | 1[0-2] ) \d\d               # month and year
    )
    (?= (?P<hyphen>-?) \d{{4}} (?!\d) ) (?P=hyphen) \d{{4}}
    """,
    re.VERBOSE | re.ASCII,
)


def mask_cpr(text: str) -> str:
    """``text`` with each CPR number (``ddmmyyxxxx`` or ``ddmmyy-xxxx``) as ``ddmmyy-****``.

    A number counts as one if its first six digits are a date, or if ``cpr-nr:`` or ``oio:cpr:`` stands before
    it.  Digits within a longer number or a UUID are left alone.
    """
    return _CPR.sub(_masked, text)


def _masked(match: re.Match[str]) -> str:
    return match[0] if match["uuid"] else match[0][:6] + "-****"
