"""Display templates from the layouts of MS-OXOABKT 2.2.2, and the descriptions they are made of (docs/templates.md), in
Python: independent of the server's encoder and of its parser."""

import codecs
import dataclasses
import pathlib
import re
import struct
import unicodedata

from site_nspid import TOP

FOLDER = TOP / "data/templates"
LANGUAGES = {"en": 0x409, "de": 0x407, "fr": 0x40C, "ja": 0x411}
TYPES = {"user": 0, "group": 1, "folder": 2, "agent": 3, "contact": 6, "search": 0x200}

TEMPLATE_DATA, SCRIPT_DATA = 0x00010102, 0x00040102
LABEL, EDIT, LIST, CHECK, FRAME, BUTTON, PAGE, VALUES, DROP_DOWN = 0, 1, 2, 5, 6, 7, 8, 0xB, 0xC
MULTILINE, EDITABLE, REQUIRED, IMMEDIATE, PASSWORD, DOUBLE_BYTE, SELECTION = (1 << i for i in range(7))

# Control type: the type of its property (None: it has none), the bytes of its text with the NUL, the flags it may have.
RULES = {
    LABEL: (None, 128, 0), EDIT: (0x001E, 15, 0x3F), LIST: (0x000D, 2, 0x4A), CHECK: (0x000B, 128, 0x0A),
    FRAME: (None, 128, 0), BUTTON: (None, 128, 0), PAGE: (None, 32, 0), VALUES: (0x101E, 2, 0), DROP_DOWN: (0x101E, 2, 1),
}


@dataclasses.dataclass
class Control:
    kind: int
    x: int
    y: int
    width: int
    height: int
    flags: int
    tag: int
    max: int
    text: str


# Text of 8 bits

T61_ACCENTS = {0xC1: "\u0300", 0xC2: "\u0301", 0xC3: "\u0302", 0xC4: "\u0303", 0xC8: "\u0308", 0xCB: "\u0327"}


def decode_t61(data):
    """As much of code page 20261 as western languages need."""
    text, accent = "", ""
    for byte in data:
        if byte in T61_ACCENTS:
            accent = T61_ACCENTS[byte]
            continue
        assert byte < 0x80 or byte == 0xFB, hex(byte)
        text += ("\u00DF" if byte == 0xFB else chr(byte)) + accent
        accent = ""
    return unicodedata.normalize("NFC", text)


def decode_text(data, codepage):
    if codepage == 20261:
        return decode_t61(data)
    return data.decode(codec_of(codepage))


def codec_of(codepage):
    name = {65001: "utf-8", 28591: "latin-1", 20866: "koi8-r", 54936: "gb18030", 51949: "euc-kr"}.get(codepage)
    return codecs.lookup(name or f"cp{codepage}").name


def can_hold(codepage, text):
    if codepage == 20261:
        return all(ord(c) < 0x80 or c == "\u00DF" or set(unicodedata.normalize("NFD", c)[1:]) & set(T61_ACCENTS.values())
                   for c in text)
    try:
        text.encode(codec_of(codepage))
    except UnicodeEncodeError:
        return False
    return True


# The layout

def decode(data, codepage):
    """TRowSet: a list of Control; every rule of the layout is checked."""
    kind, count = struct.unpack_from("<II", data)
    assert kind == 1
    pool = 8 + 36 * count
    assert pool <= len(data)
    controls, used = [], set()
    for i in range(count):
        x, width, y, height, control, flags, tag, size, offset = struct.unpack_from("<9I", data, 8 + 36 * i)
        assert pool <= offset < len(data), f"row {i} points to {offset}"
        end = data.index(0, offset)
        assert offset not in used, "two rows share a string"
        used.add(offset)
        text = data[offset:end]
        check_row(control, flags, tag, size, text, (x, y, width, height))
        controls.append(Control(control, x, y, width, height, flags, tag, size, decode_text(text, codepage)))
    assert controls and controls[0].kind == PAGE, "the first row is a page"
    return controls


def check_row(control, flags, tag, size, text, place):
    wanted, room, allowed = RULES[control]
    assert flags & ~allowed == 0, f"control {control} with flags {flags:#x}"
    assert len(text) < room, text
    assert not flags & REQUIRED or flags & EDITABLE
    if control == BUTTON:
        assert tag == 0x6704000D
    elif wanted is None:
        assert tag == 0
    else:
        assert tag & 0xFFFF == wanted, f"{tag:#x} in control {control}"
    assert (size > 0) == (control == EDIT)
    if control == PAGE:
        assert place == (0, 0, 0, 0)
    else:
        x, y, width, height = place
        assert width and height and x + width <= 386 and y + height <= 195, place
    if control in (LIST, VALUES, DROP_DOWN):
        assert text in (b"*", "*".encode("cp500"))


# Scripts

class Refused(Exception):
    pass


