"""STAT, tables and the two ways to say where in them: sections 2.2.1.8, 2.2.1.10, 2.2.8, 3.1.4.1.4, 3.1.4.4 and 3.1.4.5."""

import icu
import pytest

from conformance import NOBODY, STATUSES, TEAM, ZOE, containers, mid, mids_of_table, table
from nspi_wire import (BEGINNING, CURRENT, DISPLAY_NAME, END, ERRORS_RETURNED, GENERAL_FAILURE, INSTANCE_KEY,
                       INVALID_BOOKMARK, MEMBER, NOT_FOUND, SUCCESS, Stat, Writer)

@pytest.fixture(scope="module")
def mids(exchange):
    return mids_of_table(exchange)


def where(stat):
    return stat.current_rec, stat.num_pos, stat.total_recs


def test_stat_is_nine_words(exchange, mids):
    """Each field is set to a number of its own, and found where it belongs in the bytes that come back.

    MS-OXNSPI_R1587 R311 R315 R319 R322 R325 R330 R334 R338 R341 R1675 R2 R776
    """
    w = Writer()
    w.data += exchange.handle
    w.u32(0, 0, 0, mids[5], -2, 0x1111, 0x2222, 1252, 0x407, 0x409, 0)
    out = exchange.connection.call(2, bytes(w.data))
    words = [int.from_bytes(out[i:i + 4], "little") for i in range(0, len(out), 4)]
    assert words == [0, 0, mids[3], 0, 3, len(mids), 1252, 0x407, 0x409, 0, SUCCESS]


def test_update_stat_moves_from_a_row(exchange, mids):
    """MS-OXNSPI_R768 R773 R791 R795 R796 R797 R798 R800 R548 R549 R327 R332 R347 R556 R561 R538 R558 R328"""
    for delta, at in ((-3, 7), (4, 14)):
        answer = exchange.update_stat(Stat(current_rec=mids[10], delta=delta), delta=0)
        assert answer.status == SUCCESS and answer.delta == delta
        assert where(answer.stat) == (mids[at], at, len(mids))


def test_delta_zero_stays(exchange, mids):
    """MS-OXNSPI_R550 R561"""
    answer = exchange.update_stat(Stat(current_rec=mids[10]), delta=5)
    assert answer.delta == 0 and where(answer.stat) == (mids[10], 10, len(mids))


def test_rows_are_counted_from_zero(either, mids):
    """MS-OXNSPI_R328 R558 R598"""
    assert either.update_stat(Stat(current_rec=mids[0])).stat.num_pos == 0
    assert either.update_stat(Stat(current_rec=CURRENT, num_pos=0, total_recs=9)).stat.num_pos == 0


def test_the_beginning_and_the_end_have_names(either, mids):
    """MS-OXNSPI_R79 R80 R81 R542 R1758"""
    assert where(either.update_stat(Stat(current_rec=BEGINNING)).stat) == (mids[0], 0, len(mids))
    assert where(either.update_stat(Stat(current_rec=END)).stat) == (END, len(mids), len(mids))
    assert either.update_stat(Stat(current_rec=END, delta=-1)).stat.current_rec == mids[-1]


def test_no_move_goes_before_the_first_row(either, mids):
    """MS-OXNSPI_R1743 R1744 R1745 R1746"""
    for stat in (Stat(current_rec=mids[4]), Stat(current_rec=CURRENT, num_pos=4, total_recs=len(mids))):
        answer = either.update_stat(stat.but(delta=-2147483648), delta=0)
        assert answer.delta == -4 and where(answer.stat) == (mids[0], 0, len(mids))


def test_no_move_goes_further_than_behind_the_last_row(either, mids):
    """MS-OXNSPI_R554 R1704 R1747 R1748"""
    for stat in (Stat(current_rec=mids[-2]), Stat(current_rec=CURRENT, num_pos=len(mids) - 2, total_recs=len(mids))):
        answer = either.update_stat(stat.but(delta=2147483647), delta=0)
        assert answer.delta == 2 and where(answer.stat) == (END, len(mids), len(mids))


@pytest.mark.parametrize("num,total", [(0, 7), (3, 7), (7, 7), (1, 2), (1, 3), (999, 1000), (0xFFFFFFFF, 0xFFFFFFFF)])
def test_a_fraction_of_the_table_is_cut_to_a_whole_row(either, mids, num, total):
    """MS-OXNSPI_R793 R577 R578 R584 R595 R601 R575 R589 R1742"""
    at = len(mids) * num // total
    answer = either.update_stat(Stat(current_rec=CURRENT, num_pos=num, total_recs=total), delta=0)
    assert answer.status == SUCCESS and answer.delta == 0
    assert where(answer.stat) == (mids[at] if at < len(mids) else END, at, len(mids))


def test_a_fraction_above_one_is_the_end(either, mids):
    """MS-OXNSPI_R580"""
    answer = either.update_stat(Stat(current_rec=CURRENT, num_pos=50, total_recs=10))
    assert where(answer.stat) == (END, len(mids), len(mids))


def test_delta_moves_from_a_fraction(either, mids):
    """MS-OXNSPI_R587 R588 R595"""
    half = len(mids) // 2
    for delta in (-5, 5):
        answer = either.update_stat(Stat(current_rec=CURRENT, num_pos=1, total_recs=2, delta=delta), delta=0)
        assert answer.delta == delta and where(answer.stat) == (mids[half + delta], half + delta, len(mids))


