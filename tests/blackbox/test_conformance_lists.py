"""Lists of tags, and the special tables: sections 2.2.1.11 to 2.2.1.13, 3.1.4.1.3, 3.1.4.1.5 and 3.1.4.1.6."""

import struct

import pytest

from conformance import (BAD_STUB, CONTAINER, GUID_NSPI, NOBODY, STATUSES, TEAM, UNKNOWN_CODEPAGE, ZOE, mid)
from nspi_wire import (CONTAINER_ID, DISPLAY_NAME, DISPLAY_NAME_A, ENTRYID, GENERAL_FAILURE, INVALID_CODEPAGE, MEMBER, SUCCESS,
                       Fault, Stat)

FLAGS, DEPTH, IS_MASTER, PARENT = 0x36000003, 0x30050003, 0xFFFB000B, 0xFFFC0102


def kinds(tags):
    return {t & 0xFFFF for t in tags}


# the hierarchy

def test_hierarchy_rows(either):
    """MS-OXNSPI_R717 R718 R653 R726 R728 R743 R765 R767 R454 R520"""
    answer = either.get_special_table(flags=0)
    assert answer.status == SUCCESS and len(answer.rows) > 5


def test_special_table_parameters_in_their_order(either):
    """Flags, STAT and the version; back come version, rows and status.  MS-OXNSPI_R1674 R724 R726 R728"""
    stub = either.handle + struct.pack("<I", 4) + Stat().pack() + struct.pack("<I", 0)
    out = either.connection.call(12, stub)
    assert struct.unpack_from("<I", out, 4)[0] and out[-4:] == bytes(4)
    with pytest.raises(Fault) as fault:
        either.connection.call(12, stub[:-1])
    assert fault.value.status == BAD_STUB


def test_hierarchy_columns(either):
    """In order, all there but the parent's, which comes seventh; and what they have.

    MS-OXNSPI_R1863 R1864 R1865 R1866
    """
    rows = either.get_special_table(flags=4).rows
    depths, entry_ids = [], []
    for r in rows:
        tags = [t for t, _ in r]
        assert tags[:6] == [ENTRYID, FLAGS, DEPTH, CONTAINER_ID, DISPLAY_NAME, IS_MASTER]
        assert tags[6:] in ([], [PARENT])
        values = dict(r)
        assert struct.unpack_from("<I16sII", values[ENTRYID]) == (0, GUID_NSPI, 1, CONTAINER)
        assert values[FLAGS] & 1 and not values[FLAGS] & ~0x1F and values[FLAGS] & 0xC in (4, 8)
        assert values[DEPTH] <= (depths[-1] + 1 if depths else 0)
        assert (PARENT in values) == (values[DEPTH] > 0)
        assert values.get(PARENT, rows[0][0][1]) in entry_ids or not entry_ids
        assert values[IS_MASTER] in (0, 1) and values[DISPLAY_NAME]
        assert either.query_rows(Stat(container_id=values[CONTAINER_ID] & 0xFFFFFFFF), count=1).status == SUCCESS
        depths.append(values[DEPTH])
        entry_ids.append(values[ENTRYID])
    assert dict(rows[0])[CONTAINER_ID] == 0 and len(set(entry_ids)) == len(rows)


def test_hierarchy_names_in_unicode(either):
    """MS-OXNSPI_R111 R760 R1941 R447 R1966"""
    for codepage in (1252, 1200, UNKNOWN_CODEPAGE):
        rows = either.get_special_table(flags=4, stat=Stat(codepage=codepage)).rows
        assert all(isinstance(dict(r)[DISPLAY_NAME], str) for r in rows)


def test_hierarchy_names_in_8_bits(either):
    """MS-OXNSPI_R762 R1933 R446 R1967"""
    wide = [dict(r)[DISPLAY_NAME] for r in either.get_special_table(flags=4, stat=Stat(template_locale=0x407)).rows]
    for codepage, name in ((1252, "cp1252"), (850, "cp850"), (65001, "utf-8")):
        stat = Stat(codepage=codepage, template_locale=0x407)
        rows = either.get_special_table(flags=0, stat=stat).rows
        assert [dict(r)[DISPLAY_NAME_A] for r in rows] == [n.encode(name) for n in wide]


def test_special_table_in_code_page_1200_gets_a_status_that_exists(either):
    """MS-OXNSPI_R732 R736"""
    answer = either.get_special_table(flags=0, stat=Stat(codepage=1200))
    assert answer.status in STATUSES - {SUCCESS} and answer.rows is None


@pytest.mark.parametrize("flags", [1, 8, 0x10, 0x80000000, 0xFFFFFFF9])
def test_unknown_flags_of_the_special_table_make_no_difference(either, flags):
    """MS-OXNSPI_R1740 R721"""
    assert either.get_special_table(flags=flags).rows == either.get_special_table(flags=0).rows
    assert either.get_special_table(flags=flags | 4).rows == either.get_special_table(flags=4).rows


def test_the_version_of_the_hierarchy_is_for_domain_controllers(directory, exchange):
    """Exchange neither looks at it nor sets it.  MS-OXNSPI_R748 R750 R748001 R750001"""
    version = directory.get_special_table(flags=4).version
    assert version and directory.get_special_table(flags=4, version=version).rows == []
    assert directory.get_special_table(flags=4, version=version + 1).rows
    rows = exchange.get_special_table(flags=4).rows
    for sent in (0, version, 0xFFFFFFFF):
        answer = exchange.get_special_table(flags=4, version=sent)
        assert (answer.status, answer.version, answer.rows) == (SUCCESS, sent, rows)


# the creation table

