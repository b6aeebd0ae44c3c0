"""Valid files made wrong: by bytes, by what stands in them, and by what they are packed in.

Everything is drawn from one `random.Random`, so that a number names an input, Hypothesis can
shrink one, and a coverage-guided fuzzer can steer one.
"""

from __future__ import annotations

import csv
import io
import json
import random
import re
import zipfile
from collections.abc import Callable
from copy import deepcopy
from typing import Any

Mutate = Callable[[bytes, random.Random], bytes]

#: What breaks programs when it stands where a value should.
NASTY: tuple[str, ...] = (
    *("", " ", "\x00", "\x1b[2J\x1b]0;x\x07", "\x9b31m", "\u202etxt.exe\u202c", "\u2066\u2069"),
    *("e" + "\u0301" * 40, "\ufeff", "\ufffe", "\u2028", "\U0010ffff", "👨‍👩‍👧", "ﷺ", "²", "٣"),
    *("0", "-0", "-1", "1e999", "-1e999", "nan", "NaN", "inf", "-Infinity", "1e-400", "0x10"),
    *("1_000", "9" * 400, "9" * 5000, "18446744073709551616", "2147483648", "1e308", "1,5"),
    *("=cmd|' /C calc'!A0", "@SUM(1)", "+1", "-1+1", "\t=1", "\r=1", "\n=1", "＝1"),
    *("'; DROP TABLE asset;--", '" OR 1=1 --', "Robert'); DELETE FROM change;--", "%s%n", "{0}"),
    *("{file}", "../../../etc/passwd", "C:\\x", "\\\\host\\share", "CON", "nul.csv", "a:b"),
    *("<script>alert(1)</script>", "]]>", "&lol;", "<!--", "#set page()", "javascript:alert(1)"),
    *("0001-01-01", "9999-12-31T23:59:59+14:00", "9999-12-31", "0001-01-01T00:00:00+14:00"),
    *("2024-02-30", "1900-01-01T00:00:60", "24:00", "P1D", "-000001-01-01", "2024-W01-1"),
    *("true", "null", "None", "[]", "{}", '"', "'", ",", ";", "|", "\r\n", "A" * 5000),
    *("120.1", "30.2", "hydrant", "hydrant.pillar", "works", "EPSG:4490", "POINT (1 2)"),
    *("[" * 200, "{" * 200, "(" * 200, "a." * 200, "[" * 3000, '{"a":' * 1500),
)  # fmt: skip
_BYTES: tuple[bytes, ...] = (
    *(b"\x00", b"\xff", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\x80", b"\xed\xa0\x80"),
    *(b"\xf4\x90\x80\x80", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\x00\x00\x00\x00"),
    *(b"\x1a", b"\n", b"\r", b"PK\x03\x04", b"SQLite format 3\x00", b"%PDF", b"\x1f\x8b"),
)  # fmt: skip
_WORD = re.compile(rb"[^\s,;:<>=\"'{}\[\]()/|]+")


def nasty(chance: random.Random) -> str:
    """One value that breaks programs, now and then two of them glued together."""
    word = chance.choice(NASTY)
    return word + chance.choice(NASTY) if chance.random() < 0.15 else word


def by_bytes(data: bytes, chance: random.Random) -> bytes:
    """Bits flipped, spans dropped, doubled, cut off or replaced, without regard to the form."""
    found = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 4, 8))):
        at = chance.randrange(len(found) + 1)
        span = min(chance.choice((1, 2, 4, 16, 64, 1024)), len(found) - at)
        match chance.randrange(7):
            case 0 if found:
                found[min(at, len(found) - 1)] ^= 1 << chance.randrange(8)
            case 1:
                del found[at : at + span]
            case 2:
                found[at:at] = found[at : at + span] * chance.choice((1, 2, 20))
            case 3:
                del found[at:]
            case 4:
                found[at : at + span] = chance.choice(_BYTES)
            case 5:
                found[at:at] = nasty(chance).encode("utf-8", "surrogatepass")
            case _:
                other = chance.randrange(len(found) + 1)
                found[at : at + span] = found[other : other + span]
    return bytes(found)


def by_words(data: bytes, chance: random.Random) -> bytes:
    """Words of a text replaced by nasty ones or by each other; the punctuation stays."""
    words = list(_WORD.finditer(data))
    if not words:
        return by_bytes(data, chance)
    for _ in range(chance.choice((1, 1, 2, 5))):
        at = chance.choice(words)
        if chance.random() < 0.7:
            put = nasty(chance).encode("utf-8", "surrogatepass")
        else:
            put = chance.choice(words).group()
        data = data[: at.start()] + put + data[at.end() :]
        words = list(_WORD.finditer(data)) or words
    return data


