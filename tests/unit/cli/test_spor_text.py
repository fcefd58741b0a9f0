"""The last column of the trace."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.cli.spor import detail_text


def record(what: str, detail: Any, abonnement: str | None = None) -> dict[str, Any]:
    """A record as the admin API gives it."""
    names = {"d": "Testkommune", "a": "Alle", "b": "Nogle"}
    return {"what": what, "detail": detail, "abonnement": abonnement, "abonnement_navn": None, "names": names}


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (record("ack", None), ""),
        (record("purge", 3), "3"),
        (record("delivered", 2, "b"), "b, attempt 2"),
        (record("refused", {"kode": 40, "tekst": "no"}), "kode: 40, tekst: no"),
        (
            record("accepted", {"til": [["d", "a", "klar"], ["d", "b", "pause"]], "ikke": []}),
            "til: Testkommune · Alle · klar; Testkommune · Nogle · pause",
        ),
    ],
)
def test_detail(given: dict[str, Any], text: str) -> None:
    """Names for ids, one line, nothing for what is empty."""
    assert detail_text(given) == text
