"""NspiGetProps and NspiQueryRows: sections 2.2.1.11, 3.1.4.1.7 and 3.1.4.1.8."""

import struct

import pytest

from conformance import (BAD_STUB, NOBODY, STATUSES, TEAM, UNKNOWN_CODEPAGE, ZOE, containers, mid, mids_of_table, row, table)
from nspi_wire import (CONTAINER_ID, DISPLAY_NAME, DISPLAY_NAME_A, DISPLAY_TYPE, EMAIL_ADDRESS, END, ENTRYID, ERRORS_RETURNED,
                       INSTANCE_KEY, INVALID_BOOKMARK, MEMBER, NOT_FOUND, OBJECT_TYPE, SMTP_ADDRESS, SUCCESS, TABLE_TOO_BIG,
                       TITLE, Fault, Stat, mid_of)

DEFAULT_COLUMNS = [CONTAINER_ID, OBJECT_TYPE, DISPLAY_TYPE, DISPLAY_NAME_A, 0x3A1A001E, 0x3A18001E, 0x3A19001E]


@pytest.fixture(scope="module")
def mids(exchange):
    return mids_of_table(exchange)


# NspiGetProps

def test_get_props_gives_what_was_asked_for(either):
    """In order, each as often as it was asked for.

    MS-OXNSPI_R650 R859 R867 R868 R869 R886 R905 R911 R912 R913 R915 R455 MS-OXCDATA_R897
    """
    tags = [SMTP_ADDRESS, DISPLAY_NAME, SMTP_ADDRESS, DISPLAY_TYPE, DISPLAY_NAME]
    answer = either.get_props(mid(either, ZOE), tags)
    name = "Zo\u00eb M\u00fcller"
    assert answer.status == SUCCESS
    assert answer.row == [(SMTP_ADDRESS, ZOE), (DISPLAY_NAME, name), (SMTP_ADDRESS, ZOE), (DISPLAY_TYPE, 0), (DISPLAY_NAME, name)]


def test_get_props_parameters_in_their_order(either):
    """Flags, STAT and tags; back come row and status.  MS-OXNSPI_R1679 R867 R869"""
    stub = either.handle + struct.pack("<I", 0) + Stat(current_rec=mid(either, ZOE)).pack()
    stub += struct.pack("<IIIIII", 0x20000, 2, 1, 0, 1, DISPLAY_TYPE)
    out = either.connection.call(9, stub)
    assert struct.unpack_from("<IIII", out)[1:3] == (0, 1) and out[-4:] == bytes(4)
    with pytest.raises(Fault) as fault:
        either.connection.call(9, stub[:-1])
    assert fault.value.status == BAD_STUB


def test_get_props_without_tags_has_those_of_the_list(either):
    """MS-OXNSPI_R1693 R859"""
    for mail in (ZOE, TEAM):
        number = mid(either, mail)
        for flags in (0, 1):
            answer = either.get_props(number, None, flags=flags)
            assert answer.status == SUCCESS
            assert [t for t, _ in answer.row] == either.get_prop_list(number, flags=flags).tags


def test_get_props_without_tags_of_nobody_fails_as_the_list_does(either):
    """MS-OXNSPI_R894 R877"""
    answer = either.get_props(NOBODY)
    assert (answer.status, answer.row) == (either.get_prop_list(NOBODY).status, None)


def test_values_that_are_missing(either):
    """MS-OXNSPI_R909 R910 R911 MS-OXCDATA_R2070 R2071 R2054"""
    answer = either.get_props(mid(either, ZOE), [TITLE, DISPLAY_TYPE, 0x6666001F])
    assert answer.status == ERRORS_RETURNED == 0x00040380
    assert answer.row == [(0x3A17000A, NOT_FOUND), (DISPLAY_TYPE, 0), (0x6666000A, NOT_FOUND)]


def test_get_props_of_nobody_has_no_values(either):
    """MS-OXNSPI_R907"""
    answer = either.get_props(NOBODY, [DISPLAY_NAME, ENTRYID])
    assert answer.status == ERRORS_RETURNED and [t for t, _ in answer.row] == [0x3001000A, 0x0FFF000A]


def test_get_props_that_fails_has_no_row(either):
    """MS-OXNSPI_R877"""
    answer = either.get_props(mid(either, ZOE), [DISPLAY_TYPE] * 5000)
    assert (answer.status, answer.row) == (TABLE_TOO_BIG, None)


def test_get_props_in_code_page_1200_gets_a_status_that_exists(either):
    """MS-OXNSPI_R873"""
    assert either.get_props(mid(either, ZOE), [DISPLAY_NAME_A], Stat(codepage=1200)).status in STATUSES


