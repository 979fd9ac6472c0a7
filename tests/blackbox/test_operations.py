"""Each operation over the wire: what it answers, its errors, and what it does to STAT."""

import struct

import pytest

import ldif
from nspi_wire import (ACCESS_DENIED, AMBIGUOUS, ANR, CURRENT, DISPLAY_NAME, DISPLAY_NAME_A, EMAIL_ADDRESS, ENTRYID,
                       ERRORS_RETURNED, GENERAL_FAILURE, INSTANCE_KEY, INVALID_BOOKMARK, INVALID_CODEPAGE, MANAGER,
                       MEMBER, MEMBER_OF, NOT_FOUND, NOT_SUPPORTED, PROXY_ADDRESSES, REPORTS, RESOLVED, SMTP_ADDRESS,
                       SUCCESS, SURNAME, TABLE_TOO_BIG, TOO_COMPLEX, UNBIND_SUCCESS, UNRESOLVED, Fault, Nspi, Stat, mid_of)
from rpc_impacket import Client, Connection

GUID_NSPI = bytes.fromhex("DCA740C8C042101AB4B908002B2FE182")
PS_MAPI = bytes.fromhex("2803020000000000C000000000000046")


@pytest.fixture(scope="module")
def entries(book):
    return [e for e in ldif.read(book) if "displayname" in e]


def find(client, text, **options):
    """MIds of the entries whose ANR attributes match."""
    return client.get_matches(Stat(**options), ("property", 4, ANR, (ANR, text)), tags=[DISPLAY_NAME]).mids


def mid_by_mail(client, mail):
    answer = client.get_matches(Stat(), ("property", 4, SMTP_ADDRESS, (SMTP_ADDRESS, mail)))
    assert len(answer.mids) == 1, mail
    return answer.mids[0]


def person(entries):
    return next(e for e in entries if "user" in e["objectclass"] and "sn" in e and "mail" in e and not ldif.hidden(e))


def test_bind_returns_the_server_guid_only_when_asked(site):
    connection = Connection(site)
    asked = Nspi(connection)
    first = asked.bind()
    assert first.status == SUCCESS and len(first.guid) == 16 and any(first.guid)
    assert Nspi(connection).bind(guid=None).guid is None
    assert Nspi(connection).bind().guid == first.guid


def test_bind_takes_any_garbage_in_stat_but_the_code_page(site):
    session = Nspi(Connection(site))
    assert session.bind(Stat(container_id=0x77F6D5C8, total_recs=0x90000, current_rec=7, delta=-3)).status == SUCCESS
    for codepage in (1200, 0, 99999):
        assert Nspi(Connection(site)).bind(Stat(codepage=codepage)).status == INVALID_CODEPAGE


def test_unbind_destroys_the_handle(site):
    session = Client(site)
    answer = session.unbind()
    assert (answer.status, answer.handle) == (UNBIND_SUCCESS, bytes(20))
    with pytest.raises(Fault) as fault:
        session.query_rows()
    assert fault.value.status == 0x1C00001A


def test_unbind_of_a_null_handle_is_a_failure(site):
    session = Nspi(Connection(site))
    assert session.unbind().status == 2


def test_an_unknown_opnum_is_out_of_range(site):
    connection = Connection(site)
    for opnum in (15, 21, 999):
        with pytest.raises(Fault) as fault:
            connection.call(opnum, bytes(64))
        assert fault.value.status == 0x1C010002


def test_default_columns_of_query_rows(client):
    row = client.query_rows(count=1).rows[0]
    assert [t & 0xFFFF0000 for t, _ in row] == [0xFFFD0000, 0x0FFE0000, 0x39000000, 0x30010000, 0x3A1A0000, 0x3A180000, 0x3A190000]


def test_trailing_octets_are_tolerated(site):
    client = Client(site)
    stub = client.handle + struct.pack("<I", 0) + Stat().pack() + struct.pack("<IIII", 0, 0, 3, 0)
    assert client.connection.call(3, stub + b"\xAA" * 16)


@pytest.mark.parametrize("size", [0, 1, 19, 20, 30, 59, 60, 64])
def test_a_truncated_stub_is_a_bad_stub_fault(site, size):
    client = Client(site)
    stub = client.handle + struct.pack("<I", 0) + Stat().pack() + struct.pack("<IIII", 0, 0, 3, 0)
    with pytest.raises(Fault) as fault:
        client.connection.call(3, stub[:size])
    assert fault.value.status == 0x6F7
    assert client.query_rows(count=1).status == SUCCESS


