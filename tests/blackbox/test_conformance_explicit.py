"""What is done with MIds and names: sections 3.1.4.1.11 to 3.1.4.1.13, 3.1.4.1.16, 3.1.4.1.17, 2.2.1.9 and 3.1.4.7."""

import struct

import pytest

from conformance import (ANNA, BAD_STUB, NOBODY, STATUSES, TEAM, YURI, ZOE, containers, mid, mids_of_table, row)
from nspi_wire import (AMBIGUOUS, BEGINNING, DISPLAY_NAME, DISPLAY_NAME_A, DISPLAY_TYPE, EMAIL_ADDRESS, ENTRYID,
                       GENERAL_FAILURE, INSTANCE_KEY, INVALID_BOOKMARK, RESOLVED, SMTP_ADDRESS, SUCCESS, UNRESOLVED, Fault,
                       Stat, Writer, mid_of)


@pytest.fixture(scope="module")
def mids(exchange):
    return mids_of_table(exchange)


# NspiResortRestriction

def test_resort_sorts_a_list(either, mids):
    """MS-OXNSPI_R647 R1168 R1172 R1175 R1176 R1177 R1196 R1198 R1199 R1201 R1204 R1209"""
    some = mids[3:40:4]
    answer = either.resort_restriction(Stat(current_rec=some[2]), some[::-1])
    assert (answer.status, answer.mids) == (SUCCESS, some)
    assert (answer.stat.current_rec, answer.stat.num_pos, answer.stat.total_recs) == (some[2], 2, len(some))


def test_resort_parameters_in_their_order(either, mids):
    """A reserved word, STAT, a list, a pointer to a list; back come STAT, a list and status.  MS-OXNSPI_R1683 R1175 R1177"""
    w = Writer()
    w.data += either.handle
    w.u32(0)
    w.stat(Stat())
    w.tags([mids[1], mids[0]])
    w.parameter(None, w.tags)
    out = either.connection.call(6, bytes(w.data))
    assert struct.unpack_from("<7I", out, 36)[1:] == (3, 2, 0, 2, mids[0], mids[1]) and out[-4:] == bytes(4)
    with pytest.raises(Fault) as fault:
        either.connection.call(6, bytes(w.data)[:-1])
    assert fault.value.status == BAD_STUB


def test_resort_leaves_out_who_is_unknown(either, mids):
    """MS-OXNSPI_R1197 R1204"""
    answer = either.resort_restriction(Stat(), [NOBODY, mids[5], 7, mids[2], 0])
    assert (answer.mids, answer.stat.total_recs) == ([mids[2], mids[5]], 2)


def test_resort_without_the_current_row_goes_to_the_beginning(either, mids):
    """MS-OXNSPI_R1205 R1759"""
    answer = either.resort_restriction(Stat(current_rec=mids[9], num_pos=77), mids[3:6])
    assert (answer.stat.current_rec, answer.stat.num_pos, answer.stat.total_recs) == (BEGINNING, 0, 3)


def test_resort_leaves_the_other_fields_alone(either, mids):
    """MS-OXNSPI_R1207"""
    sent = Stat(container_id=containers(either)["All Users"], current_rec=mids[4], delta=7, num_pos=9, total_recs=3,
                codepage=1250, template_locale=0x40C, sort_locale=0x407)
    back = either.resort_restriction(sent, mids[3:6]).stat
    assert back == sent.but(num_pos=back.num_pos, total_recs=3)


@pytest.mark.parametrize("reserved", [0, 1, 0xFFFFFFFF])
def test_reserved_and_a_list_to_fill_make_no_difference(either, mids, reserved):
    """MS-OXNSPI_R1870 R1915 R1171 R1869"""
    for out in (None, [], [1, 2, 3]):
        answer = either.resort_restriction(Stat(), [mids[4], mids[1]], out, reserved)
        assert (answer.status, answer.mids) == (SUCCESS, [mids[1], mids[4]])


