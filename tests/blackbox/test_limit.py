"""The session limit: 50 for each account, over every connection, with races and kills."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from nspi_wire import LOGON_FAILED, SUCCESS, UNBIND_SUCCESS, Fault, Nspi, Stat
from rpc_impacket import Client, Connection
from site_nspid import PASSWORD, Site, wait_until


@pytest.fixture
def site(book):
    with Site(book, users=("anna", "berta")) as s:
        yield s


def try_bind(connection):
    session = Nspi(connection)
    return session, session.bind().status


def open_connections(site, count, **options):
    return [Connection(site, **options) for _ in range(count)]


def test_of_60_connections_50_get_a_session(site):
    connections = open_connections(site, 60)
    statuses = [try_bind(c)[1] for c in connections]
    assert statuses == [SUCCESS] * 50 + [LOGON_FAILED] * 10
    assert len(site.sessions()) == 50
    for c in connections:
        c.close()
    wait_until(lambda: not site.sessions(), what="all sessions gone")


def test_of_60_handles_on_one_connection_50_are_granted(site):
    connection = Connection(site)
    sessions = [try_bind(connection) for _ in range(60)]
    assert [s for _, s in sessions] == [SUCCESS] * 50 + [LOGON_FAILED] * 10
    assert sessions[0][0].unbind().status == UNBIND_SUCCESS
    assert try_bind(connection)[1] == SUCCESS
    assert try_bind(connection)[1] == LOGON_FAILED


def test_two_association_groups_of_one_account_share_the_limit(site):
    first, second = Connection(site), Connection(site, level="privacy")
    assert [try_bind(first)[1] for _ in range(30)] == [SUCCESS] * 30
    assert [try_bind(second)[1] for _ in range(30)] == [SUCCESS] * 20 + [LOGON_FAILED] * 10
    first.close()
    wait_until(lambda: len(site.sessions()) == 20, what="the first group's sessions gone")
    assert [try_bind(second)[1] for _ in range(31)] == [SUCCESS] * 30 + [LOGON_FAILED]


def test_another_account_is_not_affected(site):
    connection = Connection(site)
    for _ in range(51):
        try_bind(connection)
    other = Connection(site, user="berta")
    assert try_bind(other)[1] == SUCCESS


def test_a_bind_with_a_bad_code_page_gives_its_place_back(site):
    connection = Connection(site)
    for _ in range(200):
        assert Nspi(connection).bind(Stat(codepage=99999)).status not in (SUCCESS, LOGON_FAILED)
    assert not site.sessions()
    assert [try_bind(connection)[1] for _ in range(51)] == [SUCCESS] * 50 + [LOGON_FAILED]


def test_the_limit_comes_before_the_code_page(site):
    connection = Connection(site)
    for _ in range(50):
        try_bind(connection)
    assert Nspi(connection).bind(Stat(codepage=99999)).status == LOGON_FAILED


def test_racing_binds_and_unbinds_never_exceed_the_limit(site):
    stop = time.monotonic() + 3
    held, highest, errors = [0], [0], []
    lock = threading.Lock()

    def worker():
        try:
            connection = Connection(site, level="connect")
            while time.monotonic() < stop:
                mine = []
                for _ in range(20):
                    session, status = try_bind(connection)
                    if status == SUCCESS:
                        mine.append(session)
                        with lock:
                            held[0] += 1
                            highest[0] = max(highest[0], held[0])
                for session in mine:
                    with lock:
                        held[0] -= 1
                    assert session.unbind().status == UNBIND_SUCCESS
            connection.close()
        except Exception as e:  # told by the main thread
            errors.append(e)

    threads = [threading.Thread(target=worker) for _ in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not errors
    assert 40 <= highest[0] <= 50
    wait_until(lambda: not site.sessions(), what="no session left")
    connection = Connection(site)
    assert [try_bind(connection)[1] for _ in range(51)] == [SUCCESS] * 50 + [LOGON_FAILED]


CLIENT = """
import sys
sys.path.insert(0, sys.argv[1])
from rpc_impacket import Connection
from nspi_wire import Nspi
class There:
    address = sys.argv[2]
    def port(self, name): return int(sys.argv[3])