def test_get_props_with_an_unknown_container(exchange, directory):
    """Nothing to Exchange, a wrong bookmark to a domain controller.  MS-OXNSPI_R882 R2003005"""
    answer = exchange.get_props(mid(exchange, ZOE), [DISPLAY_TYPE], Stat(container_id=NOBODY))
    assert (answer.status, answer.row) == (ERRORS_RETURNED, [(DISPLAY_TYPE, 0)])
    answer = directory.get_props(mid(directory, ZOE), [DISPLAY_TYPE], Stat(container_id=NOBODY))
    assert (answer.status, answer.row) == (INVALID_BOOKMARK, None)


def test_entry_ids_in_both_forms(either):
    """MS-OXNSPI_R105 R899 R901"""
    number = mid(either, ZOE)
    for flags, first, size in ((2, 0x87, 32), (3, 0x87, 32), (0, 0, None), (1, 0, None)):
        value = either.get_props(number, [ENTRYID], flags=flags).row[0][1]
        assert value[0] == first and (not size or len(value) == size)


@pytest.mark.parametrize("flags", [4, 8, 0x80000000, 0xFFFFFFFC])
def test_unknown_flags_of_get_props_make_no_difference(either, flags):
    """MS-OXNSPI_R1925 R862"""
    number = mid(either, TEAM)
    for known in (0, 1, 2, 3):
        assert either.get_props(number, flags=flags | known).row == either.get_props(number, flags=known).row


# NspiQueryRows

def test_query_rows_gives_rows_of_a_table(either, mids):
    """From the position on, as many as were asked for.

    MS-OXNSPI_R644 R916 R922 R927 R929 R931 R951 R955 R962 R967 R969 R973 R974 R975 R983 R997 R456
    """
    answer = either.query_rows(Stat(current_rec=mids[20], delta=-3), count=7, tags=[INSTANCE_KEY, DISPLAY_NAME])
    assert answer.status == SUCCESS and [mid_of(r) for r in answer.rows] == mids[17:24]
    assert all([t for t, _ in r] == [INSTANCE_KEY, DISPLAY_NAME] for r in answer.rows)


def test_query_rows_parameters_in_their_order(either, mids):
    """Flags, STAT, the count of a list and the list, a count, tags; back come STAT, rows and status.

    MS-OXNSPI_R1680 R929 R931
    """
    stub = either.handle + struct.pack("<I", 0) + Stat().pack() + struct.pack("<IIIII", 2, 0x20000, 2, mids[1], mids[0])
    stub += struct.pack("<IIIIIII", 9, 0x20004, 2, 1, 0, 1, INSTANCE_KEY)
    out = either.connection.call(3, stub)
    assert out[:36] == Stat().pack() and struct.unpack_from("<III", out, 36)[1:] == (2, 2) and out[-4:] == bytes(4)
    with pytest.raises(Fault) as fault:
        either.connection.call(3, stub[:-1])
    assert fault.value.status == BAD_STUB


def test_query_rows_takes_100000_mids_and_no_more(either):
    """MS-OXNSPI_R1680"""
    assert either.query_rows(count=1, table=[NOBODY] * 100000, tags=[INSTANCE_KEY]).status == SUCCESS
    with pytest.raises(Fault) as fault:
        either.query_rows(count=1, table=[NOBODY] * 100001, tags=[INSTANCE_KEY])
    assert fault.value.status == BAD_STUB


def test_query_rows_of_a_list(either, mids):
    """From its beginning, whatever STAT says, which stays as it was.

    MS-OXNSPI_R958 R971 R974 R975 R983
    """
    wanted = [mids[9], mids[3], mids[9], mids[40]]
    stat = Stat(current_rec=mids[70], delta=2, num_pos=1, container_id=containers(either)["All Groups"])
    answer = either.query_rows(stat, count=3, table=wanted, tags=[INSTANCE_KEY])
    assert (answer.status, [mid_of(r) for r in answer.rows]) == (SUCCESS, wanted[:3])
    assert answer.stat == stat


def test_query_rows_without_columns(either, mids):
    """MS-OXNSPI_R1627 R950 R952"""
    rows = either.query_rows(Stat(), count=5).rows + either.query_rows(Stat(), count=1, table=[mid(either, ZOE)]).rows
    for r in rows:
        assert [t >> 16 for t, _ in r] == [t >> 16 for t in DEFAULT_COLUMNS]
        assert all(t in DEFAULT_COLUMNS or t & 0xFFFF == 0x000A for t, _ in r)
    assert [t for t, _ in rows[-1]] == DEFAULT_COLUMNS


def test_each_row_is_what_get_props_would_give(either, mids):
    """MS-OXNSPI_R1694 R983"""
    tags = [ENTRYID, DISPLAY_NAME_A, TITLE, 0x6666001F, MEMBER]
    for flags in (0, 2):
        rows = either.query_rows(Stat(), count=30, tags=tags, flags=flags).rows
        for number, r in zip(mids, rows, strict=False):
            answer = either.get_props(number, tags, flags=flags)
            assert answer.status == ERRORS_RETURNED and r == answer.row


