"""Values of every type in both string forms, code pages, and values too large for one limit or another."""

import base64
import os

import pytest

from mapihttp_client import HttpClient
from nspi_wire import (DISPLAY_NAME, DISPLAY_NAME_A, ERRORS_RETURNED, MEMBER, SMTP_ADDRESS, SUCCESS, TABLE_TOO_BIG, Stat)
from rpc_impacket import Client
from site_nspid import Site

PHOTO = os.urandom(100 * 1024)
CERTIFICATES = [b"first certificate", b"\x00\xFF" * 700]
MEMBERS = 20000


def text_line(name, value):
    try:
        value.encode("ascii")
        return f"{name}: {value}\n"
    except UnicodeEncodeError:
        return f"{name}:: {base64.b64encode(value.encode()).decode()}\n"


def binary_line(name, value):
    return f"{name}:: {base64.b64encode(value).decode()}\n"


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    path = tmp_path_factory.mktemp("values") / "book.ldif"
    with open(path, "w") as out:
        out.write("version: 1\n\n")
        out.write("dn: CN=all,DC=x\nobjectClass: user\ncn: all\nsAMAccountName: all\nmail: all@x.example\n")
        out.write(text_line("displayName", "Ünïcode Ω 漢字"))
        out.write("givenName: Plain\nmsExchRecipientDisplayType: 1073741824\nwhenCreated: 20240102030405.0Z\n")
        out.write("mAPIRecipient: TRUE\nproxyAddresses: SMTP:all@x.example\nproxyAddresses: smtp:other@x.example\n")
        out.write(text_line("otherTelephone", "Ω 1") + "otherTelephone: +49 2\n")
        out.write(binary_line("thumbnailPhoto", PHOTO))
        for c in CERTIFICATES:
            out.write(binary_line("userCertificate;binary", c))
        out.write("displayNamePrintable: Unicode O\n\n")
        for i in range(MEMBERS):
            out.write(f"dn: CN=m{i},DC=x\nobjectClass: contact\ncn: m{i}\ndisplayName: Member {i:05}\nmail: m{i}@x.example\n\n")
        out.write("dn: CN=everybody,DC=x\nobjectClass: group\ncn: everybody\ndisplayName: Everybody\nmail: e@x.example\n")
        out.writelines(f"member: CN=m{i},DC=x\n" for i in range(MEMBERS))
        out.write("\n")
    return path


@pytest.fixture(scope="module")
def site(book):
    with Site(book) as s:
        yield s


def mid(client, mail):
    return client.get_matches(Stat(), ("property", 4, SMTP_ADDRESS, (SMTP_ADDRESS, mail))).mids[0]


VALUES = [
    (DISPLAY_NAME, "Ünïcode Ω 漢字"),
    (0x3A06001F, "Plain"),
    (0x3A06001E, b"Plain"),
    (0x39050003, 1073741824),
    (0x3A40000B, 1),
    (0x30070040, 133486382450000000),  # 2024-01-02 03:04:05 UTC in 100 ns since 1601
    (0x8C9E0102, PHOTO),
    (0x3A1B101F, {"Ω 1", "+49 2"}),
    (0x3A1B101E, {b"? 1", b"+49 2"}),
    (0x800F101F, {"SMTP:all@x.example", "smtp:other@x.example"}),
    (0x800F101E, {b"SMTP:all@x.example", b"smtp:other@x.example"}),
    (0x8C6A1102, set(CERTIFICATES)),
    (0x39FF001E, b"Unicode O"),
    (0x39FF001F, "Unicode O"),
]


@pytest.mark.parametrize("tag,value", VALUES, ids=lambda v: hex(v) if isinstance(v, int) and v > 0xFFFF else "")
def test_a_value_of_each_type(client, tag, value):
    answer = client.get_props(mid(client, "all@x.example"), [tag])
    assert answer.status == SUCCESS
    (got, found), = answer.row
    assert got == tag
    assert (set(found) if isinstance(value, set) else found) == value


@pytest.mark.parametrize("codepage,name", [
    (1252, b"Unicode O"),  # what a code page cannot hold makes 8-bit display names the printable one
    (65001, "Ünïcode Ω 漢字".encode()),
    (936, None), (932, None), (20127, b"Unicode O"), (20261, b"Unicode O"),
])
def test_the_display_name_in_code_pages(client, codepage, name):
    value = client.get_props(mid(client, "all@x.example"), [DISPLAY_NAME_A], stat=Stat(codepage=codepage)).row[0][1]
    assert isinstance(value, bytes) and value
    if name is not None:
        assert value == name


def test_20000_members_are_listed_or_refused_by_the_rules(client):
    group = mid(client, "e@x.example")
    stat = Stat(sort_type=0x3E8, container_id=MEMBER, current_rec=group)
    answer = client.get_matches(stat, requested=MEMBERS, tags=[DISPLAY_NAME])
    assert (answer.status, len(answer.mids)) == (SUCCESS, MEMBERS)
    names = [dict(r)[DISPLAY_NAME] for r in answer.rows]
    assert names == sorted(names) and names == [f"Member {i:05}" for i in range(len(names))] and names
    assert client.get_matches(stat, requested=MEMBERS - 1).status == TABLE_TOO_BIG


def test_members_as_a_property_are_a_table_or_names(client):
    group = mid(client, "e@x.example")
    answer = client.get_props(group, [0x8009000D, 0x8009101E])
    assert answer.status in (SUCCESS, ERRORS_RETURNED)
    assert answer.row[0][0] == 0x8009000D
    if answer.row[1][0] == 0x8009101E:
        assert len(answer.row[1][1]) == MEMBERS


def test_a_page_with_a_large_photo_in_each_row_is_cut_not_broken(book):
    with Site(book, options="limits {\nmax_answer = 128K\n}") as site:
        for client in (Client(site, level="privacy"), HttpClient(site)):
            who = mid(client, "all@x.example")
            answer = client.query_rows(count=50, tags=[0x8C9E0102, DISPLAY_NAME], table=[who] * 50)
            assert answer.status == SUCCESS
            assert 1 <= len(answer.rows) < 50
            assert all(dict(r)[0x8C9E0102] == PHOTO for r in answer.rows)
