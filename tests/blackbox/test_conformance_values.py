"""How values, rows and row sets look on the wire: sections 2, 2.1, 2.2.1.1 and 2.2.2 to 2.2.4, and MS-OXCDATA.

Answers are decoded twice: by nspi_wire, which follows the IDL and takes nothing that it does not say, and here by hand.
"""

import struct

import pytest

from conformance import (ANNA, BAD_STUB, CERTIFICATES, COMPANY, CREATED, NOBODY, PRINTABLE_NAME, SMIME, STATUSES, TEAM, ZOE,
                         ZOE_CERTIFICATES, mid, row, server_guid)
from nspi_wire import (DISPLAY_NAME, DISPLAY_NAME_A, DISPLAY_TYPE, ENTRYID, ERRORS_RETURNED, INSTANCE_KEY, MEMBER, NOT_FOUND,
                       NSPI_UUID, PROXY_ADDRESSES, SMTP_ADDRESS, SUCCESS, TABLE_TOO_BIG, Fault, Nspi, Stat, Writer)
from rpc_impacket import Client, Connection, map_endpoint
from site_nspid import Failed, Site

IS_MASTER = 0xFFFB000B
TYPES = {0x0003, 0x000B, 0x001E, 0x001F, 0x0102, 0x0040, 0x000A, 0x101E, 0x101F, 0x1102, 0x000D, 0x0001}


def raw_props(client, mail, tags, codepage=1252):
    """The stub of an answer of NspiGetProps."""
    w = Writer()
    w.data += client.handle
    w.u32(0)
    w.stat(Stat(current_rec=mid(client, mail), codepage=codepage))
    w.parameter(tags, w.tags)
    return client.connection.call(9, bytes(w.data))


def one_value(client, mail, tag):
    """The parts of the answer with a row of one value: all before the union, and the rest to the status."""
    out = raw_props(client, mail, [tag])
    words = struct.unpack_from("<7I", out)
    referent, reserved, count, values, most, got, zero = words
    assert referent and values and (reserved, count, most, zero) == (0, 1, 1, 0)
    return got, struct.unpack_from("<I", out, 28)[0], out[32:-4], struct.unpack("<I", out[-4:])[0]


def test_integer32(exchange):
    """MS-OXNSPI_R2 R26 R27 R181 R224 R1505 R1572 R1573 MS-OXCDATA_R2691 R456 R457 R458 R75"""
    tag, kind, rest, status = one_value(exchange, ZOE, 0x08070003)
    assert (tag, kind, rest, status) == (0x08070003, 0x00000003, struct.pack("<i", 12), SUCCESS)


def test_boolean(exchange):
    """MS-OXNSPI_R182 R183 R1506 MS-OXCDATA_R2698"""
    values = [dict(r)[IS_MASTER] for r in exchange.get_special_table(flags=4).rows]
    assert values and set(values) <= {0, 1}


def test_string8(exchange):
    """MS-OXNSPI_R184 R185 R1507 MS-OXCDATA_R2701"""
    tag, kind, rest, status = one_value(exchange, ZOE, PRINTABLE_NAME)
    assert (tag, kind, status) == (PRINTABLE_NAME, 0x0000001E, SUCCESS)
    size = len(b"Zoe Mueller\0")
    assert rest[4:] == struct.pack("<III", size, 0, size) + b"Zoe Mueller\0" and any(rest[:4])


def test_string(exchange):
    """MS-OXNSPI_R3 R188 R189 R1509 MS-OXCDATA_R2700"""
    tag, kind, rest, status = one_value(exchange, ZOE, DISPLAY_NAME)
    assert (tag, kind, status) == (DISPLAY_NAME, 0x0000001F, SUCCESS)
    text = "Zo\u00eb M\u00fcller\0".encode("utf-16-le")
    size = len(text) // 2
    assert rest[4:16] == struct.pack("<III", size, 0, size) and rest[16:16 + len(text)] == text


def test_binary(exchange):
    """MS-OXNSPI_R144 R145 R147 R186 R1508 R1564 MS-OXCDATA_R2707"""
    tag, kind, rest, status = one_value(exchange, ZOE, INSTANCE_KEY)
    assert (tag, kind, status) == (INSTANCE_KEY, 0x00000102, SUCCESS)
    size, referent, most = struct.unpack_from("<III", rest)
    assert size == most == 4 and referent and rest[12:] == struct.pack("<I", mid(exchange, ZOE))


