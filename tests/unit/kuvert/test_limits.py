"""Size, depth, encoding and DOCTYPE: what is refused before or while a message is read."""

from __future__ import annotations

import time

import pytest

from broker.errors import Refused
from broker.kuvert import Limits, Source, haendelsesbesked, parse, splice_source

BOM = b"\xef\xbb\xbf"
LETTER = "<a>æøå</a>".encode()


def body(content: bytes) -> bytes:
    """A message with this in its Beskeddata."""
    return haendelsesbesked(beskeddata=content)


def without_declaration(data: bytes) -> bytes:
    """The document from its root element on."""
    return data[data.index(b"<ns2:") :]


@pytest.mark.parametrize("data", [b"", b" \r\n\t"])
def test_an_empty_message_is_refused(data: bytes) -> None:
    """Nothing, or only white space: the answer says so."""
    with pytest.raises(Refused, match="the message is empty; expected an XML document"):
        parse(data)


def test_a_message_over_the_limit_is_refused_and_one_at_the_limit_taken() -> None:
    """The limit in bytes is exact, and the answer gives both numbers."""
    data = haendelsesbesked()
    assert parse(data, Limits(max_bytes=len(data))).data == data
    with pytest.raises(Refused, match=f"is {len(data)} bytes long; expected at most {len(data) - 1} bytes"):
        parse(data, Limits(max_bytes=len(data) - 1))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (body("<a>æ</a>".encode("latin-1")), r"not UTF-8: byte 0xE6 at offset \d+ \(line 2\)"),
        (body(b"<a>\xed\xa0\x80</a>"), "not UTF-8: byte 0xED"),
        (body(b"<a>\xc0\xaf</a>"), "not UTF-8: byte 0xC0"),
        ("<a/>".encode("utf-16"), "not UTF-8: its first bytes are those of UTF-16 or UTF-32"),
        ("<a/>".encode("utf-16-le"), "not UTF-8: its first bytes"),
        ("<a/>".encode("utf-16-be"), "not UTF-8: its first bytes"),
        ("<a/>".encode("utf-32-be"), "not UTF-8: its first bytes"),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?><a>\xe6</a>', "declares encoding 'ISO-8859-1'; expected UTF-8"),
        (b"<?xml version='1.0'\n encoding = 'utf-16'?><a/>", "declares encoding 'utf-16'; expected UTF-8"),
        (BOM + b'<?xml version="1.0" encoding="windows-1252"?><a/>', "declares encoding 'windows-1252'"),
    ],
)
def test_what_is_not_utf_8_is_refused(data: bytes, reason: str) -> None:
    """Another encoding, declared or not, is named in the answer."""
    with pytest.raises(Refused, match=reason):
        parse(data)


@pytest.mark.parametrize("before", [0, 1024 * 1024 - 2, 1024 * 1024 - 1, 1024 * 1024, 3_000_000])
@pytest.mark.parametrize("bad", [b"\xe6 ", b"\xe2\x82 ", b"\xf0\x9f\x98"])
def test_a_bad_byte_is_told_by_its_offset_in_a_large_message_too(before: int, bad: bytes) -> None:
    """Where the first byte that is no UTF-8 stands, exactly, however large the message."""
    with pytest.raises(Refused, match=f"byte 0x{bad[0]:02X} at offset {before} "):
        parse(b"a" * before + bad)


def test_letters_across_any_boundary_are_taken() -> None:
    """A large message full of letters of several bytes is UTF-8 from end to end."""
    for shift in range(4):
        assert parse(body(b"<a>" + b" " * shift + "😀".encode() * 600_000 + b"</a>")).besked.besked_id


@pytest.mark.parametrize(
    "lead",
    [
        b"",
        BOM,
        b"\r\n ",
        b'<?xml version="1.0"?>',
        b'<?xml version="1.0" encoding="utf-8" standalone="no"?>\n',
        BOM + b"<?xml version='1.0' encoding='UTF-8'?>\r\n<!-- encoding='latin-1' -->",
        b"<?x encoding='latin-1'?>",
    ],
)
def test_utf_8_in_any_dress_is_taken(lead: bytes) -> None:
    """With or without byte order mark, declaration, comments: UTF-8 is UTF-8."""
    assert parse(lead + without_declaration(body(LETTER))).besked.besked_id


@pytest.mark.parametrize(
    "lead",
    [
        b"<!DOCTYPE a>",
        b'<!DOCTYPE a [<!ENTITY x "y">]>',
        b"\n<!-- a --><?pi <!-- ?>\r\n<!DOCTYPE a SYSTEM 'file:///etc/passwd'>",
        BOM + b'<?xml version="1.0"?><!---->  <!DOCTYPE a>',
        b"<!-- <!DOCTYPE --><!DOCTYPE a>",
    ],
)
def test_a_doctype_is_refused(lead: bytes) -> None:
    """A DTD is not accepted, wherever it stands in the prolog; the answer says the line."""
    with pytest.raises(Refused, match=r"has a DOCTYPE \(line \d\): DTDs and entities are not accepted"):
        parse(lead + without_declaration(haendelsesbesked()))


