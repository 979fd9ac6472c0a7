"""What the load clients send: NSPI requests as RPC PDUs and as MAPI over HTTP, made by the tests' own encoders, and a
client to learn of the book what to ask for."""

import collections
import random
import socket
import struct

import nspi_wire
from mapihttp_client import PATH, HttpClient
from mapihttp_wire import MapiHttp
from nspi_wire import Nspi, Stat

BIND, REQUEST = 11, 0
FIRST, LAST, FIRST_AND_LAST = 1, 2, 3
FRAGMENT = 5840  # what Windows clients offer
NSPI = bytes.fromhex("185accf564421a108c5908002b2f8426") + struct.pack("<HH", 56, 0)
NDR = bytes.fromhex("045d888aeb1cc9119fe808002b104860") + struct.pack("<HH", 2, 0)

ACCOUNT, OFFICE, DEPARTMENT = 0x3A00001F, 0x3A19001F, 0x3A18001F
# What mail clients show, and the entry id.
PAGE_TAGS = [nspi_wire.ENTRYID, nspi_wire.DISPLAY_NAME, nspi_wire.SMTP_ADDRESS, nspi_wire.TITLE, DEPARTMENT, OFFICE,
             nspi_wire.DISPLAY_TYPE]
PAGE_ROWS = 50
FL_SUBSTRING, RELOP_EQ = 1, 4
FIRST_MID = 0x1000  # that the store gives out


def pdu(kind, body, flags=FIRST_AND_LAST):
    return struct.pack("<BBBBIHHI", 5, 0, kind, flags, 0x10, 16 + len(body), 0, 1) + body


def bind_pdu():
    return pdu(BIND, struct.pack("<HHIBBHHBB", FRAGMENT, FRAGMENT, 0, 1, 0, 0, 0, 1, 0) + NSPI + NDR)


def request_pdu(opnum, stub):
    """In as many fragments as it takes."""
    room = FRAGMENT - 24
    pieces = [stub[i:i + room] for i in range(0, len(stub), room)] or [b""]
    return b"".join(pdu(REQUEST, struct.pack("<IHH", len(stub), 0, opnum) + piece,
                        (FIRST if i == 0 else 0) | (LAST if i == len(pieces) - 1 else 0))
                    for i, piece in enumerate(pieces))


# session_at: where in it the session stands, 0: nowhere.
Request = collections.namedtuple("Request", "bytes session_at", defaults=[0])


class Captured(Exception):
    pass


class OverRpc:
    """A transport that keeps what would be sent; the handle in it is zero."""

    operations = Nspi
    HANDLE_AT = 24

    def call(self, opnum, stub):
        self.request = Request(request_pdu(opnum, stub), self.HANDLE_AT)
        raise Captured

    def setup(self):
        """What opens a connection with a session."""
        return [Request(bind_pdu()), capture(self, "bind")]


class OverHttp:
    """The same as MAPI over HTTP. cookies: what the server gives out, as long as those that will stand there."""

    operations = MapiHttp
    CLIENT = "{2EF33C39-49C8-421C-B876-CDF7F2AC3AA0}"

    def __init__(self, cookies):
        self.cookies = "; ".join(f"{name}={value}" for name, value in cookies.items())
        self.count = 0

    def call(self, request_type, body):
        self.count += 1
        head = [f"POST {PATH} HTTP/1.1", "Host: localhost", "Content-Type: application/mapi-http",
                f"Content-Length: {len(body)}", f"X-RequestType: {request_type}",
                f"X-RequestId: {self.CLIENT}:{self.count}", f"X-ClientInfo: {self.CLIENT}:1",
                "X-ClientApplication: Outlook/15.00.4937.1000"]
        if request_type != "Bind":
            head.append(f"Cookie: {self.cookies}")
        data = "\r\n".join(head + ["", ""]).encode() + body
        self.request = Request(data, max(0, data.find(self.cookies.encode())))
        raise Captured

    def setup(self):
        return [capture(self, "bind")]


def over_http(site):
    client = HttpClient(site)
    cookies = dict(client.transport.cookies)
    client.close()
    return OverHttp(cookies)


