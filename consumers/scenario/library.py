"""The scenarios that ship, by name, and the starter for one's own."""

from __future__ import annotations

from pathlib import Path

from consumers.scenario.problem import nearest

_FOLDER = Path(__file__).with_name("library")
STARTER = Path(__file__).with_name("starter.yaml")
"""What `scenario new` writes: commented, and green."""


class NoSuchScenario(LookupError):
    """There is none of this name; ``str`` says which is near."""


def names() -> list[str]:
    """In alphabetical order."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def path_of(name: str) -> Path:
    """Raises NoSuchScenario."""
    known = names()
    if name not in known:
        raise NoSuchScenario(
            f"no scenario '{name}'; expected a file, or one of {', '.join(known)}{nearest(name, known)}"
        )
    return _FOLDER / f"{name}.yaml"


def find(name: str) -> Path:
    """The file that is meant: what is there as a file, else what ships by that name.  Raises NoSuchScenario."""
    given = Path(name)
    if given.suffix in (".yaml", ".yml") or given.is_file():
        return given
    return path_of(name)