@pytest.mark.parametrize(
    "data",
    [
        b"<!-- <!DOCTYPE a> -->" + without_declaration(haendelsesbesked()),
        b"<?x <!DOCTYPE a> ?>" + without_declaration(haendelsesbesked()),
        body(b"<a><![CDATA[<!DOCTYPE a [<!ENTITY x 'y'>]>]]></a>"),
        body(b"<a>&lt;!DOCTYPE a></a>"),
    ],
)
def test_what_only_looks_like_a_doctype_is_taken(data: bytes) -> None:
    """DOCTYPE in a comment, a processing instruction, CDATA or text is none."""
    assert parse(data).besked.besked_id


BILLION_LAUGHS = (
    b'<!DOCTYPE l [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(12))
    + b"]><l>&m;</l>"
)


@pytest.mark.parametrize(
    "data",
    [
        BILLION_LAUGHS,
        b'<!DOCTYPE l [<!ENTITY a "' + b"x" * 100_000 + b'">]><l>' + b"&a;" * 10_000 + b"</l>",
        b'<!DOCTYPE l SYSTEM "http://127.0.0.1:9/l.dtd"><l/>',
        b'<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><l>&a;</l>',
        body(b"<a>&unknown;</a>"),
        b"<" + b"a" * 1_000_000,
        b"<a>" * 300_000,
        b"<a b='" + b"&#9;" * 200_000,
        b"<!--" * 300_000,
        b"<?x " * 300_000,
        b"<![CDATA[" * 100_000,
        b'<?xml version="1.0" ' + b"encoding " * 100_000,
        b" " * 2_000_000 + b"<",
    ],
    ids=range(13),
)
def test_xml_bombs_are_refused_at_once(data: bytes) -> None:
    """What is made to blow up a parser costs the broker no more than a look."""
    started = time.process_time()
    with pytest.raises(Refused):
        parse(data)
    assert time.process_time() - started < 10, "a bomb that went off takes minutes"


@pytest.mark.parametrize(
    ("limits", "levels"), [(Limits(), 256), (Limits(max_depth=20), 20), (Limits(max_depth=600), 600)]
)
@pytest.mark.parametrize("padding", [0, 10_500_000], ids=["small", "large"])
def test_depth_is_bounded_exactly(limits: Limits, levels: int, padding: int) -> None:
    """A message may be nested as deep as the limit says and no deeper, small or large."""
    fill = b"<t>" + b"x" * padding + b"</t>"

    def nested(depth: int) -> bytes:
        return body(b"<a>" * (depth - 2) + b"</a>" * (depth - 2) + fill)

    assert parse(nested(levels), limits).besked.besked_id
    with pytest.raises(Refused, match=f"nested too deep; expected at most {levels} levels"):
        parse(nested(levels + 1), limits)


def test_ten_megabytes_of_base64_in_one_text_are_taken() -> None:
    """A letter of more than 10 MB in one element is a message like any other."""
    data = body(b'<Base64 xmlns="urn:besked:kuvert:1.0">' + b"QUJD" * 3_000_000 + b"</Base64>")
    parsed = parse(data)
    delivered, _, _ = splice_source(parsed, Source("cf12c051-39ce-4066-ba11-704b46fa23c4", "::1"), "urn:t")
    assert delivered.endswith(data[-12_000_000:])


def test_too_many_tags_are_refused_before_a_tree_is_built() -> None:
    """A document of nothing but tags would need gigabytes as a tree: it is refused by count."""
    data = body(b"<a>" + b"<b/>" * 300_000 + b"</a>")
    with pytest.raises(Refused, match="too many tags and attributes; expected at most 300000"):
        parse(data, Limits(max_marks=300_000))
    assert parse(data, Limits(max_marks=310_000)).besked.besked_id


def test_a_hundred_thousand_mistakes_are_answered_in_linear_time() -> None:
    """A huge envelope with a mistake in every part gets its refusal in seconds, not in minutes."""
    one = (
        b"<ns2:ObjektRegistrering><ns2:Registreringstidspunkt><TidsstempelDatoTid>x</TidsstempelDatoTid>"
        b"</ns2:Registreringstidspunkt></ns2:ObjektRegistrering>"
    )
    data = haendelsesbesked().replace(b"</ns2:Filtreringsdata>", one * 100_000 + b"</ns2:Filtreringsdata>")
    started = time.process_time()
    with pytest.raises(Refused, match="'x' is not a valid value of the atomic type 'xs:dateTime'"):
        parse(data)
    assert time.process_time() - started < 30, "quadratic work takes over a minute here"


def test_a_hundred_thousand_receivers_are_read_and_trimmed() -> None:
    """There is no small print on the number of TilladtModtager."""
    receivers = tuple(f"urn:oio:cvr:{number:08d}" for number in range(100_000))
    parsed = parse(haendelsesbesked(tilladt_modtager=receivers))
    assert parsed.besked.tilladt_modtager == receivers
    data, _, _ = splice_source(
        parsed, Source("cf12c051-39ce-4066-ba11-704b46fa23c4", "::1"), "urn:t", range(0, 100_000, 2)
    )
    assert parse(data).besked.tilladt_modtager == receivers[::2]
