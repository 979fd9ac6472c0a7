"""What every object has, and what it is known by: sections 2.2.1.3, 2.2.1.7, 2.2.9, 3.1.4.2, 3.1.4.6, and the properties."""

import re
import struct

import pytest

from conformance import (AGENT, ANNA, CERTIFICATES, CONTAINER, DEPARTMENT, DISTLIST, DYNAMIC, FORUM, GUID_NSPI, MAILUSER,
                         PRINTABLE_NAME, REMOTE, REMOTE_MAILUSER, SMIME, TEAM, ZOE, containers, ephemeral_id, mid,
                         mids_of_table, permanent_id, row, server_guid)
from nspi_wire import (CONTAINER_ID, DISPLAY_NAME, DISPLAY_TYPE, EMAIL_ADDRESS, ENTRYID, ERRORS_RETURNED, INSTANCE_KEY, MEMBER,
                       OBJECT_TYPE, SUCCESS, Stat)
from rpc_impacket import Client

FOLDER_MAIL = "suggestions@example.com"
CONTAINER_CONTENTS, CONTAINER_FLAGS = 0x360F000D, 0x36000003

REQUIRED = [
    OBJECT_TYPE, 0x3F080003, PRINTABLE_NAME, CONTAINER_ID, ENTRYID, INSTANCE_KEY, 0x300B0102, 0x0FF90102, 0x3002001F,
    EMAIL_ADDRESS, DISPLAY_TYPE, 0x39020102, 0x3A20001F, DISPLAY_NAME, 0x0FF80102, 0x803C001F,
]


@pytest.fixture(scope="module")
def guid(exchange):
    return server_guid(exchange)


@pytest.fixture(scope="module")
def everything(exchange):
    """All required properties of all objects."""
    return [dict(r) for r in exchange.query_rows(Stat(), count=1000, tags=REQUIRED).rows]


def test_every_object_has_what_it_must(everything, exchange):
    """By tag, in the type that each has.

    MS-OXNSPI_R1721 R1722 R1723 R1724 R1725 R1726 R1727 R1728 R1729 R1730 R1731 R1732 R1733 R1734 R1735 R1736
    MS-OXPROPS_R4969 R4970 R4981 R5163 R5164 R5316 R5317 R6014 R6015 R6035 R6036 R6056 R6057 R6100 R6101 R6605 R6606
    MS-OXPROPS_R6626 R6627 R6890 R6891 R7109 R7110 R7825 R7826 R8385 R8386 R8770 R8771 R8815 R8816
    """
    assert len(everything) == len(mids_of_table(exchange)) > 200
    for r in everything:
        assert set(r) == set(REQUIRED), r


def test_the_printable_name_comes_in_both_forms(everything, exchange):
    """MS-OXPROPS_R4981 R4982"""
    mids = mids_of_table(exchange)
    for r in exchange.query_rows(Stat(), count=1000, table=mids, tags=[0x39FF001F, PRINTABLE_NAME]).rows:
        assert [t for t, _ in r] == [0x39FF001F, PRINTABLE_NAME]


def test_the_identities_of_an_object_agree(everything):
    """MS-OXPROPS_R6889 MS-OXNSPI_R1664 R2003004"""
    rdn = r"[^/=]{1,64}"
    for r in everything:
        dn, name = r[EMAIL_ADDRESS], r[DISPLAY_TYPE]
        assert r[0x0FF80102] == GUID_NSPI
        assert r[ENTRYID] == r[0x0FF90102] == r[0x39020102] == permanent_id(name, dn)
        assert r[0x803C001F] == dn and r[0x300B0102] == b"EX:" + dn.upper().encode() + b"\0"
        assert r[0x3002001F] == "EX" and len(r[INSTANCE_KEY]) == 4 and r[0x3A20001F] == r[DISPLAY_NAME]
        assert re.fullmatch(f"/o={rdn}/ou={rdn}(/cn={rdn}){{1,14}}", dn) and len(dn) <= 256


