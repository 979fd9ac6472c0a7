"""The whole book, browsed page by page, equals the LDIF that was imported; positions are exact."""

import random

import icu
import pytest

import ldif
from nspi_wire import (BEGINNING, CONTAINER_ID, CURRENT, DISPLAY_NAME, DISPLAY_TYPE, EMAIL_ADDRESS, END, INSTANCE_KEY,
                       OBJECT_TYPE, SMTP_ADDRESS, SUCCESS, NOT_FOUND, INVALID_BOOKMARK, Stat, mid_of)
from rpc_impacket import Client

COLUMNS = [DISPLAY_NAME, SMTP_ADDRESS, EMAIL_ADDRESS, INSTANCE_KEY, DISPLAY_TYPE, OBJECT_TYPE]


def browse(client, page, container=0):
    rows, stat = [], Stat(container_id=container)
    for _ in range(100000):
        answer = client.query_rows(stat, count=page, tags=COLUMNS)
        assert answer.status == SUCCESS
        rows += [dict(r) for r in answer.rows]
        stat = answer.stat
        if stat.current_rec == END:
            break
        assert 1 <= len(answer.rows) <= page
    assert stat.num_pos == stat.total_recs == len(rows)
    return rows


@pytest.fixture(scope="module")
def rows(client):
    return browse(client, 50)


def visible(book):
    return [e for e in ldif.read(book) if "displayname" in e and not ldif.hidden(e)]


@pytest.mark.parametrize("page", [1, 7, 50, 1000])
def test_every_page_size_gives_the_same_book(client, rows, page):
    assert browse(client, page) == rows


def test_the_book_equals_the_ldif(rows, book):
    wanted = sorted((e["displayname"][0], e.get("mail", [None])[0]) for e in visible(book))
    found = sorted((r[DISPLAY_NAME], r.get(SMTP_ADDRESS)) for r in rows)
    assert found == wanted


def test_the_order_is_that_of_icu_for_english(rows):
    collator = icu.Collator.createInstance(icu.Locale("en_US"))
    names = [r[DISPLAY_NAME] for r in rows]
    for a, b in zip(names, names[1:]):
        assert collator.compare(a, b) <= 0, (a, b)


def test_the_profile_exchange_serves_the_same_rows(site, rows):
    with Client(site, listener="exchange") as other:
        assert [r[EMAIL_ADDRESS] for r in browse(other, 50)] == [r[EMAIL_ADDRESS] for r in rows]


def test_random_walks_stay_exact(client, rows):
    mids = [int.from_bytes(r[INSTANCE_KEY], "little") for r in rows]
    rng, at, stat = random.Random(7), 0, Stat()
    for _ in range(300):
        delta = rng.choice([-5000, -50, -7, -1, 0, 1, 3, 49, 5000])
        answer = client.update_stat(stat.but(delta=delta), delta=0)
        wanted = max(0, min(len(mids), at + delta))
        assert answer.status == SUCCESS
        assert answer.delta == wanted - at
        assert (answer.stat.num_pos, answer.stat.total_recs, answer.stat.delta) == (wanted, len(mids), 0)
        assert answer.stat.current_rec == (mids[wanted] if wanted < len(mids) else END)
        at, stat = wanted, answer.stat


@pytest.mark.parametrize("num,total", [(0, 10), (5, 10), (10, 10), (20, 10), (1, 3), (0, 0), (7, 0)])
def test_fractional_positions(client, rows, num, total):
    answer = client.update_stat(Stat(current_rec=CURRENT, num_pos=num, total_recs=total))
    wanted = min(len(rows), len(rows) * num // total) if total else 0
    assert (answer.status, answer.stat.num_pos) == (SUCCESS, wanted)


def test_the_last_page_from_the_end(client, rows):
    answer = client.query_rows(Stat(current_rec=END, delta=-10), count=50, tags=COLUMNS)
    assert [dict(r) for r in answer.rows] == rows[-10:]
    assert answer.stat.current_rec == END


def test_beyond_the_end_there_is_an_empty_page(client):
    answer = client.query_rows(Stat(current_rec=END), count=50, tags=COLUMNS)
    assert (answer.status, answer.rows) == (SUCCESS, [])


def test_a_row_that_is_not_in_the_table_is_not_found(client):
    assert client.update_stat(Stat(current_rec=0x7FFFFFFF)).status == NOT_FOUND


def test_a_container_that_does_not_exist_is_an_invalid_bookmark(client):
    assert client.update_stat(Stat(container_id=0x7FFFFFFF)).status == INVALID_BOOKMARK
    assert client.query_rows(Stat(container_id=0x7FFFFFFF)).status == INVALID_BOOKMARK


def test_the_lists_split_the_book_by_kind(client, rows, book):
    table = client.get_special_table(flags=4)
    assert table.status == SUCCESS
    lists = {dict(r)[DISPLAY_NAME]: dict(r)[CONTAINER_ID] for r in table.rows}
    assert len(lists) == len(table.rows) >= 6
    gal = next(name for name, number in lists.items() if number == 0)
    everything = {r[EMAIL_ADDRESS] for r in rows}
    seen = set()
    for name, number in lists.items():
        if name == gal:
            continue
        listed = browse(client, 50, number)
        assert {r[EMAIL_ADDRESS] for r in listed} <= everything, name
        seen |= {r[EMAIL_ADDRESS] for r in listed}
    assert seen == everything


def test_seek_finds_the_first_row_not_less(client, rows):
    collator = icu.Collator.createInstance(icu.Locale("en_US"))
    for text in ("", "a", "m", "Smi", "zzz", "\u00e4", "\u4e2d", "\u044f"):
        answer = client.seek_entries(Stat(), (DISPLAY_NAME, text), tags=COLUMNS)
        wanted = next((i for i, r in enumerate(rows) if collator.compare(r[DISPLAY_NAME], text) >= 0), None)
        if wanted is None:
            assert answer.status == NOT_FOUND
            continue
        assert (answer.status, answer.stat.num_pos, answer.stat.total_recs) == (SUCCESS, wanted, len(rows))
        assert dict(answer.rows[0]) == rows[wanted]
        assert answer.stat.current_rec == mid_of(answer.rows[0])


def test_beginning_of_table_is_the_first_row(client, rows):
    answer = client.query_rows(Stat(current_rec=BEGINNING), count=1, tags=COLUMNS)
    assert dict(answer.rows[0]) == rows[0]
