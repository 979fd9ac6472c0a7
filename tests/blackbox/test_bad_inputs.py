"""What bad input gets: for each operation a table of bad, odd and borderline inputs with the expected code, over every transport."""

import pytest

from nspi_wire import (AMBIGUOUS, ANR, BEGINNING, CURRENT, DISPLAY_NAME, DISPLAY_NAME_A, END, ENTRYID, ERRORS_RETURNED,
                       GENERAL_FAILURE, INSTANCE_KEY, INVALID_BOOKMARK, INVALID_CODEPAGE, INVALID_PARAMETER, MEMBER,
                       NOT_FOUND, NOT_SUPPORTED, RESOLVED, SMTP_ADDRESS, SUCCESS, SURNAME, TABLE_TOO_BIG, TOO_COMPLEX,
                       UNRESOLVED, Stat, mid_of)

NOBODY = 0x7FFFFFFF
SPECIAL = [0, 1, 2, 0xF, NOBODY, 0x80000000, 0xFFFFFFFF]
HUGE = 0x7FFFFFFF


@pytest.fixture(scope="module")
def mids(client):
    return [mid_of(r) for r in client.query_rows(count=10000, tags=[INSTANCE_KEY]).rows]


# NspiUpdateStat and NspiQueryRows: the position

UPDATE_STAT = [
    # STAT                                              status             position from the start (negative: from the end)
    (Stat(current_rec=BEGINNING),                       SUCCESS,           0),
    (Stat(current_rec=END),                             SUCCESS,           -1),
    (Stat(current_rec=CURRENT),                         SUCCESS,           0),
    (Stat(current_rec=0xF),                             NOT_FOUND,         None),
    (Stat(current_rec=NOBODY),                          NOT_FOUND,         None),
    (Stat(current_rec=0xFFFFFFFF),                      NOT_FOUND,         None),
    (Stat(delta=HUGE),                                  SUCCESS,           -1),
    (Stat(delta=-HUGE - 1),                             SUCCESS,           0),
    (Stat(current_rec=END, delta=HUGE),                 SUCCESS,           -1),
    (Stat(current_rec=END, delta=-HUGE - 1),            SUCCESS,           0),
    (Stat(current_rec=CURRENT, num_pos=0xFFFFFFFF, total_recs=1), SUCCESS, -1),
    (Stat(current_rec=CURRENT, num_pos=0xFFFFFFFF, total_recs=0xFFFFFFFF), SUCCESS, -1),
    (Stat(current_rec=CURRENT, num_pos=5, total_recs=0), SUCCESS,          0),
    (Stat(current_rec=CURRENT, num_pos=1, total_recs=1, delta=-HUGE - 1), SUCCESS, 0),
    (Stat(num_pos=0xFFFFFFFF, total_recs=0xFFFFFFFF),   SUCCESS,           0),
    (Stat(container_id=NOBODY),                         INVALID_BOOKMARK,  None),
    (Stat(container_id=1),                              INVALID_BOOKMARK,  None),
    (Stat(container_id=0xFFFFFFFF),                     INVALID_BOOKMARK,  None),
    (Stat(codepage=1200),                               INVALID_CODEPAGE,  None),
    (Stat(sort_type=7),                                 GENERAL_FAILURE,   None),
    (Stat(sort_locale=0xFFFFFFFF),                      SUCCESS,           0),
    (Stat(template_locale=0xFFFFFFFF),                  SUCCESS,           0),
]


@pytest.mark.parametrize("stat,status,position", UPDATE_STAT)
def test_update_stat(client, mids, stat, status, position):
    answer = client.update_stat(stat, delta=0)
    assert answer.status == status
    if status != SUCCESS:
        assert answer.stat in (stat, None)
        return
    where = position if position >= 0 else len(mids)
    assert (answer.stat.num_pos, answer.stat.total_recs, answer.stat.delta) == (where, len(mids), 0)
    assert answer.stat.current_rec == (mids[where] if where < len(mids) else END)


