"""A match does not say whom it is about: not in the citizen, and not by way of the consent."""

from __future__ import annotations

from hypothesis import given

from consumers.standards.examples import example
from consumers.standards.letters import Brev
from consumers.standards.standard import Standard
from consumers.standards.strategies import letters


@given(letters(Standard.MATCH))
def test_the_consent_of_a_match_does_not_name_the_citizen(match: Brev) -> None:
    """It was given by "Borgeren", whoever that is."""
    assert match.samtykke is None or match.samtykke.afgivet_af == "Borgeren"


def test_nor_does_the_example() -> None:
    """The example reads like a real one, and keeps to it."""
    match, bestilling = example(Standard.MATCH), example(Standard.BESTILLING)
    assert match.samtykke is not None
    assert match.samtykke.afgivet_af == "Borgeren"
    assert bestilling.samtykke is not None
    assert bestilling.samtykke.afgivet_af == "Søren Emil Syntesen"