def test_resort_that_fails_has_no_list_and_leaves_stat_alone(either, mids):
    """An order that is none, and on a domain controller code page 1200.  MS-OXNSPI_R1181 R1185 R1189 R1757"""
    for stat in (Stat(sort_type=1, num_pos=4), Stat(sort_type=0x3E8, num_pos=4), Stat(codepage=1200, num_pos=4)):
        answer = either.resort_restriction(stat, mids[:3])
        assert answer.status in STATUSES
        if answer.status != SUCCESS:
            assert (answer.mids, answer.stat) == (None, stat)
        else:
            assert stat.codepage == 1200 and answer.mids == mids[:3]


def test_resort_by_phonetic_name(exchange, directory, mids):
    """Which is not kept: newer Exchange sorts by display name then.  MS-OXNSPI_R1194 R1194002"""
    answer = exchange.resort_restriction(Stat(sort_type=3), mids[5:2:-1])
    assert (answer.status, answer.mids) == (SUCCESS, mids[3:6])
    assert directory.resort_restriction(Stat(sort_type=3), mids[5:2:-1]).status == GENERAL_FAILURE


# NspiCompareMIds

def test_compare_by_position(either, mids):
    """MS-OXNSPI_R651 R1210 R1217 R1218 R1219 R1236 R1238 R1240 R1242"""
    for a, b in ((0, 1), (3, 90), (50, 51)):
        assert either.compare_mids(mids[a], mids[b]).status == SUCCESS
        assert either.compare_mids(mids[a], mids[b]).result < 0 < either.compare_mids(mids[b], mids[a]).result
        assert either.compare_mids(mids[a], mids[a]).result == 0


def test_compare_in_a_container(either):
    """MS-OXNSPI_R1236 R1238"""
    stat = Stat(container_id=containers(either)["All Groups"])
    groups = mids_of_table(either, container_id=stat.container_id)
    assert either.compare_mids(groups[0], groups[-1], stat).result < 0 < either.compare_mids(groups[-1], groups[0], stat).result


def test_compare_parameters_in_their_order(either, mids):
    """A reserved word, STAT and two MIds; back come the result and the status.  MS-OXNSPI_R1684 R1217 R1219"""
    stub = either.handle + struct.pack("<I", 0) + Stat().pack() + struct.pack("<II", mids[0], mids[1])
    result, status = struct.unpack("<iI", either.connection.call(10, stub))
    assert result < 0 and status == SUCCESS
    with pytest.raises(Fault) as fault:
        either.connection.call(10, stub[:-1])
    assert fault.value.status == BAD_STUB


def test_compare_of_who_is_not_in_the_table_fails(either, mids):
    """MS-OXNSPI_R1234"""
    stat = Stat(container_id=containers(either)["All Groups"])
    zoe, team = mid(either, ZOE), mid(either, TEAM)
    for a, b, where in ((mids[0], NOBODY, Stat()), (NOBODY, mids[0], Stat()), (zoe, team, stat), (team, zoe, stat)):
        assert either.compare_mids(a, b, where).status == GENERAL_FAILURE


def test_compare_in_an_unknown_container(either, mids):
    """MS-OXNSPI_R1230"""
    assert either.compare_mids(mids[0], mids[1], Stat(container_id=NOBODY)).status == INVALID_BOOKMARK


def test_compare_in_code_page_1200_gets_a_status_that_exists(either, mids):
    """MS-OXNSPI_R1223"""
    assert either.compare_mids(mids[0], mids[1], Stat(codepage=1200)).status in STATUSES


@pytest.mark.parametrize("reserved", [1, 0xFFFFFFFF])
def test_reserved_of_compare_makes_no_difference(either, mids, reserved):
    """MS-OXNSPI_R1699 R1213"""
    assert either.compare_mids(mids[0], mids[1], reserved=reserved).result == either.compare_mids(mids[0], mids[1]).result


# NspiDNToMId

def test_dns_become_mids(either):
    """One for each, in their order.  MS-OXNSPI_R648 R1243 R1249 R1250 R1251 R1262 R1263 R1264 R1266"""
    names = [dict(row(either, mail, [EMAIL_ADDRESS]))[EMAIL_ADDRESS].encode() for mail in (ZOE, TEAM, ANNA, ZOE)]
    answer = either.dn_to_mid(names)
    assert (answer.status, answer.mids) == (SUCCESS, [mid(either, mail) for mail in (ZOE, TEAM, ANNA, ZOE)])