@pytest.mark.parametrize("flags", [0, 1, 2, 3, 0xFFFFFFFF])
def test_query_rows_ignores_unknown_flags(client, flags):
    row = dict(client.query_rows(count=1, tags=[ENTRYID], flags=flags).rows[0])
    assert (len(row[ENTRYID]) == 32 and row[ENTRYID][0] == 0x87) == bool(flags & 2)


@pytest.mark.parametrize("mid", SPECIAL)
def test_query_rows_of_an_explicit_table_of_mids_that_are_nobody(client, mid):
    answer = client.query_rows(count=5, tags=[DISPLAY_NAME, ENTRYID], table=[mid])
    assert answer.status == SUCCESS
    assert [[t & 0xFFFF for t, _ in row] for row in answer.rows] == [[0xA, 0xA]]


def test_query_rows_without_rows_or_table(client):
    assert client.query_rows(count=0, tags=[DISPLAY_NAME]).status == INVALID_PARAMETER


def test_query_rows_with_a_count_beyond_everything(client, mids):
    answer = client.query_rows(count=0xFFFFFFFF, tags=[INSTANCE_KEY])
    assert (answer.status, len(answer.rows)) == (SUCCESS, len(mids))


def test_query_rows_with_no_columns_at_all(client):
    answer = client.query_rows(count=2, tags=[])
    assert (answer.status, answer.rows) == (SUCCESS, [[], []])


TAGS = [
    # asked                type of the answer
    (DISPLAY_NAME,         0x001F),
    (DISPLAY_NAME_A,       0x001E),
    (0x30010000,           0x001F),  # unspecified: the native one
    (0x30010003,           0x000A),  # wrong types are no value
    (0x3001101F,           0x000A),
    (0x30010102,           0x000A),
    (0x30010048,           0x000A),
    (0x3001000A,           0x000A),
    (0x30010001,           0x000A),
    (0x3001FFFF,           0x000A),
    (0x00000000,           0x000A),
    (0xFFFFFFFF,           0x000A),
    (0x6666001F,           0x000A),  # unknown property
    (0x39000003,           0x0003),
    (0x39000002,           0x000A),
    (0x3900001F,           0x000A),
    (ENTRYID,              0x0102),
    (0x0FFF001F,           0x000A),
    (0x8009000D,           0x000A),  # a person has no members
    (0x800F101F,           0x101F),
    (0x800F101E,           0x101E),
    (0x800F001F,           0x000A),
]


@pytest.fixture(scope="module")
def person(client):
    answer = client.get_matches(Stat(), ("and", [("exist", SURNAME), ("exist", SMTP_ADDRESS), ("exist", 0x800F101F)]))
    return answer.mids[0]


@pytest.mark.parametrize("tag,kind", TAGS)
def test_get_props_of_every_kind_of_tag(client, person, tag, kind):
    answer = client.get_props(person, [tag])
    assert answer.status == (ERRORS_RETURNED if kind == 0x000A else SUCCESS)
    (got, value), = answer.row
    assert (got >> 16, got & 0xFFFF) == (tag >> 16, kind)
    if kind == 0x000A:
        assert value == NOT_FOUND


@pytest.mark.parametrize("mid", SPECIAL)
def test_get_props_and_get_prop_list_of_nobody(client, mid):
    answer = client.get_props(mid, [DISPLAY_NAME, ENTRYID])
    assert answer.status == ERRORS_RETURNED
    assert all((t & 0xFFFF, v) == (0xA, NOT_FOUND) for t, v in answer.row)
    assert client.get_prop_list(mid).status == GENERAL_FAILURE


def test_get_props_with_duplicates_many_tags_and_none(client, person):
    answer = client.get_props(person, [DISPLAY_NAME] * 1000)
    assert answer.status == SUCCESS and len(answer.row) == 1000 and len(set(answer.row)) == 1
    assert client.get_props(person, [DISPLAY_NAME] * 50000).status == TABLE_TOO_BIG
    assert client.get_props(person, []).row == []
    assert len(client.get_props(person, None).row) > 20


