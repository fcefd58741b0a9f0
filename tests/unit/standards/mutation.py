"""One change to a document, of any kind: many make it invalid, some do not."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any

from lxml import etree

NASTY = [
    *("", " ", "\n", "\t", "\u00a0", "\u200b", "\ufeff", "\u0085", "\x1c".replace("\x1c", "\x7f")),
    *("5", " 5 ", "+5", "-0", "005", "5.0", "1e1", "130", "131", "1000000", "1000001", "\u0665", "9" * 30),
    *("true", " true ", "TRUE", "1", "0", "false\n"),
    *("2023-02-30", "2024-02-29", "2100-02-29", "0000-01-01", "1899-12-31", "2024-01-01Z", " 2024-01-01", "2024-1-1"),
    *("2024-01-01T24:00:00Z", "2024-06-30T23:59:60Z", "2024-01-01T00:00:00", "2024-01-01T00:00:00+14:01"),
    *("2024-01-01T00:00:00-14:00", "2024-01-01T00:00:00.1234567Z", "2024-01-01T00:00:00.Z", "2024-01-01t00:00:00z"),
    *("12345678", "1234567890", "12345678\n", "+4512345678", "++12345678", "        ", "QQ=", "QQ===", "Q Q=", "æ"),
    *("https://x y", "http://x", "https://", "a@b", "a@@b", "@", "a@b\n", "x" * 200, "x" * 201, "😀" * 200, "😀" * 201),
    *(
        "x" * 10_000,
        "x" * 10_001,
        "1.0",
        "1.0\n",
        "Social indsats",
        "Social  indsats",
        "application/pdf",
        "§5",
        "order",
    ),
]


def _text(given: str, random: Random) -> str:
    changes: list[Callable[[], str]] = [
        lambda: random.choice(NASTY),
        lambda: random.choice(NASTY),
        lambda: given + random.choice(["\n", " ", "x", "0", "\r"]),
        lambda: random.choice(["\n", " ", "x", "0"]) + given,
        given.upper,
        given.lower,
        lambda: given[:-1],
        lambda: given.translate({ord("0") + digit: 0x660 + digit for digit in range(10)}),
    ]
    return random.choice(changes)()


def spoil_xml(root: etree._Element, random: Random) -> str:
    """Changes the document; says how."""
    element = random.choice(list(root.iter("*")))
    parent = element.getparent()
    how = random.choice(["text"] * 8 + ["drop", "again", "move", "rename", "attribute", "xsi", "comment", "between"])
    if how == "text" and not len(element):
        element.text = _text(element.text or "", random)
    elif how == "drop" and parent is not None:
        parent.remove(element)
    elif how == "again" and parent is not None:
        parent.insert(parent.index(element) + random.choice([0, 1, 2]), deepcopy(element))
    elif how == "move" and parent is not None:
        parent.insert(random.randrange(len(parent)), element)
    elif how == "rename":
        tag = etree.QName(element)
        name, space = tag.localname, "" if tag.namespace is None else f"{{{tag.namespace}}}"
        element.tag = random.choice([f"{space}{name}x", name, f"{{urn:x}}{name}", f"{space}Tekst"])
    elif how == "attribute":
        element.set(random.choice(["a", "{http://www.w3.org/XML/1998/namespace}lang", "id"]), "da")
    elif how == "xsi":
        element.set("{http://www.w3.org/2001/XMLSchema-instance}schemaLocation", "urn:x x.xsd")
    elif how == "comment":
        note = random.choice([etree.Comment("x"), etree.ProcessingInstruction("x", "y")])
        note.tail = random.choice(["", " ", "x"])
        element.insert(0, note)
    elif how == "between":
        element.append(etree.Element(random.choice(["Navn", element.tag])))
        element[-1].tail = random.choice([None, " ", "\u00a0", "x"])
    return f"{how} {element.tag}"


def spoil_json(data: dict[str, Any], random: Random) -> str:
    """Changes the document; says how."""
    places = list(_places(data))
    holder, key = random.choice(places)
    given = holder[key]
    other = random.choice(places)
    kinds: list[Any] = [
        None,
        5,
        5.0,
        5.5,
        -1,
        131,
        1_000_001,
        1e300,
        True,
        False,
        "x",
        [],
        {},
        [[]],
        "",
        deepcopy(given),
    ]
    how = random.choice(["text"] * 6 + ["kind", "kind", "drop", "again", "rename", "copy"])
    if how == "text" and isinstance(given, str):
        holder[key] = _text(given, random)
    elif how == "kind":
        holder[key] = random.choice(kinds)
    elif how == "drop":
        del holder[key]
    elif how == "again" and isinstance(given, list):
        given.extend(deepcopy(given) * random.choice([1, 60, 201]))
    elif how == "rename" and isinstance(key, str):
        holder[random.choice([key + "x", key.upper(), "besked_id", ""])] = holder.pop(key)
    elif how == "copy":
        holder[key] = deepcopy(other[0][other[1]])
    return f"{how} {key} {given!r:.60} -> {holder.get(key) if isinstance(holder, dict) else holder!r:.60}"


def _places(data: Any) -> Any:
    pairs = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in list(pairs):
        yield data, key
        yield from _places(value)
