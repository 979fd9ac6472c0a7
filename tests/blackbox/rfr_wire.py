"""The referral interface from the layouts of MS-OXABREF, in Python: independent of the C filters."""

import struct

from nspi_wire import Answer, Reader, Writer

RFR_UUID = ("1544F5E0-613C-11D1-93DF-00C04FD7BD09", "1.0")
NOWHERE = object()  # for ppszServer: the outer pointer is NULL


class Rfr:
    """The operations, over something that has call(opnum, stub) -> stub and raises Fault."""

    def __init__(self, transport):
        self.transport = transport

    def get_new_dsa(self, user_dn=b"", server=b"", unused=NOWHERE, flags=0):
        """server: the string behind both pointers, None for an inner NULL."""
        w = Writer()
        w.u32(flags)
        w.string8(user_dn)
        for value in (unused, server):
            w.parameter(None if value is NOWHERE else [value], lambda v: w.pointer(v[0], w.string8))
        r = Reader(self.transport.call(0, bytes(w.data)))

        def outer():
            box = []
            r.pointer(r.string8, box.append)
            r.settle()
            return box[0]
        answer = Answer(unused=r.parameter(outer), server=r.parameter(outer))
        answer.status = r.u32()
        assert r.at == len(r.data)
        return answer

    def get_fqdn(self, dn, size=None, most=None, flags=0, nul=b"\0"):
        text = dn + nul
        size = len(text) if size is None else size
        body = struct.pack("<IIIII", flags, size, size if most is None else most, 0, len(text)) + text
        r = Reader(self.transport.call(1, body))
        answer = Answer(fqdn=r.parameter(r.string8))
        answer.status = r.u32()
        assert r.at == len(r.data)
        return answer
