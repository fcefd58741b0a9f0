"""A sequence diagram in Mermaid's language."""

from __future__ import annotations

from collections.abc import Sequence

from consumers.sequence.exchange import Exchange, parties

_MEANT = str.maketrans({"#": "#35;", ";": "#59;", "\n": " ", "<": "#60;", ">": "#62;", ":": "#58;"})
"""What would end a line or begin an entity or a tag."""


def mermaid(letters: Sequence[Exchange], title: str = "") -> str:
    """The diagram; a letter that did not arrive ends in a cross, and one that was refused says why."""
    ids = {name: f"p{number}" for number, name in enumerate(parties(letters), 1)}
    lines = ["---", f"title: {_quoted(title)}", "---"] if title else []
    lines += ["sequenceDiagram", "    autonumber"]
    lines += [f"    participant {key} as {name.translate(_MEANT)}" for name, key in ids.items()]
    day = None
    for letter in letters:
        if letter.day != day:
            day = letter.day
            lines.append(f"    Note over p1,p{len(ids)}: {day.isoformat()}")
        arrow = "->>" if letter.arrived else "-x"
        lines.append(f"    {ids[letter.fra]}{arrow}{ids[letter.til]}: {letter.navn.translate(_MEANT)}")
        if letter.refused:
            lines.append(f"    Note right of {ids[letter.fra]}: {letter.refused.translate(_MEANT)}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A text of YAML, on one line."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'
