"""Reading StandardRetur as KOMBIT's samples do: the root may have any name."""

from __future__ import annotations

import pytest

from consumers.retur import StandardRetur, read_retur


@pytest.mark.parametrize("root", ["StandardRetur", "AfsendBeskedOutput", "Hvadsomhelst"])
def test_status_is_read_whatever_the_root_is_called(root: str) -> None:
    """StatusKode and FejlbeskedTekst stand directly under the root, in the sagdok namespace."""
    document = (
        f'<x:{root} xmlns:x="urn:a" xmlns:s="urn:oio:sagdok:3.0.0"><s:StatusKode>40</s:StatusKode>'
        f"<s:FejlbeskedTekst> Beskedtype mangler </s:FejlbeskedTekst></x:{root}>"
    )
    assert read_retur(document.encode()) == StandardRetur(40, "Beskedtype mangler")


def test_twenty_without_text_is_ok() -> None:
    """An accepted message has an empty FejlbeskedTekst, or none."""
    document = b'<StandardRetur xmlns="urn:oio:sagdok:3.0.0"><StatusKode>20</StatusKode></StandardRetur>'
    assert read_retur(document) == StandardRetur(20, "")
    assert read_retur(document).ok


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"20",
        b"<a/>",
        b'<a xmlns="urn:oio:sagdok:3.0.0"><b><StatusKode>20</StatusKode></b></a>',
        b"<a><StatusKode>20</StatusKode></a>",
    ],
)
def test_what_is_no_standard_retur_raises(document: bytes) -> None:
    """A StatusKode deeper down, or in another namespace, is not read as an answer."""
    with pytest.raises(ValueError, match="the answer"):
        read_retur(document)
