"""As much LDAP as the comparison with slapd takes (RFC 4511): searches, server-side sorting (RFC 2891) and virtual list
views, over a local socket."""

import socket

SEQUENCE, SET, INTEGER, OCTETS, ENUM, BOOLEAN = 0x30, 0x31, 2, 4, 10, 1
SEARCH, ENTRY, DONE = 0x63, 0x64, 0x65
CONTROLS = 0xA0
SORT = "1.2.840.113556.1.4.473"
VLV, VLV_ANSWER = "2.16.840.1.113730.3.4.9", "2.16.840.1.113730.3.4.10"


def tlv(tag, *parts):
    body = b"".join(parts)
    if len(body) < 0x80:
        return bytes([tag, len(body)]) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + body


def integer(value, tag=INTEGER):
    return tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def text(value, tag=OCTETS):
    return tlv(tag, value if isinstance(value, bytes) else value.encode())


def boolean(value):
    return tlv(BOOLEAN, b"\xff" if value else b"\0")


def split(data):
    """The elements of a constructed value, as (tag, body)."""
    at = 0
    while at < len(data):
        tag, size, at = data[at], data[at + 1], at + 2
        if size & 0x80:
            count = size & 0x7F
            size, at = int.from_bytes(data[at:at + count], "big"), at + count
        yield tag, data[at:at + size]
        at += size


def present(attribute):
    return text(attribute, 0x87)


def begins_with(attribute, value):
    return tlv(0xA4, text(attribute), tlv(SEQUENCE, text(value, 0x80)))


def any_of(*filters):
    return tlv(0xA1, *filters)


def all_of(*filters):
    return tlv(0xA0, *filters)


def sort_control(attribute):
    """Without case; the schema gives most names no order of their own."""
    key = tlv(SEQUENCE, text(attribute), text("caseIgnoreOrderingMatch", 0x80))
    return tlv(SEQUENCE, text(SORT), boolean(True), tlv(OCTETS, tlv(SEQUENCE, key)))


def vlv_control(after, offset, count, context):
    """The entry at an offset of a list of count, and as many as `after` behind it."""
    view = [integer(0), integer(after), tlv(0xA0, integer(offset), integer(count))]
    if context is not None:
        view.append(text(context))
    return tlv(SEQUENCE, text(VLV), boolean(True), tlv(OCTETS, tlv(SEQUENCE, *view)))


class Ldap:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(path))
        self.file = self.socket.makefile("rb")
        self.message = 0

    def read_message(self):
        head = self.file.read(2)
        if len(head) < 2:
            raise ConnectionError("slapd closed the connection")
        size = head[1]
        if size & 0x80:
            size = int.from_bytes(self.file.read(size & 0x7F), "big")
        return self.file.read(size)

    def search(self, base, condition, attributes, controls=(), limit=0):
        """The number of entries found, and the controls of the answer by their names."""
        self.message += 1
        request = tlv(SEARCH, text(base), integer(2, ENUM), integer(0, ENUM), integer(limit), integer(0),
                      boolean(False), condition, tlv(SEQUENCE, *map(text, attributes)))
        self.socket.sendall(tlv(SEQUENCE, integer(self.message), request, tlv(CONTROLS, *controls)))
        found = 0
        while True:
            _, (tag, body), *rest = split(self.read_message())
            if tag == DONE:
                break
            found += tag == ENTRY
        code = int.from_bytes(next(split(body))[1], "big")
        if code not in (0, 4):  # a size limit that is reached is no failure
            raise ConnectionError(f"slapd answers with code {code}")
        return found, dict(self.controls(rest))

    def controls(self, rest):
        for _, body in rest:
            for _, control in split(body):
                parts = [value for _, value in split(control)]
                yield parts[0].decode(), parts[-1]

    def page(self, base, condition, attributes, order, after, offset, count, context):
        """A page of a virtual list view; the context that keeps the sorted list, and its length."""
        found, answer = self.search(base, condition, attributes,
                                    [sort_control(order), vlv_control(after, offset, count, context)])
        _, body = next(split(answer[VLV_ANSWER]))
        fields = list(split(body))
        length = int.from_bytes(fields[1][1], "big")
        return found, length, fields[3][1] if len(fields) > 3 else None

    def close(self):
        self.file.close()
        self.socket.close()
