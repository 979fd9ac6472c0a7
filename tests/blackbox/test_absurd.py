"""Data that nobody should have, imported into a server that runs: taken with a warning or refused by name, and the book is
whole. And a reload that makes all of the book anew."""

import re
import threading

import pytest

from nspi_wire import ANR, DISPLAY_NAME, EMAIL_ADDRESS, MEMBER, SMTP_ADDRESS, SUCCESS, Stat
from rpc_impacket import Client
from site_nspid import Site, make_book, wait_until

PEOPLE = 2000
PERSON = "dn: cn=p{0},dc=x\nobjectClass: person\nsn: p{0}\ndisplayName: Person {0:05}\n\n"
GROUP = "dn: cn={0},dc=x\nobjectClass: groupOfNames\ndisplayName: Group {0}\nmail: {0}@example.com\n{1}\n"
PROXIES = 0x800F101F


def members(*names):
    return "".join(f"member: cn={name},dc=x\n" for name in names)


def absurd():
    addresses = "".join(f"proxyAddresses: smtp:many{i}@example.com\n" for i in range(20000))
    return "".join([
        *map(PERSON.format, range(PEOPLE)),
        f"dn: cn=many,dc=x\nobjectClass: person\nsn: Many\ndisplayName: Many\nmail: many@example.com\n{addresses}\n",
        f"dn: cn=long,dc=x\nobjectClass: person\nsn: Long\nmail: long@example.com\ndisplayName: {'Long' * 16384}\n\n",
        GROUP.format("half", members(*(f"p{i}" for i in range(0, PEOPLE, 2)))),
        GROUP.format("a", members("b", "a")), GROUP.format("b", members("a", "b")),
        *(f"dn: cn={n},dc=x\nobjectClass: person\nsn: {n}\ndisplayName: Twin {n}\nmail: {n}@example.com\n"
          f"legacyExchangeDN: /o=Example/cn=twin\n\n" for n in ("castor", "pollux"))])


@pytest.fixture(scope="module")
def site():
    with Site() as s:
        path = s.dir / "absurd.ldif"
        path.write_text(absurd())
        s.imported = s.run("nspictl", "-c", s.config, "import", path)
        yield s


@pytest.fixture(scope="module")
def client(site):
    with Client(site) as c:
        yield c


def mid(client, mail):
    found = client.get_matches(Stat(), ("property", 4, ANR, (ANR, mail))).mids
    assert len(found) == 1, mail
    return found[0]


def links(client, mail, requested=100000):
    stat = Stat(sort_type=0x3E8, container_id=MEMBER, current_rec=mid(client, mail))
    return client.get_matches(stat, requested=requested)


def test_the_import_takes_it_with_a_warning_that_names_the_line(site):
    assert f"{PEOPLE + 7} records: {PEOPLE + 7} added" in site.imported.stdout
    said = site.imported.stdout + site.imported.stderr
    assert re.search(r"absurd.ldif:\d+: another entry has the same legacyExchangeDN; one is made up", said), said[-500:]


def test_every_entry_is_in_the_list_once(client):
    assert client.update_stat(Stat()).stat.total_recs == PEOPLE + 7
    first = client.query_rows(Stat(), PEOPLE + 7, [EMAIL_ADDRESS])
    assert len({dict(row)[EMAIL_ADDRESS] for row in first.rows}) == PEOPLE + 7


def test_twenty_thousand_addresses_are_found_and_read(client):
    assert client.resolve_names_w(["many19999@example.com", "many0@example.com"]).mids == [2, 2]
    row = dict(client.get_props(mid(client, "many@example.com"), [PROXIES]).row)
    assert len(row[PROXIES]) == 20000


def test_a_name_of_64_kb_is_shown_whole_and_sorted(client):
    answer = client.query_rows(Stat(), 1, table=[mid(client, "long@example.com")], tags=[DISPLAY_NAME])
    assert dict(answer.rows[0])[DISPLAY_NAME] == "Long" * 16384
    found = client.seek_entries(Stat(), (DISPLAY_NAME, "LongLong"), tags=[SMTP_ADDRESS])
    assert dict(found.rows[0])[SMTP_ADDRESS] == "long@example.com"


def test_half_of_the_book_are_members_of_a_group(client):
    mids = links(client, "half@example.com").mids
    assert len(mids) == PEOPLE // 2
    rows = client.query_rows(Stat(), len(mids), table=mids, tags=[DISPLAY_NAME]).rows
    assert [dict(r)[DISPLAY_NAME] for r in rows] == [f"Person {i:05}" for i in range(0, PEOPLE, 2)]
    assert links(client, "half@example.com", PEOPLE // 2 - 1).status != SUCCESS


def test_groups_are_members_of_each_other_and_themselves(client):
    a, b = mid(client, "a@example.com"), mid(client, "b@example.com")
    assert links(client, "a@example.com").mids == links(client, "b@example.com").mids == [a, b]


def test_twins_have_names_of_their_own(client):
    rows = [client.get_props(mid(client, f"{n}@example.com"), [EMAIL_ADDRESS]).row for n in ("castor", "pollux")]
    assert rows[0] == [(EMAIL_ADDRESS, "/o=Example/cn=twin")] and rows[1] != rows[0]


def test_clients_are_served_while_a_reload_makes_the_book_anew(tmp_path):
    book = make_book(tmp_path / "book.ldif", 10000)
    with Site(book, options="loops = 1") as site, Client(site) as client:
        before = client.update_stat(Stat()).stat
        site.write_config('loops = 1\nlist "Sales" {\nfilter = "(department=Sales)"\n}')
        done, calls = threading.Event(), 0

        def reload():
            site.nspictl("reload")
            done.set()
        worker = threading.Thread(target=reload)
        worker.start()
        while not done.is_set():
            assert client.update_stat(Stat()).stat == before
            calls += 1
        worker.join()
        assert calls > 5, "the loop was held up"
        wait_until(lambda: "Sales" in site.nspictl("lists"), what="the new list is there")
        assert client.update_stat(Stat()).stat == before