@pytest.mark.parametrize("codepage", [0, 1, 1201, 12000, 99999, 0xFFFFFFFF])
def test_code_pages_that_are_unknown(client, person, codepage):
    assert client.get_prop_list(person, codepage=codepage).status == INVALID_CODEPAGE
    assert client.get_props(person, [DISPLAY_NAME_A], stat=Stat(codepage=codepage)).status in (INVALID_CODEPAGE, ERRORS_RETURNED)


# NspiSeekEntries

SEEK = [
    (Stat(),                        (DISPLAY_NAME, ""),              SUCCESS),
    (Stat(),                        (DISPLAY_NAME, "\uFFFD" * 300),  None),
    (Stat(),                        (DISPLAY_NAME_A, b"M"),          SUCCESS),
    (Stat(),                        (SURNAME, "M"),                  GENERAL_FAILURE),
    (Stat(),                        (0x30010003, 1),                 GENERAL_FAILURE),
    (Stat(sort_type=1),             (DISPLAY_NAME, "M"),             GENERAL_FAILURE),
    (Stat(sort_type=3),             (DISPLAY_NAME, "M"),             GENERAL_FAILURE),
    (Stat(sort_type=0xFFFFFFFF),    (DISPLAY_NAME, "M"),             GENERAL_FAILURE),
    (Stat(container_id=NOBODY),     (DISPLAY_NAME, "M"),             INVALID_BOOKMARK),
    (Stat(codepage=1200),           (DISPLAY_NAME, "M"),             INVALID_CODEPAGE),
    (Stat(current_rec=NOBODY, delta=HUGE, num_pos=HUGE), (DISPLAY_NAME, "M"), SUCCESS),
]


@pytest.mark.parametrize("stat,target,status", SEEK)
def test_seek_entries(client, stat, target, status):
    answer = client.seek_entries(stat, target)
    assert answer.status == status or status is None and answer.status in (SUCCESS, NOT_FOUND)
    if answer.status != SUCCESS:
        assert answer.stat in (stat, None)
        assert not answer.rows


# NspiGetMatches

TEXT = (SURNAME, "M")
MATCHES = [
    (("and", []),                                             SUCCESS),
    (("or", []),                                              SUCCESS),
    (("exist", 0xFFFFFFFF),                                   SUCCESS),
    (("exist", 0x00000000),                                   SUCCESS),
    (("property", 6, SURNAME, TEXT),                          TOO_COMPLEX),  # a regular expression
    (("property", 0x64, SURNAME, TEXT),                       TOO_COMPLEX),  # member of a list
    (("property", 0xFF, SURNAME, TEXT),                       TOO_COMPLEX),
    (("content", 0xFFFF, SURNAME, TEXT),                      TOO_COMPLEX),
    (("property", 4, SURNAME, (0x3A110003, 5)),               SUCCESS),      # another type: no match
    (("property", 4, SURNAME, (DISPLAY_NAME, "M")),           TOO_COMPLEX),  # another property
    (("property", 4, ANR, (ANR, "")),                         SUCCESS),
    (("property", 4, ANR, (ANR, "\u0000")),                   SUCCESS),
    (("property", 4, ANR, (ANR, "x" * 20000)),                SUCCESS),
]


@pytest.mark.parametrize("restriction,status", MATCHES)
def test_get_matches(client, restriction, status):
    answer = client.get_matches(Stat(), restriction, requested=10000)
    if status == TOO_COMPLEX and answer.status == SUCCESS:
        assert answer.mids == [], restriction  # never silently more than there is
        return
    assert answer.status == status, restriction


@pytest.mark.parametrize("stat,status", [
    (Stat(sort_type=0x3E8, container_id=MEMBER, current_rec=NOBODY), GENERAL_FAILURE),
    (Stat(sort_type=0x3E8, container_id=MEMBER, current_rec=0),      GENERAL_FAILURE),
    (Stat(sort_type=0x3E8, container_id=0xFFFFFFFF),                 GENERAL_FAILURE),
])
def test_get_matches_of_links_of_nobody(client, stat, status):
    assert client.get_matches(stat).status == status


