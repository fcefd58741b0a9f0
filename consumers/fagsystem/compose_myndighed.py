"""The letters of a myndighed.  Pure."""

from __future__ import annotations

from dataclasses import replace

from consumers.fagsystem.citizen import Citizen
from consumers.fagsystem.compose import Moment, coming, day, markant_aendring, texts, time, write
from consumers.fagsystem.contacts import contact_of
from consumers.standards.blocks import Stoettebehov
from consumers.standards.letters import Brev, Indsats, Indsatsstatus, Opfoelgningsplan, Teammedlem, Teamrolle, Vurdering
from consumers.standards.standard import Standard

LAENGEREVARENDE = "SEL § 108"
"""Only with this provision may the costs of housing be asked for (seed S0)."""


def compose_myndighed(moment: Moment, citizen: Citizen) -> Brev:
    """The letter that the draft is of.  Raises pydantic's ValidationError where the data will not do."""
    return _WRITERS[moment.draft.standard](moment, citizen)


def _match(moment: Moment, citizen: Citizen) -> Brev:
    """Before a match the citizen has no name, in the samtykke neither (data minimisation, ours)."""
    unnamed = moment.samtykke and moment.samtykke.model_copy(update={"afgivet_af": "Borgeren"})
    return write(
        replace(moment, samtykke=unnamed),
        borger=citizen.reduceret,
        afgoerelse=citizen.afgoerelse,
        tilbudstype=citizen.tilbudstype,
        maalgrupper=citizen.maalgrupper,
        stoettebehov=Stoettebehov(niveau=citizen.stoettebehov.niveau),  # its reasons are written about a named citizen
        oensket_startdato=coming(moment, "startdato"),
        svarfrist=coming(moment, "svarfrist"),
        borgers_maal_og_oensker=citizen.oensker,
        oenskede_ydelser=citizen.ydelser,
    )


def _bestilling(moment: Moment, citizen: Citizen) -> Brev:
    draft = moment.draft
    udfoerer = moment.til[0]
    housing = any(ydelse.paragraf == LAENGEREVARENDE for ydelse in citizen.ydelser)
    return write(
        moment,
        borger=citizen.borger,
        handlekommune=citizen.borger.kommunekode,
        indsats=Indsats(
            kategori="Social indsats",
            status=Indsatsstatus.AKTIV,
            intent="order",
            startdato=coming(moment, "startdato") or moment.today,
            oprettet=moment.at,
            sagsbehandler=contact_of(moment.part),
            formaal=citizen.formaal,
            maal=citizen.maal,
            maalgrupper=citizen.maalgrupper,
            ydelser=citizen.ydelser,
            tilbudstype=citizen.tilbudstype,
        ),
        borgers_maal_og_oensker=citizen.oensker,
        udfoererteam=(
            _member(Teamrolle.KOORDINERENDE_MYNDIGHED, moment.part.navn, moment.part.aktoer),
            _member(Teamrolle.KOORDINERENDE_UDFOERER, udfoerer.navn, udfoerer.aktoer),
        ),
        opfoelgning=Opfoelgningsplan(
            dato=coming(moment, "opfoelgning") or moment.today, frekvens=draft.text("frekvens") or "Efter aftale"
        ),
        vurdering=Vurdering(
            situation=citizen.situation, stoettebehov=citizen.stoettebehov, tilstande=citizen.tilstande
        ),
        anmodning_boligomkostninger=True if housing else None,
        anmodning_servicepakker=True if draft.decided.get("servicepakker") else None,
    )


def _anmodning(moment: Moment, citizen: Citizen) -> Brev:
    return write(
        moment,
        indsatsmaal=tuple(maal.id for maal in citizen.maal),
        svarfrist=coming(moment, "svarfrist"),
        opfoelgningsdato=coming(moment, "opfoelgning"),
        spoergsmaal=texts(moment.draft, "spoergsmaal"),
    )


def _kvittering(moment: Moment, citizen: Citizen) -> Brev:
    draft = moment.draft
    return write(
        moment,
        modtaget=time(draft, "modtaget"),
        handling=draft.text("handling"),
        beskrivelse=draft.text("beskrivelse"),
    )


def _opfoelgning(moment: Moment, citizen: Citizen) -> Brev:
    draft = moment.draft
    return write(
        moment,
        dato=day(draft, "dato"),
        resultat=draft.text("resultat"),
        ny_bestilling=bool(draft.decided.get("ny_bestilling")),
        naeste_opfoelgning=coming(moment, "naeste"),
    )


def _markant_aendring(moment: Moment, citizen: Citizen) -> Brev:
    return markant_aendring(moment)


_WRITERS = {
    Standard.MATCH: _match,
    Standard.BESTILLING: _bestilling,
    Standard.ANMODNING: _anmodning,
    Standard.KVITTERING: _kvittering,
    Standard.OPFOELGNING: _opfoelgning,
    Standard.MARKANT_AENDRING: _markant_aendring,
}


def _member(rolle: Teamrolle, navn: str, organisation_id: str) -> Teammedlem:
    return Teammedlem(rolle=rolle, navn=navn, organisation_id=organisation_id)