def test_time(exchange):
    """2024-01-01 08:00 UTC.  MS-OXNSPI_R192 R193 R1511 MS-OXCDATA_R2702"""
    tag, kind, rest, status = one_value(exchange, ZOE, CREATED)
    assert (tag, kind, status) == (CREATED, 0x00000040, SUCCESS)
    assert struct.unpack("<Q", rest)[0] == (1704096000 + 11644473600) * 10**7


def test_error_code(exchange):
    """MS-OXNSPI_R194 R1512 R910 MS-OXCDATA_R2697 R2054 R2055"""
    tag, kind, rest, status = one_value(exchange, ZOE, 0x6666001F)
    assert (tag, kind, status) == (0x6666000A, 0x0000000A, ERRORS_RETURNED)
    assert rest == struct.pack("<I", 0x8004010F) == struct.pack("<I", NOT_FOUND)


def test_strings8(exchange):
    """MS-OXNSPI_R156 R157 R159 R160 R199 R200 R1515 R1567 MS-OXCDATA_R2716"""
    tag, kind, rest, status = one_value(exchange, ZOE, 0x800F101E)
    assert (tag, kind, status) == (0x800F101E, 0x0000101E, SUCCESS)
    count, referent, most, *strings = struct.unpack_from("<5I", rest)
    assert count == most == 2 and referent and all(strings)
    assert b"SMTP:zoe@conform.example\0" in rest and b"smtp:zm@conform.example\0" in rest
    assert sorted(dict(row(exchange, ZOE, [0x800F101E]))[0x800F101E]) == [b"SMTP:zoe@conform.example",
                                                                          b"smtp:zm@conform.example"]


def test_strings(exchange):
    """MS-OXNSPI_R169 R170 R172 R173 R208 R209 R1517 R1570 MS-OXCDATA_R2715"""
    tag, kind, rest, status = one_value(exchange, ZOE, PROXY_ADDRESSES)
    assert (tag, kind, status) == (PROXY_ADDRESSES, 0x0000101F, SUCCESS)
    count, referent, most, *strings = struct.unpack_from("<5I", rest)
    assert count == most == 2 and referent and all(strings)
    assert "smtp:zm@conform.example\0".encode("utf-16-le") in rest


def test_binaries(exchange):
    """MS-OXNSPI_R161 R162 R164 R202 R1516 R1568 MS-OXCDATA_R2719"""
    tag, kind, rest, status = one_value(exchange, ZOE, CERTIFICATES)
    assert (tag, kind, status) == (CERTIFICATES, 0x00001102, SUCCESS)
    count, referent, most, size1, at1, size2, at2 = struct.unpack_from("<7I", rest)
    assert count == most == 2 and referent and at1 and at2 and size1 == size2 == 5
    assert sorted(dict(row(exchange, ZOE, [CERTIFICATES]))[CERTIFICATES]) == ZOE_CERTIFICATES


def test_embedded_table(exchange):
    """A number that stands for a table, which is 0.  MS-OXNSPI_R31 R1707"""
    tag, kind, rest, status = one_value(exchange, TEAM, MEMBER)
    assert (tag, kind, rest, status) == (MEMBER, 0x0000000D, bytes(4), SUCCESS)


def test_all_types_are_answered_and_no_others(exchange):
    """Every property of every entry, as the server lists and reads them.

    MS-OXNSPI_R37 R1656 R1658 R134 R219 R1707 R1708 R1709
    """
    types = {IS_MASTER & 0xFFFF} & {t & 0xFFFF for r in exchange.get_special_table(flags=4).rows for t, _ in r}
    wide = exchange.query_columns().tags
    narrow = exchange.query_columns(flags=0).tags
    for tags in (wide, narrow):
        for r in exchange.query_rows(Stat(), count=1000, tags=tags).rows:
            types |= {t & 0xFFFF for t, _ in r}
    assert types == TYPES - {0x0001}


def test_types_beyond_the_common_ones(exchange):
    """EmbeddedTable is answered, Unspecified may be asked for, Null may be sent.  MS-OXNSPI_R1657 R23 R29 R37"""
    assert dict(row(exchange, TEAM, [0x80090000]))[MEMBER] == 0
    assert row(exchange, ZOE, [0x30010000]) == [(DISPLAY_NAME, "Zo\u00eb M\u00fcller")]
    me = mid(exchange, ANNA)
    assert exchange.mod_props(Stat(current_rec=me), [], [(0x30010001, 0), (0x8009000D, 0)]).status in STATUSES