def test_get_prop_list_names_what_get_props_returns(client):
    mid = mid_of(client.query_rows(count=1, tags=[INSTANCE_KEY]).rows[0])
    tags = client.get_prop_list(mid).tags
    assert DISPLAY_NAME_A in tags and ENTRYID in tags
    unicode_tags = client.get_prop_list(mid, codepage=1200).tags
    assert DISPLAY_NAME in unicode_tags and len(unicode_tags) == len(tags)
    row = client.get_props(mid, tags).row
    assert all(t & 0xFFFF != 0x000A for t, _ in row)
    assert client.get_prop_list(0x7FFFFFFF).status == GENERAL_FAILURE
    assert client.get_prop_list(mid, codepage=99999).status == INVALID_CODEPAGE


def test_get_props_keeps_order_duplicates_and_says_what_is_missing(client):
    mid = mid_of(client.query_rows(count=1, tags=[INSTANCE_KEY]).rows[0])
    answer = client.get_props(mid, [DISPLAY_NAME, 0x6666001F, DISPLAY_NAME, 0x30010003])
    assert answer.status == ERRORS_RETURNED
    assert [t for t, _ in answer.row] == [DISPLAY_NAME, 0x6666000A, DISPLAY_NAME, 0x3001000A]
    assert answer.row[1][1] == NOT_FOUND
    assert answer.row[0] == answer.row[2]


def test_get_props_of_an_unknown_object_is_all_errors(client):
    answer = client.get_props(0x7FFFFFFF, [DISPLAY_NAME, ENTRYID])
    assert answer.status == ERRORS_RETURNED
    assert [t & 0xFFFF for t, _ in answer.row] == [0x000A, 0x000A]


def test_permanent_and_ephemeral_entry_ids(client):
    guid = client.bind().guid
    row = dict(client.query_rows(count=1, tags=[ENTRYID, EMAIL_ADDRESS, INSTANCE_KEY]).rows[0])
    assert row[ENTRYID][:24] == bytes(4) + GUID_NSPI + struct.pack("<I", 1)
    assert row[ENTRYID][28:] == row[EMAIL_ADDRESS].encode() + b"\0"
    short = dict(client.query_rows(count=1, tags=[ENTRYID], flags=2).rows[0])[ENTRYID]
    assert len(short) == 32 and short[0] == 0x87
    assert short[4:20] == guid and short[28:] == row[INSTANCE_KEY]


def test_dn_to_mid_in_any_case_and_zero_for_the_unknown(client):
    rows = [dict(r) for r in client.query_rows(count=5, tags=[EMAIL_ADDRESS, INSTANCE_KEY]).rows]
    names = [r[EMAIL_ADDRESS].encode() for r in rows]
    wanted = [int.from_bytes(r[INSTANCE_KEY], "little") for r in rows]
    assert client.dn_to_mid(names).mids == wanted
    assert client.dn_to_mid([n.upper() for n in names]).mids == wanted
    assert client.dn_to_mid([b"/o=No/cn=one", None, b""] + names[:1]).mids == [0, 0, 0, wanted[0]]


def test_hidden_entries_are_in_no_list_match_or_resolution_but_have_a_dn(client, entries):
    found = 0
    shown = {dict(r)[DISPLAY_NAME] for r in client.query_rows(count=10000, tags=[DISPLAY_NAME]).rows}
    for e in entries:
        if not ldif.hidden(e):
            continue
        found += 1
        name, mail = e["displayname"][0], e["mail"][0]
        assert name not in shown or [x["displayname"][0] for x in entries].count(name) > 1
        assert client.resolve_names_w([mail]).mids == [UNRESOLVED]
        assert client.get_matches(Stat(), ("property", 4, SMTP_ADDRESS, (SMTP_ADDRESS, mail))).mids == []
        if "legacyexchangedn" in e:
            assert client.dn_to_mid([e["legacyexchangedn"][0].encode()]).mids != [0]
    assert found


def test_resolve_names_in_both_string_forms(rpc_client, entries):
    e = person(entries)
    names = [e["mail"][0], "Nobody Atall", "", e["mail"][0].upper()]
    wide = rpc_client.resolve_names_w(names, tags=[SMTP_ADDRESS, EMAIL_ADDRESS])
    assert wide.mids == [RESOLVED, UNRESOLVED, UNRESOLVED, RESOLVED]
    assert [dict(r)[SMTP_ADDRESS] for r in wide.rows] == [e["mail"][0]] * 2
    narrow = rpc_client.resolve_names([n.encode() for n in names], tags=[SMTP_ADDRESS, EMAIL_ADDRESS])
    assert (narrow.mids, narrow.rows) == (wide.mids, wide.rows)
    assert rpc_client.resolve_names_w(["x"], stat=Stat(container_id=0x7FFFFFFF)).status == INVALID_BOOKMARK