def test_get_matches_of_a_property_that_is_no_link(client, person):
    for tag in (DISPLAY_NAME, ENTRYID, 0, 0xFFFFFFFF, 0x6666000D):
        assert client.get_matches(Stat(sort_type=0x3E8, container_id=tag, current_rec=person)).status == NOT_SUPPORTED, hex(tag)


@pytest.mark.parametrize("requested", [0, 1, 0xFFFFFFFF])
def test_get_matches_is_capped_by_what_was_requested(client, mids, requested):
    answer = client.get_matches(Stat(), ("exist", DISPLAY_NAME), requested=requested)
    if requested < len(mids):
        assert (answer.status, answer.mids) == (TABLE_TOO_BIG, None)
    else:
        assert answer.mids == mids


# the others

def test_resort_restriction_of_nothing_duplicates_and_nobody(client, mids):
    assert client.resort_restriction(Stat(), []).mids == []
    assert client.resort_restriction(Stat(), SPECIAL).mids == []
    twice = client.resort_restriction(Stat(), [mids[1], mids[0], mids[1]]).mids
    assert twice in ([mids[0], mids[1]], [mids[0], mids[1], mids[1]])


@pytest.mark.parametrize("mid", SPECIAL)
def test_compare_mids_of_nobody(client, mids, mid):
    assert client.compare_mids(mids[0], mid).status == GENERAL_FAILURE
    assert client.compare_mids(mid, mids[0]).status == GENERAL_FAILURE
    assert client.compare_mids(mids[0], mids[1], stat=Stat(container_id=NOBODY)).status == INVALID_BOOKMARK


NAMES = [
    b"", b"/", b"/o=", b"/guid=", b"/guid=zz", b"/guid=" + b"0" * 32, b"/guid=" + b"0" * 33, b"x" * 5000, b"\xFF\xFE\x80",
    b"/o=Example/ou=First Administrative Group/cn=Recipients/cn=", b"CN=nobody,DC=nowhere",
]


@pytest.mark.parametrize("name", NAMES)
def test_dn_to_mid_of_no_dn(client, name):
    answer = client.dn_to_mid([name])
    assert answer.status == SUCCESS and answer.mids in ([0], [0x10])


@pytest.mark.parametrize("name,code", [
    ("", UNRESOLVED), (" ", UNRESOLVED), ("=", UNRESOLVED), ("==", UNRESOLVED), ("SMTP:", UNRESOLVED), ("=SMTP:", UNRESOLVED),
    ("*", UNRESOLVED), ("(objectClass=*)", UNRESOLVED), ("x" * 10000, UNRESOLVED), ("\uFFFD", UNRESOLVED), ("\u200B", UNRESOLVED),
])
def test_resolve_names_of_odd_strings(client, name, code):
    answer = client.resolve_names_w([name])
    assert answer.status == SUCCESS
    assert answer.mids == [code] and answer.mids[0] in (UNRESOLVED, AMBIGUOUS, RESOLVED)


def test_resolve_names_of_none_and_of_many(client):
    assert client.resolve_names_w([]).mids == []
    answer = client.resolve_names_w(["nobody at all"] * 2000)
    assert (answer.status, answer.mids, answer.rows) == (SUCCESS, [UNRESOLVED] * 2000, [])


@pytest.mark.parametrize("flags", [0, 4, 2, 6, 0xFFFFFFF9])
def test_get_special_table_with_any_flags(client, flags):
    answer = client.get_special_table(flags=flags)
    assert answer.status == SUCCESS


def test_query_columns_with_any_flags(client):
    assert client.query_columns(flags=0xFFFFFFFF).tags == client.query_columns().tags
    assert client.query_columns(flags=1).tags == client.query_columns(flags=0).tags
