"""Bodies of MAPI over HTTP, byte by byte: sections 2.2.5.1 to 2.2.5.19.

Each answer has to be, to the byte, what the answer of the same call over RPC is in the layout of these sections."""

import struct

import pytest

from conformance import ANNA, DELEGATES, NOBODY, TEAM, UNKNOWN_CODEPAGE, ZOE, ephemeral_id, mid, mids_of_table
from mapihttp_client import Endpoint, HttpClient
from mapihttp_wire import MapiHttp, Writer
from nspi_wire import (DISPLAY_NAME, DISPLAY_NAME_A, DISPLAY_TYPE, EMAIL_ADDRESS, END, ENTRYID, INSTANCE_KEY, INVALID_CODEPAGE,
                       MEMBER, NOT_FOUND, PROXY_ADDRESSES, SMTP_ADDRESS, SUCCESS, TABLE_TOO_BIG, UNBIND_SUCCESS, Stat)
from rpc_impacket import Client
from site_nspid import Site

TAGS = [DISPLAY_NAME, SMTP_ADDRESS, DISPLAY_TYPE, INSTANCE_KEY]
MISSING = 0x6666001F
NO_SORT_TYPE = 7
OTHER_FLAGS = 0xFFFF0000
SERVER = "/o=Org/ou=Exchange Administrative Group/cn=Configuration/cn=Servers/cn=BOOK"
TRUE, FALSE = b"\xFF", b"\x00"


class Recorder:
    """Stands before a client's transport and keeps the bytes of the last request and answer."""

    def __init__(self, transport):
        self.transport = transport

    def call(self, request_type, body):
        self.name, self.request = request_type, body
        self.body = self.transport.call(request_type, body)
        return self.body

    def __getattr__(self, name):
        return getattr(self.transport, name)


@pytest.fixture(scope="module")
def http(conforming):
    """A session over MAPI/HTTP, whose .transport.body is the last answer."""
    with HttpClient(conforming) as client:
        client.transport = Recorder(client.transport)
        yield client


@pytest.fixture(scope="module")
def mids(exchange):
    return mids_of_table(exchange)


def body(error, *parts):
    """StatusCode, ErrorCode, what is between, AuxiliaryBufferSize and no AuxiliaryBuffer."""
    return struct.pack("<II", 0, error) + b"".join(parts) + bytes(4)


def u32(value):
    return struct.pack("<I", value)


def has(part):
    return FALSE if part is None else TRUE + part


def numbers(values):
    return None if values is None else struct.pack(f"<{1 + len(values)}I", len(values), *values)


def written(method, *values):
    w = Writer()
    getattr(w, method)(*values)
    return bytes(w.data)


def a_list(values):
    return None if values is None else written("list", values)


def lists(rows):
    return u32(len(rows)) + b"".join(a_list(r) for r in rows) if rows else None


def rows(columns, found):
    return None if found is None else written("columns_and_rows", columns, found)


def state(stat):
    return TRUE + stat.pack()


def matching(text):
    return ("content", 0x10002, DISPLAY_NAME, (DISPLAY_NAME, text))


def test_bind_body(http, exchange):
    """ServerGuid, which is that of RPC.

    MS-OXCMAPIHTTP_R346 R347 R348 R1377 R349 R350 R351 R352 R324 R1441 R1446
    """
    with HttpClient(http.transport.site) as other:
        other.transport = Recorder(other.transport)
        with Client(http.transport.site, listener="exchange") as rpc:
            guid = rpc.another().guid
        answer = other.bind()
        assert other.transport.body == body(SUCCESS, guid) and len(other.transport.body) == 28
        assert answer.guid == guid


def test_unbind_body(http):
    """MS-OXCMAPIHTTP_R367 R1291 R368 R1380 R369 R370 R371 R353 R1438"""
    with HttpClient(http.transport.site) as other:
        other.transport = Recorder(other.transport)
        other.unbind()
        assert other.transport.body == body(UNBIND_SUCCESS) and len(other.transport.body) == 12
        other.transport.cookies.clear()


