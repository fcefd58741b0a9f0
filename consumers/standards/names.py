"""Names and numbers of nobody: whoever reads them sees that they are made up.

CPR numbers have 60 added to the day of birth, CVR numbers begin with 9900, P-numre with 1999, GLN with 5799; postal
codes, municipality codes and telephone numbers begin as no real ones do; mail goes to the reserved domain ``example``.
"""

from __future__ import annotations

from datetime import date
from random import Random

from consumers.standards.blocks import Koen
from consumers.standards.chance import details, number, pick

KVINDER = ("Anna", "Bodil", "Freja", "Ida", "Karen", "Lærke", "Maja", "Rikke", "Sofie", "Åse", "Ásta", "Fatima")
MAEND = ("Anton", "Bjørn", "Emil", "Jørgen", "Karl", "Oliver", "Malthe", "Noah", "Søren", "Vagn", "Øjvind", "Yusuf")
EFTERNAVNE = ("Testesen", "Prøvegaard", "Eksempelsen", "Syntesen", "Opdigt", "Påfund-Testesen", "Prøveholm", "Mønster")
VEJE = ("Prøvevej", "Eksempelgade", "Syntesestræde", "Testhaven", "Påfundsallé")
KOMMUNER = (
    "Nordby",
    "Sønderå",
    "Vestholm",
    "Østerlund",
    "Prøvekøbing",
    "Eksempelborg",
    "Syntesø",
    "Testrup",
    "Ærødal",
    "Mønsterby",
)
TILBUD = (
    "Botilbuddet Birkely",
    "Bostedet Havblik",
    "Støttecentret Fyrtårnet",
    "Værestedet Kilden",
    "Botilbuddet Ved Åen",
    "Værkstedet Gnisten",
    "Bofællesskabet Æblegården",
    "Aktivitetscentret Solsikken",
    "Udeteamet Broen",
    "Bostedet Lærkereden",
)
MYNDIGHEDSTITLER = ("Myndighedssagsbehandler", "Socialrådgiver", "Visitator", "Teamkoordinator")
UDFOERERTITLER = ("Afdelingsleder", "Socialpædagog", "Pædagogisk koordinator", "Forstander")
MAERKE = " (syntetisk)"
"""What an organisation's name ends with."""


def fornavn(random: Random, koen: Koen) -> str:
    """None ends with s, x or z: Danish texts add an s for the genitive."""
    return pick(details(random), {Koen.KVINDE: KVINDER, Koen.MAND: MAEND}.get(koen, KVINDER + MAEND))


def efternavn(random: Random) -> str:
    return pick(details(random), EFTERNAVNE)


def cpr(random: Random, foedt: date, koen: Koen) -> str:
    """The number a citizen born on that day (1937 to 2036) could not have: the day is 61 to 91.

    The seventh digit tells the century and the last the sex, as in a real one; there is no check digit, which Danish
    numbers have done without since 2007.
    """
    seventh = number(details(random), 0, 3) if foedt.year < 2000 else number(details(random), 4, 8)
    last = number(details(random), 0, 4) * 2 + (koen is Koen.MAND)
    return f"{foedt.day + 60:02d}{foedt:%m%y}{seventh}{number(details(random), 0, 99):02d}{last}"


def cvr(random: Random) -> str:
    return f"9900{number(details(random), 1000, 9999)}"


def p_nummer(random: Random) -> str:
    return f"1999{number(details(random), 100000, 999999)}"


def sor(random: Random) -> str:
    return f"9900{number(details(random), 10**10, 10**11 - 1)}"


def gln(random: Random) -> str:
    """With the check digit that a location number has."""
    body = f"5799{number(details(random), 0, 99_999_999):08d}"
    check = -sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(body)) % 10
    return f"{body}{check}"


def telefon(random: Random) -> str:
    """Danish numbers begin with 2 to 9; these with 01."""
    text = f"{number(details(random), 0, 999_999):06d}"
    return pick(details(random), (f"01{text}", f"01 {text[:2]} {text[2:4]} {text[4:]}", f"+45 01{text}"))


def email(navn: str, sted: str) -> str:
    """At the reserved domain ``example``: nobody gets it."""
    return f"{ascii_of(navn)}@{ascii_of(sted)}.example"


_ASCII = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "á": "a", " ": "-", "(": "", ")": ""})


def ascii_of(text: str) -> str:
    """Small letters a to z and hyphens, as addresses have them."""
    return text.lower().translate(_ASCII)
