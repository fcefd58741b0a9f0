"""What became of an attempt, judged from the receiver's answer.  Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import Enum

from adapters.push.reply import Reply, read_reply
from broker.kuvert import mask_cpr

OK = 20
MAX_ANSWER = 64 * 1024
"""Octets of an answer that are read."""
_HTTP_OK = 200
_FOR_NOW = frozenset((429, 502, 503, 504))
"""HTTP status codes that say "not now", or come from a proxy before the receiver: as good as not reached."""
_WITH_WAIT = frozenset((429, 503))
"""Those whose Retry-After counts."""
_LONGEST_TEXT = 300
_SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([\w.:-]+)", re.IGNORECASE | re.ASCII)


class Result(Enum):
    """What an attempt came to."""

    TAKEN = "taken"
    REFUSED = "refused"
    """The receiver answered, and did not take the message: counts towards ``push_attempts``."""
    UNREACHABLE = "unreachable"
    """No answer of the receiver: tried for ever."""
    DROPPED = "dropped"
    """The connection was closed before any answer: unreachable, unless it was only an old kept one."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """``reason``: a sentence for log, trace and fejlkø, CPR numbers masked ("" where taken).  ``wait``: seconds that
    the receiver asks for (Retry-After)."""

    result: Result
    reason: str = ""
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer.  ``headers`` without regard to case; ``cut``: it was longer than ``body``."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cut: bool = False


_TAKEN = Verdict(Result.TAKEN)


def judge(answer: Answer, now: float) -> Verdict:
    """Whether the message was taken: HTTP 200 and StatusKode 20 in the body, nothing else (wire contract, section 5).

    ``now``: seconds since the epoch, for a Retry-After that is a date.
    """
    reply = _reply(answer)
    if answer.status == _HTTP_OK and reply.kode == OK:
        return _TAKEN
    if answer.status in _FOR_NOW:
        return Verdict(Result.UNREACHABLE, in_one_line(_text(answer, reply)), _wait(answer, now))
    return Verdict(Result.REFUSED, in_one_line(_text(answer, reply)))


def in_one_line(text: str) -> str:
    """Fit for a log: one line, not long, no CPR numbers."""
    text = _SPACE.sub(" ", mask_cpr(text)).strip()
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"


def _reply(answer: Answer) -> Reply:
    if answer.cut:
        return Reply(None, problem=f"the answer is longer than {MAX_ANSWER} octets")
    if (coding := answer.headers.get("Content-Encoding", "").strip().lower()) and coding != "identity":
        return Reply(None, problem=f"the answer has Content-Encoding '{coding}', which was not asked for")
    return read_reply(answer.body, _charset(answer.headers))


def _charset(headers: Mapping[str, str]) -> str | None:
    found = _CHARSET.search(headers.get("Content-Type", ""))
    return found[1] if found else None


def _text(answer: Answer, reply: Reply) -> str:
    if reply.kode is not None:
        said = f"StatusKode {reply.kode}" + (f": {reply.text}" if reply.text else " without FejlbeskedTekst")
        return said if answer.status == _HTTP_OK else f"HTTP {answer.status} (expected 200), {said}"
    if answer.status == _HTTP_OK:
        return f"{reply.problem}; expected ModtagBeskedOutput with StatusKode 20"
    if 300 <= answer.status < 400:
        place = answer.headers.get("Location", "").partition("?")[0]
        return f"HTTP {answer.status} to '{place}': redirects are not followed; set the callback to where it is"
    return f"HTTP {answer.status}; expected 200 and StatusKode 20"


def _wait(answer: Answer, now: float) -> float:
    """Seconds by Retry-After, 0 where there is none to be made out."""
    text = answer.headers.get("Retry-After", "").strip() if answer.status in _WITH_WAIT else ""
    if text.isascii() and text.isdigit():
        return float(text[:10])
    if not text:
        return 0.0
    try:
        date = parsedate_to_datetime(text)
        return max(0.0, (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return 0.0
