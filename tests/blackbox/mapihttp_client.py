"""MAPI over HTTP as a client: one connection, the cookies of its session, the envelope of MS-OXCMAPIHTTP 2.2.2."""

import base64
import email.utils
import http.client
import re
import ssl
import uuid

from mapihttp_wire import MapiHttp
from site_nspid import PASSWORD

PATH = "/mapi/nspi/"
SERVER_APPLICATION = re.compile(r"Exchange/15\.\d\d\.\d{4}\.\d{3}$")
CODES = {"success": 0, "verb": 2, "path": 3, "header": 4, "type": 5, "cookie": 6, "missing": 7, "anonymous": 8,
         "large": 9, "context": 10, "body": 12, "no_cookie": 13, "sequence": 15, "disabled": 16, "invalid": 17,
         "stopping": 18}


class Refused(Exception):
    """An X-ResponseCode that is not 0."""

    def __init__(self, response):
        super().__init__(f"X-ResponseCode {response.code}")
        self.code = response.code
        self.response = response


def basic(user="anna", password=PASSWORD):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


class Response:
    """What came back: .status, .headers (lower case), .set_cookies, .raw, .code, and of a success .tags (PROCESSING ...),
    .additional (headers behind DONE) and .body."""

    def __init__(self, response, raw):
        self.status = response.status
        self.header_list = [(k.lower(), v) for k, v in response.getheaders()]
        self.headers = dict(self.header_list)
        self.raw = raw
        self.set_cookies = {}
        for name, value in self.header_list:
            if name == "set-cookie":
                key, _, rest = value.partition("=")
                self.set_cookies[key] = rest.split(";")[0]
        self.code = int(self.headers["x-responsecode"]) if "x-responsecode" in self.headers else None
        self.tags, self.additional, self.body = [], {}, None
        if self.status == 200 and self.code == 0:
            self.read_stream()

    def read_stream(self):
        rest = self.raw
        while not self.tags or self.tags[-1] != "DONE":
            line, found, rest = rest.partition(b"\r\n")
            assert found and line in (b"PROCESSING", b"PENDING", b"DONE"), (line, self.raw[:200])
            self.tags.append(line.decode())
        assert self.tags[0] == "PROCESSING" and set(self.tags[1:-1]) <= {"PENDING"}
        while True:
            line, found, rest = rest.partition(b"\r\n")
            assert found
            if not line:
                break
            name, _, value = line.decode().partition(": ")
            self.additional[name.lower()] = value
        self.body = rest
        if "x-responsecode" in self.additional:
            self.code = int(self.additional["x-responsecode"])


def check_headers(response, request_type, request_id):
    """What every response has (MS-OXCMAPIHTTP_R44, R164, R165, R167, R1242)."""
    h = response.headers
    assert response.status == 200
    assert h["x-requesttype"] == request_type and h["x-requestid"] == request_id
    assert SERVER_APPLICATION.match(h["x-serverapplication"])
    assert int(h["x-expirationinfo"]) > 0 and int(h["x-pendingperiod"]) > 0
    assert "x-deviceinfo" not in h
    assert h["content-type"] == ("application/mapi-http" if h["x-responsecode"] == "0" else "text/html")
    if h["x-responsecode"] == "0":
        assert int(response.additional["x-elapsedtime"]) >= 0
        assert email.utils.parsedate_to_datetime(response.additional["x-starttime"])


class Endpoint:
    """The transport of mapihttp_wire.MapiHttp."""

    def __init__(self, site, listener="http", user="anna", password=PASSWORD, cookies=None, context=None):
        self.site, self.listener, self.context = site, listener, context
        self.authorization = basic(user, password)
        self.cookies = dict(cookies or {})
        self.client_id, self.counter = "{%s}" % str(uuid.uuid4()).upper(), 0
        self.connect()

    def connect(self):
        address, port = self.site.address, self.site.port(self.listener)
        if self.context:
            self.connection = http.client.HTTPSConnection(address, port, timeout=30, context=self.context)
        else:
            self.connection = http.client.HTTPConnection(address, port, timeout=30)

    def headers_of(self, request_type, **changes):
        """The headers of a request; changes by name with _ for -, None leaves one out."""
        self.counter += 1
        headers = {
            "Authorization": self.authorization,
            "Content-Type": "application/mapi-http",
            "X-RequestType": request_type,
            "X-RequestId": f"{self.client_id}:{self.counter}",
            "X-ClientInfo": f"{self.client_id}:1",
            "X-ClientApplication": "Outlook/15.00.4937.1000",
            "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()) or None,
        }
        headers.update({k.replace("_", "-"): v for k, v in changes.items()})
        return {k: v for k, v in headers.items() if v is not None}

    def send(self, method, path, body, headers):
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        return Response(answer, answer.read())

    def request(self, request_type, body=b"", method="POST", path=PATH, keep=True, **changes):
        """One request; keep: remember the cookies that come back."""
        response = self.send(method, path, body, self.headers_of(request_type, **changes))
        if keep:
            self.cookies.update(response.set_cookies)
        return response

    def call(self, request_type, body):
        headers = self.headers_of(request_type)
        response = self.send("POST", PATH, body, headers)
        check_headers(response, request_type, headers["X-RequestId"])
        assert response.headers["x-clientinfo"] == headers["X-ClientInfo"]
        self.cookies.update(response.set_cookies)
        if response.code:
            raise Refused(response)
        return response.body

    def close(self):
        self.connection.close()


class HttpClient(MapiHttp):
    """A session."""

    def __init__(self, site, bind=True, **options):
        super().__init__(Endpoint(site, **options))
        if bind:
            answer = self.bind()
            assert answer.status == 0, f"Bind: {answer.status:#x}"

    def close(self):
        try:
            if self.transport.cookies:
                self.unbind()
        finally:
            self.transport.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def tls_context():
    """Takes any certificate: the server's own is signed by nobody."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