def test_a_row_has_its_values_in_order(exchange):
    """MS-OXNSPI_R229 R231 R1574 MS-OXCDATA_R72 R73 R75 R82 R83"""
    out = raw_props(exchange, ZOE, [DISPLAY_TYPE, INSTANCE_KEY, DISPLAY_TYPE])
    referent, reserved, count, values, most = struct.unpack_from("<5I", out)
    assert referent and values and reserved == 0 and count == most == 3
    assert struct.unpack_from("<IIII", out, 20) == (DISPLAY_TYPE, 0, 0x0003, 0)
    assert struct.unpack_from("<III", out, 36) == (INSTANCE_KEY, 0, 0x0102)
    assert struct.unpack("<I", out[-4:])[0] == SUCCESS
    # That its values are all there is what Success says: there is no flag in this form of a row.
    assert exchange.get_props(mid(exchange, ZOE), [0x6666001F]).status == ERRORS_RETURNED


def test_a_row_set_has_its_rows_in_order(exchange):
    """MS-OXNSPI_R234 R236 R1575 MS-OXCDATA_R95 R97 R99"""
    w = Writer()
    w.data += exchange.handle
    w.u32(0)
    w.stat(Stat())
    w.u32(0, 0, 3)
    w.parameter([DISPLAY_TYPE], w.tags)
    out = exchange.connection.call(3, bytes(w.data))
    referent, most, rows = struct.unpack_from("<III", out, 36)
    assert referent and most == rows == 3
    assert [struct.unpack_from("<II", out, 48 + 12 * i) for i in range(3)] == [(0, 1)] * 3
    assert len(exchange.query_rows(Stat(), count=200000, tags=[DISPLAY_TYPE]).rows) <= 100000


def test_a_tag_array_has_room_for_one_more(exchange):
    """MS-OXNSPI_R140 R1563 MS-OXCDATA_R187 R189 R191"""
    w = Writer()
    w.data += exchange.handle
    w.u32(0, 0)
    out = exchange.connection.call(16, bytes(w.data))
    referent, most, count, offset, actual = struct.unpack_from("<5I", out)
    assert referent and offset == 0 and most == count + 1 and actual == count
    assert len(out) == 20 + 4 * count + 4
    assert list(struct.unpack_from(f"<{count}I", out, 20)) == exchange.query_columns(flags=0).tags


def test_a_flat_uid_is_sixteen_bytes(exchange, conforming):
    """MS-OXNSPI_R136 R1562 MS-OXCDATA_R6 R9 R10"""
    w = Writer()
    w.u32(0)
    w.stat(Stat())
    w.parameter(bytes(16), w.guid)
    out = Connection(conforming, listener="exchange").call(0, bytes(w.data))
    assert len(out) == 4 + 16 + 20 + 4 and out[4:20] == server_guid(exchange)


def status_of(client, stub):
    return struct.unpack("<I", client.connection.call(11, stub)[-4:])[0]


def faults(client, stub):
    with pytest.raises(Fault) as fault:
        client.connection.call(11, stub)
    return fault.value.status == BAD_STUB


@pytest.fixture(scope="module")
def roomy(conforming):
    """A server that takes requests as large as the protocol's largest values."""
    with Site(options="limits {\n max_request = 32M\n max_call_memory = 256M\n}\n") as s:
        yield s


@pytest.fixture
def large(roomy):
    with Client(roomy, listener="exchange") as c:
        yield c


def bare_stub(client, tag, write):
    w = Writer()
    w.data += client.handle
    w.u32(0)
    w.stat(Stat(current_rec=NOBODY))
    w.parameter([], w.tags)
    w.u32(0, 1, 0x20010, 1, tag, 0, tag & 0xFFFF)
    write(w)
    return bytes(w.data)


def test_binary_has_two_mebibytes_at_most(large):
    """MS-OXNSPI_R146 R187 R1564"""
    def binary(size):
        return bare_stub(large, 0x0FF60102, lambda w: (w.u32(size, 0x20020, size), w.data.extend(bytes(size))))
    assert status_of(large, binary(2097152)) in STATUSES
    assert faults(large, binary(2097153))


