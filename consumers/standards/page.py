"""The tables of docs/standards.md, made of the models and rules: ``python -m consumers.standards.page``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from consumers.standards.fields import KORT, LANG
from consumers.standards.findings import FORM_RULES
from consumers.standards.letters import Brev
from consumers.standards.rules import RULES
from consumers.standards.schema_xsd import blocks, leaves
from consumers.standards.shape import Leaf, Member, letter_shapes, shape_of
from consumers.standards.standard import Standard

PAGE = Path("docs/standards.md")
BEGIN = "<!-- made of the models: python -m consumers.standards.page -->"
END = "<!-- end of what is made of the models -->"


def tables() -> str:
    return "\n".join(_lines())


def renewed(page: str) -> str:
    """The page with its tables as the models have them now."""
    head, _, rest = page.partition(BEGIN)
    return f"{head}{BEGIN}\n{tables()}\n{END}{rest.partition(END)[2]}"


def _lines() -> Iterator[str]:
    head = shape_of(Brev).members
    letters = letter_shapes()
    yield "\n## Fields\n\n### Head of every letter\n"
    yield from _fields(head)
    for standard, shape in letters.items():
        yield f"\n### {standard.facts.nummer} {standard.navn}: `{shape.navn}`, `{standard.value}`\n"
        yield from _fields(shape.members[len(head) :])
    names = {shape.navn for shape in letters.values()}
    yield "\n## Blocks"
    for shape in blocks():
        if shape.navn not in names:
            yield f"\n### {shape.navn}\n"
            if shape.doc:
                yield f"{shape.doc}\n"
            yield from _fields(shape.members)
    yield "\n## Values\n"
    yield "| type | what it is |\n|---|---|"
    for leaf in leaves():
        yield f"| {leaf.navn} | {_value(leaf)} |"
    yield "\n## Rules of form\n\n| rule | what must hold |\n|---|---|"
    yield from (f"| {name} | {text} |" for name, text in FORM_RULES.items())
    yield "\n## Rules between fields\n\n| rule | what must hold | letters | source |\n|---|---|---|---|"
    for rule in RULES:
        which = "all" if rule.standards == tuple(Standard) else ", ".join(each.facts.nummer for each in rule.standards)
        flag = " (a flag, no error)" if rule.severity == "flag" else ""
        yield f"| {rule.id} | {rule.text}{flag} | {which} | {rule.kilde} |"


def _fields(members: tuple[Member, ...]) -> Iterator[str]:
    yield "| XML | JSON | number | type | meaning | source |\n|---|---|---|---|---|---|"
    for member in members:
        cells = (member.element, member.json, member.cardinality, _type(member), member.doc, member.kilde)
        yield f"| {' | '.join(cells)} |"


def _type(member: Member) -> str:
    if member.block:
        return f"[{member.block.navn}](#{member.block.navn.lower()})"
    assert member.leaf
    if member.leaf.kind == "whole":
        return f"whole number, {member.leaf.low} to {member.leaf.high}"
    return member.leaf.navn or f"always `{member.leaf.values[0][0]}`"


def _value(leaf: Leaf) -> str:
    match leaf.kind:
        case "text":
            assert leaf.limit in (KORT, LANG)
            return f"text of at most {leaf.limit} characters, not blank"
        case "form":
            assert leaf.form
            return leaf.form.expected
        case "yes":
            return "true or false"
        case "whole":
            return f"whole number, {leaf.low} to {leaf.high}"
        case "code" if leaf.ffb:
            return f"{len(leaf.values)} FFB codes, such as `{leaf.values[0][0]}` {leaf.values[0][1]}"
        case "code":
            return ", ".join(f"`{value}`" for value, _ in leaf.values)


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text("utf-8")), "utf-8")