def test_groups_have_contents(everything, exchange):
    """And nobody else has.

    MS-OXNSPI_R1737 R1738 MS-OXPROPS_R5798 R5799 R5800 R5806 R5807 MS-OXOABK_R892
    """
    group = row(exchange, TEAM, [OBJECT_TYPE, CONTAINER_CONTENTS, CONTAINER_FLAGS])
    assert [t for t, _ in group] == [OBJECT_TYPE, CONTAINER_CONTENTS, CONTAINER_FLAGS]
    assert dict(group)[OBJECT_TYPE] == 8 and dict(group)[CONTAINER_CONTENTS] == 0
    assert row(exchange, ZOE, [CONTAINER_CONTENTS, CONTAINER_FLAGS]) == [(0x360F000A, 0x8004010F), (0x3600000A, 0x8004010F)]
    for r in everything:
        assert r[OBJECT_TYPE] == {DISTLIST: 8, FORUM: 3}.get(r[DISPLAY_TYPE], 6)


def test_properties_of_people(exchange):
    """MS-OXPROPS_R5986 R7116 R7545 R5309 R5310 R8875 R8876"""
    me = mid(exchange, ANNA)
    values = dict(row(exchange, ZOE, [DEPARTMENT, 0x3A19001F, 0x3A1A001F, CERTIFICATES]))
    assert values[DEPARTMENT] == "Pr\u00fcfung" and values[0x3A19001F] == "7.77" and values[0x3A1A001F] == "+1 555 0100"
    assert isinstance(values[CERTIFICATES], list)
    before = exchange.get_props(me, [SMIME]).row
    assert exchange.mod_props(Stat(current_rec=me), [], [(SMIME, [b"\x01"])]).status == SUCCESS
    assert exchange.get_props(me, [SMIME]).row == [(SMIME, [b"\x01"])]
    assert exchange.mod_props(Stat(current_rec=me), [SMIME], []).status == SUCCESS
    assert exchange.get_props(me, [SMIME]).row == before


@pytest.mark.parametrize("mail,display_type", [
    (ZOE, MAILUSER), (TEAM, DISTLIST), (FOLDER_MAIL, FORUM), (DYNAMIC, AGENT), (REMOTE, REMOTE_MAILUSER)])
def test_display_types(exchange, guid, mail, display_type):
    """In the property, and in both forms of entry ids.

    MS-OXNSPI_R48 R49 R50 R51 R55 R1662 R374 R375 R378 R405 R406 R409 R604 R606 R1997 R1999 R57 R61
    """
    values = dict(row(exchange, mail, [DISPLAY_TYPE, ENTRYID, EMAIL_ADDRESS]))
    assert values[DISPLAY_TYPE] == display_type
    assert values[ENTRYID] == permanent_id(display_type, values[EMAIL_ADDRESS])
    assert dict(row(exchange, mail, [ENTRYID], flags=2))[ENTRYID] == ephemeral_id(guid, display_type, mid(exchange, mail))


def test_no_other_display_type_is_answered(everything, exchange):
    """Neither ORGANIZATION, TEMPLATE and SEARCH, nor anything unknown.  MS-OXNSPI_R53001 R59 R63 R1663 R1662 R1997 R1999"""
    assert {r[DISPLAY_TYPE] for r in everything} == {MAILUSER, DISTLIST, FORUM, AGENT, REMOTE_MAILUSER}
    for r in everything:
        assert struct.unpack_from("<I", r[ENTRYID], 24)[0] == r[DISPLAY_TYPE]


def test_address_lists_are_containers_in_their_entry_ids(either):
    """MS-OXNSPI_R56 R1998"""
    rows = either.get_special_table(flags=4).rows
    assert rows and all(struct.unpack_from("<I", dict(r)[ENTRYID], 24)[0] == CONTAINER for r in rows)


