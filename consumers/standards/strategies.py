"""Letters for property tests of your own, with hypothesis (which only this module imports).

    from hypothesis import given
    from consumers.standards.strategies import letters

    @given(letters())
    def test_our_inbox_takes_every_letter(brev): ...

Every choice in a letter is one of hypothesis's, so that a counterexample shrinks to a small letter with plain content;
ids stay different.
"""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

from consumers.standards.chance import Chosen
from consumers.standards.course import Course, new_course
from consumers.standards.fault import Fault, Spoilt
from consumers.standards.faults import possible, spoil
from consumers.standards.generate import generate, letters_of
from consumers.standards.letters import Brev
from consumers.standards.paths import Form
from consumers.standards.standard import Standard

_SEED = st.integers(0, 1 << 30)


@st.composite
def choices(draw: Callable[[st.SearchStrategy[int]], int]) -> Chosen:
    """A Random for `generate`, `new_course` and `spoil` whose choices hypothesis makes and shrinks."""
    return Chosen(lambda count: draw(st.integers(0, count - 1)) if count > 1 else 0, draw(_SEED))


@st.composite
def letters(draw: st.DrawFn, standard: Standard | None = None) -> Brev:
    """Valid letters; of one standard, or of all nine."""
    which = draw(st.sampled_from(list(Standard))) if standard is None else standard
    return generate(which, draw(choices()))


@st.composite
def courses(draw: st.DrawFn) -> tuple[Brev, ...]:
    """All letters of one course, in the order of their times; with one to four tilbud that answer the match."""
    random = draw(choices())
    course: Course = new_course(random)
    return letters_of(course, random)


@st.composite
def spoilt_letters(
    draw: st.DrawFn, standard: Standard | None = None, form: Form | None = None, fault: Fault | None = None
) -> Spoilt:
    """Documents with one fault each, in XML or JSON, with the path and the rule that a validator must name."""
    brev = draw(letters(standard))
    written: Form = form or ("json" if draw(st.booleans()) else "xml")
    able = [one for one in possible(brev, written) if fault in (None, one)]
    return spoil(brev, draw(choices()), draw(st.sampled_from(able)) if able else fault, form=written)
