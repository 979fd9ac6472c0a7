"""Rows of the book as a whole: what it takes in memory, how long starts, imports and changes take, and what other clients
notice of those and of scans."""

import json
import statistics
import subprocess
import threading
import time

import requests
from nspi_wire import DISPLAY_NAME, DISPLAY_TYPE, Stat
from servers import CLIENT_CORE, Nspid
from site_nspid import make_book

OTHERS = 1 / 3  # of its p99, which may become three times as much
CHANGES = 50
MAIL_USER = 0


class Load:
    """Requests from 16 connections until it is stopped."""

    def __init__(self, bench, site, path, connections=16):
        command = ["taskset", "-c", str(CLIENT_CORE), bench.build / "tests/bench/bench_load", str(site.port()),
                   str(connections), "100000", path]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def stop(self):
        self.process.terminate()
        self.result = json.loads(self.process.communicate()[0])
        return self

    def wall(self):
        return f"{self.result['rate']:.0f} {self.result['p50_us']} {self.result['p99_us']} us"


class BookRows:
    def __init__(self, bench, size):
        self.bench, self.report, self.size = bench, bench.report, size

    def row(self, name, value, **options):
        self.report.row(f"{name}.{self.size}", value, **options)

    # one book

    def memory(self, site, empty):
        """After one full browse."""
        connection = requests.Connection(site.port())
        nspi = requests.Nspi(connection)
        nspi.bind()
        position, total = 0, nspi.update_stat(Stat()).stat.total_recs
        while position < total:
            position += len(nspi.query_rows(Stat(delta=position), 2000, requests.PAGE_TAGS).rows)
        connection.close()
        entries = site.nspictl_json("status")["store"]["entries"]
        self.row("memory-object", (site.measured.resident_bytes() - empty) / entries, goal=800, unit="bytes")

    def starts(self, site):
        """Of a book whose file lies in the system's cache, and of one that has none."""
        site.start_again()
        for name, goal in (("start", 1), ("start-cold", None)):
            site.stop()
            if name == "start-cold":
                (site.dir / "state/book.snapshot").unlink()
            began = time.monotonic()
            site.start()
            self.row(name, time.monotonic() - began, goal=goal, unit="s")

    # other clients

    def compare_p99(self, name, usual, busy):
        ratio = usual.result["p99_us"] / max(1, busy.result["p99_us"])
        self.row(name, busy.result["p99_us"], peer=usual.result["p99_us"], ratio=ratio, goal=OTHERS,
                 wall=(busy.wall(), usual.wall()), unit="us")

    def during(self, site, sample, work, connections=16):
        """Clients that seek: for a while alone, then beside the work."""
        seeks = self.bench.rpc_file("seek", requests.seeks(sample))
        usual = Load(self.bench, site, seeks, connections)
        time.sleep(self.bench.args.seconds * self.bench.args.pairs)
        usual.stop()
        busy = Load(self.bench, site, seeks, connections)
        work()
        return usual, busy.stop()

    def scans(self, site, sample):
        """Beside one client that makes the server look at all of the book, or at much of it, without end."""
        for name, made in (("scan-p99", requests.scans(sample)), ("scan-names-p99", requests.broad_names(sample)),
                           ("scan-sort-p99", requests.sorts(sample))):
            path = self.bench.rpc_file("scan", made)

            def scan():
                scanner = Load(self.bench, site, path, 1)
                time.sleep(self.bench.args.seconds * self.bench.args.pairs)
                scanner.stop()
            self.compare_p99(name, *self.during(site, sample, scan))

    # changes

    def publish(self, site, sample):
        """Somebody's display name is changed: how long the server takes from the commit on, and how long it is until a
        client that asks all the time sees it."""
        site.nspictl("log-level", "debug")
        site.measured.unpin()
        connection = requests.Connection(site.port())
        nspi = requests.Nspi(connection)
        nspi.bind()
        seen = [self.change(site, nspi, *person) for person in self.people(nspi, sample)]
        connection.close()
        site.measured.pin()
        site.nspictl("log-level", "error")
        took = [float(line.rsplit(" ", 2)[1]) for line in site.log().splitlines() if "of the book changed in" in line]
        self.row("publish", statistics.median(took[-CHANGES:]), goal=20, unit="ms")
        self.row("publish-worst", max(took[-CHANGES:]), goal=20, unit="ms")
        self.row("publish-seen", statistics.median(seen), unit="ms")

    def people(self, nspi, sample):
        """Account and department of people at random places of the book."""
        found, wanted = [], [requests.ACCOUNT, requests.DEPARTMENT, DISPLAY_TYPE]
        while len(found) < CHANGES:
            row = nspi.query_rows(sample.somewhere(), 1, wanted).rows[0]
            if [tag for tag, _ in row] == wanted and row[2][1] == MAIL_USER:
                found.append((row[0][1], row[1][1]))
        return found

    def change(self, site, nspi, account, department):
        name = f"{account[::-1]} {account}"
        path = self.bench.dir / "change.ldif"
        path.write_text(f"dn: CN={account},OU={department},OU=People,DC=corp,DC=example,DC=com\nchangetype: modify\n"
                        f"replace: displayName\ndisplayName: {name}\n-\n\n")
        began = time.monotonic()
        importer = threading.Thread(target=site.nspictl, args=("import", path))
        importer.start()
        while nspi.resolve_names_w([f"={account}"], Stat(), [DISPLAY_NAME]).rows[0] != [(DISPLAY_NAME, name)]:
            if time.monotonic() - began > 60:
                raise AssertionError("a change is not seen")
        took = time.monotonic() - began
        importer.join()
        return took * 1000

    # imports

    def imports(self):
        photos = make_book(self.bench.dir / "photos.ldif", self.size, "--photos")
        with Nspid(self.bench.build, pinned=False) as site:
            began = time.monotonic()
            site.nspictl("import", photos)
            self.row("import", time.monotonic() - began, goal=30, unit="s")
            if self.bench.wants("import-p99"):
                changed = self.changed(photos)
                usual, busy = self.during(site, requests.Sample(site.port()), lambda: site.nspictl("import", changed), 1)
                self.compare_p99("import-p99", usual, busy)
                changed.unlink()
        photos.unlink()

    def changed(self, book):
        """The same entries, each with another title."""
        path = self.bench.dir / "changed.ldif"
        with open(book, "rb") as old, open(path, "wb") as new:
            for line in old:
                new.write(b"title: Other " + line[7:] if line.startswith(b"title: ") else line)
        return path
