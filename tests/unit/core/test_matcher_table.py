"""The table that grows page by page, against dict."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from broker.core.matcher.table import PAGE, Table


class TableMachine(RuleBasedStateMachine):
    """Keys come in runs that split pages, and go."""

    def __init__(self) -> None:
        super().__init__()
        self.table: Table[int, int] = Table()
        self.model: dict[int, int] = {}

    @rule(start=st.integers(0, 3000), count=st.integers(1, 400), value=st.integers())
    def put(self, start: int, count: int, value: int) -> None:
        for key in range(start, start + count):
            self.table[key] = value
            self.model[key] = value

    @rule(start=st.integers(0, 3000), count=st.integers(1, 400))
    def pop(self, start: int, count: int) -> None:
        for key in range(start, start + count):
            assert self.table.pop(key, None) == self.model.pop(key, None)

    @invariant()
    def is_a_dict(self) -> None:
        assert len(self.table) == len(self.model)
        assert sorted(self.table) == sorted(self.model)
        for key in (0, 1500, 3399, 9999):
            assert self.table.get(key) == self.model.get(key)
            assert (key in self.table) is (key in self.model)
            assert self.table.get(key, "none") == self.model.get(key, "none")


TestTableMachine = TableMachine.TestCase
TestTableMachine.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


def test_no_page_grows_beyond_its_size() -> None:
    """However many abonnementer there are, adding one moves at most one page."""
    table: Table[str, int] = Table()
    for number in range(20_000):
        table[f"key {number}"] = number
    assert max(len(page) for page in table._pages) <= PAGE
    assert [table.get(f"key {number}") for number in range(0, 20_000, 997)] == list(range(0, 20_000, 997))


def test_keys_whose_hashes_agree_share_a_page() -> None:
    """Keys that no bit tells apart are kept in one page, and the directory does not grow for them."""
    table: Table[int, int] = Table()
    keys = [number << 40 for number in range(10 * PAGE)]
    for key in keys:
        table[key] = key
    assert sorted(table) == keys
    assert len(table._pages) <= len(keys)
