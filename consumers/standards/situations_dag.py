"""Situations in which the citizen gets support at home, or a place by day."""

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
from consumers.standards.situations import SEL_85, SEL_103, SEL_104, Aendring, Maal, Situation

OPNAAET, DELVIST, IKKE = Maalvurdering.OPNAAET, Maalvurdering.DELVIST, Maalvurdering.IKKE

DEPRESSION = Situation(
    maalgruppe=Maalgruppekode.DEPRESSION,
    ogsaa=(Maalgruppekode.ANGST, Maalgruppekode.SOCIAL_ISOLATION, Maalgruppekode.ALKOHOLMISBRUG),
    tilbudstype=Tilbudstype.MOBILT_TILBUD,
    paragraf=SEL_85,
    niveau=Stoettebehovsniveau.LET,
    tekst=(
        "{navn} bor alene i egen lejlighed efter en skilsmisse. I perioder kommer {navn} ikke ud af sengen, regninger "
        "bliver liggende, og kontakten til børnene går i stå."
    ),
    begrundelse="{navn} kan det meste i gode perioder, men mister overblikket, når depressionen tager til.",
    ressourcer="{navn} opsøger selv hjælp, når det begynder at gå galt, og har et arbejde, som venter.",
    perspektiv="{navn} vil have en fast person at ringe til og støtte i hjemmet én gang om ugen, ikke mere.",
    oensker=("Jeg vil se mine børn hver anden weekend igen.", "Jeg vil ikke have nye mennesker hver gang."),
    diagnoser=("Tilbagevendende depression, moderat",),
    formaal="At {navn} kan holde hjem, økonomi og kontakt til børnene også i de svære perioder.",
    maal=(
        Maal(
            "{navn} har overblik over sine regninger og betaler dem til tiden.",
            Tema.VARETAGE_OEKONOMI,
            Maaltype.UDVIKLE,
            Funktionsevneniveau.INGEN,
            Funktionsevneniveau.MODERAT,
            {
                OPNAAET: "{navn} har fået fast overførsel på husleje og el og har intet til inkasso.",
                DELVIST: "{navn} betaler huslejen selv. Andre regninger gennemgår vi sammen.",
                IKKE: "Der er kommet to nye rykkere. {navn} har bedt om hjælp til at tale med banken.",
            },
            "Er der gæld, som vi ikke kender til?",
            (Tema.HAANDTERE_POST,),
        ),
        Maal(
            "{navn} gør rent og vasker tøj hver uge, også når humøret er lavt.",
            Tema.GOERE_RENT,
            Maaltype.FASTHOLDE,
            Funktionsevneniveau.LET,
            Funktionsevneniveau.MODERAT,
            {
                OPNAAET: "Hjemmet er i orden ved alle besøg. {navn} har en fast dag til det.",
                DELVIST: "{navn} vasker tøj, men køkkenet bliver først gjort rent, når vi kommer.",
                IKKE: "{navn} har i en måned ikke magtet at gøre rent. Vi gør det sammen lidt ad gangen.",
            },
            "Hvordan ser hjemmet ud, når I kommer uanmeldt?",
            (Tema.VASKE_TOEJ,),
        ),
        Maal(
            "{navn} ser sine børn hver anden weekend.",
            Tema.VARETAGE_RELATIONER_TIL_NETVAERK,
            Maaltype.UDVIKLE,
            Funktionsevneniveau.LET,
            Funktionsevneniveau.SVAERT,
            {
                OPNAAET: "Børnene har været hos {navn} hver anden weekend i to måneder.",
                DELVIST: "{navn} har set børnene to gange, begge gange i dagtimerne.",
                IKKE: "{navn} har aflyst alle besøg. Den anden forælder er fortsat med på planen.",
            },
            "Hvad siger {navn} selv om samværet?",
        ),
    ),
    ydelser=(
        (Ydelseskode.STOETTE_TIL_PSYKISK_TRIVSEL, SEL_85),
        (Ydelseskode.STOETTE_TIL_DAGLIGE_OPGAVER_I_HJEMMET, SEL_85),
        (Ydelseskode.STOETTE_TIL_VARETAGELSE_AF_FORAELDREROLLEN, SEL_85),
    ),
    aendringer=(
        Aendring(
            "{navn} har sagt, at livet ikke er værd at leve. Psykiatrisk skadestue er kontaktet sammen med {navn}.",
            (Beroert.INDSATS, Beroert.YDELSER),
            (Tema.FOELELSER_OG_ADFAERD,),
            Hastegrad.AKUT,
            Handling.NY_BESTILLING,
            "Vi har talt sammen i dag. En ny bestilling med daglig kontakt er på vej.",
        ),
        Aendring(
            "{navn} er begyndt på arbejde igen, tolv timer om ugen.",
            (Beroert.INDSATSMAAL,),
            (Tema.VARETAGE_BESKAEFTIGELSE,),
            Hastegrad.RUTINE,
            Handling.OPFOELGNING_PLANLAGT,
            "Flot. Vi tager det op ved opfølgningen og ser på målene sammen.",
        ),
    ),
    tilstande=(
        (Tema.SOEVN, "Sover tolv timer i døgnet i de svære perioder."),
        (Tema.FAMILIESITUATION, "Fraskilt, to børn på 8 og 11 år."),
    ),
)