def by_lines(data: bytes, chance: random.Random) -> bytes:
    """Lines dropped, doubled, swapped, glued together."""
    lines = data.splitlines(keepends=True)
    for _ in range(chance.choice((1, 2, 4))):
        if not lines:
            break
        at = chance.randrange(len(lines))
        match chance.randrange(4):
            case 0:
                del lines[at]
            case 1:
                lines[at:at] = [lines[at]] * chance.choice((1, 30))
            case 2:
                other = chance.randrange(len(lines))
                lines[at], lines[other] = lines[other], lines[at]
            case _:
                lines[at] = lines[at].rstrip(b"\r\n")
    return b"".join(lines)


def text_form(data: bytes, chance: random.Random) -> bytes:
    """A text file made wrong."""
    change = chance.choice((by_words, by_words, by_words, by_lines, by_bytes))
    made = change(data, chance)
    return by_words(made, chance) if chance.random() < 0.2 else made


#: Cells of a row that is not made longer any more: 50 times 50 times 50 fills the memory here.
_WIDE = 1_000_000


def csv_form(data: bytes, chance: random.Random) -> bytes:
    """A CSV file made wrong: its cells, its rows, its headings, or its bytes."""
    if chance.random() < 0.4:
        return text_form(data, chance)
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    for _ in range(chance.choice((1, 1, 2, 6))):
        row = rows[0] if chance.random() < 0.25 else chance.choice(rows)
        at = chance.randrange(len(row))
        match chance.randrange(8):
            case 0:
                del row[at]
                row.extend([] if row else [""])
            case 1:
                row.insert(at, nasty(chance))
            case 2:
                row[at] = chance.choice(rows[0])
            case 3:
                times = chance.choice((2, 50))
                row *= times if len(row) < _WIDE else 1
            case _:
                row[at] = nasty(chance)
    out = io.StringIO()
    csv.writer(out, delimiter=chance.choice(",,,,;\t|")).writerows(rows)
    text = out.getvalue()
    return text.encode(chance.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16")), "replace")


_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 10**400, -(10**30), 1e308, [], {}, "", [[]], [None], {"": 1}),
    *([1, 2, 3], {"type": "Point"}, {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}),
    *({"lat": 1, "lon": "x"}, {"coordinates": {}}, "\ud800", "\udfff\ud800", float("nan")),
    *(float("inf"), [float("nan"), 1], {"a": {"b": {"c": [{"d": 1}]}}}),
)  # fmt: skip


def json_form(data: bytes, chance: random.Random) -> bytes:
    """A JSON file made wrong: any value in it by any other kind of value, or its bytes."""
    if chance.random() < 0.4:
        return text_form(data, chance)
    try:
        content = json.loads(data)
    except ValueError:
        return text_form(data, chance)
    for _ in range(chance.choice((1, 1, 2, 4))):
        content = _with_one_changed(content, chance)
    try:
        text = json.dumps(content, ensure_ascii=chance.random() < 0.7)
    except (RecursionError, ValueError):
        return text_form(data, chance)
    return text.encode("utf-8", "surrogatepass")


def _with_one_changed(content: Any, chance: random.Random) -> Any:
    places: list[tuple[Any, Any]] = []

    def walk(value: Any) -> None:
        keys = value if isinstance(value, dict) else range(len(value))
        for key in keys:
            places.append((value, key))
            if isinstance(value[key], dict | list):
                walk(value[key])

    if isinstance(content, dict | list):
        try:
            walk(content)
        except RecursionError:
            places.clear()
    if not places:
        return _bad_value(chance)
    holder, key = chance.choice(places)
    match chance.randrange(5):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, dict):
            holder[nasty(chance)] = holder.pop(key)
        case 2:
            for _ in range(chance.choice((1, 50, 700))):
                holder[key] = {"a": holder[key]} if chance.random() < 0.5 else [holder[key]]
        case _:
            holder[key] = _bad_value(chance)
    return content


def _bad_value(chance: random.Random) -> Any:
    return nasty(chance) if chance.random() < 0.5 else deepcopy(chance.choice(_VALUES))


def jsonl_form(data: bytes, chance: random.Random) -> bytes:
    """JSON lines made wrong, one of them or the file."""
    lines = data.splitlines(keepends=True)
    if not lines or chance.random() < 0.2:
        return by_lines(data, chance)
    at = chance.randrange(len(lines))
    lines[at] = json_form(lines[at].strip(), chance) + b"\n"
    return b"".join(lines)


