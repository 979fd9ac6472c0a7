"""NSPI from the layouts of MS-NSPI, in Python: independent of the C filters, used to drive and to check the server.

A property value is a pair (tag, value); a row a list of them. Strings of type 001E are bytes, of type 001F str.
"""

import dataclasses
import struct

NSPI_UUID = ("F5CC5A18-4264-101A-8C59-08002B2F8426", "56.0")

SUCCESS, UNBIND_SUCCESS, ERRORS_RETURNED = 0, 1, 0x00040380
GENERAL_FAILURE, NOT_SUPPORTED, INVALID_OBJECT = 0x80004005, 0x80040102, 0x80040108
OUT_OF_RESOURCES, NOT_FOUND, LOGON_FAILED = 0x8004010E, 0x8004010F, 0x80040111
TOO_COMPLEX, INVALID_CODEPAGE, INVALID_LOCALE = 0x80040117, 0x8004011E, 0x8004011F
TABLE_TOO_BIG, INVALID_BOOKMARK = 0x80040403, 0x80040405
ACCESS_DENIED, INVALID_PARAMETER = 0x80070005, 0x80070057

BEGINNING, CURRENT, END = 0, 1, 2
UNRESOLVED, AMBIGUOUS, RESOLVED = 0, 1, 2

DISPLAY_NAME, DISPLAY_NAME_A = 0x3001001F, 0x3001001E
ENTRYID, INSTANCE_KEY, EMAIL_ADDRESS, SMTP_ADDRESS = 0x0FFF0102, 0x0FF60102, 0x3003001F, 0x39FE001F
OBJECT_TYPE, DISPLAY_TYPE, CONTAINER_ID = 0x0FFE0003, 0x39000003, 0xFFFD0003
ANR, MEMBER, MEMBER_OF, MANAGER, REPORTS = 0x360C001F, 0x8009000D, 0x8008000D, 0x8005000D, 0x800E000D
PROXY_ADDRESSES, SURNAME, GIVEN_NAME, TITLE = 0x800F101F, 0x3A11001F, 0x3A06001F, 0x3A17001F


@dataclasses.dataclass
class Stat:
    sort_type: int = 0
    container_id: int = 0
    current_rec: int = 0
    delta: int = 0
    num_pos: int = 0
    total_recs: int = 0
    codepage: int = 1252
    template_locale: int = 0x409
    sort_locale: int = 0x409

    FORMAT = "<IIIiIIIII"

    def pack(self):
        return struct.pack(self.FORMAT, *dataclasses.astuple(self))

    @classmethod
    def unpack(cls, data):
        return cls(*struct.unpack(cls.FORMAT, data))

    def but(self, **fields):
        return dataclasses.replace(self, **fields)


