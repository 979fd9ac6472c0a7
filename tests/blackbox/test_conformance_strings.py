"""How strings go out and come in, by operation: section 3.1.4.3."""

import pytest

from conformance import COMPANY, PRINTABLE_NAME, ZOE, mid
from nspi_wire import DISPLAY_NAME, EMAIL_ADDRESS, SMTP_ADDRESS, SURNAME, Stat

NAME, FIRM, PRINTABLE = "Zo\u00eb M\u00fcller", "Pr\u00fcf\u00e9", "Zoe Mueller"
COMPANY_A, DISPLAY_NAME_A, PRINTABLE_WIDE, PROXIES, PROXIES_A = 0x3A16001E, 0x3001001E, 0x39FF001F, 0x800F101F, 0x800F101E

WAYS = {
    "GetProps": lambda c, tags, stat: c.get_props(mid(c, ZOE), tags, stat).row,
    "QueryRows": lambda c, tags, stat: c.query_rows(stat, count=1, table=[mid(c, ZOE)], tags=tags).rows[0],
    "GetMatches": lambda c, tags, stat: c.get_matches(stat, ("property", 4, SMTP_ADDRESS, (SMTP_ADDRESS, ZOE)), tags=tags).rows[0],
    "SeekEntries": lambda c, tags, stat: c.seek_entries(stat, (DISPLAY_NAME, NAME), tags=tags).rows[0],
    "ResolveNames": lambda c, tags, stat: c.resolve_names([ZOE.encode()], stat, tags).rows[0],
    "ResolveNamesW": lambda c, tags, stat: c.resolve_names_w([ZOE], stat, tags).rows[0],
}

# name, of Windows and of Python, of code pages that have all the characters above
CODEPAGES = [(1252, "cp1252"), (1250, "cp1250"), (850, "cp850"), (28591, "latin-1"), (65001, "utf-8")]


@pytest.fixture(params=WAYS)
def read(either, request):
    """read(tags, codepage): a row of the entry, by each operation that gives rows."""
    return lambda tags, codepage=1252: WAYS[request.param](either, tags, Stat(codepage=codepage))


@pytest.mark.parametrize("codepage,charset", CODEPAGES)
def test_unicode_asked_for_in_8_bits_is_in_the_clients_code_page(read, codepage, charset):
    """MS-OXNSPI_R336 R446 R903 R1934 R1935 R1936 R1937 R1938 R1939 R1969 R1971 R1973 R1975 R1977 R1979 R464"""
    assert read([DISPLAY_NAME_A, COMPANY_A], codepage) == [(DISPLAY_NAME_A, NAME.encode(charset)), (COMPANY_A, FIRM.encode(charset))]


@pytest.mark.parametrize("codepage,charset", CODEPAGES)
def test_unicode_asked_for_in_unicode_is_unchanged(read, codepage, charset):
    """MS-OXNSPI_R447 R1942 R1943 R1944 R1945 R1946 R1947 R1968 R1970 R1972 R1974 R1976 R1978"""
    assert read([DISPLAY_NAME, COMPANY], codepage) == [(DISPLAY_NAME, NAME), (COMPANY, FIRM)]


def test_8_bits_asked_for_in_unicode_are_widened(read):
    """MS-OXNSPI_R448 R449 R1950 R1951 R1952 R1953 R1954 R1955"""
    for codepage in (1252, 850, 65001):
        assert read([PRINTABLE_WIDE], codepage) == [(PRINTABLE_WIDE, PRINTABLE)]


def test_8_bits_asked_for_in_8_bits_are_unchanged(read):
    """MS-OXNSPI_R450 R1601 R1958 R1959 R1960 R1961 R1962 R1963"""
    for codepage in (1252, 850, 65001):
        assert read([PRINTABLE_NAME], codepage) == [(PRINTABLE_NAME, PRINTABLE.encode())]


def test_strings_come_in_both_forms(read):
    """Side by side in a row, single and several.  MS-OXNSPI_R445 R452 R455 R456 R457 R458 R459 R460 R433"""
    row = dict(read([EMAIL_ADDRESS, 0x3003001E, PROXIES, PROXIES_A]))
    assert row[EMAIL_ADDRESS].encode() == row[0x3003001E]
    assert [v.encode() for v in row[PROXIES]] == row[PROXIES_A] and len(row[PROXIES]) == 2


def test_the_hierarchy_has_strings_in_both_forms(either):
    """MS-OXNSPI_R454 R1966 R1967"""
    wide, narrow = (either.get_special_table(flags=f, stat=Stat()).rows for f in (4, 0))
    assert [dict(r)[DISPLAY_NAME].encode("cp1252") for r in wide] == [dict(r)[DISPLAY_NAME_A] for r in narrow]


def test_code_pages_that_must_be_known(either):
    """MS-OXNSPI_R440"""
    assert either.get_props(mid(either, ZOE), [0x39FF001F], Stat(codepage=20261)).row == [(0x39FF001F, PRINTABLE)]
    assert either.get_props(mid(either, ZOE), [0x39FE001E], Stat(codepage=20261)).row == [(0x39FE001E, ZOE.encode())]


@pytest.mark.parametrize("codepage,charset", CODEPAGES)
def test_8_bit_strings_of_a_filter_are_of_the_clients_code_page(either, codepage, charset):
    """MS-OXNSPI_R461 R464 R465"""
    surname = "M\u00fcller".encode(charset)
    found = either.get_matches(Stat(codepage=codepage), ("property", 4, SURNAME, (0x3A11001E, surname))).mids
    assert mid(either, ZOE) in found


def test_unicode_strings_of_a_filter_are_taken_as_they_are(either):
    """MS-OXNSPI_R466"""
    for codepage in (1251, 932):
        found = either.get_matches(Stat(codepage=codepage), ("property", 4, SURNAME, (SURNAME, "M\u00fcller"))).mids
        assert mid(either, ZOE) in found


def test_comparisons_tell_less_from_equal_from_greater(either):
    """MS-OXNSPI_R473 R474"""
    zoe = mid(either, ZOE)
    for text, holds in (("M\u00fclla", {2, 3, 5}), ("M\u00fcller", {1, 3, 4}), ("M\u00fcllf", {0, 1, 5})):
        for relop in range(6):
            found = either.get_matches(Stat(), ("property", relop, SURNAME, (SURNAME, text))).mids
            assert (zoe in found) == (relop in holds), (text, relop)