_TOML_VALUES: tuple[str, ...] = (
    *('""', "0", "-1", "1.5", "inf", "nan", "true", "[]", "{}", "[[]]", "[1, 2]", "{a = 1}"),
    *("9" * 400, "9" * 5000, "0x" + "f" * 300, '["a", 1]', "[{}]", "1979-05-27T07:32:00Z"),
    *("1979-05-27", "07:32:00", '"\\u0000"', '"(a+)+$"', '"("', '"%Q"', '"²"', '"*"', '"none"'),
    *("[" * 300 + "]" * 300, "[" * 3000, "{a=" * 2000, "'''x'''", "1e400", '[["a", "b", "c"]]'),
    *('[["(", "x"]]', '{ "²" = "bar" }', '"../../x"', '"EPSG:99999"', '["lon", "lat"]'),
)  # fmt: skip
_TOML_LINE = re.compile(rb"^([^=\n]+=)[ ]*([^\n]*)$", re.MULTILINE)


def toml_form(data: bytes, chance: random.Random) -> bytes:
    """A TOML file made wrong: values of other types, keys renamed, tables moved, or bytes."""
    if chance.random() < 0.35:
        return text_form(data, chance)
    lines = list(_TOML_LINE.finditer(data))
    for _ in range(chance.choice((1, 1, 2))):
        if not lines:
            break
        line = chance.choice(lines)
        put = line[1] + b" " + chance.choice(_TOML_VALUES).encode()
        data = data[: line.start()] + put + data[line.end() :]
        lines = list(_TOML_LINE.finditer(data))
    return by_lines(data, chance) if chance.random() < 0.2 else data


_ENTITIES = (
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">'
    b'<!ENTITY lol "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;">]>',
    b'<!DOCTYPE x [<!ENTITY lol SYSTEM "file:///etc/passwd">]>',
    b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
)
_TAG = re.compile(rb"<[^>]*>")


def xml_form(data: bytes, chance: random.Random) -> bytes:
    """An XML file made wrong: its words, its tags, entities in it, or its bytes."""
    match chance.randrange(6):
        case 0:
            head = data.find(b"?>") + 2 if data.startswith(b"<?xml") else 0
            return data[:head] + chance.choice(_ENTITIES) + by_words(data[head:], chance)
        case 1 | 2:
            tags = list(_TAG.finditer(data))
            if not tags:
                return by_bytes(data, chance)
            at, put = chance.choice(tags), chance.choice(tags).group()
            many = chance.choice((0, 1, 2, 200, 3000))
            return data[: at.start()] + put * many + data[at.end() :]
        case 3 | 4:
            return by_words(data, chance)
        case _:
            return by_bytes(data, chance)


_NAMES = ("../../x.csv", "/etc/x.csv", "C:\\x.csv", "C:x.csv", "\\\\h\\s\\x.csv", "CON.csv",
          "aux", "x.csv:ads", "a\x00b.csv", "a/../../b.kml", ".hidden.csv", "x.csv.", "\u202ex.csv",
          "x" * 300 + ".csv", "xl/workbook.xml", "[Content_Types].xml", "doc.kml")  # fmt: skip


def packed(inner: Callable[[str], Mutate]) -> Mutate:
    """Mutation of a ZIP file: a member's content by its own form, its name, or the container.

    Parameters
    ----------
    inner
        Name of a member to how its content is made wrong.
    """

    def mutate(data: bytes, chance: random.Random) -> bytes:
        if chance.random() < 0.2:
            return by_bytes(data, chance)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [(entry.filename, archive.read(entry)) for entry in archive.infolist()]
        at = chance.randrange(len(members))
        name, content = members[at]
        match chance.randrange(8):
            case 0:
                members[at] = (chance.choice(_NAMES), content)
            case 1:
                del members[at]
            case 2:
                members.append((chance.choice(_NAMES), content))
            case _:
                members[at] = (name, inner(name)(content, chance))
        out = io.BytesIO()
        way = chance.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))
        with zipfile.ZipFile(out, "w", way) as archive:
            written: set[str] = set()
            for name, content in members:
                if name not in written:
                    archive.writestr(name, content)
                written.add(name)
        return out.getvalue()

    return mutate


def tail_unpacked(data: bytes, chance: random.Random) -> bytes:
    """Binary forms: most mutations beyond the head, so that the reader gets somewhere."""
    if chance.random() < 0.5 and len(data) > 200:
        head = chance.choice((16, 100, 200))
        return data[:head] + by_bytes(data[head:], chance)
    return by_bytes(data, chance)