def test_each_of_several_binaries_has_two_mebibytes_at_most(large):
    """MS-OXNSPI_R203"""
    def binaries(size):
        return bare_stub(large, SMIME, lambda w: (w.u32(1, 0x20020, 1, size, 0x20024, size), w.data.extend(bytes(size))))
    assert status_of(large, binaries(2097152)) in STATUSES
    assert faults(large, binaries(2097153))


ARRAYS = {
    0x1002: lambda w, n: (w.u32(n, 0x20020, n), w.data.extend(bytes(2 * n))),
    0x1003: lambda w, n: (w.u32(n, 0x20020, n), w.data.extend(bytes(4 * n))),
    0x1040: lambda w, n: (w.u32(n, 0x20020, n), w.data.extend(bytes(8 * n))),
    0x101E: lambda w, n: (w.u32(n, 0x20020, n), w.data.extend(bytes(4 * n))),
    0x101F: lambda w, n: (w.u32(n, 0x20020, n), w.data.extend(bytes(4 * n))),
    0x1048: lambda w, n: (w.u32(n, 0x20020, n), w.data.extend(bytes(4 * n))),
    0x1102: lambda w, n: (w.u32(n, 0x20020, n), w.data.extend(bytes(8 * n))),
}


@pytest.mark.parametrize("kind", ARRAYS, ids=hex)
def test_arrays_have_100000_values_at_most(large, kind):
    """MS-OXNSPI_R158 R163 R171 R201 R204 R210 R150 R154 R167 R176 R196 R198 R207 R213 R1565 R1566 R1569 R1571"""
    def array(count):
        return bare_stub(large, 0x80000000 | kind, lambda w: ARRAYS[kind](w, count))
    assert status_of(large, array(100000)) in STATUSES
    assert faults(large, array(100001))


def test_a_row_has_100000_values_at_most(large):
    """MS-OXNSPI_R230 R1574 MS-OXCDATA_R84"""
    def values(count):
        w = Writer()
        w.data += large.handle
        w.u32(0)
        w.stat(Stat(current_rec=NOBODY))
        w.parameter([], w.tags)
        w.u32(0, count, 0x20010, count)
        w.data += struct.pack("<IIII", 0x30010003, 0, 3, 0) * count
        return bytes(w.data)
    assert status_of(large, values(100000)) in STATUSES
    assert faults(large, values(100001))


def test_no_answer_has_more_than_100000_rows(tmp_path):
    """The configuration allows no more.  MS-OXNSPI_R236"""
    with pytest.raises(Failed) as failed, Site(users=(), start=False, options="limits {\n max_rows = 100001\n}\n") as s:
        s.nspictl("user", "list")
    assert "max_rows" in str(failed.value)


def test_a_list_of_tags_may_be_too_long(exchange):
    """MS-OXNSPI_R896 R897 R982 MS-OXCDATA_R989 R990"""
    tags = [DISPLAY_TYPE] * 5000
    assert exchange.get_props(mid(exchange, ZOE), tags).status == TABLE_TOO_BIG == 0x80040403
    assert exchange.query_rows(Stat(), count=1, tags=tags).status == TABLE_TOO_BIG


def test_the_interface_over_tcp(conforming):
    """MS-OXNSPI_R8 R9 R1877 R1989 R7002 R5 R1815"""
    assert NSPI_UUID == ("F5CC5A18-4264-101A-8C59-08002B2F8426", "56.0")
    assert Nspi(Connection(conforming, listener="exchange")).bind().status == SUCCESS
    assert map_endpoint(conforming) in {l["port"] for l in conforming.listeners.values()}
    for version in ("55.0", "57.0"):
        with pytest.raises(Exception, match="abstract_syntax_not_supported|unsupported|rejected"):
            Connection(conforming, listener="exchange", interface=(NSPI_UUID[0], version))


def test_string_columns_are_of_both_kinds(exchange):
    """MS-OXNSPI_R433 R432 R431"""
    values = dict(row(exchange, ZOE, [DISPLAY_NAME, DISPLAY_NAME_A, COMPANY, 0x3A16001E, SMTP_ADDRESS, 0x39FE001E]))
    for wide, narrow in ((DISPLAY_NAME, DISPLAY_NAME_A), (COMPANY, 0x3A16001E), (SMTP_ADDRESS, 0x39FE001E)):
        assert values[wide].encode("cp1252") == values[narrow]
