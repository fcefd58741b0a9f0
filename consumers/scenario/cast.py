"""Who takes part in a run: the parties and citizens of a scenario as they are on the wire, made from names and seed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from random import Random

from consumers.addressing import register_document, subscription_filter, subscription_of
from consumers.fagsystem.citizen import Citizen
from consumers.fagsystem.profile import PROFILES, Profile
from consumers.part import Part
from consumers.scenario.model import Behaviour, CitizenSpec, PartySpec, Scenario
from consumers.standards.blocks import Samtykke, Samtykkestatus
from consumers.standards.names import KOMMUNER, MAERKE, TILBUD

_NAMESPACE = uuid.UUID("00000000-ffb0-4000-8000-0000000000f6")
MORNING = time(8, 0, tzinfo=UTC)
"""When every simulated day begins."""


@dataclass(frozen=True, slots=True)
class Cast:
    """By their names in the scenario."""

    scenario: Scenario
    seed: int
    parts: Mapping[str, Part]
    citizens: Mapping[str, Citizen]

    def name_of(self, aktoer: str) -> str:
        """What the scenario calls the party with this organisation UUID."""
        return next((name for name, part in self.parts.items() if part.aktoer == aktoer), aktoer)

    def filter_of(self, name: str) -> str:
        """The expression of a party's abonnement at the start."""
        spec, part = self.scenario.parties[name], self.parts[name]
        return spec.filter or subscription_filter(part, spec.standards)

    def register(self, callbacks: Mapping[str, str]) -> dict[str, list[dict[str, object]]]:
        """The register in which they meet; ``callbacks`` are the URLs of those that are pushed to, by party."""
        document: dict[str, list[dict[str, object]]] = register_document(list(self.parts.values()))
        filters = {subscription_of(part): self.filter_of(name) for name, part in self.parts.items()}
        urls = {self.parts[name].dueslag: url for name, url in callbacks.items()}
        for abonnement in document["abonnementer"]:
            abonnement["filter"] = filters[str(abonnement["id"])]
        for dueslag in document["dueslag"]:
            if url := urls.get(str(dueslag["id"])):
                dueslag["callback"] = url
        return document


def cast_of(scenario: Scenario, seed: int) -> Cast:
    """The same for the same scenario and seed.  ``scenario`` is expanded (see `generate.expand`)."""
    parts = _parts(scenario, seed)
    citizens: dict[str, Citizen] = {}
    taken: set[str] = set()
    for name, spec in scenario.citizens.items():
        citizen = _citizen(scenario, name, spec, parts[spec.myndighed], seed, taken)
        taken.add(citizen.cpr)
        citizens[name] = citizen
    return Cast(scenario, seed, parts, citizens)


def profile_of(behaviour: Behaviour) -> Profile:
    """The profile named, with what is different."""
    changed = {
        name: value for name in behaviour.model_fields_set - {"navn"} if (value := getattr(behaviour, name)) is not None
    }
    return replace(PROFILES[behaviour.navn], **changed)


def samtykke_of(citizen: Citizen, at: datetime, until: date | None) -> Samtykke:
    """A consent given at ``at``."""
    return Samtykke(
        status=Samtykkestatus.AKTIV,
        kategori="Udveksling af oplysninger med tilbud om indsatsen",
        dato=at,
        afgivet_af=citizen.navn,
        policy_rule="Persondataloven, §6-8",
        gyldig_til=until,
    )


def _parts(scenario: Scenario, seed: int) -> dict[str, Part]:
    numbers = {name: number for number, name in enumerate(scenario.parties, start=1)}
    cvr = {name: spec.cvr if spec.own_cvr else f"9900{numbers[name]:04d}" for name, spec in scenario.parties.items()}
    return {
        name: _part(scenario, name, spec, str(cvr.get(str(spec.cvr), cvr[name])), numbers[name], seed)
        for name, spec in scenario.parties.items()
    }


def _part(scenario: Scenario, name: str, spec: PartySpec, cvr: str, number: int, seed: int) -> Part:
    is_tilbud = spec.kind == "tilbud"
    return Part(
        navn=spec.navn or _navn(name, is_tilbud),
        cvr=cvr,
        aktoer=str(uuid.uuid5(_NAMESPACE, f"{scenario.scenario}/{seed}/{name}/aktoer")),
        dueslag=str(uuid.uuid5(_NAMESPACE, f"{scenario.scenario}/{seed}/{name}/dueslag")),
        p_nummer=(spec.p_nummer or f"1999{number:06d}") if is_tilbud else None,
        er_tilbud=is_tilbud,
    )


def _navn(name: str, is_tilbud: bool) -> str:
    """A synthetic name that goes with a short one, where there is one: nordby is Nordby Kommune."""
    for known in TILBUD if is_tilbud else KOMMUNER:
        if known.rpartition(" ")[2].lower() == name:
            return f"{known}{MAERKE}" if is_tilbud else f"{known} Kommune{MAERKE}"
    return f"{name.replace('-', ' ').capitalize()}{MAERKE}"


def _citizen(scenario: Scenario, name: str, spec: CitizenSpec, myndighed: Part, seed: int, taken: set[str]) -> Citizen:
    random = Random(f"{scenario.scenario}/{seed}/{name}")  # noqa: S311 - synthetic citizens
    citizen = Citizen.synthetic(random, myndighed, scenario.start)
    while citizen.cpr in taken:
        citizen = Citizen.synthetic(random, myndighed, scenario.start)
    citizen = _named(citizen, spec)
    at = datetime.combine(scenario.start, MORNING)
    samtykke = samtykke_of(citizen, at, spec.samtykke_until) if spec.samtykke else None
    return citizen.model_copy(update={"samtykke": samtykke, "hjemmel": spec.hjemmel})


def _named(citizen: Citizen, spec: CitizenSpec) -> Citizen:
    """With the name that the scenario gives, where it gives one; also in what is written of the citizen."""
    before = citizen.borger.fornavne[0]
    fornavn = spec.fornavn or before
    borger = citizen.borger.model_copy(
        update={"fornavne": (fornavn,), "efternavn": spec.efternavn or citizen.borger.efternavn}
    )
    return citizen.model_copy(
        update={
            "borger": borger,
            "formaal": citizen.formaal.replace(before, fornavn),
            "situation": citizen.situation.replace(before, fornavn),
        }
    )
