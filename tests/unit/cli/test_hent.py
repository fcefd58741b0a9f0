"""What hent does with the messages it fetches."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.cli.exits import Failure
from adapters.cli.hent import write_new_file


def test_files_are_never_overwritten(tmp_path: Path) -> None:
    """The same BeskedId again gets a number."""
    names = [write_new_file(tmp_path, "a", body).name for body in (b"1", b"2", b"3")]
    assert names == ["a.xml", "a-2.xml", "a-3.xml"]
    assert [(tmp_path / name).read_bytes() for name in names] == [b"1", b"2", b"3"]


@given(st.text())
def test_no_id_leads_out_of_the_directory(tmp_path_factory: pytest.TempPathFactory, besked_id: str) -> None:
    """A BeskedId is what the sender wrote: whatever it is, the file lies in the directory that was named."""
    out = tmp_path_factory.mktemp("out")
    assert write_new_file(out, besked_id, b"x").parent == out
    assert [path.suffix for path in out.iterdir()] == [".xml"]


def test_send_with_a_new_id_needs_one() -> None:
    """A message without a BeskedId cannot get a new one: said before anything is sent."""
    from adapters.cli.send import _messages

    with pytest.raises(Failure, match="BeskedId"):
        list(_messages(b"<x/>", 2, True))
    assert list(_messages(b"<x/>", 1, False)) == [(None, b"<x/>")]
