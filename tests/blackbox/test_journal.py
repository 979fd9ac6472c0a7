"""The systemd journal gets events with fields. A socket of the test's stands where journald's would be."""

import os
import socket

import pytest

from nspi_wire import LOGON_FAILED, Nspi
from rpc_impacket import Connection
from site_nspid import Site

JOURNAL = "/run/systemd/journal/socket"


@pytest.fixture
def journal():
    if os.geteuid() or os.path.exists(JOURNAL):
        pytest.skip("needs root, and no journald that the test would disturb")
    os.makedirs(os.path.dirname(JOURNAL), exist_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(JOURNAL)
        s.settimeout(5)
        try:
            yield s
        finally:
            os.unlink(JOURNAL)


def fields(datagram):
    return dict(line.split("=", 1) for line in datagram.decode().splitlines() if "=" in line)


def test_a_refusal_reaches_the_journal_with_fields(book, journal):
    with Site(book, start=False) as site:
        site.log_path.touch()
        log = os.stat(site.log_path)
        os.environ["JOURNAL_STREAM"] = f"{log.st_dev}:{log.st_ino}"
        try:
            site.start()
        finally:
            del os.environ["JOURNAL_STREAM"]
        site.nspictl("limit", "set", "anna", "0", "--reason", "a test")
        assert Nspi(Connection(site)).bind().status == LOGON_FAILED
        entry = {}
        while entry.get("NSPID_EVENT") != "2001":
            entry = fields(journal.recv(65536))
        assert entry["PRIORITY"] == "4"
        assert entry["NSPID_ACCOUNT"] == "anna"
        assert entry["NSPID_CLIENT"] == site.address
        assert (entry["NSPID_LIMIT"], entry["NSPID_HELD"], entry["NSPID_REASON"]) == ("0", "0", "limit")
        assert entry["MESSAGE"].startswith("Refused a session of anna")
        assert site.log() == ""  # nothing twice