@pytest.mark.parametrize("lcid", [0, 0x3FF, 0x10000409])
def test_no_creation_templates_for_a_locale_is_an_empty_table(either, lcid):
    """MS-OXNSPI_R757 R758"""
    answer = either.get_special_table(flags=2, stat=Stat(template_locale=lcid))
    assert (answer.status, answer.rows) == (SUCCESS, [])


def test_the_unicode_flag_counts_for_nothing_beside_creation_templates(either):
    """MS-OXNSPI_R110 R741 R752 R109"""
    for stat in (Stat(), Stat(codepage=1251), Stat(template_locale=0x407)):
        both, one = (either.get_special_table(flags=f, stat=stat) for f in (6, 2))
        assert both.status == one.status == SUCCESS and both.rows == one.rows
        assert both.rows != either.get_special_table(flags=4, stat=stat).rows


# NspiQueryColumns

def test_query_columns_lists_what_the_server_knows(either):
    """Each property that any object has is in it.  MS-OXNSPI_R801 R802 R808 R809 R810 R824 R827 R1862"""
    answer = either.query_columns()
    assert answer.status == SUCCESS and len(set(answer.tags)) == len(answer.tags)
    known = {t >> 16 for t in answer.tags}
    for mail in (ZOE, TEAM):
        assert {t >> 16 for t in either.get_prop_list(mid(either, mail)).tags} <= known


def test_query_columns_parameters_in_their_order(either):
    """A reserved word and flags; back come tags and status.  MS-OXNSPI_R1677 R808 R810"""
    out = either.connection.call(16, either.handle + struct.pack("<II", 0, 0x80000000))
    assert struct.unpack_from("<I", out)[0] and out[-4:] == bytes(4)
    with pytest.raises(Fault) as fault:
        either.connection.call(16, either.handle + bytes(4))
    assert fault.value.status == BAD_STUB


def test_query_columns_in_unicode_or_not(either):
    """MS-OXNSPI_R115 R116 R820 R822"""
    wide, narrow = kinds(either.query_columns().tags), kinds(either.query_columns(flags=0).tags)
    assert {0x1F, 0x101F} <= wide and not {0x1E, 0x101E} & wide
    assert {0x1E, 0x101E} <= narrow and not {0x1F, 0x101F} & narrow


@pytest.mark.parametrize("reserved", [0, 1, 0xFFFFFFFF])
def test_reserved_and_unknown_flags_of_query_columns_make_no_difference(either, reserved):
    """MS-OXNSPI_R1922 R1923 R805 R807"""
    for flags in (1, 2, 0x7FFFFFFF):
        assert either.query_columns(flags, reserved).tags == either.query_columns(0, 0).tags
        assert either.query_columns(flags | 0x80000000, reserved).tags == either.query_columns().tags


# NspiGetPropList

def test_get_prop_list_has_a_tag_for_each_value(either):
    """MS-OXNSPI_R828 R834 R836 R854 R855 R858 R649"""
    for mail in (ZOE, TEAM):
        number = mid(either, mail)
        answer = either.get_prop_list(number)
        assert answer.status == SUCCESS
        every = either.query_columns(flags=0).tags
        valued = [t for t, _ in either.get_props(number, every).row if t & 0xFFFF != 0x000A]
        assert sorted(answer.tags) == sorted(valued)


def test_get_prop_list_parameters_in_their_order(either):
    """Flags, MId and code page; back come tags and status.  MS-OXNSPI_R1678 R834 R836"""
    stub = either.handle + struct.pack("<III", 0, mid(either, ZOE), 1252)
    out = either.connection.call(8, stub)
    assert struct.unpack_from("<I", out)[0] and out[-4:] == bytes(4)
    with pytest.raises(Fault) as fault:
        either.connection.call(8, stub[:-1])
    assert fault.value.status == BAD_STUB


def test_get_prop_list_says_8_bit_of_strings(exchange):
    """In every code page.  MS-OXNSPI_R852"""
    for codepage in (1252, 1200, UNKNOWN_CODEPAGE):
        found = kinds(exchange.get_prop_list(mid(exchange, ZOE), codepage).tags)
        assert {0x1E, 0x101E} <= found and not {0x1F, 0x101F} & found


def test_get_prop_list_of_a_domain_controller_goes_by_the_code_page(directory):
    """MS-NSPI 3.1.4.6, where it and MS-OXNSPI differ."""
    assert 0x1F in kinds(directory.get_prop_list(mid(directory, ZOE), 1200).tags)
    assert directory.get_prop_list(mid(directory, ZOE), UNKNOWN_CODEPAGE).status == INVALID_CODEPAGE


def test_skip_objects_leaves_tables_out(either):
    """MS-OXNSPI_R104 R848"""
    number = mid(either, TEAM)
    whole, rest = either.get_prop_list(number).tags, either.get_prop_list(number, flags=1).tags
    assert MEMBER in whole and [t for t in whole if t & 0xFFFF != 0x000D] == rest
    tags = [t for t, _ in either.get_props(number, None, flags=1).row]
    assert tags and 0x000D not in kinds(tags)


@pytest.mark.parametrize("flags", [2, 4, 0x80000000, 0xFFFFFFFE])
def test_unknown_flags_of_get_prop_list_make_no_difference(either, flags):
    """MS-OXNSPI_R1924 R831"""
    number = mid(either, TEAM)
    assert either.get_prop_list(number, flags=flags).tags == either.get_prop_list(number).tags
    assert either.get_prop_list(number, flags=flags | 1).tags == either.get_prop_list(number, flags=1).tags


def test_get_prop_list_of_nobody_fails(either):
    """MS-OXNSPI_R840"""
    answer = either.get_prop_list(NOBODY)
    assert (answer.status, answer.tags) == (GENERAL_FAILURE, None)
