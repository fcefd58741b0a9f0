"""The matcher against the plain meaning of filters."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from broker.core.besked import FILTRERINGSDATA, Besked
from broker.core.filter import Operand, Term, parse_filter
from broker.core.matcher import Matcher
from tests.unit.core.filters import (
    EMNE,
    LIST_NAMES,
    MODTAGER,
    MYNDIGHED,
    OBJEKT,
    TYPE,
    besked,
    beskeder,
    equalities,
    holds,
    terms,
    values,
)

keys = st.integers(min_value=0, max_value=9)


@settings(max_examples=400, deadline=None)
@given(st.lists(terms | equalities, max_size=6), beskeder, st.fixed_dictionaries({"borgere": st.sets(values)}))
def test_the_index_finds_what_the_filters_mean(
    found: list[Term[Operand]], besked: Besked, lists: dict[str, set[str]]
) -> None:
    """Whatever the filters and the message, exactly the abonnementer whose filter accepts it get it, each once."""
    matcher: Matcher[int] = Matcher()
    for key, term in enumerate(found):
        matcher.put(key, parse_filter(str(term)), lists)
    assert sorted(matcher.match(besked)) == [key for key, term in enumerate(found) if holds(term, besked, lists)]


class MatcherMachine(RuleBasedStateMachine):
    """Abonnementer come, change and go, and værdilister change, while messages are matched."""

    def __init__(self) -> None:
        super().__init__()
        self.matcher: Matcher[int] = Matcher()
        self.model: dict[int, Term[Operand]] = {}
        self.lists = [{name: set[str]() for name in LIST_NAMES[:2]} for _ in range(2)]
        """Of two systems, which name their lists alike; keys are of one or the other by turns."""

    @rule(key=keys, term=terms | equalities)
    def put(self, key: int, term: Term[Operand]) -> None:
        self.matcher.put(key, parse_filter(str(term)), dict(self.lists[key % 2]))
        self.model[key] = term

    @rule(several=st.sets(keys), term=terms)
    def put_several(self, several: set[int], term: Term[Operand]) -> None:
        for key in several:
            self.put(key, term)

    @rule(key=keys)
    def remove(self, key: int) -> None:
        self.matcher.remove(key)
        self.model.pop(key, None)

    @rule(system=st.integers(0, 1), name=st.sampled_from(LIST_NAMES[:2]), value=values)
    def change_list(self, system: int, name: str, value: str) -> None:
        self.lists[system][name] ^= {value}

    @rule(besked=beskeder)
    def match(self, besked: Besked) -> None:
        expected = [key for key, term in sorted(self.model.items()) if holds(term, besked, self.lists[key % 2])]
        assert sorted(self.matcher.match(besked)) == expected

    @invariant()
    def counts(self) -> None:
        assert len(self.matcher) == len(self.model)

    def teardown(self) -> None:
        for key in self.model:
            self.matcher.remove(key)
        assert len(self.matcher) == 0
        assert self.matcher._any == {}
        assert self.matcher._by_type == {}


TestMatcherMachine = MatcherMachine.TestCase
TestMatcherMachine.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)


def test_a_filter_put_again_replaces_the_one_before() -> None:
    """Changing the filter of an abonnement takes effect with the next message."""
    matcher: Matcher[str] = Matcher()
    matcher.put("k", parse_filter(f"{TYPE} = 'a'"), {})
    matcher.put("k", parse_filter(f"{TYPE} = 'b'"), {})
    assert len(matcher) == 1
    assert matcher.match(besked(**{TYPE: ("a",)})) == []
    assert matcher.match(besked(**{TYPE: ("b",)})) == ["k"]
    held = matcher.get("k")
    assert held is not None
    assert held.text == f"{TYPE} = 'b'"


def test_a_change_to_a_vaerdiliste_holds_from_the_next_message() -> None:
    """A citizen added to a værdiliste is matched at once, with no abonnement touched; one taken out is not."""
    matcher: Matcher[str] = Matcher()
    borgere: set[str] = set()
    matcher.put("k", parse_filter(f"{TYPE} = 't' AND {OBJEKT} IN VAERDILISTE 'borgere'"), {"borgere": borgere})
    message = besked(**{TYPE: ("t",), OBJEKT: ("urn:oio:cpr-nr:0101010101",)})
    assert matcher.match(message) == []
    borgere.add("urn:oio:cpr-nr:0101010101")
    assert matcher.match(message) == ["k"]
    borgere.clear()
    assert matcher.match(message) == []


def test_a_vaerdiliste_that_is_not_there_is_empty_until_the_filter_is_put_again() -> None:
    """An abonnement on a værdiliste that does not exist gets nothing, and what its NOT lets through."""
    matcher: Matcher[str] = Matcher()
    matcher.put("in", parse_filter(f"{OBJEKT} IN VAERDILISTE 'x'"), {})
    matcher.put("out", parse_filter(f"NOT {OBJEKT} IN VAERDILISTE 'x'"), {})
    assert matcher.match(besked(**{OBJEKT: ("a",)})) == ["out"]


@pytest.mark.parametrize("expression", ["{} IN VAERDILISTE 'l'", "NOT {} IN VAERDILISTE 'l'"])
def test_vaerdilister_of_two_systems_may_have_one_name(expression: str) -> None:
    """Two systems that call their værdilister the same are told apart, also where their filters read the same."""
    matcher: Matcher[str] = Matcher()
    matcher.put("one", parse_filter(expression.format(OBJEKT)), {"l": {"a"}})
    matcher.put("two", parse_filter(expression.format(OBJEKT)), {"l": {"b"}})
    negated = expression.startswith("NOT")
    assert matcher.match(besked(**{OBJEKT: ("a",)})) == ["two" if negated else "one"]
    assert matcher.match(besked(**{OBJEKT: ("b",)})) == ["one" if negated else "two"]


@pytest.mark.parametrize(
    "expression",
    [
        f"{OBJEKT} LIKE 'a%'",
        f"{OBJEKT} IN VAERDILISTE 'l'",
        f"{OBJEKT} = 'ab'",
        f"{TYPE} = 't' AND {OBJEKT} LIKE 'a%'",
        f"{MODTAGER} = 'm' AND {OBJEKT} LIKE 'a%'",
        f"{MODTAGER} = 'm' AND {OBJEKT} IN VAERDILISTE 'l'",
        f"{MODTAGER} = 'm' AND {TYPE} IN ('t', 'u')",
    ],
)
def test_leaving_takes_nothing_from_those_who_stay(expression: str) -> None:
    """When one of three subscribers with the same filter leaves, the others get what they got."""
    matcher: Matcher[int] = Matcher()
    lists = {"l": {"ab"}}
    for key in range(3):
        matcher.put(key, parse_filter(expression), lists)
    message = besked(**{TYPE: ("t",), OBJEKT: ("ab",), MODTAGER: ("m",)})
    matcher.remove(1)
    assert matcher.match(message) == [0, 2]
    matcher.remove(0)
    assert matcher.match(message) == [2]
    matcher.remove(2)
    assert matcher.match(message) == []


def test_removing_an_unknown_key_changes_nothing() -> None:
    """Removing an abonnement twice is no error."""
    matcher: Matcher[str] = Matcher()
    matcher.put("k", parse_filter(""), {})
    matcher.remove("other")
    assert "k" in matcher
    assert "other" not in matcher
    assert matcher.get("other") is None
    assert matcher.match(besked()) == ["k"]


def test_a_key_that_several_values_lead_to_is_found_once() -> None:
    """A message with several occurrences that all satisfy a filter is matched once per abonnement."""
    matcher: Matcher[str] = Matcher()
    matcher.put("in", parse_filter(f"{OBJEKT} IN ('a', 'b', 'c')"), {})
    matcher.put("or", parse_filter(f"{OBJEKT} = 'a' OR {MODTAGER} = 'm' OR {OBJEKT} LIKE 'a%'"), {})
    matcher.put("pair", parse_filter(f"{MODTAGER} IN ('m', 'n') AND {MYNDIGHED} IN ('m', 'n')"), {})
    matcher.put("like", parse_filter(f"{EMNE} LIKE 'urn:oio:kle:27.%'"), {})
    matcher.put("list", parse_filter(f"{OBJEKT} IN VAERDILISTE 'l'"), {"l": {"a", "b"}})
    message = besked(
        **{
            OBJEKT: ("a", "b", "a"),
            MODTAGER: ("m", "n"),
            MYNDIGHED: ("n", "m"),
            EMNE: ("urn:oio:kle:27.18.04", "urn:oio:kle:27.00.00"),
        }
    )
    assert sorted(matcher.match(message)) == ["in", "like", "list", "or", "pair"]


def test_values_of_many_in_lists_do_not_multiply_without_bound() -> None:
    """AND of long IN lists matches as it says, and putting it does not make a place for every combination."""
    matcher: Matcher[str] = Matcher()
    many = ", ".join(f"'v{number}'" for number in range(500))
    text = f"{TYPE} IN ({many}) AND {MODTAGER} IN ({many}) AND {MYNDIGHED} IN ({many}) AND {OBJEKT} IN ({many})"
    matcher.put("k", parse_filter(text), {})
    message = {TYPE: ("v499",), MODTAGER: ("v0",), MYNDIGHED: ("v7",), OBJEKT: ("v250",)}
    assert matcher.match(besked(**message)) == ["k"]
    for path in message:
        assert matcher.match(besked(**{**message, path: ("w",)})) == []
    matcher.remove("k")
    assert matcher.match(besked(**message)) == []


def test_thousands_of_occurrences_in_two_elements_are_matched() -> None:
    """A message with thousands of TilladtModtager and as many OpgaveEmne is matched like any other."""
    matcher: Matcher[int] = Matcher()
    for number in range(0, 3000, 30):
        matcher.put(number, parse_filter(f"{MODTAGER} = 'm{number}' AND {EMNE} = 'e{number}'"), {})
    message = besked(
        **{MODTAGER: tuple(f"m{n}" for n in range(0, 3000, 2)), EMNE: tuple(f"e{n}" for n in range(0, 3000, 3))}
    )
    assert sorted(matcher.match(message)) == list(range(0, 3000, 30))


def test_the_pair_drawer_asks_in_the_order_of_the_fewer() -> None:
    """A subscriber to many subjects of one myndighed is found by a message with one subject, and the reverse."""
    matcher: Matcher[int] = Matcher()
    for number in range(50):
        matcher.put(number, parse_filter(f"{MODTAGER} = 'm' AND {EMNE} = 'e{number}'"), {})
    assert matcher.match(besked(**{MODTAGER: ("m",), EMNE: ("e7",)})) == [7]
    assert matcher.match(besked(**{MODTAGER: ("m",), EMNE: tuple(f"e{n}" for n in range(49, 999))})) == [49]
    assert matcher.match(besked(**{MODTAGER: ("m",)})) == []


def test_equal_filters_share_one_check_and_all_are_found() -> None:
    """Thousands of abonnementer with the same filter all get the message, in the order in which they were put."""
    matcher: Matcher[int] = Matcher()
    for number in range(2000):
        matcher.put(number, parse_filter(f"NOT {FILTRERINGSDATA}TilladtModtager = 'x'"), {})
    assert matcher.match(besked(**{MODTAGER: ("a",)})) == list(range(2000))
    for number in range(0, 2000, 2):
        matcher.remove(number)
    assert matcher.match(besked(**{MODTAGER: ("a",)})) == list(range(1, 2000, 2))
    assert matcher.match(besked(**{MODTAGER: ("x",)})) == []