def capture(over, operation, *args, **named):
    """The request of an operation, e.g. capture(OverRpc(), "query_rows", stat)."""
    try:
        getattr(over.operations(over), operation)(*args, **named)
    except Captured:
        return over.request


class Connection:
    """RPC without authentication."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 60)
        self.exchange(bind_pdu())

    def exchange(self, request):
        self.socket.sendall(request)
        stub, flags = b"", 0
        while not flags & 2:
            head = self.take(16)
            flags, size = head[3], struct.unpack_from("<H", head, 8)[0]
            body = self.take(size - 16)
            if head[2] == 3:
                raise nspi_wire.Fault(struct.unpack_from("<I", body, 8)[0])
            stub += body[8:]
        return stub

    def take(self, size):
        data = b""
        while len(data) < size:
            piece = self.socket.recv(size - len(data))
            if not piece:
                raise ConnectionError("the server closed the connection")
            data += piece
        return data

    def call(self, opnum, stub):
        return self.exchange(request_pdu(opnum, stub))

    def close(self):
        self.socket.close()


class Sample:
    """Entries at random positions of the global address list."""

    def __init__(self, port, count=1000):
        self.rng = random.Random(1)
        connection = Connection(port)
        nspi = Nspi(connection)
        nspi.bind()
        self.total = nspi.update_stat(Stat()).stat.total_recs
        self.entries = []
        while len(self.entries) < count:
            stat = Stat(delta=self.rng.randrange(self.total))
            for row in nspi.query_rows(stat, 20, [nspi_wire.DISPLAY_NAME, ACCOUNT]).rows:
                if [tag for tag, _ in row] == [nspi_wire.DISPLAY_NAME, ACCOUNT]:
                    self.entries.append(tuple(value for _, value in row))
        nspi.unbind()
        connection.close()

    def somewhere(self, locale=0x409):
        return Stat(delta=self.rng.randrange(max(1, self.total - PAGE_ROWS)), sort_locale=locale)

    def names(self):
        return [name for name, _ in self.entries]

    def accounts(self):
        return [account for _, account in self.entries]


RPC = OverRpc()


def pages(sample, locale=0x409, over=RPC):
    return [capture(over, "query_rows", sample.somewhere(locale), PAGE_ROWS, PAGE_TAGS) for _ in range(1000)]


def seeks(sample):
    return [capture(RPC, "seek_entries", Stat(), (nspi_wire.DISPLAY_NAME, name)) for name in sample.names()]


def resolves(sample, over=RPC):
    return [capture(over, "resolve_names_w", [account], tags=PAGE_TAGS) for account in sample.accounts()]


def ambiguous_resolves(sample):
    return [capture(RPC, "resolve_names_w", [name], tags=PAGE_TAGS) for name in sample.names()]


def scans(sample):
    """Nothing is found, so all of the list is looked at."""
    return [capture(RPC, "get_matches", Stat(), ("content", FL_SUBSTRING, nspi_wire.DISPLAY_NAME,
                                                 (nspi_wire.DISPLAY_NAME, "no such name")), requested=10)]


def broad_names(sample):
    """Names that begin a part of many entries, more than are answered."""
    return [capture(RPC, "get_matches", Stat(), ("property", RELOP_EQ, nspi_wire.ANR, (nspi_wire.ANR, name)), requested=10)
            for name in ("a", "b", "m", "s", "example", "owunder")]


def sorts(sample):
    """Long lists of a client's, to be sorted."""
    everybody = range(FIRST_MID, FIRST_MID + sample.total)
    return [capture(RPC, "resort_restriction", Stat(), sample.rng.sample(everybody, min(sample.total, 15000)))
            for _ in range(4)]


def sessions(over):
    """One is opened and closed; in turn."""
    return [capture(over, "bind"), capture(over, "unbind")]


def blanks(requests):
    """PDUs of the same sizes, for a server that only echoes."""
    return [Request(pdu(REQUEST, bytes(len(r.bytes) - 16))) for r in requests]


def gets(path):
    return [Request(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())]


def write(path, requests, setup=()):
    with open(path, "wb") as out:
        out.write(struct.pack("<II", len(setup), len(requests)))
        for r in [*setup, *requests]:
            out.write(struct.pack("<II", len(r.bytes), r.session_at) + r.bytes)
    return path
