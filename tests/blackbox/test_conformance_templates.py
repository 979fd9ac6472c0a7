"""Creation templates and NspiGetTemplateInfo: sections 2.2.1.3, 2.2.1.12, 2.2.1.14 and 3.1.4.1.18, and MS-OXOABKT."""

import struct

import pytest

from conformance import BAD_STUB, GUID_NSPI, UNKNOWN_CODEPAGE
from nspi_wire import DISPLAY_TYPE, ENTRYID, INVALID_CODEPAGE, INVALID_LOCALE, SUCCESS, Fault, Stat

TEMPLATE, SCRIPT = 1, 4
TEMPLATE_DATA, SCRIPT_DATA = 0x00010102, 0x00040102
ADDRESS_TEMPLATE, NO_LOCALE, NO_TYPE = 0x102, 0x3FF, 0x77
ENGLISH, GERMAN, JAPANESE = 0x409, 0x407, 0x411


def creation_rows(client, **stat):
    answer = client.get_special_table(flags=2, stat=Stat(**stat))
    assert answer.status == SUCCESS
    return [dict(r) for r in answer.rows]


def dns(client, locale=ENGLISH):
    """Of the templates for new addresses."""
    return [r[ENTRYID][28:-1] for r in creation_rows(client, template_locale=locale)]


def test_creation_rows_say_that_they_are_templates(either):
    """In their entry ids alone.  MS-OXNSPI_R60 R61 R109 R521 R752 R1996"""
    rows = creation_rows(either)
    assert rows
    for r in rows:
        assert struct.unpack_from("<I16sII", r[ENTRYID]) == (0, GUID_NSPI, 1, ADDRESS_TEMPLATE)
        assert r[DISPLAY_TYPE] == 0


def test_templates_of_types(either):
    """MS-OXNSPI_R120 R654 R1444 R1456 R1458 R1471 R1478 R1485 R1486 R1490 R1492 R453 MS-OXOABKT_R302"""
    seen = set()
    for kind in (0, 1, 2, 3, 6):
        answer = either.get_template_info(TEMPLATE, kind)
        assert answer.status == SUCCESS and [t for t, _ in answer.row] == [TEMPLATE_DATA]
        seen.add(answer.row[0][1])
    assert len(seen) > 3 and all(len(data) > 100 for data in seen)


def test_scripts(either):
    """MS-OXNSPI_R121 R1483 R1484 MS-OXOABKT_R303"""
    for dn in dns(either):
        answer = either.get_template_info(SCRIPT, dn=dn)
        assert answer.status == SUCCESS and [t for t, _ in answer.row] == [SCRIPT_DATA] and answer.row[0][1]
        answer = either.get_template_info(SCRIPT | TEMPLATE, dn=dn)
        assert [t for t, _ in answer.row] == [TEMPLATE_DATA, SCRIPT_DATA]


def test_template_info_parameters_in_their_order(either):
    """Flags, type, a name, code page and locale; back come a row and the status.  MS-OXNSPI_R1690 R1456 R1458"""
    stub = either.handle + struct.pack("<IIIII", TEMPLATE, 0, 0, 1252, ENGLISH)
    out = either.connection.call(13, stub)
    assert struct.unpack_from("<III", out)[1:] == (0, 1) and out[-4:] == bytes(4)
    with pytest.raises(Fault) as fault:
        either.connection.call(13, stub[:-1])
    assert fault.value.status == BAD_STUB


@pytest.mark.parametrize("flags", [2, 8, 0x10, 0x20, 0x40, 0x80000000, 0xFFFFFFFA])
def test_other_flags_make_no_difference(either, flags):
    """MS-OXNSPI_R1692 R1447"""
    for known in (0, TEMPLATE, TEMPLATE | SCRIPT):
        answers = [either.get_template_info(f) for f in (known, known | flags)]
        assert answers[0].status == answers[1].status == SUCCESS and answers[0].row == answers[1].row


def test_a_name_decides_alone(either):
    """Whatever the type and the locale.  MS-OXNSPI_R1980 R1981 R1982 R1983"""
    for dn in dns(either):
        wanted = either.get_template_info(TEMPLATE, 0, dn)
        assert wanted.status == SUCCESS
        for kind in (1, NO_TYPE, 0xFFFFFFFF):
            for locale in (ENGLISH, JAPANESE, NO_LOCALE):
                assert either.get_template_info(TEMPLATE, kind, dn, locale=locale).row == wanted.row


def test_the_locale_chooses_the_language(either):
    """MS-OXNSPI_R1455 R1471"""
    answers = [either.get_template_info(locale=locale, codepage=65001).row for locale in (ENGLISH, GERMAN, JAPANESE)]
    assert answers[0] != answers[1] != answers[2] != answers[0]


def test_no_such_template(either):
    """No such name, type or locale.  MS-OXNSPI_R1462 R1476 MS-OXCDATA_R975 R976"""
    for options in ({"dn": b"/o=No/cn=template"}, {"kind": NO_TYPE}, {"locale": NO_LOCALE}):
        answer = either.get_template_info(**options)
        assert (answer.status, answer.row) == (INVALID_LOCALE, None)
        assert answer.status == 0x8004011F


@pytest.mark.parametrize("codepage", [1200, UNKNOWN_CODEPAGE, 0])
def test_templates_in_code_pages_that_are_not_served(either, codepage):
    """MS-OXNSPI_R1462 R1467 R1469 MS-OXCDATA_R973"""
    for dn in (None, dns(either)[0]):
        answer = either.get_template_info(dn=dn, codepage=codepage)
        assert (answer.status, answer.row) == (INVALID_CODEPAGE, None)


def test_strings_of_templates_are_in_the_code_page_asked_for(either):
    """MS-OXNSPI_R446 R19391 R453 R1453"""
    narrow, utf8 = (either.get_template_info(locale=GERMAN, codepage=c).row[0][1] for c in (1252, 65001))
    assert "\u00fc".encode("cp1252") in narrow and "\u00fc".encode() not in narrow
    assert "\u00fc".encode() in utf8
