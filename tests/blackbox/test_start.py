"""What a start finds and tells: the snapshot file of an earlier one, changes since, and a file that is of no use."""

import re
import signal

import pytest

import ldif
from nspi_wire import DISPLAY_NAME, Stat
from rpc_impacket import Client
from site_nspid import Site, wait_until

LOCALES = (0x409, 0x407, 0x40C)
OPTIONS = """
log_level = debug
directory {
locales = { "de-DE", "fr-FR" }
}
list "A to M" {
filter = "(|(sn<=m)(objectClass=group))"
names = { "de=A bis M" }
}
"""


class Started(Site):
    """A server with three orders and a list."""

    def start(self, *args):
        self.begin = len(self.log())
        return super().start(*args)

    def told(self):
        """What was logged since the last start."""
        return self.log()[self.begin:]

    def file(self):
        return self.dir / "state/book.snapshot"

    def wait_for_file(self):
        """Written by this start, when all orders had been made."""
        wait_until(lambda: "book.snapshot was written in" in self.told(), 30, "the snapshot file is written")

    def again(self, how=signal.SIGTERM):
        self.stop(how)
        self.start()
        return self.told()


def everything(site):
    """What clients see: each list in each order."""
    with Client(site) as client:
        lists = [c["id"] for c in site.nspictl_json("lists")]
        return [[(m, client.query_rows(Stat(container_id=int(c, 16), sort_locale=m), 1000, [DISPLAY_NAME]).rows)
                 for m in LOCALES] for c in lists]


@pytest.fixture
def site(book):
    with Started(book, options=OPTIONS) as s:
        s.wait_for_file()
        yield s


def rename(site, book, name):
    dn, = (entry["dn"][0] for entry in ldif.read(book) if entry.get("displayname") == ["Ottilie Wunderlich"])
    path = site.dir / "change.ldif"
    path.write_text(f"dn: {dn}\nchangetype: modify\nreplace: displayName\ndisplayName: {name}\n-\n\n")
    site.nspictl("import", path)


def resolves(site, name):
    with Client(site) as client:
        return client.resolve_names_w([name], Stat(), [DISPLAY_NAME]).mids[0] == 2


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["an end", "kill -9"])
def test_the_next_start_takes_the_book_from_the_file(site, how):
    before = everything(site)
    told = site.again(how)
    assert re.search(r"book of \d+ objects from \S+/book.snapshot, with 0 changes since, in \d+ ms", told), told
    assert "built" not in told and "was made" not in told
    assert everything(site) == before


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["an end", "kill -9"])
def test_what_changed_since_the_file_was_written_is_followed(site, book, how):
    rename(site, book, "Zzyzx Aardvark")
    assert "with 1 changes since" in site.again(how)
    assert resolves(site, "=Zzyzx Aardvark") and not resolves(site, "=Ottilie Wunderlich")
    followed = everything(site)
    site.stop()
    site.file().unlink()
    site.start()
    site.wait_for_file()
    assert everything(site) == followed


def damage(site):
    with open(site.file(), "r+b") as f:
        f.seek(9000)
        f.write(b"damage")


def cut(site):
    with open(site.file(), "r+b") as f:
        f.truncate(site.file().stat().st_size // 2)


def other_version(site):
    with open(site.file(), "r+b") as f:
        f.seek(8)
        f.write(b"\xff")


def other_store(site):
    export = site.dir / "export.ldif"
    site.nspictl("export", export)
    (site.dir / "state").rename(site.dir / "old")
    site.nspictl("import", export)
    site.add_user("anna")
    (site.dir / "old/book.snapshot").rename(site.file())


def other_lists(site):
    site.write_config(OPTIONS.replace("sn<=m", "sn<=k"))


def no_file(site):
    site.file().unlink()


@pytest.mark.parametrize("spoil,why", [
    (damage, "warn: .*book.snapshot is damaged: "),
    (cut, "warn: .*book.snapshot is damaged: its size is not what it was"),
    (other_version, "book.snapshot was written by another version"),
    (other_store, "book.snapshot is of another store"),
    (other_lists, "book.snapshot was written with other settings, or another ICU"),
    (no_file, "there is no .*book.snapshot"),
])
def test_a_file_of_no_use_is_told_and_the_book_built_from_the_entries(site, spoil, why):
    before = everything(site)
    site.stop()
    spoil(site)
    site.start()
    site.wait_for_file()
    assert re.search(why + r".*; the book is built from the store's 2\d\d entries", site.told()), site.told()
    assert re.search(r"book built in \d+ ms", site.told())
    now = everything(site)
    assert now == before or spoil is other_lists
    assert "built" not in site.again()
    assert everything(site) == now


def test_an_order_that_is_new_is_made_beside_the_running_server(site):
    site.stop()
    site.write_config(OPTIONS.replace('"fr-FR"', '"fr-FR", "sv-SE"'))
    site.start()
    site.wait_for_file()
    assert [o["locale"] for o in site.nspictl_json("orders")] == ["en-US", "de-DE", "fr-FR", "sv-SE"]
    assert site.told().count("a sort order was made in") == 1
    assert "built" not in site.told()


def test_lists_and_orders_are_shown_to_the_operator(site):
    lists = {c["name"]: c for c in site.nspictl_json("lists")}
    assert list(lists)[0] == "Global Address List" and lists["Global Address List"]["below"] == ""
    assert lists["A to M"]["below"] == "Global Address List"
    assert 0 < lists["A to M"]["entries"] < lists["Global Address List"]["entries"]
    with Client(site) as client:
        for c in lists.values():
            assert client.update_stat(Stat(container_id=int(c["id"], 16))).stat.total_recs == c["entries"]
    assert "A to M" in site.nspictl("lists")
    assert re.search(r"^de-DE +0x0407 +display name +ready$", site.nspictl("orders"), re.M)
