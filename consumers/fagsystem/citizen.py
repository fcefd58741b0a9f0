"""A citizen as the myndighed's case system knows them: master data, the case, the plan, and the consent.

Letters are written from this at the moment of sending (R5).
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from consumers.fagsystem.contacts import organisation_of
from consumers.part import Part
from consumers.standards.blocks import (
    Borger,
    Indsatsmaal,
    Koen,
    Maalgruppe,
    ReduceretBorger,
    Sagsreference,
    Samtykke,
    Stoettebehov,
    Tilstand,
    Ydelse,
)
from consumers.standards.codes import Tilbudstype
from consumers.standards.course import Course, new_course
from consumers.standards.fields import Blok, Heltal, Kilde, Paragraf, Tekst, felt
from consumers.standards.letters import Afgoerelse


class Citizen(Blok):
    """Frozen: `model_copy(update={...})` makes a changed one, `Myndighed.change_citizen` enters it."""

    borger: Borger = felt("Master data", Kilde.P1)
    koen: Koen = felt("Gender", Kilde.ASSUMED)
    alder: Heltal = felt("Age in years", Kilde.ASSUMED)
    sag: Sagsreference = felt("The case", Kilde.P2)
    afgoerelse: Afgoerelse = felt("The decision on a tilbud", Kilde.SEED)
    tilbudstype: Tilbudstype = felt("The kind of tilbud", Kilde.P3)
    maalgrupper: tuple[Maalgruppe, ...] = felt("Målgrupper", Kilde.P1, min_length=1)
    stoettebehov: Stoettebehov = felt("Need of support", Kilde.P1)
    formaal: Tekst = felt("Indsatsformål", Kilde.P1)
    maal: tuple[Indsatsmaal, ...] = felt("Indsatsmål", Kilde.P1, min_length=1)
    ydelser: tuple[Ydelse, ...] = felt("Ydelser granted", Kilde.P1, min_length=1)
    situation: Tekst = felt("Assessment of the situation", Kilde.P1)
    oensker: tuple[Tekst, ...] = felt("The citizen's own words", Kilde.P1, ())
    tilstande: tuple[Tilstand, ...] = felt("Themes", Kilde.P1, ())
    samtykke: Samtykke | None = felt("Consent (R1)", Kilde.SEED, None)
    hjemmel: Paragraf | None = felt("Legal ground for sharing without consent (R1)", Kilde.ASSUMED, None)

    @property
    def cpr(self) -> str:
        return self.borger.cpr

    @property
    def navn(self) -> str:
        return f"{' '.join(self.borger.fornavne)} {self.borger.efternavn}"

    @property
    def reduceret(self) -> ReduceretBorger:
        """As much as a match may say: neither name nor CPR number."""
        names = (*self.borger.fornavne, self.borger.efternavn)
        return ReduceretBorger(
            initialer="".join(name[0] for name in names),
            alder=self.alder,
            koen=self.koen,
            kommunekode=self.borger.kommunekode,
        )

    @classmethod
    def of_course(cls, course: Course) -> Citizen:
        """The citizen of a generated course, with its case and its plan."""
        navn = course.navn
        return cls(
            borger=course.borger,
            koen=course.koen,
            alder=course.alder,
            sag=course.sagsreference,
            afgoerelse=course.afgoerelse,
            tilbudstype=course.situation.tilbudstype,
            maalgrupper=course.maalgrupper,
            stoettebehov=course.stoettebehov,
            formaal=course.situation.formaal.format(navn=navn),
            maal=tuple(maal for maal, _told in course.maal),
            ydelser=course.ydelser,
            situation=course.situation.tekst.format(navn=navn),
            oensker=course.situation.oensker[:2],
            samtykke=course.samtykke,
            hjemmel=course.hjemmel,
        )

    @classmethod
    def synthetic(cls, random: Random, myndighed: Part, day: date) -> Citizen:
        """Somebody made up, of that municipality, on whom it has decided in the week before ``day``; consents."""
        while True:
            course = new_course(random, myndighed=organisation_of(myndighed), start=day - timedelta(days=7))
            if course.samtykke is not None:
                return cls.of_course(course)
