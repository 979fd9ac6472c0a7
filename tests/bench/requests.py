"""What the load clients send: RPC PDUs with NSPI requests, made by the tests' own encoder, and a client to learn of the
book what to ask for."""

import random
import socket
import struct

import nspi_wire
from nspi_wire import Nspi, Stat

BIND, REQUEST = 11, 0
FIRST_AND_LAST = 3
FRAGMENT = 5840  # what Windows clients offer
NSPI = bytes.fromhex("185accf564421a108c5908002b2f8426") + struct.pack("<HH", 56, 0)
NDR = bytes.fromhex("045d888aeb1cc9119fe808002b104860") + struct.pack("<HH", 2, 0)

ACCOUNT, OFFICE, DEPARTMENT = 0x3A00001F, 0x3A19001F, 0x3A18001F
# What mail clients show, and the entry id.
PAGE_TAGS = [nspi_wire.ENTRYID, nspi_wire.DISPLAY_NAME, nspi_wire.SMTP_ADDRESS, nspi_wire.TITLE, DEPARTMENT, OFFICE,
             nspi_wire.DISPLAY_TYPE]
PAGE_ROWS = 50
FL_SUBSTRING = 1


def pdu(kind, body):
    return struct.pack("<BBBBIHHI", 5, 0, kind, FIRST_AND_LAST, 0x10, 16 + len(body), 0, 1) + body


def bind_pdu():
    return pdu(BIND, struct.pack("<HHIBBHHBB", FRAGMENT, FRAGMENT, 0, 1, 0, 0, 0, 1, 0) + NSPI + NDR)


def request_pdu(opnum, stub):
    return pdu(REQUEST, struct.pack("<IHH", len(stub), 0, opnum) + stub)


class Captured(Exception):
    pass


class Recorder:
    """A transport that keeps what would be sent."""

    def call(self, opnum, stub):
        self.pdu = request_pdu(opnum, stub)
        raise Captured


def capture(operation, *args, **named):
    """The PDU of an operation, e.g. capture("query_rows", stat); its handle is zero."""
    recorder = Recorder()
    try:
        getattr(Nspi(recorder), operation)(*args, **named)
    except Captured:
        return recorder.pdu


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


def pages(sample, locale=0x409):
    return [capture("query_rows", sample.somewhere(locale), PAGE_ROWS, PAGE_TAGS) for _ in range(1000)]


def seeks(sample):
    return [capture("seek_entries", Stat(), (nspi_wire.DISPLAY_NAME, name)) for name in sample.names()]


def resolves(sample):
    return [capture("resolve_names_w", [account], tags=PAGE_TAGS) for account in sample.accounts()]


def ambiguous_resolves(sample):
    return [capture("resolve_names_w", [name], tags=PAGE_TAGS) for name in sample.names()]


def scans(sample):
    """Nothing is found, so all of the list is looked at."""
    return [capture("get_matches", Stat(), ("content", FL_SUBSTRING, nspi_wire.DISPLAY_NAME,
                                            (nspi_wire.DISPLAY_NAME, "no such name")), requested=10)]


def setup():
    """What opens a connection with a session."""
    return [bind_pdu(), capture("bind")]


def write(path, requests):
    with open(path, "wb") as out:
        first = setup()
        out.write(struct.pack("<II", len(first), len(requests)))
        for p in first + requests:
            out.write(struct.pack("<I", len(p)) + p)
    return path
