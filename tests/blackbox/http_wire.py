"""HTTP and the NTLM logins over it, as RFC 9112 and MS-NLMP lay them out: independent of the C code."""

import base64
import hashlib
import hmac
import os
import socket
import ssl
import struct

from Cryptodome.Hash import MD4

NTLM_FLAGS = 0x00000001 | 0x00000004 | 0x00000200 | 0x00008000 | 0x00080000 | 0x20000000
AV_END, AV_TIMESTAMP, AV_FLAGS, AV_CHANNEL_BINDINGS = 0, 7, 6, 10


class Response:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def get(self, name):
        return (self.all(name) or [None])[0]


class Http:
    """One connection; `tls` is an SSLContext."""

    def __init__(self, port, address="127.0.0.1", tls=None, timeout=20, source=""):
        self.sock = socket.create_connection((address, port), timeout, (source, 0) if source else None)
        if tls:
            self.sock = tls.wrap_socket(self.sock, server_hostname=address)
        self.data = b""

    def close(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, data):
        self.sock.sendall(data if isinstance(data, bytes) else data.encode())

    def _fill(self):
        try:
            piece = self.sock.recv(65536)
        except (ConnectionResetError, ssl.SSLEOFError):
            piece = b""
        self.data += piece
        return piece

    def closed(self):
        """True when the server closes without another byte."""
        return not self.data and not self._fill()

    def _until(self, end):
        while end not in self.data:
            if not self._fill():
                raise EOFError(f"closed after {self.data!r}")
        part, self.data = self.data.split(end, 1)
        return part

    def _take(self, size):
        while len(self.data) < size:
            if not self._fill():
                raise EOFError("closed in the middle of a body")
        part, self.data = self.data[:size], self.data[size:]
        return part

    def _chunks(self):
        while size := int(self._until(b"\r\n"), 16):
            yield self._take(size)
            assert self._take(2) == b"\r\n"
        assert self._take(2) == b"\r\n"

    def response(self, method="GET"):
        lines = self._until(b"\r\n\r\n").decode().split("\r\n")
        version, status = lines[0].split(" ")[:2]
        assert version == "HTTP/1.1"
        headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:]]
        r = Response(int(status), headers, b"")
        if method == "HEAD" or r.status in (100, 204, 304):
            return r
        if r.get("Transfer-Encoding"):
            r.body = b"".join(self._chunks())
        else:
            r.body = self._take(int(r.get("Content-Length")))
        return r

    def ask(self, path="/nspid/login", method="GET", headers=(), body=None):
        lines = [f"{method} {path} HTTP/1.1", "Host: book", *headers]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b""))
        return self.response(method)

    def log_in(self, user, password, channel=None, headers=()):
        """Both legs of NTLM; the answer to the second."""
        first = self.ask(headers=[f"Authorization: NTLM {b64(negotiate_message())}", *headers])
        assert first.status == 401
        challenge = base64.b64decode(first.get("WWW-Authenticate").removeprefix("NTLM "))
        answer = authenticate_message(challenge, user, password, channel)
        return self.ask(headers=[f"Authorization: NTLM {b64(answer)}", *headers])


def b64(data):
    return base64.b64encode(data).decode()


def basic(user, password):
    return f"Authorization: Basic {b64(f'{user}:{password}'.encode())}"


def nt_hash(password):
    return MD4.new(password.encode("utf-16-le")).digest()


def end_point(certificate_der):
    """tls-server-end-point of a certificate signed with SHA-256, as NTLM's channel bindings."""
    data = b"tls-server-end-point:" + hashlib.sha256(certificate_der).digest()
    return hashlib.md5(bytes(16) + struct.pack("<I", len(data)) + data).digest()


def negotiate_message():
    return b"NTLMSSP\0" + struct.pack("<II", 1, NTLM_FLAGS) + bytes(16)


def av_pairs(data):
    while True:
        kind, size = struct.unpack_from("<HH", data)
        if kind == AV_END:
            return
        yield kind, data[4:4 + size]
        data = data[4 + size:]


def authenticate_message(challenge, user, password, channel=None):
    server_challenge = challenge[24:32]
    size, _, offset = struct.unpack_from("<HHI", challenge, 40)
    pairs = [(k, v) for k, v in av_pairs(challenge[offset:offset + size]) if k != AV_TIMESTAMP]
    if channel:
        pairs.append((AV_CHANNEL_BINDINGS, channel))
    info = b"".join(struct.pack("<HH", k, len(v)) + v for k, v in pairs) + bytes(4)
    temp = b"\1\1" + bytes(6) + struct.pack("<Q", 133000000000000000) + os.urandom(8) + bytes(4) + info + bytes(4)
    name = user.encode("utf-16-le")
    key = hmac.digest(nt_hash(password), user.upper().encode("utf-16-le"), "md5")
    response = hmac.digest(key, server_challenge + temp, "md5") + temp
    fields = [bytes(24), response, b"", name, b"", b""]
    header, payload = b"", b""
    for field in fields:
        header += struct.pack("<HHI", len(field), len(field), 88 + len(payload))
        payload += field
    return b"NTLMSSP\0" + struct.pack("<I", 3) + header + struct.pack("<I", NTLM_FLAGS) + bytes(8 + 16) + payload


def trusting_all():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
