"""Hostile and broken clients: a fault or a closed connection, a counter, bounded memory, and other clients served as before."""

import os
import random
import resource
import socket
import struct
import subprocess
import time

import pytest

from nspi_wire import ANR, DISPLAY_NAME, SUCCESS, TOO_COMPLEX, Fault, Nspi, Stat
from rpc_impacket import Client, Connection
from site_nspid import PASSWORD, Site, wait_until

NSPI = bytes.fromhex("185accf564421a108c5908002b2f842638000000")
NDR = bytes.fromhex("045d888aeb1cc9119fe808002b10486002000000")

REQUEST, FAULT, BIND, BIND_ACK, BIND_NAK = 0, 3, 11, 12, 13
FIRST, LAST = 1, 2


def pdu(kind, body, flags=FIRST | LAST, call_id=1, size=None, auth=0, version=(5, 0)):
    return struct.pack("<BBBBIHHI", *version, kind, flags, 0x10, size or 16 + len(body), auth, call_id) + body


def bind_pdu():
    return pdu(BIND, struct.pack("<HHIBBHHBB", 5840, 5840, 0, 1, 0, 0, 0, 1, 0) + NSPI + NDR)


def request_pdu(stub, opnum=0, flags=FIRST | LAST, hint=0, call_id=2):
    return pdu(REQUEST, struct.pack("<IHH", hint, 0, opnum) + stub, flags, call_id)


def raw(site, timeout=20):
    return socket.create_connection((site.address, site.port()), timeout)


def receive(s):
    """One PDU; b'' when the connection is closed."""
    data = b""
    while len(data) < 16 or len(data) < struct.unpack_from("<H", data, 8)[0]:
        try:
            piece = s.recv(65536)
        except ConnectionResetError:
            return b""
        if not piece:
            return b""
        data += piece
    return data


def bound(site):
    s = raw(site)
    s.sendall(bind_pdu())
    assert receive(s)[2] == BIND_ACK
    return s


def counter(site, name):
    return site.nspictl_json("counters")[name]


def serves(site):
    with Client(site) as client:
        return client.query_rows(count=5).status == SUCCESS


def rss_mib(site):
    with open(f"/proc/{site.process.pid}/status") as f:
        return next(int(l.split()[1]) for l in f if l.startswith("VmRSS")) // 1024


BROKEN = {
    "http": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "zeros": bytes(64),
    "ones": b"\xff" * 64,
    "version 4": pdu(BIND, bytes(56), version=(4, 0)),
    "length below a header": pdu(BIND, bytes(56), size=15),
    "length above the maximum": pdu(REQUEST, bytes(56), size=6000) + bytes(6000),
    "auth longer than the pdu": pdu(BIND, bytes(56), auth=60000),
    "request before bind": request_pdu(bytes(40)),
    "response": pdu(2, bytes(40)),
    "unknown type": pdu(99, bytes(40)),
    "bind without contexts": pdu(BIND, struct.pack("<HHIBBH", 5840, 5840, 0, 0, 0, 0)),
    "bind with 255 contexts and no bytes": pdu(BIND, struct.pack("<HHIBBH", 5840, 5840, 0, 255, 0, 0)),
    "bind in two fragments": pdu(BIND, bytes(56), flags=FIRST),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_first_pdu_ends_the_connection_only(site, name):
    s = raw(site)
    s.sendall(BROKEN[name])
    while True:
        answer = receive(s)
        if not answer:
            break
        assert answer[2] in (BIND_NAK, FAULT)
    assert serves(site)


def test_random_bytes_after_a_bind_never_harm_others(site):
    rng = random.Random(3)
    for _ in range(200):
        s = bound(site)
        s.sendall(rng.randbytes(rng.choice([1, 16, 24, 100, 3000])))
        s.close()
    for _ in range(200):
        s = bound(site)
        s.sendall(request_pdu(rng.randbytes(rng.randrange(200)), opnum=rng.randrange(24)))
        receive(s)
        s.close()
    assert serves(site)


def test_half_a_pdu_and_silence_is_closed_after_the_bind_timeout(book):
    with Site(book, options="timeouts {\nbind = 1s\n}") as site:
        half, silent = raw(site), raw(site)
        half.sendall(bind_pdu()[:30])
        assert receive(half) == b"" and receive(silent) == b""
        assert counter(site, "connections_timed_out") >= 2
        assert serves(site)


def test_a_connection_without_a_session_that_says_nothing_is_closed(book):
    with Site(book, options="timeouts {\nidle = 1s\n}") as site:
        client = Client(site)
        idle = bound(site)
        assert receive(idle) == b""
        assert client.query_rows(count=1).status == SUCCESS  # it holds a session


def test_10000_silent_connections_leave_the_server_serving(book):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 20000), hard))
    with Site(book) as site:
        before = rss_mib(site)
        sockets = [socket.create_connection((f"127.0.0.{1 + i // 5000}", site.port()), 20) if site.address == "0.0.0.0"
                   else raw(site) for i in range(10000)]
        wait_until(lambda: counter(site, "connections_open") >= 10000, 60, "all are accepted")
        assert serves(site)
        assert rss_mib(site) - before < 200
        for s in sockets:
            s.close()
        wait_until(lambda: counter(site, "connections_open") < 10, 60, "all are gone")
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_connection_limit_refuses_the_next_one_and_says_so(book):
    with Site(book, options="limits {\nmax_connections_per_address = 5\n}") as site:
        kept = [bound(site) for _ in range(5)]
        s = raw(site)
        s.sendall(bind_pdu())
        assert receive(s) == b""
        assert counter(site, "connections_refused") >= 1
        kept[0].close()
        wait_until(lambda: receive_after_bind(site), what="a place is free again")


