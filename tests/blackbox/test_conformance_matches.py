"""NspiGetMatches: sections 2.2.1.10, 3.1.4.1.10 and 3.1.4.4.2."""

import struct

import pytest

from conformance import (ANNA, BAD_STUB, DYNAMIC, EMPTY_TEAM, NOBODY, REMOTE, STATUSES, TEAM, YURI, ZOE, containers, mid,
                         mids_of_table, row, table)
from nspi_wire import (ANR, DISPLAY_NAME, DISPLAY_TYPE, ENTRYID, GENERAL_FAILURE, GIVEN_NAME, INSTANCE_KEY, INVALID_BOOKMARK,
                       MANAGER, MEMBER, MEMBER_OF, NOT_SUPPORTED, SMTP_ADDRESS, SUCCESS, SURNAME, TABLE_TOO_BIG, TOO_COMPLEX,
                       Fault, Stat, Writer, mid_of)

COLUMNS = [INSTANCE_KEY, DISPLAY_NAME, ENTRYID]
GROUPS = ("property", 4, DISPLAY_TYPE, (DISPLAY_TYPE, 1))
HAS_SURNAME = ("exist", SURNAME)


@pytest.fixture(scope="module")
def people(exchange):
    """All that has to do with the filters below, in the order of the table."""
    return table(exchange, [INSTANCE_KEY, DISPLAY_NAME, SURNAME, DISPLAY_TYPE, SMTP_ADDRESS])


def wanted(people, condition):
    return [int.from_bytes(r[INSTANCE_KEY], "little") for r in people if condition(r)]


def matches(client, restriction, **options):
    answer = client.get_matches(Stat(), restriction, **options)
    assert answer.status == SUCCESS
    return answer.mids


def links(client, mail, tag, **stat):
    return Stat(**{"sort_type": 0x3E8, "container_id": tag, "current_rec": mid(client, mail), **stat})


# a filter

def test_a_filter_gives_the_rows_for_which_it_is_true(either, people):
    """In the order of the table.

    MS-OXNSPI_R646 R1077 R1078 R1081 R1086 R1091 R1092 R1097 R1124 R1127 R1128 R1167 R1912 R1913 R509 R510
    """
    assert matches(either, GROUPS) == wanted(people, lambda r: r[DISPLAY_TYPE] == 1)


def test_matches_parameters_in_their_order(either):
    """Back come STAT, MIds, rows and status.  MS-OXNSPI_R1682 R1091 R1095 R1097"""
    w = Writer()
    w.data += either.handle
    w.u32(0)
    w.stat(Stat())
    w.parameter(None, w.tags)
    w.u32(0)
    w.parameter(GROUPS, w.restriction)
    w.parameter(None, w.name)
    w.u32(1000)
    w.parameter([INSTANCE_KEY], w.tags)
    out = either.connection.call(5, bytes(w.data))
    referent, most, count = struct.unpack_from("<III", out, 36)
    assert referent and most == count + 1 and out[-4:] == bytes(4)
    with pytest.raises(Fault) as fault:
        either.connection.call(5, bytes(w.data)[:-1])
    assert fault.value.status == BAD_STUB


def test_and(either, people):
    """MS-OXNSPI_R1908 R1913"""
    found = matches(either, ("and", [HAS_SURNAME, ("content", 0x10002, DISPLAY_NAME, (DISPLAY_NAME, "z"))]))
    assert found and found == wanted(people, lambda r: r.get(SURNAME) and r[DISPLAY_NAME][:1] in "zZ\u017d\u017e")
    assert matches(either, ("and", [GROUPS, HAS_SURNAME])) == []


def test_or(either, people):
    """MS-OXNSPI_R1909 R1913"""
    found = matches(either, ("or", [GROUPS, ("property", 4, SMTP_ADDRESS, (SMTP_ADDRESS, ZOE))]))
    assert found == wanted(people, lambda r: r[DISPLAY_TYPE] == 1 or r.get(SMTP_ADDRESS) == ZOE)


def test_not(either, people):
    """MS-OXNSPI_R1910 R1913"""
    assert matches(either, ("not", GROUPS)) == wanted(people, lambda r: r[DISPLAY_TYPE] != 1)


def test_content(either, people):
    """A whole value, a beginning, a part; with and without case.  MS-OXNSPI_R1911 R1913"""
    def content(fuzzy, text):
        return matches(either, ("content", fuzzy, SMTP_ADDRESS, (SMTP_ADDRESS, text)))
    conform = wanted(people, lambda r: r.get(SMTP_ADDRESS, "").endswith("@conform.example"))
    assert len(conform) == 8
    assert content(0x10000, ZOE.upper()) == [mid(either, ZOE)] and content(0x10000, "zoe@") == []
    assert content(0x10002, "ZOE@") == [mid(either, ZOE)] and content(0x10002, "conform") == []
    assert content(0x10001, "CONFORM.EX") == conform