def run_script(data, values):
    """What a client makes of the values (tag: bytes) that were typed in."""
    words, = struct.unpack_from("<I", data)
    program = data[4:]
    assert len(program) == 4 * words, "the first word counts the others"

    def word(at):
        return struct.unpack_from("<I", program, at)[0]

    def string(at):
        return program[at:program.index(0, at)]

    def tag(at):
        value = word(at)
        assert value == 0x3001001E or 0x6800 <= value >> 16 <= 0xFFFE and value & 0xFFFF == 0x1E, hex(value)
        return value

    at, result = 0, b""
    for _ in range(1000):
        code = word(at)
        if code == 0x00000000:
            return result
        if code == 0x00000001:
            raise Refused
        if code == 0x00000002:
            result, at = result + values.get(tag(at + 4), b""), at + 8
        elif code == 0x80000002:
            result, at = result + string(word(at + 4)), at + 8
        elif code == 0x00000004:
            at = at + 12 if values.get(tag(at + 4)) else word(at + 8)
            assert at % 4 == 0
        else:
            raise AssertionError(f"instruction {code:#x}")
    raise AssertionError("the script does not end")


# Descriptions

KINDS = {"label": LABEL, "edit": EDIT, "list": LIST, "check": CHECK, "frame": FRAME, "button": BUTTON, "page": PAGE,
         "values": VALUES, "drop-down": DROP_DOWN}
FLAGS = {"multiline": MULTILINE, "editable": EDITABLE, "required": REQUIRED, "immediate": IMMEDIATE,
         "password": PASSWORD, "double-byte": DOUBLE_BYTE, "selection": SELECTION}
SENT = {EDIT: 0x001E, LIST: 0x000D, CHECK: 0x000B, VALUES: 0x101E, DROP_DOWN: 0x101E}

# Of the properties that the descriptions name: LDAP name and property id, from mapi-ldap tables of MS-OXOABK.
PROPERTIES = {
    "displayName": 0x3001, "info": 0x3004, "mailNickname": 0x3A00, "givenName": 0x3A06, "telephoneNumber": 0x3A08,
    "homePhone": 0x3A09, "initials": 0x3A0A, "sn": 0x3A11, "company": 0x3A16, "title": 0x3A17, "department": 0x3A18,
    "physicalDeliveryOfficeName": 0x3A19, "otherTelephone": 0x3A1B, "mobile": 0x3A1C, "pager": 0x3A21,
    "facsimileTelephoneNumber": 0x3A23, "co": 0x3A26, "l": 0x3A27, "st": 0x3A28, "streetAddress": 0x3A29,
    "postalCode": 0x3A2A, "telephoneAssistant": 0x3A2E, "otherHomePhone": 0x3A2F, "msExchAssistantName": 0x3A30,
    "mAPIRecipient": 0x3A40, "folderPathname": 0x8004, "manager": 0x8005, "memberOf": 0x8008, "member": 0x8009,
    "managedBy": 0x800C, "directReports": 0x800E, "proxyAddresses": 0x800F, "targetAddress": 0x8011, "pFContacts": 0x8038,
    "msDS-PhoneticDisplayName": 0x8C92, **{f"input{i}": 0x67FF + i for i in range(1, 10)},
}


def words_of(line):
    """(is it in quotes, the word) one after the other, without the comment."""
    found = re.findall(r'"((?:[^"\\]|\\.)*)"|(#.*)|([^\s"#]+)', line)
    for quoted, comment, bare in found:
        if comment:
            return
        yield (False, bare) if bare else (True, re.sub(r"\\(.)", r"\1", quoted))


def describe(line):
    """One statement of a control as a Control."""
    words = list(words_of(line))
    kind = KINDS[words.pop(0)[1]]
    control = Control(kind, 0, 0, 0, 0, 0, 0x6704000D if kind == BUTTON else 0, 0, "*")
    if kind in SENT:
        control.tag = PROPERTIES[words.pop(0)[1]] << 16 | SENT[kind]
    if words and words[0][0]:
        control.text = words.pop(0)[1]
    while words:
        word = words.pop(0)[1]
        if word == "at":
            control.x, control.y = map(int, words.pop(0)[1].split(","))
        elif word == "size":
            control.width, control.height = map(int, words.pop(0)[1].split("x"))
        elif word == "max":
            control.max = int(words.pop(0)[1])
        elif word == "filter":
            control.text = words.pop(0)[1]
        else:
            control.flags |= FLAGS[word]
    return control


def read_description(language, folder=FOLDER):
    """{"user": [Control ...], ... "address SMTP": [...]}"""
    templates = {}
    for line in pathlib.Path(folder, f"{language}.template").read_text(encoding="utf-8").splitlines():
        first, *rest = [w for _, w in words_of(line)] or [""]
        if first == "template":
            name = " ".join(rest[:2]) if rest[0] == "address" else rest[0]
            templates[name] = []
        elif first in KINDS:
            templates[name].append(describe(line))
    return templates


def title_of(language, folder=FOLDER):
    """What the addresses of type SMTP are called."""
    text = pathlib.Path(folder, f"{language}.template").read_text(encoding="utf-8")
    return re.search(r'^template address SMTP "(.*)"', text, re.M)[1]