def test_an_error_of_get_props_is_query_rows_own(either):
    """MS-OXNSPI_R982 R943 R1762"""
    tags, stat = [DISPLAY_TYPE] * 5000, Stat(delta=3)
    assert either.get_props(mid(either, ZOE), tags).status == TABLE_TOO_BIG
    answer = either.query_rows(stat, count=4, tags=tags)
    assert (answer.status, answer.rows, answer.stat) == (TABLE_TOO_BIG, None, stat)


def test_rows_that_are_nobody_are_rows_of_errors(either):
    """MS-OXNSPI_R985 R986"""
    answer = either.query_rows(Stat(), count=3, table=[NOBODY, NOBODY - 1, 5], tags=[DISPLAY_NAME, ENTRYID])
    assert answer.status == SUCCESS
    assert [[t for t, _ in r] for r in answer.rows] == [[0x3001000A, 0x0FFF000A]] * 3


def test_no_rows_behind_the_end(either):
    """MS-OXNSPI_R986"""
    answer = either.query_rows(Stat(current_rec=END), count=3)
    assert (answer.status, answer.rows) == (SUCCESS, [])


def test_query_rows_of_a_table_moves_as_update_stat_would(either, mids):
    """MS-OXNSPI_R988 R1701"""
    for sent in (Stat(), Stat(current_rec=mids[5], delta=2), Stat(current_rec=mids[-2]), Stat(current_rec=END, delta=-1)):
        answer = either.query_rows(sent, count=6, tags=[INSTANCE_KEY])
        moved = either.update_stat(sent.but(delta=sent.delta + len(answer.rows)))
        assert answer.stat == moved.stat


def test_query_rows_that_fails_has_no_rows_and_leaves_stat_alone(either):
    """MS-OXNSPI_R943 R948 R1762 MS-OXCDATA_R991 R992"""
    stat = Stat(container_id=NOBODY, delta=5, num_pos=6)
    answer = either.query_rows(stat, count=5)
    assert (answer.status, answer.rows, answer.stat) == (INVALID_BOOKMARK, None, stat)
    assert answer.status == 0x80040405


def test_a_list_needs_no_container(either, mids):
    """MS-OXNSPI_R948 R958"""
    answer = either.query_rows(Stat(container_id=NOBODY), count=5, table=mids[:2], tags=[INSTANCE_KEY])
    assert (answer.status, [mid_of(r) for r in answer.rows]) == (SUCCESS, mids[:2])


def test_query_rows_in_code_page_1200_gets_a_status_that_exists(either):
    """MS-OXNSPI_R935"""
    assert either.query_rows(Stat(codepage=1200), count=2).status in STATUSES


def test_query_rows_for_no_rows_gets_a_status_that_exists(either):
    """MS-OXNSPI_R939"""
    assert either.query_rows(Stat(), count=0).status in STATUSES


@pytest.mark.parametrize("flags", [4, 8, 0x80000000, 0xFFFFFFFC])
def test_unknown_flags_of_query_rows_make_no_difference(either, flags):
    """MS-OXNSPI_R1926 R921"""
    for known in (0, 2):
        answers = [either.query_rows(Stat(), count=4, tags=[ENTRYID, EMAIL_ADDRESS], flags=f) for f in (known, flags | known)]
        assert answers[0].rows == answers[1].rows


def test_all_rows_come_in_the_order_of_the_table(either, mids):
    """However they are asked for.  MS-OXNSPI_R918 R962 R967 R975"""
    for page in (1, 13, 100):
        stat, found = Stat(), []
        while stat.current_rec != END:
            answer = either.query_rows(stat, count=page, tags=[INSTANCE_KEY])
            assert 1 <= len(answer.rows) <= page
            found += [mid_of(r) for r in answer.rows]
            stat = answer.stat
        assert found == mids


def test_a_row_is_found_in_the_table_it_came_from(either):
    """MS-OXNSPI_R955 R905"""
    for r in table(either, [INSTANCE_KEY, SMTP_ADDRESS], container_id=containers(either)["All Groups"])[:3]:
        assert dict(row(either, r[SMTP_ADDRESS], [INSTANCE_KEY]))[INSTANCE_KEY] == r[INSTANCE_KEY]


def test_an_unknown_code_page_gets_a_status_that_exists(either):
    """MS-OXNSPI_R1661"""
    for tags in (None, [DISPLAY_NAME_A], [DISPLAY_NAME]):
        assert either.query_rows(Stat(codepage=UNKNOWN_CODEPAGE), count=2, tags=tags).status in STATUSES