def test_compare_mids_body(http, exchange, mids):
    """Result is 0 for the same, negative and positive as one is before the other.

    MS-OXCMAPIHTTP_R399 R1290 R400 R1383 R401 R2109 R2110 R2111 R2112 R402 R403 R404
    MS-OXCMAPIHTTP_R372
    """
    signs = []
    for pair in ((mids[3], mids[3]), (mids[0], mids[-1]), (mids[-1], mids[0])):
        wanted = exchange.compare_mids(*pair)
        http.compare_mids(*pair)
        assert http.transport.body == body(SUCCESS, struct.pack("<i", wanted.result))
        signs.append((wanted.result > 0) - (wanted.result < 0))
    assert signs == [0, -1, 1]


def test_dn_to_mid_body(http, exchange):
    """MS-OXCMAPIHTTP_R1286 R1287 R430 R1386 R431 R432 R433 R436 R1288 R440 R441 R442 R405"""
    known = dict(exchange.get_props(mid(exchange, ZOE), [EMAIL_ADDRESS]).row)[EMAIL_ADDRESS].encode()
    http.dn_to_mid([known, b"/o=nobody", known])
    number = mid(exchange, ZOE)
    assert http.transport.body == body(SUCCESS, TRUE, numbers([number, 0, number]))


def test_get_matches_body(http, exchange):
    """With columns, without, and one that fails: then there are neither MIds nor rows.

    MS-OXCMAPIHTTP_R524 R525 R526 R1392 R527 R528 R530 R533 R516 R534 R535 R1450 R538 R539 R1294 R542 R543 R544 R1451
    R547 R545 R548 R551 R552 R1296 R555 R556 R557
    MS-OXCMAPIHTTP_R443 R502
    """
    for tags in (TAGS, None):
        answer = exchange.get_matches(Stat(), matching("Conform"), tags=tags)
        assert len(answer.mids) >= 4
        http.get_matches(Stat(), matching("Conform"), tags=tags)
        assert http.transport.body == body(SUCCESS, state(answer.stat), has(numbers(answer.mids)),
                                           has(rows(tags, answer.rows)))
    few = exchange.get_matches(Stat(), matching("Conform"), requested=2, tags=TAGS)
    assert (few.status, few.mids, few.rows) == (TABLE_TOO_BIG, None, None)
    http.get_matches(Stat(), matching("Conform"), requested=2, tags=TAGS)
    assert http.transport.body == body(TABLE_TOO_BIG, state(few.stat), FALSE, FALSE)


def test_get_prop_list_body(http, exchange):
    """MS-OXCMAPIHTTP_R579 R580 R581 R1396 R582 R583 R584 R1297 R587 R588 R589 R558"""
    number = mid(exchange, ZOE)
    answer = exchange.get_prop_list(number)
    assert DISPLAY_NAME_A in answer.tags and PROXY_ADDRESSES - 1 in answer.tags
    http.get_prop_list(number)
    assert http.transport.body == body(SUCCESS, TRUE, numbers(answer.tags))
    failure = exchange.get_prop_list(NOBODY)
    assert failure.status != SUCCESS and failure.tags is None
    http.get_prop_list(NOBODY)
    assert http.transport.body == body(failure.status, FALSE)


def test_get_props_body(http, exchange):
    """All there, one missing, and too many.

    MS-OXCMAPIHTTP_R619 R620 R621 R1398 R622 R623 R624 R626 R627 R628 R629 R630
    MS-OXCMAPIHTTP_R590
    """
    number = mid(exchange, ZOE)
    for tags in (TAGS, TAGS + [MISSING], None):
        answer = exchange.get_props(number, tags)
        http.get_props(number, tags)
        assert http.transport.body == body(answer.status, u32(1252), TRUE, a_list(answer.row))
    http.get_props(number, [DISPLAY_TYPE] * 5000)
    assert http.transport.body == body(TABLE_TOO_BIG, u32(1252), FALSE)


