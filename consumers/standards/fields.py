"""What fields are made of: lexical types that XML, JSON and Python read alike, and where each field comes from."""

from __future__ import annotations

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError, PydanticUndefined

KORT = 200
"""Characters of a short text at most: names, titles, numbers."""
LANG = 10_000
"""Characters of a long text at most: descriptions."""


class Kilde(StrEnum):
    """Where a field comes from; `assumed` is our choice and not KL's."""

    SEED = "seed S0"
    P1 = "pub P1 (hl7dk/kl-ffb-messaging)"
    P2 = "pub P2 (hl7dk/kl-ffb-reporting)"
    P3 = "pub P3 (hl7dk/kl-term)"
    ASSUMED = "assumed"


class Blok(BaseModel):
    """A letter, or a part of one: frozen, nothing unknown in it; camelCase in JSON, PascalCase in XML."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        str_strip_whitespace=False,
        ser_json_inf_nan="null",
    )


def felt(
    tekst: str, kilde: Kilde, default: Any = PydanticUndefined, *, element: str | None = None, **limits: Any
) -> Any:
    """A field with what it means and where it comes from.

    ``element`` is the XML element's name where it is not the field's own in PascalCase: a list is written as its
    elements one after the other, and they bear the singular.
    """
    if isinstance(default, tuple):
        limits.setdefault("validate_default", False)
    return Field(
        default,
        description=tekst,
        json_schema_extra={"kilde": kilde.value, **({"element": element} if element else {})},
        **limits,
    )


_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def _writable(text: str) -> str:
    """XML 1.0 has no way to write these; a letter that JSON carries must be writable as XML too."""
    if found := _ILLEGAL.search(text):
        raise PydanticCustomError(
            "text_character",
            "character {position} (U+{code}) cannot be written in XML 1.0",
            {"position": found.start() + 1, "code": f"{ord(found[0]):04X}"},
        )
    if not text.strip():
        raise PydanticCustomError("text_blank", "the text is empty or only white space")
    return text


def _lexical(pattern: str, expected: str) -> BeforeValidator:
    """Texts only in the one form that XML Schema, JSON Schema and Python agree on; values of Python pass."""
    compiled = re.compile(pattern, re.ASCII)

    def check(given: Any) -> Any:
        if isinstance(given, str) and not compiled.fullmatch(given):
            raise PydanticCustomError("form", "expected {expected}", {"expected": expected})
        if isinstance(given, int | float):
            raise PydanticCustomError("form", "expected {expected}", {"expected": expected})
        return given

    return BeforeValidator(check)


def _aware(given: datetime) -> datetime:
    if given.tzinfo is None:
        raise PydanticCustomError("zone", "expected an offset from UTC: Z or +01:00")
    return given


DATO = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
TIDSPUNKT = DATO + r"T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})"
UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"

Kort = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=KORT), AfterValidator(_writable)]
Tekst = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=LANG), AfterValidator(_writable)]
Id = Annotated[
    str, _lexical(UUID, "a UUID, 8-4-4-4-12 hexadecimal digits"), StringConstraints(strict=True, to_lower=True)
]
Dato = Annotated[date, _lexical(DATO, "a date, YYYY-MM-DD"), PlainSerializer(date.isoformat, str)]
Tidspunkt = Annotated[
    datetime,
    _lexical(TIDSPUNKT, "a time with offset, YYYY-MM-DDThh:mm:ssZ or +hh:mm"),
    AfterValidator(_aware),
    PlainSerializer(datetime.isoformat, str),
]
Cpr = Annotated[str, _lexical("[0-9]{10}", "a CPR number, 10 digits")]
Cvr = Annotated[str, _lexical("[0-9]{8}", "a CVR number, 8 digits")]
PNummer = Annotated[str, _lexical("[0-9]{10}", "a P-nummer, 10 digits")]
Sor = Annotated[str, _lexical("[0-9]{5,18}", "a SOR code, 5 to 18 digits")]
Gln = Annotated[str, _lexical("[0-9]{13}", "an EAN/GLN location number, 13 digits")]
Postnr = Annotated[str, _lexical("[0-9]{4}", "a postal code, 4 digits")]
Kommunekode = Annotated[str, _lexical("[0-9]{4}", "a municipality code, 4 digits")]
Telefon = Annotated[str, _lexical(r"\+?[0-9 ]{8,20}", "a telephone number, 8 to 20 digits and spaces")]
Email = Annotated[str, _lexical(r"[^@\s]{1,64}@[^@\s]{1,120}", "an e-mail address")]
Beloeb = Annotated[str, _lexical(r"[0-9]{1,9}(\.[0-9]{2})?", "an amount in DKK: 12500 or 12500.00")]
FfbVersion = Annotated[str, _lexical("[0-9]{8}", "an FFB version, YYYYMMDD")]
Paragraf = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=KORT), AfterValidator(_writable)]
"""A legal provision as one writes it: "SEL § 107"."""
Heltal = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
Ja = Annotated[bool, Field(strict=True)]