def receive_after_bind(site):
    s = raw(site)
    try:
        s.sendall(bind_pdu())
        return receive(s)
    except OSError:
        return b""


def test_a_request_above_the_limit_is_refused(site):
    s = bound(site)
    s.sendall(request_pdu(bytes(100), hint=0x400001, flags=FIRST))
    answer = receive(s)
    assert answer[2] == FAULT and struct.unpack_from("<I", answer, 24)[0] == 5
    assert receive(s) == b""


def test_half_received_requests_share_one_budget(book):
    with Site(book, options="limits {\nmax_request = 1M\nmax_reassembly = 2M\n}") as site:
        sockets, faults = [], 0
        for _ in range(8):
            s = bound(site)
            sockets.append(s)
            try:
                for i in range(100):
                    s.sendall(request_pdu(bytes(5800), opnum=3, flags=FIRST if i == 0 else 0))
            except OSError:
                pass
            s.settimeout(0.2)
            try:
                answer = receive(s)
                faults += answer[:3] != b"" and answer[2:3] == bytes([FAULT])
            except socket.timeout:
                pass
        assert faults >= 3
        assert counter(site, "reassembly_bytes") <= 2 << 20
        assert counter(site, "reassembly_refused") >= 3
        assert serves(site)
        for s in sockets:
            s.close()
        wait_until(lambda: counter(site, "reassembly_bytes") == 0, what="the budget is given back")


def test_a_client_that_never_reads_is_closed_and_costs_little(book):
    with Site(book, options="timeouts {\nwrite = 2s\n}") as site:
        client = Client(site)
        s = client.connection.dce.get_rpc_transport().get_socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        before = rss_mib(site)
        stub = client.handle + struct.pack("<I", 0) + Stat().pack() + struct.pack("<IIII", 0, 0, 1000, 0)
        other = Client(site, level="none", bind=False)  # unauthenticated: its requests need no signature
        assert other.bind().status != SUCCESS
        quiet = bound(site)
        quiet.setblocking(False)
        sent, end = 0, time.monotonic() + 20
        data = request_pdu(struct.pack("<II", 0, 0) + bytes(200), opnum=0)
        closed = False
        while time.monotonic() < end and not closed:
            try:
                sent += quiet.send(data)
            except BlockingIOError:
                time.sleep(0.05)
            except OSError:
                closed = True
        assert closed, f"still open after {sent} bytes"
        assert rss_mib(site) - before < 50
        assert len(stub) and serves(site)


def nested(depth):
    r = ("exist", DISPLAY_NAME)
    for _ in range(depth):
        r = ("not", r)
    return r


def test_deep_and_wide_restrictions_are_refused(site):
    client = Client(site)
    for depth in (20, 31, 64, 300):
        try:
            assert client.get_matches(Stat(), nested(depth)).status in (SUCCESS, TOO_COMPLEX)
        except Fault as fault:
            assert fault.status == 0x6F7
    wide = ("or", [("content", 1, DISPLAY_NAME, (DISPLAY_NAME, "x" * 50)) for _ in range(3000)])
    try:
        assert client.get_matches(Stat(), wide).status in (SUCCESS, TOO_COMPLEX)
    except Fault as fault:
        assert fault.status in (0x6F7, 0x1C00001B)
    assert client.query_rows(count=1).status == SUCCESS


