"""One item of the register as JSON, in the words of the register file (`broker.register.edge`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import partial
from typing import Any

from pydantic import BaseModel, ValidationError

from adapters.rest.errors import describe
from broker.core import model
from broker.core.identifiers import canonical
from broker.core.model import ALLE
from broker.errors import NotFound, RegisterError
from broker.ports import Item
from broker.register.problem import SECTIONS, nearest
from broker.register.registrering import registrering_of, registrering_view
from broker.register.times import format_time
from broker.service import Beskedfordeler

_TYPES: Mapping[str, type[Item]] = {section: kind for kind, section in SECTIONS.items()}
KINDS = tuple(_TYPES)
"""The sections of a register file."""
_ENUMS: Mapping[tuple[str, str], Callable[[str], str]] = {
    ("serviceaftaler", "service"): model.Service,
    ("abonnementer", "tilstand"): model.Tilstand,
}


def find_item(service: Beskedfordeler, kind: str, key: str) -> Item:
    """By id (a Myndighed by CVR number), or by navn where `Beskedfordeler` finds by navn.

    A serviceaftale may be named as ``SYSTEM/service/version`` where only one is so.  Raises NotFound.
    """
    check_kind(kind)
    by_name: Mapping[str, Callable[[str], Item]] = {
        "anvendersystemer": service.find_system,
        "dueslag": service.find_dueslag,
        "abonnementer": service.find_abonnement,
        "vaerdilister": service.find_vaerdiliste,
        "serviceaftaler": partial(_aftale, service),
    }
    if finder := by_name.get(kind):
        return finder(key)
    found: Item | None = getattr(service.content, kind).get(canonical(key))
    if found is None:
        raise NotFound(f"no '{key}' among {kind}")
    return found


def check_kind(kind: str) -> None:
    """Raises NotFound where the register has no such section."""
    if kind not in _TYPES:
        raise NotFound(f"no section '{kind}' in the register; expected one of {', '.join(KINDS)}")


def item_view(item: Item) -> dict[str, Any]:
    """As a register file writes it, references as ids, times as dateTimes; without what is not set."""
    values = {field.name: getattr(item, field.name) for field in fields(item)}
    return {name: _shown(name, value) for name, value in values.items() if value is not None}


def _shown(name: str, value: Any) -> Any:
    if isinstance(value, model.Registrering):
        return registrering_view(value)
    if name.startswith("gyldig_"):
        return format_time(value)
    return list(value) if isinstance(value, tuple) else value


def read_item(service: Beskedfordeler, kind: str, key: str, body: object) -> tuple[Item, list[str] | None]:
    """The item that a body describes, and the values of a værdiliste where it gives them.

    References may be navn or id.  Raises RegisterError, NotFound.
    """
    from broker.register import edge  # 30 ms of pydantic models, which a start need not wait for

    check_kind(kind)
    item_type = _TYPES[kind]
    post_type: type[BaseModel] = getattr(edge, item_type.__name__)
    if not isinstance(body, dict):
        raise RegisterError(f"the body is no JSON object; expected one of {kind} as a register file has it")
    name = "cvr" if kind == "myndigheder" else "id"
    if canonical(str(body.get(name, key))) != canonical(key):
        raise RegisterError(f"{name}: '{body[name]}' is not the '{key}' of the address")
    try:
        post = post_type.model_validate({**body, name: key})
    except ValidationError as error:
        raise RegisterError(describe(error.errors())) from None
    values: dict[str, Any] = {
        field.name: _value(service, kind, field.name, getattr(post, field.name)) for field in fields(item_type)
    }
    if isinstance(post, edge.Serviceaftale):
        system = values["anvendersystem"]
        values["modtagende_dueslag"] = tuple(_own_dueslag(service, system, one) for one in post.modtagende_dueslag)
    if isinstance(post, edge.Vaerdiliste) and post.fil is not None:
        raise RegisterError("fil: files are read by `register import` only; give vaerdier")
    return item_type(**values), post.vaerdier if isinstance(post, edge.Vaerdiliste) else None


def _value(service: Beskedfordeler, kind: str, name: str, value: Any) -> Any:
    if value is None:
        return None
    if name == "id":
        return canonical(value)
    if name == "anvendersystem":
        return service.find_system(value).id
    if name == "dueslag":
        return service.find_dueslag(value).id
    if name == "registrering":
        return registrering_of(value)
    if name == "beskedtyper":
        return tuple(_beskedtype(service, one) for one in value)
    if make := _ENUMS.get((kind, name)):
        return make(value)
    return tuple(map(canonical, value)) if isinstance(value, list) else value


def _own_dueslag(service: Beskedfordeler, system: str, name: str) -> str:
    """The id of a dueslag of the system, by id or navn: other systems may have one of the same navn."""
    key = canonical(name)
    if name == ALLE or key in service.content.dueslag:
        return key
    owned = [one for one in service.content.dueslag.values() if one.anvendersystem == system]
    found = [one.id for one in owned if one.navn.lower() == name.lower()]
    if len(found) != 1:
        navn = service.content.anvendersystemer[system].navn
        hint = nearest(name, (one.navn for one in owned))
        raise NotFound(f"modtagende_dueslag: no dueslag '{name}' of anvendersystem '{navn}' in the register{hint}")
    return found[0]


def _aftale(service: Beskedfordeler, name: str) -> Item:
    """By id or as SYSTEM/service/version."""
    aftaler = service.content.serviceaftaler
    if found := aftaler.get(canonical(name)):
        return found
    parts = name.rsplit("/", 2)
    if len(parts) < 3:
        raise NotFound(f"no serviceaftale '{name}'; expected an id, or SYSTEM/service/version as Fagsystem/modtag/1.0")
    system = service.find_system(parts[0])
    so_named = [
        one
        for one in aftaler.values()
        if one.anvendersystem == system.id and [one.service.value, one.version] == [parts[1].lower(), parts[2]]
    ]
    if len(so_named) == 1:
        return so_named[0]
    if so_named:
        ids = ", ".join(one.id for one in so_named)
        raise NotFound(f"serviceaftale '{name}': {len(so_named)} are so named; use the id: {ids}")
    others = sorted({f"{one.service}/{one.version}" for one in aftaler.values() if one.anvendersystem == system.id})
    raise NotFound(f"no serviceaftale '{name}'; anvendersystem '{system.navn}' has {', '.join(others) or 'none'}")


def _beskedtype(service: Beskedfordeler, name: str) -> str:
    if name == ALLE or canonical(name) in service.content.beskedtyper:
        return canonical(name)
    found = [one.id for one in service.content.beskedtyper.values() if one.navn == name]
    if len(found) != 1:
        raise NotFound(f"beskedtyper: no beskedtype '{name}' in the register")
    return found[0]