class Writer:
    def __init__(self):
        self.data = bytearray()
        self.referent = 0x20000
        self.deferred = []

    def align(self, size):
        self.data += bytes(-len(self.data) % size)

    def u32(self, *values):
        self.align(4)
        for v in values:
            self.data += struct.pack("<I", v & 0xFFFFFFFF)

    def pointer(self, value, write):
        """An embedded unique pointer: the pointee follows later."""
        self.align(4)
        if value is None:
            self.u32(0)
            return
        self.u32(self.referent)
        self.referent += 4
        self.deferred.append(lambda: write(value))

    def settle(self):
        pending, self.deferred = self.deferred, []
        for write in pending:
            write()
            self.settle()

    def parameter(self, value, write):
        self.pointer(value, write)
        self.settle()

    def stat(self, stat):
        self.align(4)
        self.data += stat.pack()

    def guid(self, value):
        self.data += value

    def tags(self, tags):
        self.u32(len(tags) + 1, len(tags), 0, len(tags), *tags)

    def mids(self, mids):
        self.u32(len(mids), *mids)

    def string8(self, value):
        self.u32(len(value) + 1, 0, len(value) + 1)
        self.data += value + b"\0"

    def string16(self, value):
        units = value.encode("utf-16-le") + b"\0\0"
        self.u32(len(units) // 2, 0, len(units) // 2)
        self.data += units

    def octets(self, value):
        self.u32(len(value))
        self.data += value

    def binary(self, value):
        self.u32(len(value))
        self.pointer(value, self.octets)

    def array(self, values, item):
        self.u32(len(values))
        for v in values:
            item(v)

    def counted(self, values, item):
        self.u32(len(values))
        self.pointer(values, lambda vs: self.array(vs, item))

    def value(self, tag_and_value):
        tag, value = tag_and_value
        kind = tag & 0xFFFF
        self.u32(tag, 0, kind)
        {
            0x0002: lambda: self.raw("<h", value), 0x0003: lambda: self.raw("<i", value),
            0x000B: lambda: self.raw("<H", value), 0x000A: lambda: self.u32(value),
            0x000D: lambda: self.u32(value), 0x0001: lambda: self.u32(value),
            0x001E: lambda: self.pointer(value, self.string8), 0x001F: lambda: self.pointer(value, self.string16),
            0x0102: lambda: self.binary(value), 0x0048: lambda: self.pointer(value, self.guid),
            0x0040: lambda: self.raw("<Q", value), 0x1003: lambda: self.counted(value, lambda v: self.raw("<i", v)),
            0x101E: lambda: self.counted(value, lambda v: self.pointer(v, self.string8)),
            0x101F: lambda: self.counted(value, lambda v: self.pointer(v, self.string16)),
            0x1102: lambda: self.counted(value, self.binary),
        }.get(kind, lambda: self.u32(0))()

    def raw(self, fmt, value):
        self.data += struct.pack(fmt, value)

    def row(self, values):
        self.u32(0, len(values))
        self.pointer(values, lambda vs: self.array(vs, self.value))

    def restriction(self, r):
        """('and', [..]), ('or', [..]), ('not', r), ('content', fuzzy, tag, value), ('property', relop, tag, value),
        ('exist', tag), ('compare', relop, tag, tag), ('bitmask', rel, tag, mask), ('size', relop, tag, cb),
        ('sub', object, r); a value is (tag, value) or None."""
        kind, *rest = r
        code = {"and": 0, "or": 1, "not": 2, "content": 3, "property": 4, "compare": 5, "bitmask": 6, "size": 7,
                "exist": 8, "sub": 9}[kind]
        self.u32(code, code)
        if kind in ("and", "or"):
            self.counted(rest[0], self.restriction)
        elif kind == "not":
            self.pointer(rest[0], self.restriction)
        elif kind in ("content", "property"):
            self.u32(rest[0], rest[1])
            self.pointer(rest[2], self.value)
        elif kind == "exist":
            self.u32(0, rest[0], 0)
        elif kind == "sub":
            self.u32(rest[0])
            self.pointer(rest[1], self.restriction)
        else:
            self.u32(*rest)

    def name(self, guid_and_id):
        guid, number = guid_and_id
        self.pointer(guid, self.guid)
        self.u32(0, number)


class Reader:
    def __init__(self, data):
        self.data, self.at, self.deferred = data, 0, []

    def align(self, size):
        self.at += -self.at % size

    def take(self, size):
        assert self.at + size <= len(self.data), "the answer is too short"
        piece = self.data[self.at:self.at + size]
        self.at += size
        return bytes(piece)

    def u32(self):
        self.align(4)
        return struct.unpack("<I", self.take(4))[0]

    def i32(self):
        self.align(4)
        return struct.unpack("<i", self.take(4))[0]

    def raw(self, fmt):
        return struct.unpack(fmt, self.take(struct.calcsize(fmt)))[0]

    def expect(self, value):
        got = self.u32()
        assert got == value, f"expected {value} at {self.at - 4}, found {got}"

    def pointer(self, read, store):
        if self.u32() == 0:
            store(None)
        else:
            self.deferred.append(lambda: store(read()))

    def settle(self):
        pending, self.deferred = self.deferred, []
        for read in pending:
            read()
            self.settle()

    def parameter(self, read):
        box = []
        self.pointer(read, box.append)
        self.settle()
        return box[0]

    def stat(self):
        self.align(4)
        return Stat.unpack(self.take(36))

    def handle(self):
        self.align(4)
        return self.take(20)

    def guid(self):
        return self.take(16)

    def tags(self):
        most, count = self.u32(), self.u32()
        assert most == count + 1, f"max_count {most} for {count} values"
        self.expect(0)
        self.expect(count)
        return [self.u32() for _ in range(count)]

    def string8(self):
        size = self.u32()
        self.expect(0)
        self.expect(size)
        text = self.take(size)
        assert text.endswith(b"\0") and b"\0" not in text[:-1], text
        return text[:-1]

    def string16(self):
        size = self.u32()
        self.expect(0)
        self.expect(size)
        text = self.take(2 * size).decode("utf-16-le")
        assert text.endswith("\0") and "\0" not in text[:-1], text
        return text[:-1]

    def octets(self):
        return self.take(self.u32())

    def binary(self, store):
        size = self.u32()

        def check(value):
            assert len(value or b"") == size
            store(value)
        self.pointer(self.octets, check)

    def array(self, item):
        count = self.u32()
        values = [None] * count
        for i in range(count):
            item(lambda v, i=i: values.__setitem__(i, v))
        return values

    def counted(self, item, store):
        count = self.u32()

        def check(values):
            assert len(values or []) == count
            store(values)
        self.pointer(lambda: self.array(item), check)

    def value(self, store):
        tag = self.u32()
        self.expect(0)
        kind = self.u32()
        assert kind == tag & 0xFFFF, f"discriminant {kind:#x} in {tag:#010x}"

        def put(v):
            store((tag, v))
        {
            0x0002: lambda: put(self.raw("<h")), 0x0003: lambda: put(self.i32()), 0x000B: lambda: put(self.raw("<H")),
            0x000A: lambda: put(self.u32()), 0x000D: lambda: put(self.u32()), 0x0001: lambda: put(self.u32()),
            0x001E: lambda: self.pointer(self.string8, put), 0x001F: lambda: self.pointer(self.string16, put),
            0x0102: lambda: self.binary(put), 0x0048: lambda: self.pointer(self.guid, put),
            0x0040: lambda: (self.align(4), put(self.raw("<Q"))),
            0x1002: lambda: self.counted(lambda s: s(self.raw("<h")), put),
            0x1003: lambda: self.counted(lambda s: s(self.i32()), put),
            0x101E: lambda: self.counted(lambda s: self.pointer(self.string8, s), put),
            0x101F: lambda: self.counted(lambda s: self.pointer(self.string16, s), put),
            0x1102: lambda: self.counted(self.binary, put),
            0x1048: lambda: self.counted(lambda s: self.pointer(self.guid, s), put),
            0x1040: lambda: self.counted(lambda s: (self.align(4), s(self.raw("<Q"))), put),
        }[kind]()

    def row_fields(self, store):
        self.expect(0)
        count = self.u32()

        def check(values):
            assert len(values or []) == count
            store(values or [])
        self.pointer(lambda: self.array(self.value), check)

    def row(self):
        box = []
        self.row_fields(box.append)
        self.settle()
        return box[0]

    def rows(self):
        most = self.u32()
        self.expect(most)
        rows = [None] * most
        for i in range(most):
            self.row_fields(lambda v, i=i: rows.__setitem__(i, v))
        return rows

    def names(self):
        most = self.u32()
        self.expect(most)
        names = [None] * most
        for i in range(most):
            box = []
            self.pointer(self.guid, box.append)
            self.expect(0)
            number = self.i32()
            self.deferred.append(lambda i=i, box=box, n=number: names.__setitem__(i, (box[0] if box else None, n)))
        return names


class Answer:
    """The fields of a response by name, and `status`."""

    def __init__(self, **fields):
        self.__dict__.update(fields)

    def __repr__(self):
        return f"Answer({', '.join(f'{k}={v!r}' for k, v in self.__dict__.items())})"


class Fault(Exception):
    def __init__(self, status):
        super().__init__(f"RPC fault {status:#010x}")
        self.status = status


class Nspi:
    """The operations, over something that has call(opnum, stub) -> stub and raises Fault."""

    handle = bytes(20)

    def __init__(self, transport):
        self.transport = transport

    def call(self, opnum, write, read, handle=True):
        w = Writer()
        if handle:
            w.data += self.handle
        write(w)
        r = Reader(self.transport.call(opnum, bytes(w.data)))
        answer = read(r)
        answer.status = r.u32()
        assert r.at == len(r.data), f"{len(r.data) - r.at} bytes after the return value"
        return answer

    def bind(self, stat=None, flags=0, guid=bytes(16)):
        def write(w):
            w.u32(flags)
            w.stat(stat or Stat())
            w.parameter(guid, w.guid)
        a = self.call(0, write, lambda r: Answer(guid=r.parameter(r.guid), handle=r.handle()), handle=False)
        if a.status == SUCCESS:
            self.handle = a.handle
        return a

    def unbind(self, reserved=0):
        a = self.call(1, lambda w: w.u32(reserved), lambda r: Answer(handle=r.handle()))
        return a

    def update_stat(self, stat, delta=None, reserved=0):
        def write(w):
            w.u32(reserved)
            w.stat(stat)
            w.parameter(delta, w.u32)
        return self.call(2, write, lambda r: Answer(stat=r.stat(), delta=r.parameter(r.i32)))

    def query_rows(self, stat=None, count=50, tags=None, table=None, flags=0):
        def write(w):
            w.u32(flags)
            w.stat(stat or Stat())
            w.u32(len(table or []))
            w.parameter(table, w.mids)
            w.u32(count)
            w.parameter(tags, w.tags)
        return self.call(3, write, lambda r: Answer(stat=r.stat(), rows=r.parameter(r.rows)))

    def seek_entries(self, stat, target, tags=None, table=None, reserved=0):
        def write(w):
            w.u32(reserved)
            w.stat(stat)
            w.value(target)
            w.settle()
            w.parameter(table, w.tags)
            w.parameter(tags, w.tags)
        return self.call(4, write, lambda r: Answer(stat=r.stat(), rows=r.parameter(r.rows)))

    def get_matches(self, stat, restriction=None, name=None, requested=1000, tags=None, reserved=None, reserved1=0,
                    reserved2=0):
        def write(w):
            w.u32(reserved1)
            w.stat(stat)
            w.parameter(reserved, w.tags)
            w.u32(reserved2)
            w.parameter(restriction, w.restriction)
            w.parameter(name, w.name)
            w.u32(requested)
            w.parameter(tags, w.tags)
        return self.call(5, write, lambda r: Answer(stat=r.stat(), mids=r.parameter(r.tags), rows=r.parameter(r.rows)))

    def resort_restriction(self, stat, mids, out=None, reserved=0):
        def write(w):
            w.u32(reserved)
            w.stat(stat)
            w.tags(mids)
            w.parameter(out, w.tags)
        return self.call(6, write, lambda r: Answer(stat=r.stat(), mids=r.parameter(r.tags)))

    def _strings(self, w, values, write):
        w.u32(len(values), len(values))
        for v in values:
            w.pointer(v, write)
        w.settle()

    def dn_to_mid(self, names, reserved=0):
        def write(w):
            w.u32(reserved)
            self._strings(w, names, w.string8)
        return self.call(7, write, lambda r: Answer(mids=r.parameter(r.tags)))

    def get_prop_list(self, mid, codepage=1252, flags=0):
        return self.call(8, lambda w: w.u32(flags, mid, codepage), lambda r: Answer(tags=r.parameter(r.tags)))

    def get_props(self, mid, tags=None, stat=None, flags=0):
        def write(w):
            w.u32(flags)
            w.stat((stat or Stat()).but(current_rec=mid))
            w.parameter(tags, w.tags)
        return self.call(9, write, lambda r: Answer(row=r.parameter(r.row)))

    def compare_mids(self, mid1, mid2, stat=None, reserved=0):
        def write(w):
            w.u32(reserved)
            w.stat(stat or Stat())
            w.u32(mid1, mid2)
        return self.call(10, write, lambda r: Answer(result=r.i32()))

    def mod_props(self, stat, tags, row, reserved=0):
        def write(w):
            w.u32(reserved)
            w.stat(stat)
            w.parameter(tags, w.tags)
            w.row(row)
            w.settle()
        return self.call(11, write, lambda r: Answer())

    def get_special_table(self, flags=4, stat=None, version=0):
        def write(w):
            w.u32(flags)
            w.stat(stat or Stat())
            w.u32(version)
        return self.call(12, write, lambda r: Answer(version=r.u32(), rows=r.parameter(r.rows)))

    def get_template_info(self, flags=1, kind=0, dn=None, codepage=1252, locale=0x409):
        def write(w):
            w.u32(flags, kind)
            w.parameter(dn, w.string8)
            w.u32(codepage, locale)
        return self.call(13, write, lambda r: Answer(row=r.parameter(r.row)))

    def mod_link_att(self, tag, mid, entry_ids, flags=0):
        def write(w):
            w.u32(flags, tag, mid)
            w.counted(entry_ids, w.binary)
            w.settle()
        return self.call(14, write, lambda r: Answer())

    def query_columns(self, flags=0x80000000, reserved=0):
        return self.call(16, lambda w: w.u32(reserved, flags), lambda r: Answer(tags=r.parameter(r.tags)))

    def get_names_from_ids(self, guid=None, tags=None):
        def write(w):
            w.u32(0)
            w.parameter(guid, w.guid)
            w.parameter(tags, w.tags)
        return self.call(17, write, lambda r: Answer(tags=r.parameter(r.tags), names=r.parameter(r.names)))

    def get_ids_from_names(self, names, flags=0):
        def write(w):
            w.u32(0, flags, len(names), len(names))
            for n in names:
                w.pointer(n, w.name)
            w.settle()
        return self.call(18, write, lambda r: Answer(tags=r.parameter(r.tags)))

    def resolve_names(self, names, stat=None, tags=None, reserved=0):
        return self._resolve(19, names, stat, tags, reserved)

    def resolve_names_w(self, names, stat=None, tags=None, reserved=0):
        return self._resolve(20, names, stat, tags, reserved)

    def _resolve(self, opnum, names, stat, tags, reserved):
        def write(w):
            w.u32(reserved)
            w.stat(stat or Stat())
            w.parameter(tags, w.tags)
            self._strings(w, names, w.string16 if opnum == 20 else w.string8)
        return self.call(opnum, write, lambda r: Answer(mids=r.parameter(r.tags), rows=r.parameter(r.rows)))


def mid_of(row):
    """The MId in a row's instance key."""
    return struct.unpack("<I", dict(row)[INSTANCE_KEY])[0]