@pytest.mark.parametrize("count", [100001, 0x7FFFFFFF, 0xFFFFFFFF])
def test_huge_counts_are_bad_stubs(site, count):
    client = Client(site)
    head = client.handle + struct.pack("<I", 0) + Stat().pack()
    stubs = {
        3: head + struct.pack("<IIIII", count, 1, count, 10, 0),
        7: client.handle + struct.pack("<IIII", 0, count, count, 1),
        20: head + struct.pack("<III", 0, count, count),
        6: head + struct.pack("<IIII", count, count - 1, 0, count - 1),
    }
    for opnum, stub in stubs.items():
        with pytest.raises(Fault) as fault:
            client.connection.call(opnum, stub)
        assert fault.value.status == 0x6F7, opnum
    assert client.query_rows(count=1).status == SUCCESS


def test_floods_of_binds_are_survived(site):
    stop = time.monotonic() + 2
    while time.monotonic() < stop:
        s = raw(site)
        s.sendall(bind_pdu() * 3)
        s.close()
    assert serves(site)


def test_an_answer_larger_than_the_limit_has_one_row_at_least(book):
    with Site(book, options="limits {\nmax_rows = 3\n}") as site:
        client = Client(site)
        answer = client.query_rows(count=50)
        assert (answer.status, len(answer.rows), answer.stat.num_pos) == (SUCCESS, 3, 3)
        name = client.query_rows(count=1, tags=[DISPLAY_NAME]).rows[0][0][1]
        assert client.resolve_names_w([name]).status == SUCCESS
        assert client.get_matches(Stat(), ("property", 4, ANR, (ANR, name))).status == SUCCESS


@pytest.fixture
def namespace():
    """A host of its own behind a veth pair: (name, our address, its address)."""
    if os.geteuid():
        pytest.skip("needs root for a network namespace")
    name, number = f"nspid{os.getpid()}", os.getpid() % 250
    ours, theirs = f"10.213.{number}.1", f"10.213.{number}.2"

    def ip(*words):
        subprocess.run(["ip", *words], check=True)
    ip("netns", "add", name)
    try:
        ip("link", "add", f"v{os.getpid()}", "type", "veth", "peer", "name", "eth0", "netns", name)
        ip("addr", "add", f"{ours}/24", "dev", f"v{os.getpid()}")
        ip("link", "set", f"v{os.getpid()}", "up")
        ip("-n", name, "addr", "add", f"{theirs}/24", "dev", "eth0")
        ip("-n", name, "link", "set", "eth0", "up")
        ip("-n", name, "link", "set", "lo", "up")
        yield name, ours, theirs
    finally:
        ip("link", "del", f"v{os.getpid()}")  # a namespace and what is in it go later than the command ends
        ip("netns", "del", name)


FAST = "timeouts {\nkeepalive_idle = 1s\nkeepalive_interval = 1s\nkeepalive_count = 3\nuser_timeout = 3s\n}"
SOAK = pytest.mark.skipif("NSPID_SOAK" not in os.environ, reason="takes two minutes: make soak")


@pytest.mark.parametrize("options,seconds", [(FAST, 12), pytest.param("", 120, marks=SOAK)], ids=["fast", "default"])
def test_the_sessions_of_a_host_that_lost_power_are_gone_in_time(book, namespace, options, seconds):
    name, ours, theirs = namespace
    with Site(book, address=ours, options=options) as site:
        client = subprocess.Popen(["ip", "netns", "exec", name, site.build / "src/cli/nspi", "-s",
                                   f"{ours}:{site.port()}", "-u", "anna", "probe", "--max", "5", "--hold"],
                                  env=dict(os.environ, NSPI_PASSWORD=PASSWORD),
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            wait_until(lambda: len(site.sessions()) == 5, what="the client holds 5 sessions")
            assert {s["client"] for s in site.sessions()} == {theirs}
            time.sleep(3)
            assert len(site.sessions()) == 5  # it lives and is left alone
            subprocess.run(["ip", "netns", "exec", name, "nft", "add", "table", "inet", "dead"], check=True)
            for hook in ("input", "output"):
                subprocess.run(["ip", "netns", "exec", name, "nft", "add", "chain", "inet", "dead", hook,
                                f"{{ type filter hook {hook} priority 0; policy drop; }}"], check=True)
            wait_until(lambda: not site.sessions(), seconds, "the dead client's sessions are gone")
        finally:
            client.kill()
            client.wait()