OPMAERKSOMHED = Situation(
    maalgruppe=Maalgruppekode.OPMAERKSOMHEDSFORSTYRRELSE,
    ogsaa=(Maalgruppekode.STOFMISBRUG, Maalgruppekode.UDADREAGERENDE_ADFAERD, Maalgruppekode.HJEMLOESHED),
    tilbudstype=Tilbudstype.BESKYTTET_BESKAEFTIGELSESTILBUD,
    paragraf=SEL_103,
    niveau=Stoettebehovsniveau.MODERAT,
    tekst=(
        "{navn} har haft mange korte ansættelser og er hver gang stoppet efter en konflikt. I perioder uden "
        "beskæftigelse tager brugen af hash til, og aftaler bliver glemt."
    ),
    begrundelse="{navn} har brug for korte opgaver, én fast leder og pauser, der er aftalt på forhånd.",
    ressourcer="{navn} er hurtig, dygtig med hænderne og god til at vise andre, hvordan en opgave skal løses.",
    perspektiv="{navn} vil lave noget rigtigt, som nogen køber, og ikke sidde i rundkreds.",
    oensker=('Jeg vil på værkstedet. Ikke "aktiviteter".', "Jeg vil møde klokken ti, ikke otte."),
    diagnoser=("ADHD, i medicinsk behandling",),
    formaal="At {navn} får en stabil hverdag med beskæftigelse, som på sigt kan føre til job med løntilskud.",
    maal=(
        Maal(
            "{navn} møder på værkstedet fire dage om ugen og melder fra, hvis det ikke går.",
            Tema.VARETAGE_BESKAEFTIGELSE,
            Maaltype.UDVIKLE,
            Funktionsevneniveau.LET,
            Funktionsevneniveau.SVAERT,
            {
                OPNAAET: "{navn} har haft én fraværsdag på tre måneder og meldte selv fra.",
                DELVIST: "{navn} møder tre dage om ugen. Mandag er svær.",
                IKKE: "{navn} har været væk i tre uger. Vi har besøgt {navn} hjemme to gange.",
            },
            "Hvilke opgaver holder {navn} fast i, og hvornår på dagen?",
        ),
        Maal(
            "{navn} går fra en konflikt og vender tilbage, når der er ro på.",
            Tema.INDGAA_I_SAMSPIL_OG_KONTAKT,
            Maaltype.UDVIKLE,
            Funktionsevneniveau.LET,
            Funktionsevneniveau.MODERAT,
            {
                OPNAAET: "{navn} bruger det aftalte tegn og har ikke været i konflikt siden marts.",
                DELVIST: "{navn} går fra konflikten, men kommer først tilbage dagen efter.",
                IKKE: "Der har været fire episoder med råben. Ingen er kommet til skade.",
            },
            "Hvad går forud for de svære situationer?",
            (Tema.SAMTALE,),
        ),
        Maal(
            "{navn} tager sin medicin dagligt og kommer til kontrol.",
            Tema.VARETAGE_EGEN_SUNDHED,
            Maaltype.FASTHOLDE,
            Funktionsevneniveau.LET,
            Funktionsevneniveau.LET,
            {
                OPNAAET: "{navn} tager medicinen ved morgenmødet og har været til begge kontroller.",
                DELVIST: "{navn} tager medicinen på værkstedsdage, men ikke i weekenden.",
                IKKE: "{navn} er holdt op med medicinen uden at tale med lægen.",
            },
            "Er medicinen ændret i perioden?",
        ),
    ),
    ydelser=(
        (Ydelseskode.PRODUKTION_OG_VAERKSTED, SEL_103),
        (Ydelseskode.STOETTE_TIL_BESKAEFTIGELSE, SEL_85),
        (Ydelseskode.STOETTE_TIL_BEHANDLING, SEL_85),
    ),
    aendringer=(
        Aendring(
            "{navn} har mistet sin lejlighed og sover hos bekendte.",
            (Beroert.INDSATS, Beroert.INDSATSFORMAAL),
            (Tema.VARETAGE_BOLIG, Tema.BOLIGSITUATION),
            Hastegrad.AKUT,
            Handling.OPFOELGNING_PLANLAGT,
            "Vi tager fat i boligsagen i dag og holder opfølgning i næste uge.",
        ),
        Aendring(
            "{navn} er tilbudt en praktik på en savværksafdeling og vil gerne prøve.",
            (Beroert.YDELSER,),
            (Tema.VARETAGE_BESKAEFTIGELSE,),
            Hastegrad.SNAREST,
            Handling.INGEN,
            "Praktikken ligger inden for bestillingen. God fornøjelse.",
        ),
    ),
    tilstande=(
        (Tema.RUSMIDLER, "Hash i perioder uden beskæftigelse."),
        (Tema.OPMAERKSOMHED_OG_KONCENTRATIONSEVNE, "Kan samle sig om en opgave i 20 minutter ad gangen."),
    ),
)

