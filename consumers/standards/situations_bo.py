"""Situations in which the citizen moves to a place to live."""

from __future__ import annotations

from consumers.standards.codes import (
    Funktionsevneniveau,
    Maalgruppekode,
    Maaltype,
    Stoettebehovsniveau,
    Tema,
    Tilbudstype,
    Ydelseskode,
)
from consumers.standards.letters import Beroert, Handling, Hastegrad, Maalvurdering
from consumers.standards.situations import SEL_85, SEL_107, SEL_108, Aendring, Maal, Situation

OPNAAET, DELVIST, IKKE = Maalvurdering.OPNAAET, Maalvurdering.DELVIST, Maalvurdering.IKKE

AUTISME = Situation(
    maalgruppe=Maalgruppekode.AUTISMESPEKTRUM,
    ogsaa=(Maalgruppekode.ANGST, Maalgruppekode.SOCIAL_ISOLATION, Maalgruppekode.STRESSBELASTNING),
    tilbudstype=Tilbudstype.MIDLERTIDIGT_BOTILBUD_TIL_VOKSNE,
    paragraf=SEL_107,
    niveau=Stoettebehovsniveau.MODERAT,
    tekst=(
        "{navn} bor hos sine forældre og har ikke tidligere boet alene. Uforudsete ændringer giver uro, og {navn} "
        "trækker sig til sit værelse, når dagen ikke går som aftalt. Forældrene står for indkøb, madlavning og post."
    ),
    begrundelse="{navn} har brug for daglig guidning til at planlægge og gennemføre opgaver, men kan udføre dem selv.",
    ressourcer="{navn} er mødestabil, god til at følge en skriftlig plan og har en stærk interesse for lokalhistorie.",
    perspektiv="{navn} vil gerne flytte hjemmefra, men ikke til et sted, hvor der er mange mennesker på én gang.",
    oensker=(
        "Jeg vil gerne have mit eget køkken og selv bestemme, hvornår der kommer nogen.",
        "Jeg vil gerne have besked dagen før, hvis noget bliver lavet om.",
    ),
    diagnoser=("Aspergers syndrom, stillet i 2014", "Angst, i behandling"),
    formaal="At {navn} udvikler de færdigheder, der skal til for at bo i egen bolig med mindre støtte.",
    maal=(
        Maal(
            "{navn} laver selv aftensmad tre dage om ugen efter en plan, der er aftalt på forhånd.",
            Tema.LAVE_MAD,
            Maaltype.UDVIKLE,
            Funktionsevneniveau.LET,
            Funktionsevneniveau.MODERAT,
            {
                OPNAAET: "{navn} laver aftensmad tre dage om ugen og har selv valgt nye retter til planen.",
                DELVIST: "{navn} laver mad to gange om ugen. Den tredje gang bliver opgivet, når en vare mangler.",
                IKKE: "{navn} spiser fortsat kolde måltider på værelset. Planen er lavet om og bliver prøvet igen.",
            },
            "Hvad skal der til, for at {navn} kan købe ind til måltiderne på egen hånd?",
            (Tema.KOEBE_IND,),
        ),
        Maal(
            "{navn} deltager i mindst én fælles aktivitet om ugen uden at blive overbelastet.",
            Tema.DELTAGE_I_SOCIALE_FAELLESSKABER_OG_FRITIDSAKTIVITETER,
            Maaltype.UDVIKLE,
            Funktionsevneniveau.MODERAT,
            Funktionsevneniveau.SVAERT,
            {
                OPNAAET: "{navn} kommer fast i slægtsforskerklubben om tirsdagen og går selv derhen.",
                DELVIST: "{navn} er med til fællesspisning hver anden uge og går efter en halv time, som aftalt.",
                IKKE: "{navn} har sagt nej til fælles aktiviteter hele perioden. Vi begynder med én anden beboer.",
            },
            "Hvilke aktiviteter har {navn} haft glæde af, og hvor længe ad gangen?",
            (Tema.INDGAA_I_SAMSPIL_OG_KONTAKT,),
        ),
        Maal(
            "{navn} åbner sin post hver uge og tager den op med sin kontaktperson, når den kræver svar.",
            Tema.HAANDTERE_POST,
            Maaltype.UDVIKLE,
            Funktionsevneniveau.LET,
            Funktionsevneniveau.MODERAT,
            {
                OPNAAET: "{navn} gennemgår Digital Post hver mandag og har betalt alle regninger til tiden.",
                DELVIST: "{navn} åbner posten sammen med kontaktpersonen, men endnu ikke alene.",
                IKKE: "Posten hober sig op. {navn} bliver utryg ved breve fra det offentlige.",
            },
            "Kan {navn} selv se, hvilke breve der haster?",
        ),
    ),
    ydelser=(
        (Ydelseskode.MIDLERTIDIGT_OPHOLD, SEL_107),
        (Ydelseskode.STOETTE_TIL_DAGLIGE_OPGAVER_I_HJEMMET, SEL_85),
        (Ydelseskode.STOETTE_TIL_SOCIALE_RELATIONER, SEL_85),
        (Ydelseskode.STOETTE_TIL_ADMINISTRATION, SEL_85),
    ),
    aendringer=(
        Aendring(
            "{navn} har i to uger ikke været uden for lejligheden og sover om dagen. Det begyndte, da naboen flyttede.",
            (Beroert.YDELSER, Beroert.INDSATSMAAL),
            (Tema.DELTAGE_I_SOCIALE_FAELLESSKABER_OG_FRITIDSAKTIVITETER, Tema.DOEGNRYTME),
            Hastegrad.SNAREST,
            Handling.OPFOELGNING_PLANLAGT,
            "Vi holder opfølgning tidligere end planlagt og inviterer {navn} til at være med.",
        ),
        Aendring(
            "{navn} er begyndt på en HF-uddannelse og har brug for ro om eftermiddagen frem for støtte.",
            (Beroert.YDELSER,),
            (Tema.VARETAGE_UDDANNELSE,),
            Hastegrad.RUTINE,
            Handling.STATUSNOTAT_ANMODES,
            "Godt at høre. Vi beder om et statusnotat, før tiderne for støtten bliver ændret.",
        ),
    ),
    tilstande=(
        (Tema.DOEGNRYTME, "Står sent op og er vågen om natten, når der har været meget at forholde sig til."),
        (Tema.ORGANISERING_OG_PLANLAEGNING, "Kan følge en plan, men ikke selv lægge den."),
    ),
)

