"""Which statuses there are: sections 2.2.1.2 and 2.4."""

from conformance import NOBODY, STATUSES, TEAM, UNKNOWN_CODEPAGE, ZOE, mid
from nspi_wire import DISPLAY_NAME, DISPLAY_NAME_A, MEMBER, SMTP_ADDRESS, Stat

AWKWARD = [0, 1, 2, 3, 0xF, 0x10, 0x77, 1000, 0x3E8, 0x3E9, NOBODY, 0x80000000, 0xFFFFFFFF]
FIELDS = ("sort_type", "container_id", "current_rec", "num_pos", "total_recs", "codepage", "template_locale", "sort_locale")
STATS = [Stat(**{field: value}) for field in FIELDS for value in (1, 3, 0xF, NOBODY, 0xFFFFFFFF)]
STATS += [Stat(delta=d) for d in (-2147483648, -1, 1, 2147483647)] + [Stat(codepage=c) for c in (1200, 1252, UNKNOWN_CODEPAGE)]
TAG_LISTS = [None, [], [DISPLAY_NAME], [DISPLAY_NAME_A], [0, 0x30010000, 0xFFFFFFFF, 0x3001000A], [0x30010001], [MEMBER] * 3]


def statuses(client):
    """Of every operation with a great many odd parameters."""
    zoe, team = mid(client, ZOE), mid(client, TEAM)
    equal = ("property", 4, SMTP_ADDRESS, (SMTP_ADDRESS, ZOE))
    for stat in STATS:
        yield client.update_stat(stat, 0)
        yield client.seek_entries(stat, (DISPLAY_NAME, "C"), tags=[DISPLAY_NAME])
        yield client.get_matches(stat, equal)
        yield client.get_matches(stat)
        yield client.get_matches(stat.but(current_rec=team))
        yield client.resort_restriction(stat, [zoe, team])
        yield client.compare_mids(zoe, team, stat)
        yield client.get_special_table(stat=stat, flags=stat.num_pos & 6)
        yield client.resolve_names([b"Zo"], stat)
        yield client.resolve_names_w(["Zo"], stat)
        yield client.mod_props(stat, [0x30010003], [])
        yield client.query_rows(stat, 2)
        yield client.query_rows(stat, 2, table=[zoe, NOBODY])
        yield client.get_props(zoe, None, stat)
    for tags in TAG_LISTS:
        for stat in (Stat(), Stat(codepage=1200), Stat(codepage=UNKNOWN_CODEPAGE)):
            yield client.query_rows(stat, 2, tags)
            yield client.query_rows(stat, 2, tags, [zoe, NOBODY])
            yield client.get_props(zoe, tags, stat)
    for value in AWKWARD:
        yield client.query_columns(value)
        yield client.get_prop_list(value, value)
        yield client.get_prop_list(zoe, value)
        yield client.get_template_info(value, value, None, value, value)
        yield client.mod_link_att(value, value, [b"", b"x"])
        yield client.get_matches(Stat(), ("property", value, value, (value & 0xFFFF0000 | 3, 1)))
        yield client.dn_to_mid([b"x" * (value & 0xFFF)])


def test_no_status_but_those_that_exist(either):
    """MS-OXNSPI_R1659 R1661 R43 R661"""
    seen = set()
    for answer in statuses(either):
        assert answer.status in STATUSES, answer
        seen.add(answer.status)
    assert len(seen) >= 9
