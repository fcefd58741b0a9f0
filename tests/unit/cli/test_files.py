"""Tokens in files."""

from __future__ import annotations

from base64 import b64encode, encodebytes
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.cli.exits import Exit, Failure
from adapters.cli.files import read_token

XML = '<saml:Assertion ID="_æøå"/>'


@pytest.mark.parametrize(
    "content",
    [XML.encode(), b"\n  " + XML.encode() + b"\n", b64encode(XML.encode()), encodebytes(XML.encode() * 9)],
    ids=["xml", "white space around it", "base64", "base64 in lines"],
)
def test_xml_and_base64(tmp_path: Path, content: bytes) -> None:
    """However it was saved, the decoded assertion."""
    path = tmp_path / "token"
    path.write_bytes(content)
    assert read_token(str(path)).removeprefix(XML).replace(XML, "") == ""


@given(st.binary(max_size=200))
def test_any_file(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Junk is a text to be sent as it is, or a usage failure: never a traceback."""
    path = tmp_path_factory.mktemp("token") / "token"
    path.write_bytes(content)
    refused = None
    try:
        read_token(str(path)).encode()
    except Failure as failure:
        refused = failure.code
    assert refused in (None, Exit.USAGE)
