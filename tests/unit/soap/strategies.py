"""Requests of every kind, for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from adapters.soap.documents.requests import (
    Egenskab,
    FjernVaerdier,
    Import,
    Laes,
    List,
    Opret,
    Passiver,
    RegistreringIn,
    Request,
    Ret,
    Slet,
    Soeg,
    Tidsfiltre,
    TilfoejVaerdier,
    Virkning,
)
from broker.core.model import Livscyklus

AKTOER_TYPES = ("Organisation", "OrganisationEnhed", "OrganisationFunktion", "Bruger", "ItSystem")

_characters = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff")
xml_texts = st.text(_characters | st.sampled_from("\t\n\r<&>]"), max_size=20)
some_texts = xml_texts.filter(bool)
values = st.lists(st.one_of(xml_texts, st.integers(0, 10**10).map("urn:oio:cpr-nr:{:010d}".format)), max_size=5).map(
    tuple
)
uuids = st.uuids().map(str)
unik_ids = st.one_of(uuids, st.integers(0, 99_999_999).map("urn:oio:cvr:{:08d}".format))
navne = st.from_regex(r"[!-~æøåé]([ -~æøåé]{0,253}[!-~æøåé])?", fullmatch=True)


def _moment(milliseconds: int) -> float:
    return milliseconds // 1000 + milliseconds % 1000 / 1000


moments = st.integers(-62135596800_000, 253402300799_999).map(_moment)
maybe_moments = st.none() | moments


@st.composite
def periods(draw: st.DrawFn) -> tuple[float | None, float | None]:
    fra, til = draw(maybe_moments), draw(maybe_moments)
    if fra is None or til is None or fra == til:
        return fra, None
    return min(fra, til), max(fra, til)


@st.composite
def virkninger(draw: st.DrawFn) -> Virkning:
    return Virkning(*draw(periods()), draw(unik_ids), draw(st.sampled_from(AKTOER_TYPES)), draw(xml_texts))


@st.composite
def sought_virkninger(draw: st.DrawFn) -> Virkning:
    aktoer_type = draw(st.none() | st.sampled_from(AKTOER_TYPES))
    return Virkning(*draw(periods()), draw(st.none() | unik_ids), aktoer_type, draw(xml_texts))


egenskaber = st.builds(Egenskab, xml_texts, navne, values, virkninger()).map(lambda one: (one,))
registreringer = st.builds(RegistreringIn, maybe_moments, st.sampled_from(Livscyklus), st.none() | unik_ids, egenskaber)


@st.composite
def filtre(draw: st.DrawFn) -> Tidsfiltre:
    fra, til = draw(maybe_moments), draw(maybe_moments)
    snapshot = fra is not None or til is not None or draw(st.booleans())
    return Tidsfiltre(fra, til, draw(maybe_moments), draw(maybe_moments), snapshot)


soeg = st.builds(
    Soeg,
    foerste=st.integers(0, 10**14),
    maksimalt=st.none() | st.integers(0, 1000),
    uuid=st.none() | uuids,
    livscyklus=st.none() | st.sampled_from(Livscyklus),
    bruger=st.none() | unik_ids,
    registrering_fra=maybe_moments,
    noegle=st.none() | some_texts,
    navn=st.none() | navne,
    vaerdier=values,
    virkninger=st.lists(sought_virkninger(), max_size=2).map(tuple),
)
kinds: tuple[st.SearchStrategy[Request], ...] = (
    st.builds(Opret, xml_texts, egenskaber),
    st.builds(Import, xml_texts, uuids, st.lists(registreringer, min_size=1, max_size=3).map(tuple)),
    st.builds(Ret, uuids, xml_texts, st.none() | egenskaber),
    st.builds(Laes, uuids, filtre()),
    st.builds(Slet, uuids, xml_texts),
    st.builds(Passiver, uuids, xml_texts),
    st.builds(List, st.lists(uuids, min_size=1, max_size=4).map(tuple), filtre()),
    soeg,
    st.builds(TilfoejVaerdier, uuids, values),
    st.builds(FjernVaerdier, uuids, values),
)
"""Every kind of request but FlytTilFejlkoe."""
requests: st.SearchStrategy[Request] = st.one_of(kinds)
