"""NspiSeekEntries: section 3.1.4.1.9."""

import struct

import icu
import pytest

from conformance import BAD_STUB, NOBODY, STATUSES, containers, mids_of_table, table
from nspi_wire import (DISPLAY_NAME, DISPLAY_NAME_A, ENTRYID, GENERAL_FAILURE, INSTANCE_KEY, INVALID_BOOKMARK, NOT_FOUND,
                       SUCCESS, SURNAME, Fault, Stat, Writer, mid_of)

COLUMNS = [INSTANCE_KEY, DISPLAY_NAME, ENTRYID]
LAST = "\U0010FFFD\u9f98\u9f98\u9f98"


@pytest.fixture(scope="module")
def names(exchange):
    return [r[DISPLAY_NAME] for r in table(exchange)]


@pytest.fixture(scope="module")
def mids(exchange):
    return mids_of_table(exchange)


def first_not_less(names, text):
    collator = icu.Collator.createInstance(icu.Locale("en_US"))
    return next(i for i, name in enumerate(names) if collator.compare(name, text) >= 0)


@pytest.mark.parametrize("text", ["", "a", "Conform Team", "conform t", "M\u00fc", "Zo\u00eb"])
def test_seek_finds_the_first_row_not_less(either, names, mids, text):
    """MS-OXNSPI_R645 R998 R1003 R1035 R1047 R1050 R1051 R1053 R1054 R1076"""
    at = first_not_less(names, text)
    answer = either.seek_entries(Stat(), (DISPLAY_NAME, text))
    assert answer.status == SUCCESS and answer.rows is None
    assert (answer.stat.current_rec, answer.stat.num_pos, answer.stat.total_recs) == (mids[at], at, len(mids))


def test_seek_parameters_in_their_order(either):
    """A reserved word, STAT, the target, a list, tags; back come STAT, rows and status.  MS-OXNSPI_R1681 R1010 R1012"""
    w = Writer()
    w.data += either.handle
    w.u32(0)
    w.stat(Stat())
    w.value((DISPLAY_NAME_A, b"C"))
    w.settle()
    w.parameter(None, w.tags)
    w.parameter([INSTANCE_KEY], w.tags)
    out = either.connection.call(4, bytes(w.data))
    assert struct.unpack_from("<II", out, 36)[0] and out[-4:] == bytes(4)
    with pytest.raises(Fault) as fault:
        either.connection.call(4, bytes(w.data)[:-1])
    assert fault.value.status == BAD_STUB


def test_seek_takes_8_bit_names(either):
    """In the code page of STAT.  MS-OXNSPI_R1043 R464 R465"""
    wide = either.seek_entries(Stat(), (DISPLAY_NAME, "Zo\u00eb"))
    for codepage, name in ((1252, "cp1252"), (850, "cp850")):
        narrow = either.seek_entries(Stat(codepage=codepage), (DISPLAY_NAME_A, "Zo\u00eb".encode(name)))
        assert (narrow.status, narrow.stat.current_rec) == (SUCCESS, wide.stat.current_rec)


def test_nothing_behind_the_last_row(either):
    """MS-OXNSPI_R1048 R1630 R1631"""
    stat = Stat(num_pos=3, delta=4)
    answer = either.seek_entries(stat, (DISPLAY_NAME, LAST), tags=COLUMNS)
    assert (answer.status, answer.rows, answer.stat) == (NOT_FOUND, None, stat)


def test_rows_of_a_container(either):
    """Those that QueryRows gives from there, with ephemeral entry ids.  MS-OXNSPI_R999 R1010 R1057 R1058 R1695 R105801 R1075"""
    answer = either.seek_entries(Stat(), (DISPLAY_NAME, "D"), tags=COLUMNS)
    plain = either.seek_entries(Stat(), (DISPLAY_NAME, "D"))
    assert answer.status == SUCCESS and answer.rows and answer.stat == plain.stat
    assert answer.rows == either.query_rows(answer.stat, count=len(answer.rows), tags=COLUMNS, flags=2).rows
    assert all(dict(r)[ENTRYID][0] == 0x87 for r in answer.rows)


