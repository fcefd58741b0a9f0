"""A register file as it is written: pydantic models, one per kind of item.  The JSON Schema is made from these.

They say what a file may look like, value by value.  What must hold between items is `broker.register.rules`;
`broker.register.resolve` makes the values of `broker.core.model` of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from broker.core.model import ALLE
from broker.register import lexical
from broker.register.times import EXPECTED, TIME_PATTERN, parse_time


def _rule(rule: lexical.Rule, *, alle: bool = False) -> AfterValidator:
    def obey(value: str) -> str:
        if not (alle and value == ALLE) and (fault := rule(value)):
            raise ValueError(fault)
        return value

    return AfterValidator(obey)


def _as_text(value: object) -> object:
    """A number that YAML or JSON has already read becomes text again."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str | int | float) and not isinstance(value, bool) else value


def _time(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError(f"is not a text; expected {EXPECTED}")
    return parse_time(value)


_TEXT_OR_NUMBER: dict[str, Any] = {"type": ["string", "number"]}
_CVR: dict[str, Any] = {
    "anyOf": [
        {"type": "string", "pattern": lexical.CVR_PATTERN},
        {"type": "integer", "minimum": 0, "maximum": 99_999_999},
    ]
}

Uuid = Annotated[str, _rule(lexical.uuid_fault), WithJsonSchema({"type": "string", "pattern": lexical.UUID_PATTERN})]
UnikId = Annotated[str, _rule(lexical.unik_id_fault)]
Navn = Annotated[str, _rule(lexical.navn_fault), WithJsonSchema({"type": "string", "minLength": 1})]
Serienummer = Annotated[
    str,
    _rule(lexical.certifikat_fault),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": lexical.LONGEST_SERIENUMMER}),
]
Callback = Annotated[
    str,
    _rule(lexical.callback_fault),
    WithJsonSchema({"type": "string", "maxLength": lexical.LONGEST_CALLBACK, "pattern": lexical.CALLBACK_PATTERN}),
]
XmlText = Annotated[str, _rule(lexical.xml_text_fault)]
Cvr = Annotated[str, BeforeValidator(_as_text), _rule(lexical.cvr_fault), WithJsonSchema(_CVR)]
CvrOrAlle = Annotated[
    str,
    BeforeValidator(_as_text),
    _rule(lexical.cvr_fault, alle=True),
    WithJsonSchema({"anyOf": [{"const": ALLE}, *_CVR["anyOf"]]}),
]
Version = Annotated[
    Literal["1.0", "2.0"],
    BeforeValidator(_as_text),
    WithJsonSchema({"enum": ["1.0", "2.0", 1.0, 2.0]}),
]
Reference = Annotated[str, _rule(lexical.navn_fault), WithJsonSchema({"type": "string", "minLength": 1})]
Kle = Annotated[
    str,
    BeforeValidator(_as_text),
    _rule(lexical.kle_fault),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "pattern": lexical.KLE_PATTERN}, {"type": "number"}]},
    ),
]
Identifier = Annotated[str, _rule(lexical.value_fault), WithJsonSchema({"type": "string", "minLength": 1})]
Vaerdi = Annotated[str, BeforeValidator(_as_text), WithJsonSchema(_TEXT_OR_NUMBER)]
Tid = Annotated[float, BeforeValidator(_time), WithJsonSchema({"type": "string", "pattern": TIME_PATTERN})]

T = TypeVar("T")
Many = Annotated[list[T], BeforeValidator(_as_list, json_schema_input_type=list[T] | T)]
"""A list, or one value that stands for a list of one."""

AlleDefault: Callable[[], list[str]] = lambda: [ALLE]  # noqa: E731  # a factory, named for the reader


class _Post(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True)


class Myndighed(_Post):
    """A public authority."""

    cvr: Cvr
    """CVR number, eight digits; with or without quotes."""
    navn: Navn
    """Name of the authority."""


class Anvendersystem(_Post):
    """An IT system that sends or fetches."""

    id: Uuid | None = None
    """UUID; left out, it is derived from navn."""
    navn: Navn
    """Name, unique in the register; may be used to log in and wherever a system is referred to."""
    cvr: Cvr
    """CVR number of the myndighed that the system belongs to."""
    adgangskode: Annotated[str, Field(min_length=1)] | None = None
    """Password for SASL PLAIN and AMQPLAIN; left out, any password is taken (local work)."""
    certifikat: Serienummer | None = None
    """SERIALNUMBER in the subject of its function certificate, as CVR:12345678-FID:1234567890123, unique in the
    register; left out, it is derived from cvr and id."""


class Beskedtype(_Post):
    """A kind of message."""

    id: UnikId | None = None
    """UUID (or URN) as in Filtreringsdata.Beskedtype; left out, it is derived from navn."""
    navn: Navn
    """Name, unique in the register; may be used wherever a beskedtype is referred to."""