SAMVAER = Situation(
    maalgruppe=Maalgruppekode.FORANDRET_VIRKELIGHEDSOPFATTELSE,
    ogsaa=(Maalgruppekode.SOCIAL_ISOLATION, Maalgruppekode.ANGST, Maalgruppekode.SPISEFORSTYRRELSE),
    tilbudstype=Tilbudstype.AKTIVITETS_OG_SAMVAERSTILBUD,
    paragraf=SEL_104,
    niveau=Stoettebehovsniveau.LET,
    tekst=(
        "{navn} hører stemmer, som medicinen har dæmpet. {navn} går sjældent ud, taler mest med personalet i "
        "lokalpsykiatrien og savner et sted at høre til om dagen."
    ),
    begrundelse="{navn} har brug for at blive mødt ved døren de første gange og for et rum, hvor der er stille.",
    ressourcer="{navn} maler og har udstillet. {navn} kender sine tegn på, at det bliver værre.",
    perspektiv="{navn} vil gerne male sammen med andre, hvis det er i orden at sidde for sig selv.",
    oensker=("Jeg vil have en nøgle til værkstedet.", "Jeg vil ikke tale om sygdom hele tiden."),
    diagnoser=("Skizofreni",),
    formaal="At {navn} får et fællesskab at være en del af og en fast ramme om hverdagen.",
    maal=(
        Maal(
            "{navn} kommer i det åbne værksted to gange om ugen.",
            Tema.DYRKE_INTERESSE,
            Maaltype.UDVIKLE,
            Funktionsevneniveau.LET,
            Funktionsevneniveau.SVAERT,
            {
                OPNAAET: "{navn} kommer to gange om ugen og har hængt tre billeder op i fællesrummet.",
                DELVIST: "{navn} kommer om torsdagen, hvor der er få til stede.",
                IKKE: "{navn} har været her to gange og er begge gange gået efter kort tid.",
            },
            "Hvad får {navn} til at blive?",
        ),
        Maal(
            "{navn} tager selv bussen til og fra.",
            Tema.FAERDES_MED_TRANSPORTMIDLER,
            Maaltype.UDVIKLE,
            Funktionsevneniveau.LET,
            Funktionsevneniveau.MODERAT,
            {
                OPNAAET: "{navn} tager bussen alene, også når der er mange med.",
                DELVIST: "{navn} tager bussen hjem alene, men bliver hentet om morgenen.",
                IKKE: "{navn} er blevet utryg ved bussen efter en episode og bliver kørt.",
            },
            "Er kørsel fortsat nødvendig?",
        ),
        Maal(
            "{navn} spiser frokost sammen med andre.",
            Tema.SPISE,
            Maaltype.FASTHOLDE,
            Funktionsevneniveau.LET,
            Funktionsevneniveau.LET,
            {
                OPNAAET: "{navn} spiser med ved det lille bord hver gang.",
                DELVIST: "{navn} henter sin mad og spiser den i værkstedet.",
                IKKE: "{navn} spiser ikke, når der er andre til stede.",
            },
            "Har vægten været stabil?",
            (Tema.SAMTALE,),
        ),
    ),
    ydelser=(
        (Ydelseskode.KREATIV_AKTIVITET, SEL_104),
        (Ydelseskode.SOCIAL_AKTIVITET, SEL_104),
        (Ydelseskode.STOETTE_TIL_TRANSPORT, SEL_85),
    ),
    aendringer=(
        Aendring(
            "{navn} er holdt op med at tage medicin og hører igen stemmer. {navn} er med på, at lægen er kontaktet.",
            (Beroert.INDSATS, Beroert.INDSATSMAAL),
            (Tema.VIRKELIGHEDSOPFATTELSE, Tema.VARETAGE_EGEN_SUNDHED),
            Hastegrad.AKUT,
            Handling.STATUSNOTAT_ANMODES,
            "Vi har givet lokalpsykiatrien besked med {navn}s samtykke og beder om et kort statusnotat.",
        ),
        Aendring(
            "{navn} har fået en ven på værkstedet, og de tager sammen på museum.",
            (Beroert.INDSATSMAAL,),
            (Tema.VARETAGE_RELATIONER_TIL_NETVAERK,),
            Hastegrad.RUTINE,
            Handling.INGEN,
            "Dejligt. Det ændrer ikke bestillingen, men vi skriver det i sagen.",
        ),
    ),
    tilstande=(
        (Tema.VIRKELIGHEDSOPFATTELSE, "Hører stemmer, dæmpet af medicin."),
        (Tema.INTERESSER, "Maleri og kunsthistorie."),
    ),
)
