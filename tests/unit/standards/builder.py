"""Letters made from the models alone: whatever the fields allow, chosen by a Random.

Nothing of the rules between fields is looked at, so that the forms are tried with all that they must carry.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from consumers.standards.letters import LETTERS, Brev
from consumers.standards.shape import Leaf, Member, Shape, letter_shapes
from consumers.standards.standard import Standard

_FORMS: dict[str, Callable[[Random], str]] = {
    "Id": lambda r: f"{r.getrandbits(32):08x}-{r.getrandbits(16):04x}-4000-8000-{r.getrandbits(48):012x}",
    "Dato": lambda r: f"{r.randint(1900, 2199)}-{r.randint(1, 12):02}-{r.randint(1, 28):02}",
    "Tidspunkt": lambda r: (
        f"{r.randint(1900, 2199)}-{r.randint(1, 12):02}-{r.randint(1, 28):02}T{r.randint(0, 23):02}"
        f":{r.randint(0, 59):02}:{r.randint(0, 59):02}"
        + r.choice(["", ".5", ".123456"])
        + r.choice(["Z", "+01:00", "-00:00", "+14:00", "-13:59"])
    ),
    "Cpr": lambda r: f"{r.randint(0, 10**10 - 1):010}",
    "Cvr": lambda r: f"{r.randint(0, 10**8 - 1):08}",
    "PNummer": lambda r: f"{r.randint(0, 10**10 - 1):010}",
    "Sor": lambda r: "1" * r.randint(5, 18),
    "Gln": lambda r: "5" * 13,
    "Postnr": lambda r: f"{r.randint(0, 9999):04}",
    "Kommunekode": lambda r: f"{r.randint(0, 9999):04}",
    "Telefon": lambda r: r.choice(["12345678", "+45 12 34 56 78", "1 2 3 4 5 6 7 8"]),
    "Email": lambda r: r.choice(["a@b", "bo.møller@køge.example", "&<x>'\"@e-x.dk"]),
    "Beloeb": lambda r: r.choice(["0", "0.00", "12500", "999999999.99"]),
    "FfbVersion": lambda r: r.choice(["20240530", "19000101", "21991231"]),
    "Base64": lambda r: r.choice(["QQ==", "QUI=", "QUJD"]),
    "Https": lambda r: r.choice(["https://example.dk/a?b=1&c=2", "https://x"]),
}
_CHARACTERS = "abc æøå ÆØÅ <&>'\"]]> \n\t\r \u00a0\u0085\u2028 €😀\U0010ffff\x7f"


def text(random: Random, limit: int) -> str:
    length = random.choice([1, 2, 10, 40] + [limit] * (random.random() < 0.02))
    drawn = "".join(random.choices(_CHARACTERS, k=length - 1))
    return random.choice(["x" + drawn, drawn + "x"])


def value(leaf: Leaf, random: Random) -> Any:
    """As JSON has it."""
    if leaf.form:
        return _FORMS[leaf.navn](random)
    if leaf.kind == "text":
        assert leaf.limit
        return text(random, leaf.limit)
    if leaf.kind == "code":
        return random.choice(leaf.values)[0]
    if leaf.kind == "yes":
        return random.random() < 0.5
    return random.choice([leaf.low, leaf.high, random.randint(leaf.low, leaf.high)])


def block(shape: Shape, random: Random, fill: float) -> dict[str, Any]:
    """``fill``: how likely a field is that need not be there."""
    return {
        member.json: _entries(member, random, fill)
        for member in shape.members
        if member.required or random.random() < fill
    }


def _entries(member: Member, random: Random, fill: float) -> Any:
    if not member.many:
        return _entry(member, random, fill)
    return [_entry(member, random, fill) for _ in range(random.choice([1, 1, 2, 3]))]


def _entry(member: Member, random: Random, fill: float) -> Any:
    if member.block:
        return block(member.block, random, fill)
    assert member.leaf
    return value(member.leaf, random)


def document(standard: Standard, random: Random, fill: float = 0.5) -> dict[str, Any]:
    """A letter as JSON has it, without its form tested."""
    return {"standard": standard.value, **block(letter_shapes()[standard], random, fill)}


def brev(standard: Standard, random: Random, fill: float = 0.5) -> Brev:
    data = document(standard, random, fill)
    del data["standard"]
    return LETTERS[standard].model_validate(data, by_alias=True, by_name=False)