def test_get_special_table_body(http, exchange):
    """The hierarchy and the creation table, and one that has no rows.

    MS-OXCMAPIHTTP_R664 R665 R666 R1400 R667 R668 R669 R670 R672 R673 R675 R1452 R677 R678 R679 R680 R681 R682
    MS-OXCMAPIHTTP_R631
    """
    for flags in (0, 4, 2, 6):
        answer = exchange.get_special_table(flags=flags)
        assert answer.status == SUCCESS and answer.rows
        http.get_special_table(flags=flags)
        assert http.transport.body == body(SUCCESS, u32(1252), TRUE, u32(answer.version), TRUE, lists(answer.rows))
    nowhere = Stat(template_locale=0)
    answer = exchange.get_special_table(flags=2, stat=nowhere)
    assert not answer.rows
    http.get_special_table(flags=2, stat=nowhere)
    assert http.transport.body == body(answer.status, u32(1252), TRUE, u32(answer.version), FALSE)


def test_get_template_info_body(http, exchange):
    """MS-OXCMAPIHTTP_R713 R714 R715 R1402 R716 R717 R718 R719 R720 R721 R722 R723 R683"""
    answer = exchange.get_template_info(flags=1 | 4 | 0x20 | 0x40)
    assert answer.status == SUCCESS and answer.row
    http.get_template_info(flags=1 | 4 | 0x20 | 0x40)
    assert http.transport.body == body(SUCCESS, u32(1252), TRUE, a_list(answer.row))
    http.get_template_info(codepage=UNKNOWN_CODEPAGE)
    assert http.transport.body == body(INVALID_CODEPAGE, u32(UNKNOWN_CODEPAGE), FALSE)


def test_mod_link_att_body(http, exchange):
    """Members of a list that anna manages, and her own delegates; other properties of neither.

    MS-OXCMAPIHTTP_R757 R758 R759 R1404 R760 R761 R762
    MS-OXCMAPIHTTP_R724 R1333 R1335 R740 R746 R737 R738 R1325 R735
    """
    guid, zoe = exchange.another().guid, mid(exchange, ZOE)
    entry_id = ephemeral_id(guid, 0, zoe)
    for tag, owner in ((MEMBER, mid(exchange, "empty@conform.example")), (DELEGATES, mid(exchange, ANNA))):
        def linked():
            return exchange.get_matches(Stat(sort_type=0x3E8, container_id=tag, current_rec=owner)).mids
        http.mod_link_att(tag, owner, [entry_id], flags=OTHER_FLAGS)
        assert http.transport.body == body(SUCCESS) and len(http.transport.body) == 12
        assert linked() == [zoe]
        http.mod_link_att(tag, owner, [entry_id], flags=1)
        assert http.transport.body == body(SUCCESS) and not linked()
    for tag, owner in ((MEMBER, mid(exchange, ANNA)), (DELEGATES, mid(exchange, TEAM))):
        assert http.mod_link_att(tag, owner, [entry_id]).status != SUCCESS
        assert len(http.transport.body) == 12


def test_mod_props_body(http, exchange):
    """Values come and go.

    MS-OXCMAPIHTTP_R796 R797 R798 R1407 R799 R800 R801
    MS-OXCMAPIHTTP_R763 R783 R786 R1312
    """
    smime, anna = 0x3A701102, mid(exchange, ANNA)
    value = (smime, [b"\x30\x01"])
    for tags, row, wanted in (([], [value], value), ([smime], [], (0x3A70000A, NOT_FOUND))):
        http.mod_props(Stat(current_rec=anna), tags, row, reserved=0xFFFFFFFF)
        assert http.transport.body == body(SUCCESS)
        assert exchange.get_props(anna, [smime]).row == [wanted]


def test_query_rows_body(http, exchange, mids):
    """Of a table and of MIds, with and without what is missing; and one that fails.

    MS-OXCMAPIHTTP_R843 R844 R845 R1409 R846 R847 R850 R852 R853 R854 R855 R856 R857 R858 R859 R860 R861 R862 R863
    R864
    MS-OXCMAPIHTTP_R802 R804 R825 R827
    """
    for options in ({"tags": TAGS, "count": 7}, {"tags": TAGS + [MISSING], "count": 3},
                    {"tags": TAGS, "count": 3, "table": [mids[5], NOBODY, mids[1]]},
                    {"tags": TAGS, "count": 5, "stat": Stat(current_rec=END)}):
        answer = exchange.query_rows(**options)
        http.query_rows(**options)
        assert http.transport.body == body(SUCCESS, state(answer.stat), TRUE, rows(options["tags"], answer.rows or []))
    assert len(exchange.query_rows(tags=TAGS, count=7).rows) == 7
    failure = exchange.query_rows(Stat(sort_type=NO_SORT_TYPE), tags=TAGS)
    assert failure.status != SUCCESS
    http.query_rows(Stat(sort_type=NO_SORT_TYPE), tags=TAGS)
    assert http.transport.body == body(failure.status, state(failure.stat), FALSE)