def test_dn_to_mid_parameters_in_their_order(either):
    """A reserved word and strings; back come MIds and status.  MS-OXNSPI_R1685 R1249 R1251"""
    stub = either.handle + struct.pack("<IIII", 0, 1, 1, 0x20000) + struct.pack("<III", 2, 0, 2) + b"x\0"
    out = either.connection.call(7, stub)
    assert struct.unpack_from("<5I", out)[1:] == (2, 1, 0, 1) and out[-4:] == bytes(4)
    with pytest.raises(Fault) as fault:
        either.connection.call(7, stub[:-1])
    assert fault.value.status == BAD_STUB


def test_unknown_dns_are_nobody(either):
    """MS-OXNSPI_R1260 R1263"""
    zoe = dict(row(either, ZOE, [EMAIL_ADDRESS]))[EMAIL_ADDRESS].encode()
    assert either.dn_to_mid([b"/o=No/cn=one", zoe, b"", b"nonsense", None]).mids == [0, mid(either, ZOE), 0, 0, 0]
    assert either.dn_to_mid([]).mids == []


@pytest.mark.parametrize("reserved", [1, 0xFFFFFFFF])
def test_reserved_of_dn_to_mid_makes_no_difference(either, reserved):
    """MS-OXNSPI_R1700 R1246"""
    zoe = dict(row(either, ZOE, [EMAIL_ADDRESS]))[EMAIL_ADDRESS].encode()
    assert either.dn_to_mid([zoe], reserved).mids == [mid(either, ZOE)]


# NspiResolveNames and NspiResolveNamesW

@pytest.fixture(params=["resolve_names", "resolve_names_w"])
def resolve(either, request):
    """resolve(names as str) in either character set, and the session."""
    function = getattr(either, request.param)

    def call(names, codepage="cp1252", **options):
        if request.param == "resolve_names":
            names = [n if n is None else n.encode(codepage) for n in names]
        return function(names, **options)
    call.client, call.wide = either, request.param == "resolve_names_w"
    return call


def test_names_become_codes(resolve):
    """Nobody, several, or one: never a MId.

    MS-OXNSPI_R86 R87 R88 R89 R90 R616 R618 R620 R622 R657 R659 R1611 R1341 R1342 R1349 R1351 R1352 R1355 R1374 R1375 R1377
    MS-OXNSPI_R1392 R1393 R1394 R1401 R1403 R1406 R1425 R1426 R1428 R1443 R1650
    """
    answer = resolve(["Nobody Atall", "Conform", ZOE, "Zo\u00eb M\u00fcller"])
    assert (answer.status, answer.mids) == (SUCCESS, [UNRESOLVED, AMBIGUOUS, RESOLVED, RESOLVED])
    assert (UNRESOLVED, AMBIGUOUS, RESOLVED) == (0, 1, 2)


@pytest.mark.parametrize("opnum,strings", [
    (19, struct.pack("<III", 2, 0, 2) + b"x\0"), (20, struct.pack("<III", 2, 0, 2) + b"x\0\0\0")])
def test_resolve_parameters_in_their_order(either, opnum, strings):
    """A reserved word, STAT, tags and strings; back come codes, rows and status.

    MS-OXNSPI_R1688 R1689 R1351 R1353 R1355 R1403 R1404 R1406
    """
    stub = either.handle + struct.pack("<I", 0) + Stat().pack() + struct.pack("<IIII", 0, 1, 1, 0x20000) + strings
    out = either.connection.call(opnum, stub)
    assert struct.unpack_from("<6I", out)[1:] == (2, 1, 0, 1, UNRESOLVED)
    assert struct.unpack_from("<III", out, 24)[1:] == (0, 0) and out[-4:] == bytes(4)
    with pytest.raises(Fault) as fault:
        either.connection.call(opnum, stub[:-1])
    assert fault.value.status == BAD_STUB