def test_an_ephemeral_id_byte_by_byte(either):
    """MS-OXNSPI_R105 R361 R362 R364 R366 R368 R370 R372 R374 R378 R380 R381 R1713 R1714 R1715 R1716 R605"""
    number = mid(either, TEAM)
    value = dict(either.get_props(number, [ENTRYID], flags=2).row)[ENTRYID]
    assert len(value) == 32
    assert value[0] == 0x87 and value[1:4] == b"\0\0\0"
    assert value[4:20] == server_guid(either)
    assert value[20:24] == b"\1\0\0\0" and value[24:28] == b"\1\0\0\0"
    assert value[28:32] == number.to_bytes(4, "little")


def test_a_permanent_id_byte_by_byte(either):
    """MS-OXNSPI_R384 R392 R393 R395 R397 R399 R401 R403 R405 R409 R411 R412 R1664 R1717 R1718 R1719 R1720"""
    answer = either.get_props(mid(either, TEAM), [ENTRYID, EMAIL_ADDRESS])
    assert answer.row[0][0] == ENTRYID and ENTRYID & 0xFFFF == 0x0102
    value, dn = answer.row[0][1], answer.row[1][1]
    assert value[0] == 0x00 and value[1:4] == b"\0\0\0" and value[4:20] == GUID_NSPI
    assert value[20:24] == b"\1\0\0\0" and value[24:28] == b"\1\0\0\0"
    assert value[28:] == dn.encode() + b"\0"


@pytest.mark.parametrize("form", ["ephemeral", "permanent"])
def test_the_display_type_in_a_clients_entry_id_makes_no_difference(exchange, guid, form):
    """MS-OXNSPI_R1665 R1666 R363 R379 R394 R410"""
    team, zoe = mid(exchange, TEAM), mid(exchange, ZOE)
    dn = dict(row(exchange, ZOE, [EMAIL_ADDRESS]))[EMAIL_ADDRESS]

    def members():
        return exchange.get_matches(Stat(sort_type=0x3E8, container_id=MEMBER, current_rec=team)).mids
    before = members()
    for display_type in (MAILUSER, DISTLIST, CONTAINER, 0xFFFFFFFF):
        entry_id = ephemeral_id(guid, display_type, zoe) if form == "ephemeral" else permanent_id(display_type, dn)
        assert exchange.mod_link_att(MEMBER, team, [entry_id], flags=1).status == SUCCESS
        assert members() == [m for m in before if m != zoe]
        assert exchange.mod_link_att(MEMBER, team, [entry_id]).status == SUCCESS
        assert members() == before


def test_identities_stay(conforming, exchange):
    """Between two calls, and from one session to another of the same server.

    MS-OXNSPI_R357 R607 R608 R610 R611 R603 R1706 R1994 R1995 R2001 R353
    """
    def identities(client):
        number = mid(client, ZOE)
        return number, [client.get_props(number, [ENTRYID, INSTANCE_KEY], flags=flags).row for flags in (0, 2)]
    first = identities(exchange)
    assert identities(exchange) == first
    with Client(conforming, listener="exchange") as other:
        assert identities(other) == first


def test_mids_below_sixteen_are_nobody(exchange):
    """MS-OXNSPI_R349 R347 R609"""
    assert min(mids_of_table(exchange)) >= 0x10
    assert exchange.get_props(0xF, [DISPLAY_NAME]).status == ERRORS_RETURNED


def test_address_lists_have_names_of_their_own(either):
    """MS-OXOABK_R29 R30 MS-OXNSPI_R1865 R1866"""
    names = {dict(r)[CONTAINER_ID]: dict(r)[ENTRYID] for r in either.get_special_table(flags=4).rows}
    assert names.pop(0) == permanent_id(CONTAINER, "/")
    assert len(names) == len(containers(either)) - 1
    for entry_id in names.values():
        assert re.fullmatch(rb"/guid=[0-9A-F]{32}\0", entry_id[28:])