def test_query_columns_body(http, exchange):
    """MS-OXCMAPIHTTP_R885 R886 R887 R1413 R888 R889 R890 R892 R893 R894 R865 R1412 R874"""
    for flags in (0x80000000, 0, 0x80000000 | 0x7FFF0000, 0x7FFF0000):
        answer = exchange.query_columns(flags & 0x80000000)
        http.query_columns(flags)
        assert http.transport.body == body(SUCCESS, TRUE, numbers(answer.tags))


def test_resolve_names_body(http, exchange):
    """Found, ambiguous, found nowhere; rows are of what was found.  One that fails has neither.

    MS-OXCMAPIHTTP_R934 R935 R936 R1416 R937 R938 R939 R940 R941 R942 R943 R944 R945 R946 R947 R948 R949 R950 R951
    R952 R953 R954 R955 R956 R957
    MS-OXCMAPIHTTP_R895 R913
    """
    names = ["nobody at all", "Conform", "zoe@conform.example"]
    answer = exchange.resolve_names_w(names, tags=TAGS)
    assert answer.mids == [0, 1, 2] and len(answer.rows) == 1
    http.resolve_names_w(names, tags=TAGS)
    assert http.transport.body == body(SUCCESS, u32(1252), TRUE, numbers(answer.mids), TRUE, rows(TAGS, answer.rows))
    failure = exchange.resolve_names_w(names, Stat(codepage=1200), tags=TAGS)
    assert failure.status != SUCCESS
    http.resolve_names_w(names, Stat(codepage=1200), tags=TAGS)
    assert http.transport.body == body(failure.status, u32(1200), FALSE, FALSE)


def test_resort_restriction_body(http, exchange, mids):
    """MS-OXCMAPIHTTP_R993 R994 R995 R1419 R996 R997 R999 R1001 R1002 R1003 R1004 R1005 R1006 R1007 R1008 R1009 R1010
    R1011 R958
    """
    some = [mids[9], mids[2], mids[4]]
    answer = exchange.resort_restriction(Stat(), some)
    assert answer.mids == [mids[2], mids[4], mids[9]]
    http.resort_restriction(Stat(), some)
    assert http.transport.body == body(SUCCESS, state(answer.stat), TRUE, numbers(answer.mids))
    failure = exchange.resort_restriction(Stat(sort_type=NO_SORT_TYPE), some)
    assert failure.status != SUCCESS
    http.resort_restriction(Stat(sort_type=NO_SORT_TYPE), some)
    assert http.transport.body == body(failure.status, state(failure.stat), FALSE)


def test_seek_entries_body(http, exchange, mids):
    """To the first row from a name on; rows of MIds on demand; without columns there are none.

    MS-OXCMAPIHTTP_R1038 R1039 R1040 R1422 R1041 R1042 R1044 R1046 R1047 R1048 R1049 R1050 R1051 R1052 R1053 R1054
    R1055 R1056 R1057 R1058
    MS-OXCMAPIHTTP_R1012 R1013
    """
    target = (DISPLAY_NAME, "M")
    ordered = sorted(mids[20:30], key=mids.index)
    for options in ({"tags": TAGS}, {"tags": TAGS, "table": ordered}, {}):
        answer = exchange.seek_entries(Stat(), target, **options)
        http.seek_entries(Stat(), target, **options)
        found = rows(options.get("tags"), answer.rows)
        assert http.transport.body == body(answer.status, state(answer.stat), has(found))
    answer = exchange.seek_entries(Stat(), target, tags=TAGS)
    assert answer.status == SUCCESS and dict(answer.rows[0])[DISPLAY_NAME] >= "M"


