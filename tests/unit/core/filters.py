"""Random filters and messages over a small alphabet, and the plain meaning of a filter, written once more.

The alphabet is small so that filters hit, overlap and differ in constants only.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from fnmatch import fnmatchcase

from hypothesis import strategies as st

from broker.core.besked import FILTRERINGSDATA, SIKKERHEDSKLASSIFICERING, Besked
from broker.core.filter import FIELDS, And, Comparison, Everything, Not, Op, Operand, Or, Pattern, Term
from broker.core.filter.pattern import like

TYPE = FILTRERINGSDATA + "Beskedtype.UUIDIdentifikator"
OBJEKT = FILTRERINGSDATA + "RelateretObjekt.ObjektId.URNIdentifikator"
MODTAGER = FILTRERINGSDATA + "TilladtModtager.URNIdentifikator"
EMNE = FILTRERINGSDATA + "ObjektRegistrering.OpgaveEmne.URNIdentifikator"
MYNDIGHED = FILTRERINGSDATA + "ObjektRegistrering.ObjektAnsvarligMyndighed.URNIdentifikator"
SIKKERHED = SIKKERHEDSKLASSIFICERING + ".UUIDIdentifikator"

LEAVES = (
    TYPE,
    FILTRERINGSDATA + "Beskedtype.URNIdentifikator",
    OBJEKT,
    FILTRERINGSDATA + "RelateretObjekt.ObjektId.UUIDIdentifikator",
    MODTAGER,
    EMNE,
    MYNDIGHED,
    FILTRERINGSDATA + "ObjektRegistrering.Registreringstidspunkt.TidsstempelDatoTid",
    SIKKERHED,
)
PATHS = (*LEAVES, *(FILTRERINGSDATA + name for name in ("Beskedtype", "RelateretObjekt.ObjektId", "TilladtModtager")))
VALUES = ("a", "ab", "abc", "b", "ba")
PATTERNS = ("a%", "ab%", "%b", "a_", "_", "%", "a", "%b%c", "b%a", "a%b%c", "")
LIST_NAMES = ("borgere", "sager", "findes ikke")

values = st.sampled_from(VALUES)
fields = st.sampled_from([FIELDS[path] for path in PATHS])


def _comparisons() -> st.SearchStrategy[Comparison[Operand]]:
    def build(op: Op, operand: st.SearchStrategy[Operand]) -> st.SearchStrategy[Comparison[Operand]]:
        return st.builds(Comparison, fields, st.just(op), operand)

    return st.one_of(
        build(Op.EQUALS, values),
        build(Op.NOT_EQUALS, values),
        build(Op.IN, st.frozensets(values, min_size=1, max_size=4)),
        build(Op.IN_LIST, st.sampled_from(LIST_NAMES)),
        build(Op.LIKE, st.sampled_from([like(pattern) for pattern in PATTERNS])),
    )


def _combined(inner: st.SearchStrategy[Term[Operand]]) -> st.SearchStrategy[Term[Operand]]:
    """Normal form: no AND directly in an AND, no OR directly in an OR."""
    not_and = inner.filter(lambda term: not isinstance(term, And | Everything))
    not_or = inner.filter(lambda term: not isinstance(term, Or | Everything))
    return st.one_of(
        st.builds(Not, inner.filter(lambda term: not isinstance(term, Everything))),
        st.builds(And, st.lists(not_and, min_size=2, max_size=3).map(tuple)),
        st.builds(Or, st.lists(not_or, min_size=2, max_size=3).map(tuple)),
    )


equalities: st.SearchStrategy[Term[Operand]] = st.recursive(
    st.builds(Comparison, st.just(FIELDS[OBJEKT]), st.just(Op.EQUALS), values), _combined, max_leaves=8
)
"""Terms over one field, so that messages hit often."""

terms: st.SearchStrategy[Term[Operand]] = st.one_of(
    st.just(Everything()),
    st.recursive(_comparisons(), _combined, max_leaves=6),
)

beskeder: st.SearchStrategy[Besked] = st.dictionaries(
    st.sampled_from(LEAVES), st.lists(values, min_size=1, max_size=3).map(tuple)
).map(lambda felter: besked(**felter))


def besked(**felter: tuple[str, ...]) -> Besked:
    """A message with these values by path."""
    return Besked("01157488-c45c-4fd2-b076-1de12effbf66", "a", felter)


def holds(term: Term[Operand], besked: Besked, lists: Mapping[str, AbstractSet[str]]) -> bool:
    """What a filter means, said as plainly as it can be."""
    match term:
        case Everything():
            return True
        case Not(inner):
            return not holds(inner, besked, lists)
        case And(parts):
            return all(holds(part, besked, lists) for part in parts)
        case Or(parts):
            return any(holds(part, besked, lists) for part in parts)
    return any(
        _satisfied(term.op, term.operand, value, lists)
        for leaf in term.field.leaves
        for value in besked.felter.get(leaf, ())
    )


def _satisfied(op: Op, operand: Operand, value: str, lists: Mapping[str, AbstractSet[str]]) -> bool:
    match op, operand:
        case Op.EQUALS, str():
            return value == operand
        case Op.NOT_EQUALS, str():
            return value != operand
        case Op.IN, frozenset():
            return value in operand
        case Op.IN_LIST, str():
            return value in lists.get(operand, set())
        case Op.LIKE, Pattern():
            return fnmatchcase(value, operand.text.replace("%", "*").replace("_", "?"))
    raise AssertionError((op, operand))