def test_resolve_names_says_what_became_of_each(client, entries):
    e = person(entries)
    answer = client.resolve_names_w([e["mail"][0], "Nobody Atall", "", e["mail"][0].upper()], tags=[SMTP_ADDRESS])
    assert answer.mids == [RESOLVED, UNRESOLVED, UNRESOLVED, RESOLVED]
    assert [dict(r)[SMTP_ADDRESS] for r in answer.rows] == [e["mail"][0]] * 2
    assert client.resolve_names_w(["x"], stat=Stat(container_id=0x7FFFFFFF)).status == INVALID_BOOKMARK


def test_a_common_surname_is_ambiguous(client, entries):
    surnames = [e["sn"][0] for e in entries if "sn" in e and not ldif.hidden(e)]
    common = max(set(surnames), key=surnames.count)
    assert client.resolve_names_w([common]).mids == [AMBIGUOUS]
    assert client.resolve_names_w([common]).rows == []
    assert len(find(client, common)) >= surnames.count(common)


def test_get_matches_by_restriction(client, entries):
    surname = person(entries)["sn"][0]
    wanted = {e["displayname"][0] for e in entries if e.get("sn") == [surname] and not ldif.hidden(e)}
    equal = ("property", 4, SURNAME, (SURNAME, surname))

    def names(restriction):
        answer = client.get_matches(Stat(), restriction, tags=[DISPLAY_NAME])
        assert answer.status == SUCCESS
        assert len(answer.mids) == len(answer.rows)
        return {dict(r)[DISPLAY_NAME] for r in answer.rows}

    assert names(equal) == wanted
    assert names(("and", [equal, ("exist", SMTP_ADDRESS)])) == wanted
    assert names(("or", [equal, ("property", 4, SURNAME, (SURNAME, "No Such Name"))])) == wanted
    assert not names(("and", [equal, ("not", equal)]))
    assert wanted <= names(("content", 0x10002, SURNAME, (SURNAME, surname[:3].lower())))
    assert wanted <= names(("content", 0x10001, SURNAME, (SURNAME, surname[1:].upper())))


def test_get_matches_says_when_there_are_too_many(client):
    everybody = ("exist", DISPLAY_NAME)
    assert client.get_matches(Stat(), everybody, requested=10).status == TABLE_TOO_BIG
    assert client.get_matches(Stat(), ("exist", DISPLAY_NAME), reserved=[1]).status == TOO_COMPLEX
    assert client.get_matches(Stat(), ("bitmask", 1, 0x39000003, 1)).status == TOO_COMPLEX


def test_links_and_back_links_agree(client, entries):
    groups = [e for e in entries if "group" in e["objectclass"] and e.get("member") and not ldif.hidden(e)]
    by_dn = {e["dn"][0].lower(): e for e in entries}
    group = groups[0]
    mid = mid_by_mail(client, group["mail"][0])
    answer = client.get_matches(Stat(sort_type=0x3E8, container_id=MEMBER, current_rec=mid), tags=[DISPLAY_NAME, INSTANCE_KEY])
    assert answer.status == SUCCESS
    assert answer.stat.container_id == mid
    wanted = sorted(by_dn[m.lower()]["displayname"][0] for m in group["member"] if not ldif.hidden(by_dn[m.lower()]))
    assert sorted(dict(r)[DISPLAY_NAME] for r in answer.rows) == wanted
    member = mid_of(answer.rows[0])
    back = client.get_matches(Stat(sort_type=0x3E8, container_id=MEMBER_OF, current_rec=member))
    assert mid in back.mids


def test_manager_and_reports_agree(client, entries):
    e = next(e for e in entries if e.get("manager") and not ldif.hidden(e))
    mid = mid_by_mail(client, e["mail"][0])
    manager = client.get_matches(Stat(sort_type=0x3E8, container_id=MANAGER, current_rec=mid)).mids
    if manager:
        assert mid in client.get_matches(Stat(sort_type=0x3E8, container_id=REPORTS, current_rec=manager[0])).mids


def test_a_property_that_is_no_link_is_not_supported(client):
    mid = mid_of(client.query_rows(count=1, tags=[INSTANCE_KEY]).rows[0])
    assert client.get_matches(Stat(sort_type=0x3E8, container_id=DISPLAY_NAME, current_rec=mid)).status == NOT_SUPPORTED
    assert client.get_matches(Stat(sort_type=0x3E8, container_id=MEMBER, current_rec=0x7FFFFFFF)).status == GENERAL_FAILURE


