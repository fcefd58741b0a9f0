"""How a tilbud behaves."""

from __future__ import annotations

from dataclasses import dataclass

from consumers.standards.codes import FFB_VERSION


@dataclass(frozen=True, slots=True)
class Profile:
    """The default is a good tilbud's: answers at once, and says yes while it has places.

    What is by chance is drawn from the party's seed.
    """

    navn: str
    answer_days: tuple[int, int] = (0, 0)
    """Days from the arrival of a letter to its answer, at least and at most."""
    accepts: float = 1.0
    """Chance that it says yes to a match or a bestilling for which it has a place."""
    full: bool = False
    """No place is free until one is made free by hand or falls vacant: matches go on the waiting list."""
    flaky: float = 0.0
    """Chance, for each letter that comes, that its handling goes wrong: see `Mishap`."""
    vanishes_after: int | None = None
    """Answers so many letters, and none after; it still fetches and journals what comes."""
    ffb_version: str = FFB_VERSION
    """Stated in its letters; the others flag an older one (R8)."""
    changes_after_days: int | None = None
    """So many days after the indsats has begun it tells of a markant ændring, unasked, once for each forløb."""


OUTDATED_FFB = "20210101"
"""An FFB version older than any that letters may have now (ours)."""

PROFILES = {
    profile.navn: profile
    for profile in (
        Profile("prompt"),
        Profile("slow", answer_days=(2, 9)),
        Profile("flaky", flaky=0.3),
        Profile("refusing", accepts=0.0),
        Profile("waiting", full=True),
        Profile("vanishing", vanishes_after=1),
        Profile("outdated", ffb_version=OUTDATED_FFB),
    )
}