def test_update_stat_body(http, exchange):
    """Delta where it was asked for.

    MS-OXCMAPIHTTP_R1074 R1075 R1076 R1425 R1077 R1078 R1080 R1082 R1083 R1084 R1085 R1086 R1087 R1088 R1059
    """
    stat = Stat(delta=12)
    answer = exchange.update_stat(stat, 0)
    assert answer.delta == 12 and answer.stat.num_pos == 12
    http.update_stat(stat, 0)
    assert http.transport.body == body(SUCCESS, state(answer.stat), TRUE, struct.pack("<i", 12))
    http.update_stat(answer.stat.but(delta=-5), 0)
    assert http.transport.body[-8:-4] == struct.pack("<i", -5)
    http.update_stat(stat)
    assert http.transport.body == body(SUCCESS, state(answer.stat), FALSE)


def test_url_bodies(book):
    """URLs of this server.

    MS-OXCMAPIHTTP_R1099 R1100 R1101 R1435 R1102 R1103 R1104 R1105
    MS-OXCMAPIHTTP_R1117 R1118 R1119 R1428 R1120 R1121 R1122 R1123
    MS-OXCMAPIHTTP_R1089 R1106 R1327 R1328
    """
    with Site(book, options='auth {\n netbios_name = "BOOK"\n}\n') as site:
        http = MapiHttp(Recorder(Endpoint(site)))
        for flags in (0, 0xFFFFFFFF):
            for call, text, end in ((http.get_address_book_url, "/o=x", "/mapi/nspi/"), (http.get_mailbox_url, SERVER, "/mapi/emsmdb/")):
                url = call(text, flags).url
                assert url.startswith("http") and url.endswith(end)
                assert http.transport.body == body(SUCCESS, (url + "\0").encode("utf-16-le"))


# What the server does not look at

def test_other_flags_change_nothing(http, exchange):
    """MS-OXCMAPIHTTP_R1320 R332 R1321 R566 R1323 R600 R1322 R642 R1324 R694 R1326 R808"""
    number = mid(exchange, ZOE)
    for call in (lambda f: http.get_prop_list(number, flags=f), lambda f: http.get_props(number, TAGS + [ENTRYID], flags=f),
                 lambda f: http.get_special_table(flags=4 | f), lambda f: http.get_template_info(flags=1 | f),
                 lambda f: http.query_rows(count=5, tags=TAGS + [ENTRYID], flags=f)):
        call(0)
        plain = http.transport.body
        call(OTHER_FLAGS)
        assert http.transport.body == plain
    with HttpClient(http.transport.site, bind=False) as other:
        assert other.bind(flags=OTHER_FLAGS).guid == other.bind().guid


def test_reserved_words_mean_nothing(http, mids):
    """The first word of these requests; GetMatches has two, and takes no notice of MIds.

    MS-OXCMAPIHTTP_R1309 R1310 R1453 R1389 R1313 R1314 R1315 R1316 R1317
    """
    for call in (lambda: http.compare_mids(mids[0], mids[1]), lambda: http.dn_to_mid([b"/o=x"]),
                 lambda: http.get_matches(Stat(), matching("Conform"), tags=TAGS), http.query_columns,
                 lambda: http.resolve_names_w(["Conform"], tags=TAGS), lambda: http.resort_restriction(Stat(), mids[:3]),
                 lambda: http.seek_entries(Stat(), (DISPLAY_NAME, "M"), tags=TAGS), lambda: http.update_stat(Stat(delta=3), 0)):
        call()
        plain, name, request = http.transport.body, http.transport.name, bytearray(http.transport.request)
        request[:4] = u32(0xFFFFFFFF)
        if name == "GetMatches":
            request[42:46] = u32(0xFFFFFFFF)  # InterfaceOptionFlags, behind Reserved, State and HasMinimalIds
        assert http.transport.call(name, bytes(request)) == plain


def test_unbind_takes_no_notice_of_its_reserved_word(http):
    """MS-OXCMAPIHTTP_R1308"""
    with HttpClient(http.transport.site) as other:
        assert other.transport.call("Unbind", u32(0xFFFFFFFF) + bytes(4)) == body(UNBIND_SUCCESS)
        other.transport.cookies.clear()
