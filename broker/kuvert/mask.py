"""CPR numbers hidden wherever text is shown or logged."""

from __future__ import annotations

import re

_CPR = re.compile(
    r"""
    (?: (?<=cpr-nr:) \d{6}                       # called a CPR number: masked whatever the digits
      | (?<=oio:cpr:) \d{6}
      | (?<!\d)
        (?: 0[1-9] | [12]\d | 3[01]              # a day of a month,
          | 6[1-9] | [78]\d | 9[01] )            # or 60 more: an administrative number
        (?: 0[1-9] | 1[0-2] ) \d\d               # month and year
    )
    (?= (-?) \d{4} (?!\d) ) \1 \d{4}
    """,
    re.VERBOSE | re.ASCII,
)


def mask_cpr(text: str) -> str:
    """``text`` with each CPR number (``ddmmyyxxxx`` or ``ddmmyy-xxxx``) as ``ddmmyy-****``.

    A number counts as one if its first six digits are a date, or if ``cpr-nr:`` or ``oio:cpr:`` stands before
    it.  Digits within a longer number are left alone.
    """
    return _CPR.sub(_masked, text)


def _masked(match: re.Match[str]) -> str:
    return match[0][:6] + "-****"