def test_rows_of_a_list(either, mids, names):
    """What is left of it, in its order.  MS-OXNSPI_R1037 R1047 R1052 R1054 R1755 R105801"""
    some = mids[::3]
    text = names[12]
    answer = either.seek_entries(Stat(), (DISPLAY_NAME, text), tags=COLUMNS, table=some)
    at = first_not_less(names[::3], text)
    assert (answer.status, answer.stat.num_pos, answer.stat.total_recs) == (SUCCESS, at, len(some))
    assert answer.stat.current_rec == some[at] and [mid_of(r) for r in answer.rows] == some[at:]
    rest = some[at:]
    assert answer.rows == either.query_rows(answer.stat, count=len(rest), tags=COLUMNS, table=rest, flags=2).rows


def test_seek_leaves_the_other_fields_alone(either):
    """MS-OXNSPI_R1055"""
    sent = Stat(container_id=containers(either)["All Users"], delta=7, num_pos=1, codepage=1250, template_locale=0x40C,
                sort_locale=0x407)
    for tags in (None, COLUMNS):
        back = either.seek_entries(sent, (DISPLAY_NAME, "C"), tags=tags).stat
        assert back == sent.but(current_rec=back.current_rec, num_pos=back.num_pos, total_recs=back.total_recs)


def test_seek_in_an_unknown_container(either):
    """MS-OXNSPI_R1033 R1630 R1631"""
    stat = Stat(container_id=NOBODY, num_pos=3)
    answer = either.seek_entries(stat, (DISPLAY_NAME, "C"), tags=COLUMNS)
    assert (answer.status, answer.rows, answer.stat) == (INVALID_BOOKMARK, None, stat)


@pytest.mark.parametrize("sort_type", [1, 2, 3, 4, 0x3E8, 0x3E9, 0xFFFFFFFF])
def test_seek_in_other_orders_fails(either, sort_type):
    """MS-OXNSPI_R1039 R1630 R1631"""
    stat = Stat(sort_type=sort_type)
    for target in ((DISPLAY_NAME, "C"), (0x8C92001F, "C")):
        answer = either.seek_entries(stat, target, tags=COLUMNS)
        assert (answer.status, answer.rows, answer.stat) == (GENERAL_FAILURE, None, stat)


@pytest.mark.parametrize("target", [(SURNAME, "C"), (0x30010003, 5), (0x3001101F, ["C"]), (0x30010102, b"C"), (0x8C92001F, "C")])
def test_seek_for_another_property_fails(either, target):
    """MS-OXNSPI_R1043"""
    assert either.seek_entries(Stat(), target).status == GENERAL_FAILURE


def test_seek_in_code_page_1200_gets_a_status_that_exists(either):
    """MS-OXNSPI_R1016"""
    assert either.seek_entries(Stat(codepage=1200), (DISPLAY_NAME, "C")).status in STATUSES


def test_seek_in_a_list_without_order_gets_a_status_that_exists(either, mids):
    """Nor of the container, nor of objects.  MS-OXNSPI_R1020"""
    groups = containers(either)["All Groups"]
    for mids_sent in (mids[::-1], [NOBODY] * 3, []):
        for container in (0, groups):
            answer = either.seek_entries(Stat(container_id=container), (DISPLAY_NAME, "C"), tags=COLUMNS, table=mids_sent)
            assert answer.status in STATUSES


@pytest.mark.parametrize("reserved", [1, 0xFFFFFFFF])
def test_seek_with_reserved(exchange, directory, reserved):
    """Exchange does not look at it; a domain controller may do as it likes.  MS-OXNSPI_R1002 R1024 R1702"""
    wanted = exchange.seek_entries(Stat(), (DISPLAY_NAME, "C"), tags=COLUMNS)
    answer = exchange.seek_entries(Stat(), (DISPLAY_NAME, "C"), tags=COLUMNS, reserved=reserved)
    assert (answer.status, answer.stat, answer.rows) == (wanted.status, wanted.stat, wanted.rows)
    assert directory.seek_entries(Stat(), (DISPLAY_NAME, "C"), reserved=reserved).status in STATUSES