def test_resort_restriction_sorts_and_drops_the_unknown(client):
    rows = client.query_rows(count=20, tags=[INSTANCE_KEY]).rows
    mids = [mid_of(r) for r in rows]
    answer = client.resort_restriction(Stat(current_rec=mids[3]), list(reversed(mids)) + [0x7FFFFFFF])
    assert (answer.status, answer.mids) == (SUCCESS, mids)
    assert (answer.stat.total_recs, answer.stat.num_pos, answer.stat.current_rec) == (20, 3, mids[3])
    answer = client.resort_restriction(Stat(current_rec=0x7FFFFFFF), mids)
    assert (answer.stat.num_pos, answer.stat.current_rec) == (0, 0)


def test_compare_mids_follows_the_table(client):
    a, b = (mid_of(r) for r in client.query_rows(count=2, tags=[INSTANCE_KEY]).rows)
    assert client.compare_mids(a, b).result < 0 < client.compare_mids(b, a).result
    assert client.compare_mids(a, a).result == 0
    assert client.compare_mids(a, 0x7FFFFFFF).status == GENERAL_FAILURE


def test_an_explicit_table_gives_a_row_for_each_mid(client):
    mids = [mid_of(r) for r in client.query_rows(count=3, tags=[INSTANCE_KEY]).rows]
    stat = Stat(num_pos=9)
    answer = client.query_rows(stat, count=10, tags=[INSTANCE_KEY, DISPLAY_NAME], table=mids + [0x7FFFFFFF])
    assert [mid_of(r) for r in answer.rows[:3]] == mids
    assert [t & 0xFFFF for t, _ in answer.rows[3]] == [0x000A, 0x000A]
    assert answer.stat == stat


def test_the_hierarchy_has_the_columns_in_order_and_a_version(client):
    answer = client.get_special_table(flags=4)
    for row in answer.rows:
        tags = [t for t, _ in row]
        assert tags[:6] == [ENTRYID, 0x36000003, 0x30050003, 0xFFFD0003, DISPLAY_NAME, 0xFFFB000B]
    assert client.get_special_table(flags=4, version=answer.version).rows == []
    narrow = client.get_special_table(flags=0)
    assert all(dict(r).get(DISPLAY_NAME_A) is not None for r in narrow.rows)


def test_query_columns_follow_the_flag(client):
    wide, narrow = client.query_columns().tags, client.query_columns(flags=0).tags
    assert DISPLAY_NAME in wide and DISPLAY_NAME_A in narrow
    assert {t >> 16 for t in wide} == {t >> 16 for t in narrow}


def test_named_properties(rpc_client):
    answer = rpc_client.get_names_from_ids(PS_MAPI, [DISPLAY_NAME, 0x12340003])
    assert answer.status == SUCCESS and answer.tags is None and len(answer.names) == 2
    assert rpc_client.get_names_from_ids(PS_MAPI).status == NOT_SUPPORTED
    unknown = rpc_client.get_ids_from_names([(bytes(16), 5)])
    assert (unknown.status, unknown.tags) == (ERRORS_RETURNED, [0x0000000A])
    assert rpc_client.get_ids_from_names([(bytes(16), 5)], flags=2).status == ACCESS_DENIED


def test_what_cannot_be_changed_says_so(client):
    mid = mid_of(client.query_rows(count=1, tags=[INSTANCE_KEY]).rows[0])
    assert client.mod_props(Stat(current_rec=mid), [0x3A701102], [(0x3A701102, [b"x"])]).status == ACCESS_DENIED
    assert client.mod_link_att(0x66660102, mid, [b"x"]).status == NOT_FOUND


def test_update_stat_with_code_page_1200_keeps_what_was_sent(client):
    stat = Stat(codepage=1200, delta=3)
    answer = client.update_stat(stat)
    assert answer.status != SUCCESS and answer.stat == stat


def test_multi_valued_strings_in_both_forms(client, entries):
    e = next(e for e in entries if len(e.get("proxyaddresses", [])) > 1 and not ldif.hidden(e) and "mail" in e)
    mid = mid_by_mail(client, e["mail"][0])
    row = dict(client.get_props(mid, [PROXY_ADDRESSES, 0x800F101E]).row)
    assert sorted(row[PROXY_ADDRESSES]) == sorted(e["proxyaddresses"])
    assert sorted(row[0x800F101E]) == sorted(v.encode() for v in e["proxyaddresses"])


def test_current_names_no_row_outside_update_stat(client):
    answer = client.query_rows(Stat(current_rec=CURRENT), count=5)
    assert answer.status != SUCCESS or answer.rows is not None