UDVIKLINGSHAEMNING = Situation(
    maalgruppe=Maalgruppekode.UDVIKLINGSHAEMNING,
    ogsaa=(Maalgruppekode.KOMMUNIKATIONSNEDSAETTELSE, Maalgruppekode.MOBILITETSNEDSAETTELSE),
    tilbudstype=Tilbudstype.ALMINDELIGT_LAENGEREVARENDE_BOTILBUD_TIL_VOKSNE,
    paragraf=SEL_108,
    niveau=Stoettebehovsniveau.HOEJT,
    tekst=(
        "{navn} har hele livet haft brug for hjælp til personlig hygiejne, påklædning og måltider. Moderen, som har "
        "stået for hjælpen, kan ikke længere løfte og er selv blevet syg."
    ),
    begrundelse="{navn} skal have hjælp og guidning døgnet rundt, også om natten, og kan ikke være alene hjemme.",
    ressourcer="{navn} viser tydeligt glæde og utilfredshed, elsker musik og genkender steder efter få besøg.",
    perspektiv="{navn} smiler, når der bliver talt om at bo sammen med andre, og vil have sit klaver med.",
    oensker=("Mit klaver skal med.", "Mor skal komme på besøg hver søndag."),
    diagnoser=("Udviklingshæmning i sværere grad", "Epilepsi, velbehandlet"),
    formaal="At {navn} får en tryg hverdag med den hjælp, der skal til døgnet rundt, og beholder sine færdigheder.",
    maal=(
        Maal(
            "{navn} tager selv overtøj af og på med støtte af billeder.",
            Tema.KLAEDE_SIG_AF_OG_PAA,
            Maaltype.FASTHOLDE,
            Funktionsevneniveau.SVAERT,
            Funktionsevneniveau.SVAERT,
            {
                OPNAAET: "{navn} tager sin jakke på hver dag, når billederne hænger ved døren.",
                DELVIST: "{navn} tager selv jakken af, men vil have hjælp til at få den på.",
                IKKE: "{navn} er holdt op med at tage del i påklædningen efter en indlæggelse.",
            },
            "Hvilke billeder og tegn bruger I, og virker de også uden for huset?",
        ),
        Maal(
            "{navn} giver med tegn eller tablet udtryk for til- og fravalg flere gange om dagen.",
            Tema.FREMSTILLE_MEDDELELSER,
            Maaltype.UDVIKLE,
            Funktionsevneniveau.MODERAT,
            Funktionsevneniveau.SVAERT,
            {
                OPNAAET: "{navn} vælger selv pålæg, tøj og musik på tabletten, som nu følger med overalt.",
                DELVIST: "{navn} vælger musik på tabletten, men svarer ikke altid på spørgsmål om mad og tøj.",
                IKKE: "Tabletten bliver lagt væk. Vi har bedt kommunikationscentret om vejledning.",
            },
            "Hvor ofte tager {navn} selv initiativ til at sige noget?",
            (Tema.FORSTAA_MEDDELELSER, Tema.ANVENDE_KOMMUNIKATIONSUDSTYR_OG_TEKNIKKER),
        ),
        Maal(
            "{navn} går dagligt en tur på mindst ti minutter med rollator.",
            Tema.GAA_OG_BEVAEGE_SIG,
            Maaltype.BEGRAENSE,
            Funktionsevneniveau.MODERAT,
            Funktionsevneniveau.MODERAT,
            {
                OPNAAET: "{navn} går en tur hver dag, i godt vejr helt ned til havnen.",
                DELVIST: "{navn} går med, når en kendt medarbejder er på arbejde, omkring fire dage om ugen.",
                IKKE: "{navn} vil ikke gå efter et fald i badet. Fysioterapeuten er inddraget.",
            },
            "Har {navn} smerter, når der bliver gået?",
        ),
    ),
    ydelser=(
        (Ydelseskode.LAENGEREVARENDE_OPHOLD, SEL_108),
        (Ydelseskode.STOETTE_TIL_PERSONLIG_HYGIEJNE, SEL_85),
        (Ydelseskode.SANSESTIMULERENDE_AKTIVITET, SEL_85),
        (Ydelseskode.STOETTE_TIL_SUND_LEVEVIS, SEL_85),
    ),
    aendringer=(
        Aendring(
            "{navn} er faldet i badet og har brækket håndleddet. Der skal være to ved forflytning de næste seks uger.",
            (Beroert.YDELSER, Beroert.INDSATS),
            (Tema.VASKE_SIG, Tema.GAA_OG_BEVAEGE_SIG),
            Hastegrad.AKUT,
            Handling.NY_BESTILLING,
            "Vi sender en ny bestilling med den ekstra hjælp i de seks uger.",
        ),
        Aendring(
            "{navn}s mor er død. {navn} spørger efter hende hver dag og spiser mindre.",
            (Beroert.INDSATSMAAL,),
            (Tema.SPISE, Tema.FAMILIESITUATION),
            Hastegrad.SNAREST,
            Handling.INGEN,
            "Tak for besked. Vi har talt med jer i telefonen; målene står ved magt indtil opfølgningen.",
        ),
    ),
    tilstande=(
        (Tema.FYSISK_HELBRED, "Epilepsi uden anfald det sidste år. Kontrol hvert halve år."),
        (Tema.FAMILIESITUATION, "Tæt på mor og storebror. Mor er værge."),
    ),
)

