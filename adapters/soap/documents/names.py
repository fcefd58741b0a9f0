"""The namespaces of VærdilisteRediger, and the names that more than one step asks for."""

from __future__ import annotations

from broker.kuvert.names import SAGDOK, STS_BESKEDFORDELER

VAERDILISTE = "urn:oio:sts:beskedfordeler:vaerdiliste:1.0.0"
FEJLKOE = STS_BESKEDFORDELER

ATTRIBUT_LISTE = f"{{{VAERDILISTE}}}AttributListe"
EGENSKAB = f"{{{VAERDILISTE}}}Egenskab"
LISTE = f"{{{VAERDILISTE}}}Vaerdiliste"
NAVN = f"{{{VAERDILISTE}}}Navn"
REGISTRERING = f"{{{VAERDILISTE}}}Registrering"
SOEG_ATTRIBUT_LISTE = f"{{{VAERDILISTE}}}SoegAttributListe"
SOEG_EGENSKAB = f"{{{VAERDILISTE}}}SoegEgenskab"
SOEG_OBJEKT = f"{{{VAERDILISTE}}}SoegObjekt"
VAERDI = f"{{{VAERDILISTE}}}Vaerdi"
VAERDIER = f"{{{VAERDILISTE}}}Vaerdier"

AKTOER_REF = f"{{{SAGDOK}}}AktoerRef"
AKTOER_TYPE = f"{{{SAGDOK}}}AktoerTypeKode"
BRUGER_REF = f"{{{SAGDOK}}}BrugerRef"
FOERSTE = f"{{{SAGDOK}}}FoersteResultatReference"
FRA = f"{{{SAGDOK}}}FraTidspunkt"
LIVSCYKLUS = f"{{{SAGDOK}}}LivscyklusKode"
MAKSIMALT = f"{{{SAGDOK}}}MaksimalAntalKvantitet"
NOEGLE = f"{{{SAGDOK}}}BrugervendtNoegleTekst"
NOTE = f"{{{SAGDOK}}}NoteTekst"
REGISTRERING_FRA = f"{{{SAGDOK}}}RegistreringFraFilter"
REGISTRERING_TIL = f"{{{SAGDOK}}}RegistreringTilFilter"
SOEG_REGISTRERING = f"{{{SAGDOK}}}SoegRegistrering"
SOEG_VIRKNING = f"{{{SAGDOK}}}SoegVirkning"
TIL = f"{{{SAGDOK}}}TilTidspunkt"
VIRKNING = f"{{{SAGDOK}}}Virkning"
VIRKNING_FRA = f"{{{SAGDOK}}}VirkningFraFilter"
VIRKNING_TIL = f"{{{SAGDOK}}}VirkningTilFilter"

AKTOER_TYPES = (
    "Organisation",
    "OrganisationEnhed",
    "OrganisationFunktion",
    "Bruger",
    "ItSystem",
    "Interessefaellesskab",
)
"""AktoerTypeKode."""