def test_rows_come_of_what_was_found(resolve):
    """In the order of the names, with permanent entry ids.

    MS-OXNSPI_R1343 R1347 R1353 R1354 R1379 R1395 R1399 R1404 R1405 R1430 R459 R460
    """
    answer = resolve([TEAM, "Nobody Atall", "Conform", ZOE], tags=[SMTP_ADDRESS, ENTRYID])
    assert [dict(r)[SMTP_ADDRESS] for r in answer.rows] == [TEAM, ZOE]
    assert all(dict(r)[ENTRYID][0] == 0 for r in answer.rows)
    found = [mid(resolve.client, m) for m in (TEAM, ZOE)]
    assert answer.rows == resolve.client.query_rows(count=2, table=found, tags=[SMTP_ADDRESS, ENTRYID]).rows


def test_rows_have_the_usual_columns_unless_told(resolve):
    """MS-OXNSPI_R1347 R1399"""
    answer = resolve([ZOE])
    assert answer.rows == resolve.client.query_rows(count=1, table=[mid(resolve.client, ZOE)]).rows
    assert dict(answer.rows[0])[DISPLAY_TYPE] == 0


def test_null_and_nothing_are_nobody(resolve):
    """MS-OXNSPI_R623 R624"""
    answer = resolve([None, "", ZOE])
    assert (answer.status, answer.mids, len(answer.rows)) == (SUCCESS, [UNRESOLVED, UNRESOLVED, RESOLVED], 1)


def test_nobody_found_is_no_row(resolve):
    """MS-OXNSPI_R618 R1379 R1430"""
    answer = resolve(["Nobody Atall"])
    assert (answer.status, answer.mids, answer.rows) == (SUCCESS, [UNRESOLVED], [])


def test_names_are_resolved_in_a_container(resolve):
    """MS-OXNSPI_R612 R1375 R1426"""
    groups = Stat(container_id=containers(resolve.client)["All Groups"])
    assert resolve([ZOE, TEAM], stat=groups).mids == [UNRESOLVED, RESOLVED]


def test_8_bit_names_are_of_the_clients_code_page(either):
    """MS-OXNSPI_R1350 R465 R613"""
    for codepage, name in ((1251, "cp1251"), (20866, "koi8-r"), (65001, "utf-8")):
        answer = either.resolve_names(["\u042e\u0440\u0438\u0439".encode(name)], Stat(codepage=codepage), [INSTANCE_KEY])
        assert answer.mids == [RESOLVED] and mid_of(answer.rows[0]) == mid(either, YURI), name


def test_unicode_names_need_no_code_page(either):
    """MS-OXNSPI_R1402 R466"""
    answer = either.resolve_names_w(["\u042e\u0440\u0438\u0439"], Stat(codepage=1252), [INSTANCE_KEY])
    assert mid_of(answer.rows[0]) == mid(either, YURI)


def test_names_in_an_unknown_container(resolve):
    """MS-OXNSPI_R1367 R1372 R1418 R1423 R1760 R1761"""
    answer = resolve([ZOE], stat=Stat(container_id=NOBODY))
    assert (answer.status, answer.mids, answer.rows) == (INVALID_BOOKMARK, None, None)


def test_names_in_code_page_1200_get_a_status_that_exists(resolve):
    """MS-OXNSPI_R1359 R1410"""
    assert resolve([ZOE], stat=Stat(codepage=1200)).status in STATUSES


@pytest.mark.parametrize("reserved", [1, 0xFFFFFFFF])
def test_names_with_reserved_get_a_status_that_exists(resolve, reserved):
    """MS-OXNSPI_R1363 R1414"""
    assert resolve([ZOE], reserved=reserved).status in STATUSES


def test_both_kinds_of_strings_in_rows(resolve):
    """MS-OXNSPI_R1347 R1399"""
    values = dict(resolve([ZOE], tags=[DISPLAY_NAME, DISPLAY_NAME_A]).rows[0])
    assert values == {DISPLAY_NAME: "Zo\u00eb M\u00fcller", DISPLAY_NAME_A: "Zo\u00eb M\u00fcller".encode("cp1252")}
