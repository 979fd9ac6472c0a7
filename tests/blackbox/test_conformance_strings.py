"""How strings go out and come in, by operation: section 3.1.4.3."""

import base64

import pytest

from conformance import COMPANY, PRINTABLE_NAME, ZOE, mid
from nspi_wire import DISPLAY_NAME, EMAIL_ADDRESS, SMTP_ADDRESS, SURNAME, Stat
from rpc_impacket import Client
from site_nspid import Site

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


@pytest.mark.parametrize("codepage,name,firm", [
    (20127, PRINTABLE.encode(), b"Pr?f?"), (1251, PRINTABLE.encode(), b"Pr?f?"), (874, PRINTABLE.encode(), b"Pr?f?"),
    (936, PRINTABLE.encode(), b"Pr\xa8\xb9f\xa8\xa6"), (437, b"Zo\x89 M\x81ller", b"Pr\x81f\x82"),
    (20261, b"Zo\xc8e M\xc8uller", b"Pr\xc8uf\xc2e")])
def test_what_a_code_page_cannot_hold_becomes_the_same_in_every_operation(read, codepage, name, firm):
    """A display name becomes the printable one, whole."""
    assert read([DISPLAY_NAME_A, COMPANY_A], codepage) == [(DISPLAY_NAME_A, name), (COMPANY_A, firm)]


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


@pytest.mark.parametrize("text,order", [
    (b"Zoe Mueller", 0), (b"Zoe Muellea", 1), (b"Zoe Muellez", -1), (b"zoe mueller", -1), (b"zz", 1), (b"Aoe Mueller and son", -1)])
def test_8_bit_strings_compare_by_length_then_by_case_and_content(either, text, order):
    """MS-OXNSPI_R463 R484 R488 R489 R490 R491 R492 R493 R1601"""
    zoe = mid(either, ZOE)
    for relop, holds in enumerate((order < 0, order <= 0, order > 0, order >= 0, order == 0, order != 0)):
        found = either.get_matches(Stat(), ("property", relop, PRINTABLE_NAME, (PRINTABLE_NAME, text))).mids
        assert (zoe in found) == holds, relop


BOOK = "".join(f"dn:: {base64.b64encode(f'CN={name},DC=example'.encode()).decode()}\nobjectClass: user\n"
               f"displayName:: {base64.b64encode(name.encode()).decode()}\n\n"
               for name in ("Bea Co-op", "B\u00e9a Quitt", "\u30ab\u30ca \u30d0\u30ca\u30ca"))


@pytest.fixture(scope="module")
def german(tmp_path_factory):
    """A session with a server that keeps the German order beside the default one."""
    path = tmp_path_factory.mktemp("german") / "book.ldif"
    path.write_text(BOOK)
    with Site(path, options='directory {\n locales = {"de-DE", "ja-JP"}\n}\n') as s, Client(s, listener="exchange") as c:
        yield c


def found(client, text, lcid):
    """The name that a table in the order of a locale has at a text."""
    answer = client.seek_entries(Stat(sort_locale=lcid), (DISPLAY_NAME, text), tags=[DISPLAY_NAME])
    return dict(answer.rows[0])[DISPLAY_NAME]


@pytest.mark.parametrize("lcid", [0x409, 0x407, 0x411], ids=hex)
@pytest.mark.parametrize("text,name", [
    ("b\u00c9a q", "B\u00e9a Quitt"), ("Bea Quitt", "B\u00e9a Quitt"), ("\uff22\uff45\uff41 \uff31\uff55\uff49\uff54\uff54", "B\u00e9a Quitt"),
    ("\u304b\u306a \u3070\u306a\u306a", "\u30ab\u30ca \u30d0\u30ca\u30ca")])
def test_case_marks_width_and_kana_do_not_count_in_any_locale(german, lcid, text, name):
    """MS-OXNSPI_R343 R477 R481 R1819 R1820 R1821 R1823 R1824 R1828 R1829 R1844 R1845 R1846"""
    assert found(german, text, lcid) == name


def test_symbols_count_in_the_default_locale_alone(german):
    """MS-OXNSPI_R343 R482 R1820 R1823 R1824 R1830 R1840"""
    assert found(german, "Be-a Coop", 0x407) == "Bea Co-op" == found(german, "Beacoop", 0x407)
    assert found(german, "Bea Coop", 0x409) == "B\u00e9a Quitt"
