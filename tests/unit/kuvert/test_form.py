"""What is known of one message serves the next, and never says anything else than the long way would."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.errors import Refused
from broker.kuvert import (
    ObjektRegistrering,
    Parsed,
    RelateretObjekt,
    Source,
    haendelsesbesked,
    parse,
    splice_route,
    splice_source,
)
from broker.kuvert.form import Form
from broker.kuvert.forms import Forms
from broker.kuvert.layout import Known
from tests.unit.kuvert.envelopes import Writer

SOURCE = Source("19dc3a1d-c629-4853-b566-7fe49cf674ce", "::FFFF:127.0.0.1", "a.b.c")
TEXTS = re.compile(rb">([^<>]+)<")


class LongWay(Forms):
    """Knows nothing and learns nothing."""

    def find(self, *message: object) -> None:
        return None

    def find_form(self, *message: object) -> None:
        return None

    def learn(self, *message: object) -> None:
        return None


class Counting(Forms):
    """Counts what was known by its form and by its layout."""

    by_form = by_layout = 0

    def find(self, *message: Any) -> Known | None:
        found = super().find(*message)
        self.by_layout += found is not None
        return found

    def find_form(self, *message: Any) -> Known | None:
        found = super().find_form(*message)
        self.by_form += found is not None
        return found


def outcome(data: bytes, forms: Forms) -> object:
    """Everything that can be told of a message: what was read and what would be stored, or the refusal."""
    with patch("broker.kuvert.parse._forms", forms):
        try:
            parsed: Parsed = parse(data)
        except Refused as refusal:
            return type(refusal), str(refusal)
        keep = tuple(range(0, len(parsed.besked.tilladt_modtager), 2))
        return (
            parsed.besked,
            splice_source(parsed, SOURCE, "0d7a7d95-0c4a-4f86-bd98-c599d0b81128"),
            splice_source(parsed, SOURCE, "", keep),
        )


def learnt_from(data: bytes) -> Counting:
    forms = Counting()
    for _ in range(4):  # twice for the form, twice for the layout
        outcome(data, forms)
    return forms


VALUES = st.one_of(
    st.uuids().map(str),
    st.sampled_from(
        (
            "urn:oio:cvr-nr:12345678", "urn:oio:kle:27.18.02", "", " ", "\n", "\xa0", "true", "1.0", "2.0", "7",
            "2026-11-21T08:00:00Z", "2026-02-30T08:00:00", "2024-02-29T23:59:59.123+01:00", "2026-11-21T24:00:00Z",
            "2026-13-01T00:00:00", "0000-01-01T00:00:00", "2026-11-21T08:00:00+14:00", "2026-11-21T08:00:00+13:59",
            "&amp;", "&#65;", "&x;", "<a/>", "</a>", "<!-- x -->", "<![CDATA[x]]>", "<?x?>", "]]>", "--", "a\rb",
            "\x01", "￾", "￿", "�", "æøå", "𝄞", "D92BB9C2-D826-4028-8FB5-D8B88B4377D4 ", ">",
        )
    ),
    st.text(max_size=30).filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text)),
)  # fmt: skip


def written(seed: int) -> bytes:
    """A message in random handwriting."""
    return Writer(seed).write().data


def plain(seed: int) -> bytes:
    """A message as ordinary software writes it; a third have been through a Beskedfordeler before."""
    rng = random.Random(seed)

    def some(*values: str) -> list[str]:
        return [rng.choice(values) for _ in range(rng.randrange(3))]

    ids = ("urn:oio:cvr-nr:12345678", "urn:oio:cpr-nr:0101010000", "96514e13-afdd-44d6-95a8-adc2ca19b127", "urn:æ")
    registrering = ObjektRegistrering(
        registreringstidspunkt=1_700_000_000.0 + seed,
        objekt_ansvarlig_myndighed=rng.choice((None, *ids)),
        objekt_id=rng.choice(ids),
        opgave_emne="urn:oio:kle:27.18.02",
    )
    data = haendelsesbesked(
        besked_id=rng.choice((None, "urn:besked:1")),
        tilladt_modtager=some(*ids),
        relateret_objekt=[RelateretObjekt(one, ids[2], rng.choice((None, ids[2]))) for one in some(*ids)],
        objekt_registrering=[registrering] * rng.randrange(3),
        tvaergaaende_proces=some(*ids),
        sikkerhedsklassificering=rng.choice((None, ids[2])),
        gyldig_til=rng.choice((None, 1_900_000_000.0)),
        beskeddata=rng.choice((b"<a xmlns='urn:a'>b<c d='e'/>f</a>", b"<a xmlns='urn:a'/>")),
    )
    if rng.randrange(3):
        return data
    stored, cuts, _ = splice_source(parse(data), SOURCE, "t")
    return splice_route(
        stored, cuts, received=1.0, delivered=2.0, source_system=SOURCE.system, abonnement=ids[2], attempts=1
    )


def rewritten(data: bytes, values: list[str], rng: random.Random) -> bytes:
    """The message with some of the texts between its tags replaced."""
    spans = [match.span(1) for match in TEXTS.finditer(data)]
    for (start, end), value in sorted(zip(rng.sample(spans, min(len(values), len(spans))), values, strict=False))[::-1]:
        data = data[:start] + value.encode() + data[end:]
    return data


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from([plain, written]),
    st.integers(0, 10_000),
    st.lists(VALUES, min_size=1, max_size=4),
    st.randoms(use_true_random=False),
)
def test_a_known_form_never_changes_the_outcome(
    message: Callable[[int], bytes], seed: int, values: list[str], rng: random.Random
) -> None:
    """Any message, after its like was learnt, is read, stored or refused exactly as if nothing had been learnt."""
    original = message(seed)
    forms = learnt_from(original)
    for data in (original, rewritten(original, values, rng)):
        assert outcome(data, forms) == outcome(data, LongWay())


def test_ordinary_messages_are_learnt() -> None:
    """Else the test above would show nothing."""
    assert all(learnt_from(plain(seed))._layouts for seed in range(100))


def test_a_message_with_other_values_is_known() -> None:
    """The point of it: other ids, citizens and times take the short way."""
    first = haendelsesbesked(tilladt_modtager=["urn:oio:cvr:12345678"], gyldig_fra=1_700_000_000.0)
    forms = learnt_from(first)
    second = haendelsesbesked(tilladt_modtager=["urn:oio:cvr:87654321"], gyldig_fra=1_800_000_000.5)
    assert outcome(second, forms) == outcome(second, LongWay())
    assert (forms.by_form, forms.by_layout) == (2, 0 + 1)
    third = haendelsesbesked(tilladt_modtager=["urn:oio:cvr-nr:87654321"], gyldig_fra=1_800_000_000.5)
    assert outcome(third, forms) == outcome(third, LongWay())
    assert (forms.by_form, forms.by_layout) == (3, 1)


def respelt(data: bytes, rng: random.Random) -> bytes:
    """The message with a character of some of its texts replaced by another: every text as long as before."""
    spans = [match.span(1) for match in TEXTS.finditer(data)]
    changed = bytearray(data)
    for start, end in rng.sample(spans, rng.randrange(len(spans) // 2 + 1)):
        changed[rng.randrange(start, end)] = ord(rng.choice("0123456789" * 3 + "abcdefAG-:TZ \n\xa0&\x01.+"))
    return bytes(changed)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([plain, written]), st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_messages_of_one_layout_are_read_as_if_each_were_alone(
    message: Callable[[int], bytes], seed: int, rng: random.Random
) -> None:
    """Whatever texts differ from message to message, each is read as the long way reads it."""
    original = message(seed)
    forms = learnt_from(original)
    for data in [respelt(original, rng) for _ in range(5)] + [original]:
        for _ in range(2):
            assert outcome(data, forms) == outcome(data, LongWay())


def test_texts_that_were_constant_so_far_may_vary() -> None:
    """A field that is another for the first time after many messages is read as it is, and again when it goes back."""

    def sent(tilladt: str, kle: str, til: float, tid: float = 1_700_000_000.0) -> bytes:
        registrering = ObjektRegistrering(objekt_ansvarlig_myndighed="urn:oio:cvr:11111111", opgave_emne=kle)
        return haendelsesbesked(
            tilladt_modtager=[tilladt], objekt_registrering=[registrering], dannelsestidspunkt=tid, gyldig_til=til
        )

    first = ("urn:oio:cvr:12345678", "urn:oio:kle:27.18.02")
    forms = learnt_from(sent(*first, 1_900_000_000.0))
    for messages, (tilladt, kle, til) in enumerate(
        [
            (*first, 1_900_000_000.0),
            ("urn:oio:cvr:87654321", first[1], 1_900_000_000.0),
            (*first, 1_900_000_000.0),
            (first[0], "urn:oio:kle:32.01.01", 1_950_000_000.0),
            ("urn:oio:cvr:87654321", first[1], 1_900_000_000.0),
        ]
    ):
        data = sent(tilladt, kle, til, 1_700_000_000.0 + messages)
        known = forms.find(data, 100)
        assert known is not None
        assert known.besked.tilladt_modtager == (tilladt,)
        assert known.besked.opgave_emne == (kle,)
        assert known.besked.gyldig_til == til
        assert outcome(data, forms) == outcome(data, LongWay())


@pytest.mark.parametrize(
    ("good", "other", "bad"),
    [
        ("2023-11-14T22:13:20.000Z", "2023-11-15T22:13:20.000Z", "2023-13-14T22:13:20.000Z"),
        ("2023-11-14T22:13:20.000Z", "2023-11-15T22:13:20.000Z", "2023-11-14T22:13:20.0 0Z"),
        ("11111111-1111-4111-8111-111111111111", "21111111-1111-4111-8111-111111111111", "1" * 36),
        ("22222222-1111-4111-8111-111111111111", "32222222-1111-4111-8111-111111111111", "2" * 36),
        ("urn:oio:kle:27.18.02", "urn:oio:kle:27.18.03", "urn:oio:kle:27.18.\x01\x01"),
        ("urn:oio:kle:27.18.02", "urn:oio:kle:27.18.03", "urn:oio:kle:27.18.&x"),
    ],
)
def test_a_text_that_varies_is_judged_every_time(good: str, other: str, bad: str) -> None:
    """A value that has been seen to change is refused, where it is wrong, as it would be in a first message."""
    registrering = ObjektRegistrering(opgave_emne="urn:oio:kle:27.18.02")
    data = haendelsesbesked(
        besked_id="11111111-1111-4111-8111-111111111111",
        beskedtype="22222222-1111-4111-8111-111111111111",
        objekt_registrering=[registrering],
        dannelsestidspunkt=1_700_000_000.0,
    )
    forms = learnt_from(data)
    for value in (other, good, bad, other):
        said = data.replace(good.encode(), value.encode())
        assert said != data or value == good
        assert outcome(said, forms) == outcome(said, LongWay())


@pytest.mark.parametrize(
    "trap",
    [
        b"<!-- > x < -->",
        b"<![CDATA[x]]>",
        b"<?x >y< ?>",
    ],
)
def test_what_could_hide_markup_is_never_learnt(trap: bytes) -> None:
    """A sender cannot teach the Beskedfordeler to read another value than the receivers will."""
    data = haendelsesbesked(beskeddata=b"<a xmlns='urn:a'>" + trap + b"</a>")
    forms = learnt_from(data)
    assert forms.by_form == forms.by_layout == 0


@pytest.mark.parametrize("value", ["\ufffe", "\uffff", "\ufffd", "\x7f", "\x85", "\x01", "\r", "&", "]]", "\xa0"])
@pytest.mark.parametrize("field", ["urn:oio:cvr:12345678", "syntetisk besked", "urn:besked:1"])
def test_characters_are_judged_as_by_the_parser(field: str, value: str) -> None:
    """What XML forbids in a text is refused, known form or not; what it allows is read alike."""
    data = haendelsesbesked(besked_id="urn:besked:1", tilladt_modtager=["urn:oio:cvr:12345678"])
    forms = learnt_from(data)
    assert forms._forms
    for text in (value, "x" + value, value + "x"):
        changed = data.replace(field.encode(), text.encode())
        assert outcome(changed, forms) == outcome(changed, LongWay())


def test_a_form_is_learnt_the_second_time_and_the_number_of_forms_is_bounded() -> None:
    """A sender whose every message has other markup fills nothing."""
    forms = Counting()
    learnt: list[Form] = []
    for number in range(300):
        data = haendelsesbesked(beskeddata=b"<" + b"a" * (number + 1) + b" xmlns='urn:a'/>")
        outcome(data, forms)
        assert len(forms._forms) == min(number, 256)
        outcome(data, forms)
        learnt.append(list(forms._forms.values())[-1])
    assert len(set(map(id, learnt))) == 300
