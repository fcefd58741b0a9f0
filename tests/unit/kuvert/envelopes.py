"""Random valid envelopes in random handwriting: what any XML library, or a hand, may send.

`Writer(seed).write()` gives the bytes and what must be read from them.  One seed, one message.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from uuid import UUID

KUVERT = "urn:oio:besked:kuvert:1.0"
SAGDOK = "urn:oio:sagdok:3.0.0"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

LOOK_ALIKES = (
    "<Leveranceinformation>",
    "</k:Leveranceinformation>",
    "<k:TilladtModtager>",
    "TilladtModtager",
    "Leveranceruter",
    "<ObjektRegistreringLokalUdvidelse>",
    "]]",
    "/>",
)
FOREIGN = (
    f'<k:Leveranceinformation xmlns:k="{KUVERT}"><k:Leveranceruter/></k:Leveranceinformation>'
    f'<TilladtModtager xmlns="{KUVERT}" a="/>"/><y:z xmlns:y="urn:y" b=\'"&gt;>\' /><!-- </f:x> --><![CDATA[</f:x>]]>'
    f'<k:ObjektRegistreringLokalUdvidelse xmlns:k="{KUVERT}"> <k:ObjektRegistreringLokalUdvidelse/>\n'
    f"</k:ObjektRegistreringLokalUdvidelse><?pi </f:x> ?>"
)
NESTED = (
    f'<Haendelsesbesked xmlns="{KUVERT}"><Beskedkuvert><Filtreringsdata><TilladtModtager/></Filtreringsdata>'
    "<Leveranceinformation></Leveranceinformation></Beskedkuvert></Haendelsesbesked>"
)
BODIES = (
    "",
    '<a xmlns="urn:a"><![CDATA[ </Beskeddata> ]]></a>',
    '<Base64 xmlns="urn:besked:kuvert:1.0" content-type="application/xml">PFA+</Base64>',
    NESTED,
    f'<a xmlns="" b=">">\r\n\t&lt;æøå&#10; <!-- <c> --></a>{NESTED}<?x y?>',
)


@dataclass
class Node:
    """An element to be written: text, or children, or raw markup."""

    name: str
    namespace: str = KUVERT
    text: str | None = None
    children: list[Node] = field(default_factory=list)
    raw: str | None = None


@dataclass
class Written:
    """A message, and what it says."""

    data: bytes
    fields: list[tuple[str, str]]
    """Path below Filtreringsdata and value of each leaf, in document order."""
    tilladt_modtager: list[str]
    before: int
    """Bytes before anything that the Beskedfordeler may change."""
    after: int
    """Bytes after the end of Leveranceinformation."""


class Writer:
    """Writes one message as the seed says."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._opaque = self._random.random() < 0.6
        self._out = ""
        self._marks: dict[str, list[int]] = {"<Leveranceinformation": [], "<TilladtModtager": [], "after": []}
        self._fields: list[tuple[str, str]] = []

    def write(self) -> Written:
        root = self._haendelsesbesked()
        bom = self._sometimes(0.1)
        declaration = self._random.choice(
            (
                "",
                '<?xml version="1.0" encoding="UTF-8"?>',
                "<?xml version='1.0' encoding='utf-8' standalone=\"yes\"?>\n",
            )
        )
        self._out = declaration
        if self._opaque and self._sometimes(0.3):
            self._out += "<!-- <!DOCTYPE a> --><?x <!DOCTYPE b> ?>\n"
        self._element(root, {"xml": "urn:xml"})
        if self._opaque and self._sometimes(0.2):
            self._out += "\n<!-- the end -->"
        lead = b"\xef\xbb\xbf" if bom else b""
        first = min(self._marks["<TilladtModtager"] + self._marks["<Leveranceinformation"])
        before = self._out[:first].rstrip(" \t\r\n")
        return Written(
            lead + self._out.encode(),
            self._fields,
            [value for path, value in self._fields if path.startswith("TilladtModtager.")],
            len(lead) + len(before.encode()),
            len(self._out[self._marks["after"][0] :].encode()),
        )

    # what is said

    def _haendelsesbesked(self) -> Node:
        filtreringsdata = Node("Filtreringsdata", children=self._filtreringsdata())
        for node in filtreringsdata.children:
            self._note(node.name, node)
        leverance = Node("Leveranceinformation", children=self._leveranceinformation())
        optional = [
            Node(
                "Modtagerhandling",
                children=[*self._maybe(self._unik("Handling")), *self._maybe(self._aktoer("Responsmodtager"))],
            ),
            self._tid("GyldighedFra"),
            self._tid("GyldighedTil"),
        ]
        kuvert = [filtreringsdata, leverance, *(node for node in optional if self._sometimes(0.4))]
        bodies = [Node("Beskeddata", raw=self._random.choice(BODIES)) for _ in range(self._random.choice((0, 1, 1, 2)))]
        return Node(
            "Haendelsesbesked",
            children=[
                Node("BeskedId", children=[self._uuid()]),
                Node("BeskedVersion", text="1.0"),
                Node("Beskedkuvert", children=kuvert),
                *bodies,
            ],
        )

    def _note(self, path: str, node: Node) -> None:
        for child in node.children:
            if child.namespace == SAGDOK:
                self._fields.append((f"{path}.{child.name}", child.text or ""))
            elif child.raw is None:
                self._note(f"{path}.{child.name}", child)

    def _filtreringsdata(self) -> list[Node]:
        many = self._random.choice
        return [
            Node("Beskedtype", children=[self._uuid()]),
            *self._maybe(self._aktoer("BeskedAnsvarligAktoer")),
            *(self._unik("TilladtModtager") for _ in range(many((0, 0, 1, 2, 5)))),
            *(
                Node(
                    "RelateretObjekt",
                    children=[
                        self._unik("ObjektId"),
                        self._unik("ObjektType"),
                        *self._maybe(self._unik("ObjektRolle")),
                    ],
                )
                for _ in range(many((0, 1, 2)))
            ),
            *(self._objekt_registrering() for _ in range(many((0, 1, 2)))),
            *(self._unik("TvaergaaendeProces") for _ in range(many((0, 0, 1, 2)))),
        ]

    def _objekt_registrering(self) -> Node:
        parts = [
            self._unik("ObjektRegistreringId"),
            self._aktoer("RegistreringsAktoer"),
            self._tid("Registreringstidspunkt"),
            self._unik("ObjektAnsvarligMyndighed"),
            self._unik("ObjektId"),
            self._unik("ObjektType"),
            self._unik("ObjektHandling"),
            self._unik("OpgaveEmne"),
        ]
        kept = [part for part in parts if self._sometimes(0.6)]
        if self._sometimes(0.2):
            kept.append(self._extension("ObjektRegistreringLokalUdvidelse"))
        return Node("ObjektRegistrering", children=kept)

    def _leveranceinformation(self) -> list[Node]:
        if self._sometimes(0.15):
            return []
        parts = [
            self._tid("Dannelsestidspunkt"),
            self._unik("TransaktionsId"),
            self._aktoer("Kildesystem"),
            Node("KildesystemIPAdresse", text=self._random.choice(("", "::FFFF:10.0.0.1"))),
            Node("KildesystemAkkreditiver", text="YQ==.MQ==.Yg=="),
            self._unik("Sikkerhedsklassificering"),
            Node("Leveranceruter", children=[self._leverancerute() for _ in range(self._random.choice((0, 1, 2)))]),
            self._extension("LeveranceinformationLokalUdvidelse"),
        ]
        return [part for part in parts if self._sometimes(0.5)]

    def _leverancerute(self) -> Node:
        parts = [
            self._unik("Fordelingssystem"),
            self._tid("ModtagelsesTidspunkt"),
            self._extension("LeveranceruteLokalUdvidelse"),
        ]
        return Node("Leverancerute", children=[part for part in parts if self._sometimes(0.6)])

    def _extension(self, name: str) -> Node:
        return Node(name, raw=f'<f:x xmlns:f="urn:f">{FOREIGN}</f:x>' if self._sometimes(0.7) else "")

    def _uuid(self) -> Node:
        text = str(UUID(int=self._random.getrandbits(128)))
        return Node("UUIDIdentifikator", SAGDOK, text.upper() if self._sometimes(0.2) else text)

    def _unik(self, name: str) -> Node:
        urns = (
            "urn:oio:cvr-nr:12345678",
            "urn:oio:kle:27.03.01",
            "urn:x:a&b<c>\u00e6",
            "",
            "URN:OIO:cvr:87654321",
            "a]]>b <Leveranceinformation>",
            "<TilladtModtager>",
        )
        leaf = self._uuid() if self._sometimes(0.5) else Node("URNIdentifikator", SAGDOK, self._random.choice(urns))
        return Node(name, children=[leaf])

    def _aktoer(self, name: str) -> Node:
        return Node(name, children=[self._uuid()])

    def _tid(self, name: str) -> Node:
        times = (
            "2022-02-13T08:00:00",
            "2199-01-01T00:00:00.5Z",
            "2023-02-13T12:22:31.990+01:00",
            "12345-01-01T00:00:00",
        )
        leaf = Node("TidsstempelDatoTid", SAGDOK, self._random.choice(times))
        return Node(name, children=[leaf if self._sometimes(0.8) else Node("GraenseIndikator", SAGDOK, "true")])

    # how it is written

    def _element(self, node: Node, scope: dict[str, str]) -> None:
        mark = self._marks.get("<" + node.name)
        if mark is not None:
            mark.append(len(self._out))
        prefix, scope, attributes = self._names(node.namespace, scope)
        name = f"{prefix}:{node.name}" if prefix else node.name
        self._out += f"<{name}{attributes}"
        if not node.children and not node.text and not node.raw and self._sometimes(0.5):
            self._out += self._random.choice(("/>", " />", "\n/>"))
        else:
            self._out += self._random.choice((">", ">", " >"))
            self._content(node, scope)
            self._out += f"</{name}{self._random.choice(('', '', ' ', chr(10)))}>"
        if node.name == "Leveranceinformation":
            self._marks["after"].append(len(self._out))

    def _content(self, node: Node, scope: dict[str, str]) -> None:
        if node.raw is not None:
            self._out += node.raw
        elif node.text is not None:
            self._text(node.text)
        elif node.children:
            for child in node.children:
                self._gap()
                self._element(child, scope)
            self._gap()

    def _names(self, namespace: str, scope: dict[str, str]) -> tuple[str, dict[str, str], str]:
        """A prefix for the namespace, the scope inside, and the attributes that make it so."""
        scope = dict(scope)
        bound = [prefix for prefix, name in scope.items() if name == namespace]
        attributes = ""
        if not bound or self._sometimes(0.1):
            prefix = self._random.choice(("", "ns2", "k", "besked-1.0", "æ", "Leveranceinformation", "s"))
            scope[prefix] = namespace
            attributes += self._attribute(f"xmlns:{prefix}" if prefix else "xmlns", namespace)
            if not bound and namespace == KUVERT and prefix != "d" and self._sometimes(0.5):
                scope["d"] = SAGDOK
                attributes += self._attribute("xmlns:d", SAGDOK)
            bound = [prefix]
        if self._sometimes(0.1):
            attributes += self._attribute(f"xmlns:extra{len(self._out)}", "urn:a:TilladtModtager")
        if self._sometimes(0.05) and "xsi" not in scope:
            attributes += self._attribute("xmlns:xsi", XSI)
            attributes += self._attribute("xsi:schemaLocation", "urn:a http://127.0.0.1:1/a>b.xsd")
        return self._random.choice(bound), scope, attributes

    def _attribute(self, name: str, value: str) -> str:
        quote = self._random.choice("\"'")
        space = self._random.choice((" ", "  ", "\n\t", "\r\n"))
        return f"{space}{name}{self._random.choice(('=', ' = '))}{quote}{value}{quote}"

    def _gap(self) -> None:
        for _ in range(self._random.choice((0, 1, 1, 2))):
            plain = ("", "\n    ", "\r\n\t", " ")
            hidden = self._random.choice(LOOK_ALIKES)
            opaque = (f"<!-- {hidden} -->", f"<?x {hidden} ?>", "<!---->", "&#32;", "<![CDATA[\n]]>", "<?y <!-- ?>")
            self._out += self._random.choice(plain + opaque if self._opaque and self._sometimes(0.4) else plain)

    def _text(self, text: str) -> None:
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace("]]>", "]]&gt;")
        if not self._opaque or self._sometimes(0.8):
            self._out += escaped
        elif self._sometimes(0.5) and "]]>" not in text:
            self._out += f"<![CDATA[{text}]]>"
        else:
            self._out += f"<!-- </TilladtModtager> -->{escaped}<?x </Leveranceinformation>?>"

    def _maybe(self, node: Node) -> list[Node]:
        return [node] if self._sometimes(0.5) else []

    def _sometimes(self, chance: float) -> bool:
        return self._random.random() < chance
