"""Answers of every kind, for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from adapters.soap.documents.answers import answer
from adapters.soap.documents.requests import Request
from broker.core.model import Livscyklus, Registrering, Vaerdiliste
from tests.unit.soap import strategies

texts = st.text(max_size=12)
"""Any text, what XML cannot hold included."""
registreringer = st.builds(
    Registrering,
    tidspunkt=strategies.moments,
    livscyklus=st.sampled_from(Livscyklus),
    bruger=st.none() | strategies.uuids,
    note=texts,
    noegle=texts,
    virkning_fra=strategies.maybe_moments,
    virkning_til=strategies.maybe_moments,
    aktoer=st.none() | strategies.unik_ids,
    aktoer_type=st.none() | st.sampled_from(strategies.AKTOER_TYPES),
    virkning_note=texts,
)
lists = st.tuples(
    st.builds(Vaerdiliste, strategies.uuids, texts, strategies.uuids, st.none() | registreringer),
    st.lists(texts, max_size=5),
)


@st.composite
def answers(draw: st.DrawFn, to: st.SearchStrategy[Request] = strategies.requests) -> bytes:
    """An answer to a request, with all that could belong to it or with less."""
    return answer(
        draw(to),
        draw(st.sampled_from((20, 20, 20, 40, 44))),
        draw(texts),
        registrering=draw(st.none() | lists),
        resultater=draw(st.lists(lists, max_size=1)),
        idliste=draw(st.lists(strategies.uuids, max_size=3)),
        siden=draw(strategies.maybe_moments),
    )