def test_property(either, people):
    """MS-OXNSPI_R1912 R1913"""
    for relop, holds in ((0, int.__lt__), (1, int.__le__), (2, int.__gt__), (3, int.__ge__), (4, int.__eq__), (5, int.__ne__)):
        found = matches(either, ("property", relop, DISPLAY_TYPE, (DISPLAY_TYPE, 1)))
        assert found == wanted(people, lambda r, holds=holds: holds(r[DISPLAY_TYPE], 1)), relop


def test_exist(either, people):
    """MS-OXNSPI_R1914 R1913"""
    assert matches(either, HAS_SURNAME) == wanted(people, lambda r: SURNAME in r)
    assert matches(either, ("exist", GIVEN_NAME))


def test_a_filter_looks_at_its_container_alone(either):
    """MS-OXNSPI_R1086 R1127"""
    groups = containers(either)["All Groups"]
    answer = either.get_matches(Stat(container_id=groups), ("property", 4, ANR, (ANR, "Conform")))
    assert set(answer.mids) == {mid(either, m) for m in (TEAM, EMPTY_TEAM, DYNAMIC, "others@conform.example")}
    assert answer.mids == [m for m in mids_of_table(either, container_id=groups) if m in answer.mids]


def test_an_explicit_table_has_what_it_had(either):
    """What a client keeps of it are MIds.  MS-OXNSPI_R511 R512"""
    found = matches(either, GROUPS)
    rows = either.query_rows(count=len(found) + 1, table=found + [NOBODY], tags=[INSTANCE_KEY]).rows
    assert [mid_of(r) for r in rows[:-1]] == found and rows[-1][0][0] & 0xFFFF == 0x000A


def test_a_filter_that_is_too_complex(either):
    """MS-OXNSPI_R1125 R1126 MS-OXCDATA_R965 R966"""
    deep = HAS_SURNAME
    for _ in range(300):
        deep = ("not", deep)
    assert either.get_matches(Stat(), deep).status == TOO_COMPLEX == 0x80040117


def test_more_than_was_asked_for_is_too_big(either, people):
    """Never is a part answered.  MS-OXNSPI_R1090 R1149 R1635 R1756 R1636 MS-OXCDATA_R989"""
    count, stat = len(matches(either, GROUPS)), Stat(delta=3, num_pos=4)
    assert len(matches(either, GROUPS, requested=count)) == count
    answer = either.get_matches(stat, GROUPS, requested=count - 1, tags=COLUMNS)
    assert (answer.status, answer.mids, answer.rows, answer.stat) == (TABLE_TOO_BIG, None, None, stat)


def test_a_filter_in_an_unknown_container(either):
    """MS-OXNSPI_R1122 R1635 R1756 R1636"""
    stat = Stat(container_id=NOBODY)
    answer = either.get_matches(stat, GROUPS, tags=COLUMNS)
    assert (answer.status, answer.mids, answer.rows, answer.stat) == (INVALID_BOOKMARK, None, None, stat)


def test_a_filter_in_an_order_that_is_none_gets_a_status_that_exists(either):
    """MS-OXNSPI_R1105"""
    for sort_type in (1, 0x3E8, 0x3E9, 0xFFFFFFFF):
        assert either.get_matches(Stat(sort_type=sort_type), GROUPS).status in STATUSES


# rows

def test_rows_are_those_of_query_rows(either):
    """Of the MIds, with ephemeral entry ids.  MS-OXNSPI_R1094 R1095 R1154 R1155 R1166 R1696 R1165 R457"""
    answer, plain = (either.get_matches(Stat(), GROUPS, tags=tags) for tags in (COLUMNS, None))
    assert plain.rows is None and plain.mids == answer.mids and plain.stat == answer.stat
    count = len(answer.mids)
    assert answer.rows == either.query_rows(answer.stat, count=count, table=answer.mids, tags=COLUMNS, flags=2).rows
    assert all(dict(r)[ENTRYID][0] == 0x87 for r in answer.rows)


@pytest.mark.parametrize("filtered", [True, False])
def test_matches_put_the_current_row_into_the_container(either, filtered):
    """MS-OXNSPI_R1146 R1147"""
    sent = links(either, TEAM, MEMBER, delta=5, num_pos=6, total_recs=7, codepage=1250, template_locale=0x40C,
                 sort_locale=0x407)
    if filtered:
        sent = sent.but(sort_type=0, container_id=0)
    for tags in (None, COLUMNS):
        answer = either.get_matches(sent, GROUPS if filtered else None, tags=tags)
        assert answer.status == SUCCESS and answer.stat == sent.but(container_id=sent.current_rec)