def test_absolute_positions_ignore_what_the_client_says_of_numbers(either, mids):
    """MS-OXNSPI_R326001 R331001"""
    answers = [either.update_stat(Stat(current_rec=mids[6], num_pos=num, total_recs=total))
               for num in (0, 3, 0xFFFFFFFF) for total in (0, 1, 0xFFFFFFFF)]
    assert {where(a.stat) for a in answers} == {(mids[6], 6, len(mids))}


def test_the_number_of_rows_is_exact(either):
    """In each of the address lists, counted by reading them.  MS-OXNSPI_R333 R332 R798"""
    for container in containers(either).values():
        rows = table(either, container_id=container)
        assert either.update_stat(Stat(container_id=container)).stat.total_recs == len(rows)


def test_success_leaves_the_other_fields_alone_and_delta_zero(either, mids):
    """MS-OXNSPI_R314 R318 R324 R337 R340 R344 R799 R92"""
    people = containers(either)["All Users"]
    sent = Stat(container_id=people, delta=3, num_pos=77, total_recs=88, codepage=1250, template_locale=0x40C,
                sort_locale=0x407)
    for back in (either.update_stat(sent).stat, either.query_rows(sent, count=2).stat):
        assert back == sent.but(current_rec=back.current_rec, delta=0, num_pos=back.num_pos, total_recs=back.total_recs)


def test_an_error_leaves_stat_alone(either):
    """MS-OXNSPI_R784 R789 R792 and codes that say so: MS-OXCDATA_R991 R949"""
    for sent, status in ((Stat(container_id=NOBODY, delta=2, num_pos=7), INVALID_BOOKMARK),
                         (Stat(current_rec=NOBODY, delta=2, num_pos=7), NOT_FOUND)):
        answer = either.update_stat(sent, delta=4)
        assert answer.status == status and answer.stat == sent


def test_code_page_1200_gets_a_status_that_exists(either):
    """MS-OXNSPI_R780"""
    assert either.update_stat(Stat(codepage=1200)).status in STATUSES


@pytest.mark.parametrize("reserved", [0, 1, 0xFFFFFFFF])
def test_reserved_and_the_delta_sent_make_no_difference(either, mids, reserved):
    """MS-OXNSPI_R1676 R1872 R772 R1871"""
    answers = [either.update_stat(Stat(current_rec=mids[8], delta=-2), delta=delta, reserved=reserved)
               for delta in (0, -1, 12345)]
    assert {(a.status, a.delta, where(a.stat)) for a in answers} == {(SUCCESS, -2, (mids[6], 6, len(mids)))}


def test_no_delta_asked_for_no_delta_answered(either):
    """MS-OXNSPI_R1868 R775"""
    assert either.update_stat(Stat(delta=3), delta=None).delta is None
    assert either.update_stat(Stat(delta=3), delta=0).delta == 3


def test_the_current_position_names_no_object_elsewhere(either):
    """MS-OXNSPI_R1985 R84 R349"""
    answer = either.get_props(CURRENT, [DISPLAY_NAME, INSTANCE_KEY])
    assert answer.status == ERRORS_RETURNED and {t & 0xFFFF for t, _ in answer.row} == {0x000A}
    for number in range(0x10):
        assert either.get_props(number, [DISPLAY_NAME]).status == ERRORS_RETURNED


def test_tables_are_sorted_by_display_name(either):
    """By Unicode, in the order of the default locale.

    MS-OXNSPI_R93 R94 R1749 R480 R494 R496 R1763
    """
    collator = icu.Collator.createInstance(icu.Locale("en_US"))
    names = [r[DISPLAY_NAME] for r in table(either, sort_locale=0x409)]
    assert any(not n.isascii() for n in names)
    for a, b in zip(names, names[1:]):
        assert collator.compare(a, b) <= 0, (a, b)


def test_no_table_is_sorted_by_phonetic_name(either):
    """MS-OXNSPI_R95 R96 R495"""
    for answer in (either.update_stat(Stat(sort_type=3)), either.query_rows(Stat(sort_type=3))):
        assert answer.status == GENERAL_FAILURE


def test_tables_of_links_are_sorted_by_display_name(either):
    """MS-OXNSPI_R98 R99 R100 R101"""
    group = mid(either, TEAM)
    collator = icu.Collator.createInstance(icu.Locale("en_US"))
    for sort_type in (0x3E8, 0x3E9):
        answer = either.get_matches(Stat(sort_type=sort_type, container_id=MEMBER, current_rec=group), tags=[DISPLAY_NAME])
        assert answer.status == SUCCESS
        names = [dict(r)[DISPLAY_NAME] for r in answer.rows]
        assert len(names) == 3 and names == sorted(names, key=collator.getSortKey)


def test_explicit_tables_are_lists_of_mids(either, mids):
    """As a tag array in GetMatches, as an array of words in QueryRows.  MS-OXNSPI_R506 R507 R1591"""
    found = either.get_matches(Stat(), ("exist", DISPLAY_NAME), requested=len(mids)).mids
    assert found == mids
    answer = either.query_rows(Stat(), count=4, tags=[INSTANCE_KEY], table=found[:4])
    assert [int.from_bytes(dict(r)[INSTANCE_KEY], "little") for r in answer.rows] == found[:4]


def test_a_mid_names_one_object(either, mids):
    """MS-OXNSPI_R347 R609 R1706 R1591"""
    assert len(set(mids)) == len(mids) and min(mids) >= 0x10
    again = mids_of_table(either)
    assert again == mids and mid(either, ZOE) in mids
