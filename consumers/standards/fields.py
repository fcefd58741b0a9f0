"""What fields are made of: lexical types that XML, JSON and Python read alike, and where each field comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    PlainSerializer,
    StringConstraints,
)
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema, PydanticCustomError, PydanticUndefined, core_schema

KORT = 200
"""Characters of a short text at most: names, titles, numbers."""
LANG = 10_000
"""Characters of a long text at most: descriptions."""
BILAG = 13_981_016
"""Characters of an attachment in base64 at most: 10 MB."""
MANGE = 200
"""Entries of a list at most, where it says nothing else."""


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
    if element:
        limits.setdefault("max_length", MANGE)
    return Field(
        default,
        description=tekst,
        json_schema_extra={"kilde": kilde.value, **({"element": element} if element else {})},
        **limits,
    )


BLANK = " \t\n\r\u0085\u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200C))) + "\u2028\u2029\u202f\u205f\u3000\ufeff"
"""What counts as white space; spelled out, because XML Schema, ECMAScript and Python each mean something else by it."""

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Fritekst:
    """A text of at most ``limit`` characters (code points), not blank, that XML 1.0 can write."""

    limit: int

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        text = core_schema.str_schema(strict=True, min_length=1, max_length=self.limit)
        return core_schema.no_info_after_validator_function(_writable, text)


def _writable(text: str) -> str:
    """A letter that JSON carries must be writable as XML too."""
    if found := _ILLEGAL.search(text):
        raise PydanticCustomError(
            "text_character",
            "character {position} (U+{code}) cannot be written in XML 1.0",
            {"position": found.start() + 1, "code": f"{ord(found[0]):04X}"},
        )
    if not text.strip(BLANK):
        raise PydanticCustomError("text_blank", "the text is empty or only white space")
    return text


@dataclass(frozen=True, slots=True)
class Form:
    """A value written in one form.

    ``pattern`` is for the whole value, in what the regular expressions of Python, XML Schema and ECMAScript have in
    common: no anchors, no ``\\d``, no look-around.  ``expected`` says it in words.  Values of Python (a date, not a
    text) pass.
    """

    navn: str
    pattern: str
    expected: str
    compiled: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "compiled", re.compile(self.pattern, re.ASCII))

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._check, handler(source))

    def _check(self, given: Any) -> Any:
        wrong = not self.compiled.fullmatch(given) if isinstance(given, str) else isinstance(given, int | float)
        if wrong:
            raise PydanticCustomError("form", "expected {expected}", {"expected": self.expected})
        return given


def _within(given: date) -> date:
    """A date or time of Python may be one that the form has no way to write."""
    if not 1900 <= given.year < 2200:
        raise PydanticCustomError("form", "expected {expected}", {"expected": "a year from 1900 to 2199"})
    if isinstance(given, datetime):
        offset = given.utcoffset()
        if offset is None or offset % timedelta(minutes=1) or abs(offset) > timedelta(hours=14):
            raise PydanticCustomError(
                "form", "expected {expected}", {"expected": "an offset from UTC in whole minutes, 14 hours at most"}
            )
    return given


_YEAR = "(19|20|21)[0-9]{2}"
_LEAP = "((19|20|21)(0[48]|[2468][048]|[13579][26])|2000)"
DATO = (
    f"({_YEAR}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    f"|02-(0[1-9]|1[0-9]|2[0-8]))|{_LEAP}-02-29)"
)
"""Only dates of the calendar, of 1900 to 2199."""
TIDSPUNKT = (
    DATO + r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
    r"(Z|[+\-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
)
UUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"

Kort = Annotated[str, Fritekst(KORT)]
Tekst = Annotated[str, Fritekst(LANG)]
Id = Annotated[
    str, Form("Id", UUID, "a UUID, 8-4-4-4-12 hexadecimal digits"), StringConstraints(strict=True, to_lower=True)
]
Dato = Annotated[
    date,
    Form("Dato", DATO, "a date of the calendar, YYYY-MM-DD, from 1900 to 2199"),
    AfterValidator(_within),
    PlainSerializer(date.isoformat, str),
]
Tidspunkt = Annotated[
    datetime,
    Form(
        "Tidspunkt",
        TIDSPUNKT,
        "a time with its offset from UTC, YYYY-MM-DDThh:mm:ssZ or …+01:00, at most 6 decimals of a second",
    ),
    AfterValidator(_within),
    PlainSerializer(datetime.isoformat, str),
]
Cpr = Annotated[str, Form("Cpr", "[0-9]{10}", "a CPR number, 10 digits without hyphen")]
Cvr = Annotated[str, Form("Cvr", "[0-9]{8}", "a CVR number, 8 digits")]
PNummer = Annotated[str, Form("PNummer", "[0-9]{10}", "a P-nummer, 10 digits")]
Sor = Annotated[str, Form("Sor", "[0-9]{5,18}", "a SOR code, 5 to 18 digits")]
Gln = Annotated[str, Form("Gln", "[0-9]{13}", "an EAN/GLN location number, 13 digits")]
Postnr = Annotated[str, Form("Postnr", "[0-9]{4}", "a postal code, 4 digits")]
Kommunekode = Annotated[str, Form("Kommunekode", "[0-9]{4}", "a municipality code, 4 digits")]
Telefon = Annotated[
    str,
    Form("Telefon", r"\+?[0-9]( ?[0-9]){7,14}", "a telephone number, 8 to 15 digits, single spaces between them"),
]
Email = Annotated[str, Form("Email", r"[!-?A-~À-ɏ]{1,64}@[.\-0-9A-Za-zÀ-ɏ]{1,120}", "an e-mail address")]
Beloeb = Annotated[str, Form("Beloeb", r"(0|[1-9][0-9]{0,8})(\.[0-9]{2})?", "an amount in DKK: 12500 or 12500.00")]
FfbVersion = Annotated[
    str,
    Form("FfbVersion", f"{_YEAR}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])", "an FFB version, YYYYMMDD"),
]
Base64 = Annotated[
    str, Form("Base64", "[A-Za-z0-9+/]+={0,2}", "base64 without line breaks"), StringConstraints(max_length=BILAG)
]
Https = Annotated[str, Form("Https", "https://[!-~]{1,1992}", "an https address, 2000 characters at most")]
Paragraf = Annotated[str, Fritekst(KORT)]
"""A legal provision as one writes it: "SEL § 107"."""
Heltal = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
Alder = Annotated[int, Field(strict=True, ge=0, le=130)]
Ja = Annotated[bool, Field(strict=True)]