# a link

def test_a_link_gives_the_objects_it_leads_to(either):
    """By display name.  MS-OXNSPI_R99 R1130 R1135 R1137 R1142 R1143 R1144 R1145 R1639 R513 R515"""
    answer = either.get_matches(links(either, TEAM, MEMBER), tags=[SMTP_ADDRESS])
    assert answer.status == SUCCESS
    assert [dict(r)[SMTP_ADDRESS] for r in answer.rows] == [ANNA, REMOTE, ZOE]
    assert either.get_matches(links(either, ZOE, MEMBER_OF)).mids == [mid(either, TEAM)]


def test_a_link_can_be_named_in_full(either):
    """MS-OXNSPI_R1088 R1134"""
    guid = bytes.fromhex("2803020000000000C000000000000046")
    answer = either.get_matches(links(either, ZOE, 0), name=(guid, MANAGER - (1 << 32)))
    assert (answer.status, answer.mids) == (SUCCESS, [mid(either, ANNA)])


def test_a_link_is_followed_from_any_container(either):
    """Delta and container have no bearing on whose it is.  MS-OXNSPI_R1131 R1132"""
    for delta in (-9, 0, 9):
        answer = either.get_matches(links(either, TEAM, MEMBER, delta=delta, num_pos=3))
        assert answer.status == SUCCESS and len(answer.mids) == 3


def test_a_link_without_values_is_an_empty_table(either):
    """MS-OXNSPI_R1141 R1092"""
    answer = either.get_matches(links(either, EMPTY_TEAM, MEMBER), tags=COLUMNS)
    assert (answer.status, answer.mids, answer.rows) == (SUCCESS, [], [])


def test_a_link_of_nobody(either):
    """MS-OXNSPI_R1138 R1635 R1756 R1636 MS-OXCDATA_R899 R900"""
    stat = Stat(sort_type=0x3E8, container_id=MEMBER, current_rec=NOBODY)
    answer = either.get_matches(stat, tags=COLUMNS)
    assert (answer.status, answer.mids, answer.rows, answer.stat) == (GENERAL_FAILURE, None, None, stat)
    assert answer.status == 0x80004005


def test_a_property_that_is_no_link(either):
    """MS-OXNSPI_R1140 R514 R517 MS-OXCDATA_R927 R928"""
    answer = either.get_matches(links(either, TEAM, DISPLAY_NAME))
    assert (answer.status, answer.mids) == (NOT_SUPPORTED, None)
    assert answer.status == 0x80040102


def test_a_table_to_write_to(either):
    """For links that clients can change.  MS-OXNSPI_R101 R1139"""
    assert len(either.get_matches(links(either, TEAM, MEMBER, sort_type=0x3E9)).mids) == 3
    assert either.get_matches(links(either, ZOE, MANAGER, sort_type=0x3E9)).status == NOT_SUPPORTED
    assert either.get_matches(links(either, ZOE, MEMBER, sort_type=0x3E9)).status == NOT_SUPPORTED


def test_more_links_than_asked_for_are_too_big(either):
    """MS-OXNSPI_R1149 R1090"""
    assert either.get_matches(links(either, TEAM, MEMBER), requested=2).status == TABLE_TOO_BIG
    assert len(either.get_matches(links(either, TEAM, MEMBER), requested=3).mids) == 3


# either

def test_matches_in_code_page_1200_get_a_status_that_exists(either):
    """MS-OXNSPI_R1101"""
    assert either.get_matches(Stat(codepage=1200), GROUPS).status in STATUSES
    assert either.get_matches(links(either, TEAM, MEMBER, codepage=1200)).status in STATUSES


@pytest.mark.parametrize("reserved", [1, 0xFFFFFFFF])
def test_matches_with_reserved_get_a_status_that_exists(either, reserved):
    """MS-OXNSPI_R1109"""
    assert either.get_matches(Stat(), GROUPS, reserved1=reserved).status in STATUSES


@pytest.mark.parametrize("reserved", [1, 0xFFFFFFFF])
def test_the_second_reserved_makes_no_difference(either, reserved):
    """MS-OXNSPI_R1899 R1084"""
    assert either.get_matches(Stat(), GROUPS, reserved2=reserved).mids == matches(either, GROUPS)


def test_a_name_by_its_first_letters_is_a_match(either):
    """MS-OXNSPI_R1912"""
    assert mid(either, YURI) in matches(either, ("property", 4, ANR, (ANR, "\u042e\u0440\u0438")))
    assert dict(row(either, YURI, [DISPLAY_NAME]))[DISPLAY_NAME].startswith("\u042e\u0440\u0438")