connection = Connection(There())
print(sum(Nspi(connection).bind().status == 0 for _ in range(50)), flush=True)
sys.stdin.read()
"""


def test_a_killed_client_loses_its_sessions_within_a_second(site):
    child = subprocess.Popen([sys.executable, "-c", CLIENT, os.path.dirname(__file__), site.address, str(site.port())],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout.readline().strip() == "50"
        assert len(site.sessions()) == 50
        child.send_signal(signal.SIGKILL)
        child.wait()
        wait_until(lambda: not site.sessions(), 1, "the killed client's sessions gone")
    finally:
        child.kill()
        child.stdin.close()
        child.stdout.close()


def test_a_limit_changes_at_run_time_and_ends_no_session(site):
    connection = Connection(site)
    for _ in range(51):
        try_bind(connection)
    site.nspictl("limit", "set", "anna", "60", "--reason", "a test")
    assert [try_bind(connection)[1] for _ in range(11)] == [SUCCESS] * 10 + [LOGON_FAILED]
    site.nspictl("limit", "set", "anna", "5", "--reason", "a test")
    assert len(site.sessions()) == 60
    assert try_bind(connection)[1] == LOGON_FAILED
    site.nspictl("limit", "set", "anna", "0", "--reason", "nobody may")
    assert "0" in site.nspictl("limit", "show", "anna")
    site.nspictl("limit", "clear", "anna")
    assert len(site.sessions()) == 60


def test_a_group_limit_holds_for_each_member_and_the_highest_counts(site):
    for group, limit in (("small", 3), ("large", 7)):
        site.nspictl("group", "add", group)
        site.nspictl("group", "add-member", group, "anna")
        site.nspictl("limit", "set", "--group", group, str(limit), "--reason", "a test")
    connection = Connection(site)
    assert [try_bind(connection)[1] for _ in range(8)] == [SUCCESS] * 7 + [LOGON_FAILED]
    site.nspictl("limit", "set", "anna", "9", "--reason", "account over group")
    assert [try_bind(connection)[1] for _ in range(3)] == [SUCCESS] * 2 + [LOGON_FAILED]


def test_limits_set_at_run_time_outlive_a_restart(site):
    site.nspictl("limit", "set", "anna", "2", "--reason", "kept")
    site.stop()
    site.start()
    connection = Connection(site)
    assert [try_bind(connection)[1] for _ in range(3)] == [SUCCESS] * 2 + [LOGON_FAILED]


def test_the_configuration_limit_changes_with_a_reload(site):
    connection = Connection(site)
    for _ in range(50):
        try_bind(connection)
    with open(site.config, "a") as f:
        f.write("\nsessions {\nper_user = 52\n}\n")
    site.reload()
    wait_until(lambda: "52" in site.nspictl("limit", "show"), what="the new limit in force")
    assert [try_bind(connection)[1] for _ in range(3)] == [SUCCESS] * 2 + [LOGON_FAILED]


def test_a_bad_file_on_reload_leaves_the_old_state_in_force(site):
    with open(site.config, "a") as f:
        f.write("\nsessions {\nper_user = 52\n")  # not closed
    site.reload()
    wait_until(lambda: "nspid.conf:" in site.log(), what="an error with file and line")
    connection = Connection(site)
    assert [try_bind(connection)[1] for _ in range(51)] == [SUCCESS] * 50 + [LOGON_FAILED]


def test_audit_grants_and_logs(book):
    with Site(book, options='sessions {\nper_user = 2\non_excess = audit\n}') as site:
        connection = Connection(site)
        assert [try_bind(connection)[1] for _ in range(4)] == [SUCCESS] * 4
        assert "event=2005" in site.log()


def test_the_operator_ends_sessions(site):
    one, two = Client(site), Client(site, user="berta")
    listing = site.sessions()
    assert {s["user"] for s in listing} == {"anna", "berta"}
    mine = next(s for s in listing if s["user"] == "anna")
    site.nspictl("end", mine["id"])
    with pytest.raises(Fault) as fault:
        one.query_rows()
    assert fault.value.status == 0x1C00001A
    site.nspictl("end", "--account", "berta")
    with pytest.raises(Fault):
        two.query_rows()
    assert not site.sessions()
    three = Client(site)
    assert three.query_rows().status == SUCCESS
    site.nspictl("end", "--client", site.address)
    assert not site.sessions()


def test_disabling_an_account_ends_its_sessions_and_refuses_new_ones(site):
    client = Client(site)
    site.nspictl("user", "disable", "anna")
    assert not site.sessions()
    with pytest.raises(Fault):
        client.query_rows()
    assert client.another().status == LOGON_FAILED  # the connection is still authenticated
    site.nspictl("user", "enable", "anna")
    assert client.another().status == SUCCESS
    site.nspictl("user", "del", "anna")
    assert not site.sessions()
    assert client.another().status == LOGON_FAILED


def test_the_refusal_is_logged_once_a_minute_with_what_an_operator_needs(site):
    connection = Connection(site)
    for _ in range(80):
        try_bind(connection)
    lines = [l for l in site.log().splitlines() if "event=2001" in l]
    assert len(lines) == 1
    for field in ("account=anna", f"client={site.address}", "limit=50", "held=50"):
        assert field in lines[0], lines[0]
    events = [json.loads(l) if isinstance(l, str) else l for l in site.nspictl_json("events")]
    assert any(e["id"] == 2001 and e["account"] == "anna" for e in events)


def test_a_refused_bind_leaves_nothing_behind(site):
    connection = Connection(site)
    for _ in range(50):
        try_bind(connection)
    for _ in range(500):
        session = Nspi(connection)
        answer = session.bind()
        assert (answer.status, answer.guid, answer.handle) == (LOGON_FAILED, None, bytes(20))
    assert len(site.sessions()) == 50


def test_the_handle_of_another_account_is_a_context_mismatch(site):
    anna = Client(site)
    berta = Client(site, user="berta")
    berta.handle = anna.handle
    with pytest.raises(Fault) as fault:
        berta.query_rows()
    assert fault.value.status == 0x1C00001A
    assert anna.query_rows().status == SUCCESS


def test_200_wrong_passwords_do_not_lock_the_account_from_elsewhere(site):
    with pytest.raises(Exception):
        Client(site, password="wrong")
    assert Client(site, password=PASSWORD, address="127.0.0.1").query_rows().status == SUCCESS
