"""What a standard is, as JSON and as tables."""

from __future__ import annotations

from importlib import resources
from typing import Any

from adapters.cli.output import print_table, say
from consumers.standards.rules import RULES
from consumers.standards.shape import Leaf, Member, Shape, letter_shapes
from consumers.standards.standard import Rolle, Standard


def summary(standard: Standard) -> dict[str, Any]:
    """What is fixed about a standard."""
    facts = standard.facts
    return {
        "nummer": facts.nummer,
        "standard": standard.value,
        "navn": facts.navn,
        "fra": facts.fra.value,
        "til": (Rolle.UDFOERER if facts.fra is Rolle.MYNDIGHED else Rolle.MYNDIGHED).value,
        "besvarer": [answered.value for answered in facts.besvarer],
        "skal_besvare": facts.skal_besvare,
        "flere_modtagere": facts.flere_modtagere,
        "fortrolig": facts.fortrolig,
        "beskedtype": standard.beskedtype,
    }


def described(standard: Standard) -> dict[str, Any]:
    """The summary with fields and rules; ``fields`` of a field are those of its block."""
    return summary(standard) | {
        "fields": _fields(letter_shapes()[standard]),
        "rules": [
            {"id": rule.id, "text": rule.text, "source": rule.kilde, "severity": rule.severity}
            for rule in RULES
            if standard in rule.standards
        ],
    }


def _fields(shape: Shape) -> list[dict[str, Any]]:
    return [_described(member) for member in shape.members]


def _described(member: Member) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "json": member.json,
        "xml": member.element,
        "cardinality": member.cardinality,
        "type": member.leaf.navn if member.leaf else member.block.navn if member.block else "",
        "text": member.doc,
        "source": member.kilde,
    }
    if member.leaf is not None:
        answer |= _limits(member.leaf)
    if member.block is not None:
        answer["fields"] = _fields(member.block)
    return answer


def _limits(leaf: Leaf) -> dict[str, Any]:
    """What the value must be, beside its type."""
    limits: dict[str, Any] = {}
    if leaf.limit is not None:
        limits["max_length"] = leaf.limit
    if leaf.form is not None:
        limits["expected"] = leaf.form.expected
    if leaf.kind == "whole":
        limits |= {"min": leaf.low, "max": leaf.high}
    if leaf.values:
        limits["codes"] = [{"value": value, "navn": navn} for value, navn in leaf.values]
    return limits


def print_described(about: dict[str, Any]) -> None:
    """As people read it: the facts, the fields as a tree, the lists of codes, the rules."""
    say(f"{about['nummer']}  {about['navn']}  ({about['standard']})")
    say(f"from {about['fra']} to {about['til']}{', several at a time' if about['flere_modtagere'] else ''}")
    if about["besvarer"]:
        say(f"{'answers' if about['skal_besvare'] else 'may answer'}: {', '.join(about['besvarer'])}")
    if about["fortrolig"]:
        say("confidential: only with an active samtykke, or a stated legal ground (R1)")
    say(f"beskedtype {about['beskedtype']} (synthetic)")
    say()
    codes: dict[str, list[dict[str, str]]] = {}
    print_table(["field (JSON)", "XML", "card.", "type", "source", "meaning"], _rows(about["fields"], "", codes), "")
    for name, values in codes.items():
        say()
        print_table([name, ""], [[one["value"], one["navn"]] for one in values], "")
    say()
    print_table(["rule", "says", "source"], [[r["id"], r["text"], _short(r["source"])] for r in about["rules"]], "")


def _rows(fields: list[dict[str, Any]], indent: str, codes: dict[str, list[dict[str, str]]]) -> list[list[str]]:
    """One for each field, deeper ones indented; gathers the lists of codes on the way."""
    rows = []
    for felt in fields:
        kind = felt["type"]
        if len(felt.get("codes", ())) == 1:
            kind = f'"{felt["codes"][0]["value"]}"'
        elif "codes" in felt:
            codes[kind] = felt["codes"]
        source = _short(felt["source"])
        rows.append([indent + felt["json"], indent + felt["xml"], felt["cardinality"], kind, source, felt["text"]])
        rows += _rows(felt.get("fields", []), indent + "  ", codes)
    return rows


def _short(source: str) -> str:
    """The mark without the repository's name, which docs/standards.md has."""
    return source.partition(" (")[0]


def schema_text(kind: str) -> str:
    """The schema that ships, of all nine letters; ``kind`` is xsd or json."""
    name = "letters.xsd" if kind == "xsd" else "letters.schema.json"
    return resources.files("consumers.standards").joinpath("schema", name).read_text("utf-8")