HJERNESKADE = Situation(
    maalgruppe=Maalgruppekode.ERHVERVET_HJERNESKADE,
    ogsaa=(Maalgruppekode.DEPRESSION, Maalgruppekode.MOBILITETSNEDSAETTELSE),
    tilbudstype=Tilbudstype.MIDLERTIDIGT_BOTILBUD_TIL_VOKSNE,
    paragraf=SEL_107,
    niveau=Stoettebehovsniveau.HOEJT,
    tekst=(
        "{navn} fik en blodprop i hjernen og er efter genoptræning nu lægeligt færdigbehandlet. {navn} bliver hurtigt "
        "træt, glemmer aftaler og undervurderer, hvad der er svært. Boligen på 3. sal uden elevator er ikke mulig."
    ),
    begrundelse="{navn} kan ikke lades alene med ild og medicin og har brug for struktur på hele dagen.",
    ressourcer="{navn} er vant til at tage fat, har et stort netværk fra håndbold og en ægtefælle, der støtter.",
    perspektiv="{navn} regner selv med at kunne arbejde igen om et halvt år og vil hjem så snart som muligt.",
    oensker=("Jeg vil hjem igen.", "Jeg vil kunne gå i byen & købe ind uden at nogen <holder øje>."),
    diagnoser=("Følger efter apopleksi",),
    formaal="At {navn} genvinder så meget, at hverdagen kan leves i en egnet bolig sammen med ægtefællen.",
    maal=(
        Maal(
            "{navn} bruger kalenderen på telefonen og møder til tiden til dagens aftaler.",
            Tema.VARETAGE_EGEN_SUNDHED,
            Maaltype.UDVIKLE,
            Funktionsevneniveau.LET,
            Funktionsevneniveau.SVAERT,
            {
                OPNAAET: "{navn} har i fire uger mødt til alle aftaler uden at blive mindet om dem.",
                DELVIST: "{navn} kigger i kalenderen om morgenen, men glemmer det, der kommer efter hvilet.",
                IKKE: "{navn} mener ikke at have brug for kalenderen og kommer for sent hver dag.",
            },
            "Hvilke huskeværktøjer virker, og hvilke har {navn} lagt væk?",
        ),
        Maal(
            "{navn} går sikkert på trapper og i den nære by.",
            Tema.GAA_OG_BEVAEGE_SIG,
            Maaltype.UDVIKLE,
            Funktionsevneniveau.LET,
            Funktionsevneniveau.MODERAT,
            {
                OPNAAET: "{navn} går alene til købmanden og tager trappen med hånden på gelænderet.",
                DELVIST: "{navn} går på trapper med følgeskab. Udendørs bliver ujævnt terræn undgået.",
                IKKE: "{navn} er faldet to gange og bruger kørestol uden for huset.",
            },
            "Er der sket fald i perioden?",
            (Tema.FAERDES_MED_TRANSPORTMIDLER,),
        ),
        Maal(
            "{navn} holder kontakten til familie og venner uden at blive udtrættet.",
            Tema.VARETAGE_RELATIONER_TIL_NETVAERK,
            Maaltype.FASTHOLDE,
            Funktionsevneniveau.LET,
            Funktionsevneniveau.MODERAT,
            {
                OPNAAET: "{navn} har besøg to gange om ugen og siger selv til, når det er nok.",
                DELVIST: "{navn} har besøg af ægtefællen, men har aflyst venner tre gange.",
                IKKE: "{navn} vil ikke ses af sine venner, som det er nu.",
            },
            "Hvordan har ægtefællen det med ordningen?",
        ),
    ),
    ydelser=(
        (Ydelseskode.MIDLERTIDIGT_OPHOLD, SEL_107),
        (Ydelseskode.STOETTE_TIL_DAGLIGE_OPGAVER_I_HJEMMET, SEL_85),
        (Ydelseskode.FYSISK_AKTIVITET, SEL_85),
        (Ydelseskode.STOETTE_TIL_PSYKISK_TRIVSEL, SEL_85),
    ),
    aendringer=(
        Aendring(
            "{navn} har haft et krampeanfald og var indlagt en nat. Neurologen har ændret medicinen.",
            (Beroert.INDSATS,),
            (Tema.FYSISK_HELBRED, Tema.VARETAGE_EGEN_SUNDHED),
            Hastegrad.AKUT,
            Handling.STATUSNOTAT_ANMODES,
            "Tak for den hurtige besked. Vi beder om et statusnotat, når medicinen har virket i to uger.",
        ),
        Aendring(
            "{navn} klarer nu trapper og indkøb alene og ønsker at flytte før tid.",
            (Beroert.INDSATSFORMAAL, Beroert.INDSATS),
            (Tema.GAA_OG_BEVAEGE_SIG, Tema.KOEBE_IND),
            Hastegrad.RUTINE,
            Handling.OPFOELGNING_PLANLAGT,
            "Vi rykker opfølgningen frem og tager boligspørgsmålet op der.",
        ),
    ),
    tilstande=(
        (Tema.HUKOMMELSE, "Glemmer det, der er sagt samme dag. Husker godt fra før skaden."),
        (Tema.INDSIGT_I_EGEN_SITUATION, "Undervurderer følgerne af skaden."),
    ),
)