class Serviceaftale(_Post):
    """An agreement that lets one anvendersystem send or receive.  "*" stands for any."""

    id: Uuid | None = None
    """UUID; left out, it is derived from anvendersystem, service and version."""
    anvendersystem: Reference
    """The system, by id or navn."""
    service: Literal["afsend", "modtag"]
    """BeskedAfsend (SF1462) or BeskedModtag (SF1461)."""
    version: Version = "1.0"
    """Version of the service."""
    beskedtyper: Many[Reference] = Field(default_factory=AlleDefault)
    """Beskedtyper by id or navn."""
    foelsomheder: Many[Identifier] = Field(default_factory=AlleDefault)
    """Sikkerhedsklassificeringer, by UUID or URN."""
    forvaltningsomraader: Many[Kle] = Field(default_factory=AlleDefault)
    """KLE patterns, as 27.*"""
    afsendende_myndigheder: Many[CvrOrAlle] = Field(default_factory=AlleDefault)
    """CVR numbers of the authorities whose messages the agreement covers."""
    tilladte_myndigheder: Many[CvrOrAlle] = Field(default_factory=AlleDefault)
    """CVR numbers of the authorities that may be TilladtModtager."""
    gyldig_fra: Tid | None = None
    """First moment: ISO 8601 date or dateTime, UTC where it has no offset."""
    gyldig_til: Tid | None = None
    """First moment after the last: ISO 8601 date or dateTime, UTC where it has no offset."""
    godkendt: bool = True
    """Whether the agreement is approved."""
    modtagende_dueslag: Many[Reference] = Field(default_factory=AlleDefault)
    """service modtag: the dueslag of the system that the agreement is about, by id or navn."""


class Dueslag(_Post):
    """A mailbox of one anvendersystem."""

    id: Uuid | None = None
    """UUID, the AMQP queue name; left out, it is derived from the system's id and navn."""
    navn: Navn
    """Name, unique within the system."""
    anvendersystem: Reference
    """The system, by id or navn."""
    callback: Callback | None = None
    """http:// or https:// URL that what comes is pushed to; left out, it is fetched only."""


class Abonnement(_Post):
    """A subscription: messages that the filter accepts go to the dueslag."""

    id: Uuid | None = None
    """UUID (ErLeveretIHenholdTil in what is delivered); left out, it is derived from the dueslag's id and navn."""
    navn: Navn
    """Name of the subscription."""
    dueslag: Reference
    """The dueslag, by id or navn."""
    filter: str = ""
    """Expression over Filtreringsdata; empty = every message."""
    tilstand: Literal["aktiv", "stoppet", "pause"] = "aktiv"
    """aktiv: delivers; stoppet: does not; pause: keeps back until it is active again."""
    gyldig_fra: Tid | None = None
    """First moment: ISO 8601 date or dateTime, UTC where it has no offset."""
    gyldig_til: Tid | None = None
    """First moment after the last: ISO 8601 date or dateTime, UTC where it has no offset."""


class Registrering(_Post):
    """What VærdilisteRediger registered about a list, beside its name and values."""

    tidspunkt: Tid
    """When: ISO 8601 date or dateTime, UTC where it has no offset."""
    livscyklus: Literal["Opstaaet", "Importeret", "Passiveret", "Slettet", "Rettet"]
    """LivscyklusKode; a list that is Passiveret or Slettet holds nothing for filters."""
    bruger: Uuid | None = None
    """BrugerRef: UUID of the anvendersystem that registered it."""
    note: XmlText = ""
    """NoteTekst."""
    noegle: XmlText = ""
    """BrugervendtNoegleTekst."""
    virkning_fra: Tid | None = None
    """Virkning: first moment, ISO 8601; left out, it is not stated."""
    virkning_til: Tid | None = None
    """Virkning: first moment after the last, ISO 8601; left out, it is not stated."""
    aktoer: UnikId | None = None
    """AktoerRef: UUID or URN."""
    aktoer_type: XmlText | None = None
    """AktoerTypeKode, as ItSystem."""
    virkning_note: XmlText = ""
    """NoteTekst of the Virkning."""


class Vaerdiliste(_Post):
    """A named list of values for filters, with its values either here or in a file of their own."""

    model_config = ConfigDict(json_schema_extra={"not": {"required": ["vaerdier", "fil"]}})

    id: Uuid | None = None
    """UUID; left out, it is derived from the system's id and navn."""
    navn: Navn
    """Name as filters use it, unique within the system."""
    anvendersystem: Reference
    """The system that keeps the list, by id or navn."""
    vaerdier: list[Vaerdi] | None = None
    """The values."""
    fil: Annotated[str, Field(min_length=1)] | None = None
    """Path of a UTF-8 text file with one value a line, relative to the register file."""
    registrering: Registrering | None = None
    """What VærdilisteRediger registered about it; left out, the list was made without."""

    @model_validator(mode="after")
    def _either(self) -> Vaerdiliste:
        if self.vaerdier is not None and self.fil is not None:
            raise ValueError("has both vaerdier and fil; expected one of them")
        return self


class RegisterFile(_Post):
    """Everything that a beskedfordeler goes by: who there is, who may send what, who subscribes to what."""

    model_config = ConfigDict(title="Register of a beskedfordeler")

    myndigheder: list[Myndighed] | None = None
    """Authorities."""
    anvendersystemer: list[Anvendersystem] | None = None
    """IT systems."""
    beskedtyper: list[Beskedtype] | None = None
    """Kinds of messages."""
    serviceaftaler: list[Serviceaftale] | None = None
    """Agreements: which system may send or receive what."""
    dueslag: list[Dueslag] | None = None
    """Mailboxes."""
    abonnementer: list[Abonnement] | None = None
    """Subscriptions."""
    vaerdilister: list[Vaerdiliste] | None = None
    """Value lists."""
