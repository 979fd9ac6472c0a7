"""Responses of MAPI over HTTP that begin before they are done: sections 2.2.2.2, 2.2.7, 3.1.5.6 and 3.2.5.2.

An import that is fed through a pipe keeps writers waiting for as long as a test wants."""

import contextlib
import os
import threading
import time

import pytest

from http_wire import Http, basic
from mapihttp_client import CODES, PATH, Endpoint, HttpClient
from mapihttp_wire import Writer
from nspi_wire import SMTP_ADDRESS, Stat
from site_nspid import PASSWORD, Site, wait_until

SMIME = 0x3A701102
PERIOD = 200  # ms between PENDINGs
OPTIONS = f"http {{\n pending_period = {PERIOD}ms\n}}\n"
ENTRY = "dn: CN=Late,DC=example,DC=com\nobjectClass: user\ndisplayName: Late\nmail: late@example.com\n\n"
ME = ("dn: CN=Anna,DC=example,DC=com\nobjectClass: user\ndisplayName: Anna\nsAMAccountName: anna\n"
      "mail: anna@example.com\n\n")


@pytest.fixture
def site(tmp_path):
    path = tmp_path / "book.ldif"
    path.write_text(ME)
    with Site(path, options=OPTIONS) as s:
        yield s


@contextlib.contextmanager
def held(site, directory):
    """Inside of it writers wait."""
    fifo = directory / "pipe"
    os.mkfifo(fifo)
    importer = threading.Thread(target=site.nspictl, args=("import", str(fifo)))
    importer.start()
    with open(fifo, "w") as pipe:
        pipe.write(ENTRY)
        pipe.flush()
        wait_until(lambda: site.nspictl_json("status")["import"], what="the import has begun")
        yield
    importer.join()


def change_of_mine(client):
    """The body of a ModProps that may be made."""
    me, = client.get_matches(Stat(), ("property", 4, SMTP_ADDRESS, (SMTP_ADDRESS, "anna@example.com"))).mids
    w = Writer()
    w.u32(0)
    w.has(Stat(current_rec=me), w.stat)
    w.has([], w.numbers)
    w.has([(SMIME, [b"\x30"])], w.list)
    w.u32(0)
    return bytes(w.data)


class Waiting:
    """A ModProps that has been sent and is not answered yet, chunk by chunk."""

    def __init__(self, site, client):
        change = change_of_mine(client)
        headers = client.transport.headers_of("ModProps")
        del headers["Authorization"]
        self.http = Http(site.port("http"))
        lines = [f"POST {PATH} HTTP/1.1", "Host: book", basic("anna", PASSWORD), f"Content-Length: {len(change)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.sent = time.monotonic()
        self.http.send("\r\n".join(lines).encode() + b"\r\n\r\n" + change)
        self.status, *head = self.http._until(b"\r\n\r\n").decode().split("\r\n")
        lines = [line.split(": ", 1) for line in head]
        self.headers = {name.lower(): value for name, value in lines}
        cookies = [value.split(";")[0] for name, value in lines if name == "Set-Cookie"]
        client.transport.cookies.update(cookie.split("=", 1) for cookie in cookies)
        self.request_id = headers["X-RequestId"]

    def chunk(self):
        size = int(self.http._until(b"\r\n"), 16)
        data = self.http._take(size)
        assert self.http._take(2) == b"\r\n"
        return data


@pytest.fixture
def client(site):
    with HttpClient(site) as c:
        yield c


def test_a_response_begins_at_once_and_ends_later(site, client, tmp_path):
    """PROCESSING comes in a chunk of its own with all headers, PENDING every period, DONE and the body when it is done.

    MS-OXCMAPIHTTP_R40 R41 R42 R43 R1300 R62 R76 R1229 R1230 R1232 R1233 R1234 R1173 R1174 R1185 R1186 R1189 R1130
    MS-OXCMAPIHTTP_R1131 R1134 R1135 R1136 R1178 R1182 R1213 R1237 R1238 R2227 R1239 R1240 R1241 R1242 R1244 R2228 R2231
    MS-OXCMAPIHTTP_R157 R168 R169 R170 R171 R2226 R1236
    """
    with held(site, tmp_path):
        response = Waiting(site, client)
        assert response.status == "HTTP/1.1 200 OK"
        h = response.headers
        assert h["transfer-encoding"] == "chunked" and "content-length" not in h
        assert h["content-type"] == "application/mapi-http" and h["x-requesttype"] == "ModProps"
        assert h["x-responsecode"] == "0" and h["x-requestid"] == response.request_id
        assert h["x-serverapplication"].startswith("Exchange/15.") and h["x-pendingperiod"] == str(PERIOD)
        assert "set-cookie" in h
        assert response.chunk() == b"PROCESSING\r\n"
        begun = time.monotonic()
        assert begun - response.sent < 5
        assert [response.chunk() for _ in range(4)] == [b"PENDING\r\n"] * 4
        assert time.monotonic() - begun > 3 * PERIOD / 1000
    rest = response.chunk()
    while not rest.endswith(bytes(12)):
        rest += response.chunk()
    assert response.chunk() == b""
    while rest.startswith(b"PENDING\r\n"):
        rest = rest.removeprefix(b"PENDING\r\n")
    head, body = rest.split(b"\r\n\r\n", 1)
    tag, elapsed, started = head.decode().split("\r\n")
    assert tag == "DONE" and body == bytes(12)
    assert elapsed.startswith("X-ElapsedTime: ") and int(elapsed.split()[1]) >= 3 * PERIOD
    assert started.startswith("X-StartTime: ") and started.endswith(" GMT")


def test_a_context_that_works_on_a_request_takes_no_other(site, client, tmp_path):
    """MS-OXCMAPIHTTP_R1227 R1228 R151"""
    with held(site, tmp_path):
        response = Waiting(site, client)
        other = Endpoint(site, cookies=client.transport.cookies)
        for request_type in ("QueryColumns", "PING", "Unbind"):
            assert other.request(request_type, bytes(12), keep=False).code == CODES["sequence"]
        other.close()
    assert response.chunk() == b"PROCESSING\r\n"
